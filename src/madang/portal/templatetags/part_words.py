"""In which words does a part speak? The reader's; and which kinds may it have?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template import TemplateSyntaxError

from madang.kernel.words import language

if TYPE_CHECKING:
    from collections.abc import Iterable


def said(ko: Any, en: Any = "") -> str:
    """The words in the reader's language; one value alone stands for both."""
    return str(en if en and language() == "en" else ko)


def chosen(kind: str, kinds: Iterable[str], tag: str) -> str:
    """The kind, where the part has it.

    Raises:
        TemplateSyntaxError: It has no such kind.
    """
    if kind not in kinds:
        raise TemplateSyntaxError(f"{tag}: found {kind!r}, expected one of {', '.join(kinds)}")
    return kind
