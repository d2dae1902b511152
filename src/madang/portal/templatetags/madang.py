"""The house's own tags, loaded in every template.

{% say "제출하기" "Submit" %}                     the words of the reader's language
{% say "{n}건" "{n} runs" n=count %}             with values, which are escaped
{{ pair|own }}                                   Words in the reader's language
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from madang.kernel.words import Words, language

register = template.Library()


@register.simple_tag
def say(ko: str, en: str, **values: Any) -> SafeString | str:
    """The sentence in the reader's language, its values escaped."""
    text = ko if language() == "ko" else en
    if not values:
        return text
    return format_html(text, **{name: conditional_escape(each) for name, each in values.items()})


@register.filter
def own(pair: Words | str) -> str:
    """Words in the reader's language."""
    return str(pair)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's own query with some values changed; a value of None is left out."""
    given = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            given.pop(name, None)
        else:
            given[name] = value
    return f"?{given.urlencode()}"
