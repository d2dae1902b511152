"""How does a form ask? Each field with its label, its help, what was wrong, and what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms, template
from django.utils.safestring import SafeString

from madang.portal.templatetags.part_words import said

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from madang.kernel.words import Words

register = template.Library()

_CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.inclusion_tag("portal/parts/form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, Any]:
    """What was wrong with a form, on top of it, each with a link to its field; takes the focus."""
    fields = [field for field in form if field.errors]
    hidden = [field for field in fields if field.is_hidden]
    return {
        "general": [*form.non_field_errors(), *(text for each in hidden for text in each.errors)],
        "fields": [
            (_first_id(field), _label(field), text)
            for field in fields
            if not field.is_hidden
            for text in field.errors
        ],
    }


@register.inclusion_tag("portal/parts/fields.html")
def fields(form: forms.BaseForm) -> dict[str, Any]:
    """Every field of a form, in its order."""
    return {"form": form, "marks_required": any(field.field.required for field in form)}


@register.inclusion_tag("portal/parts/field.html")
def field(
    field: BoundField, *, help_ko: Words | str = "", help_en: str = "", short: bool = False
) -> dict[str, Any]:
    """One field.

    Args:
        field: The field of a Django form; its `help_text` stands between label and control.
        help_ko: Contextual help behind a (?), for who does not know the term.
        help_en: The same in English.
        short: Shown in a row with others, as in a filter bar: no mark of what is required.
    """
    widget = field.field.widget
    shown: dict[str, Any] = {
        "field": field,
        "label": _label(field),
        "id": field.id_for_label or field.auto_id,
        "kind": _kind(widget),
        "help": said(help_ko, help_en),
        "short": short,
        "error_id": f"{field.auto_id}-error",
        "hint_id": f"{field.auto_id}-hint",
    }
    if isinstance(widget, _CHOICES):
        shown["options"] = [
            {"tag": option.tag(), "id": option.id_for_label, "label": option.choice_label}
            for option in field.subwidgets
        ]
    else:
        shown["control"] = _control(field, shown)
    return shown


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, _CHOICES):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "input"


def _control(field: BoundField, shown: dict[str, Any]) -> SafeString:
    """The control itself: the class of its kind, and what describes it."""
    kinds = {"select": "krds-form-select", "file": "file-input", "checkbox": ""}
    own = str(field.field.widget.attrs.get("class", ""))
    told = [shown["hint_id"]] * bool(field.help_text) + [shown["error_id"]] * bool(field.errors)
    given: dict[str, Any] = {
        "class": f"{kinds.get(shown['kind'], 'krds-input')} {own}".strip() or None,
        "aria-describedby": " ".join(told) or None,
    }
    return field.as_widget(attrs={name: value for name, value in given.items() if value})


def _first_id(field: BoundField) -> str:
    """The control to which the summary of errors leads."""
    if isinstance(field.field.widget, _CHOICES):
        return next((each.id_for_label for each in field.subwidgets), field.auto_id)
    return field.id_for_label or field.auto_id


def _label(field: BoundField) -> str:
    return str(field.label)
