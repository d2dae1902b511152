"""How does a form ask for a task's options? Each by the JSON Schema that the task gives of them.

A description is written `한국어 · English`. A text whose description speaks of a column is chosen
among the declared columns; lists are typed, one line or one comma apart.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PREFIX = "option_"
_NONE = words("정하지 않음", "Not set")


def option_fields(
    schema: Mapping[str, Any], columns: Sequence[tuple[str, Words | str]]
) -> Iterator[tuple[str, forms.Field]]:
    """The fields of every option, required ones first.

    Args:
        schema: The task's `options_schema`.
        columns: Names of declared columns, with what to call them.
    """
    needed = schema.get("required", [])
    properties = schema.get("properties", {})
    for name in sorted(properties, key=lambda each: each not in needed):
        field = _field(name, properties[name], columns)
        field.required = False  # the check tells what is missing; a draft may be unfinished
        yield PREFIX + name, field


def _field(
    name: str, asked: Mapping[str, Any], columns: Sequence[tuple[str, Words | str]]
) -> forms.Field:
    ko, _, en = str(asked.get("description", name)).partition(" · ")
    told: dict[str, Any] = {"label": words(ko, (en or ko)[:1].upper() + (en or ko)[1:])}
    names = [("", _NONE), *columns]
    kind = asked.get("type")
    if "enum" in asked:
        offered = [(str(each), str(each)) for each in asked["enum"]]
        return forms.ChoiceField(choices=[("", _NONE), *offered], **told)
    if kind == "string" and "column" in en:
        return forms.ChoiceField(choices=names, **told)
    if kind == "array" and "columns" in en:
        return forms.MultipleChoiceField(
            choices=columns, widget=forms.CheckboxSelectMultiple, **told
        )
    if kind == "boolean":
        return forms.NullBooleanField(**told)
    if kind == "integer":
        return forms.IntegerField(**told)
    if kind == "number":
        return forms.FloatField(**told)
    if kind == "string":
        return forms.CharField(max_length=asked.get("maxLength"), strip=False, **told)
    return ListField(asked, **told)


class ListField(forms.CharField):
    """A list as people type it: texts a line each, numbers with commas, anything else as JSON."""

    def __init__(self, asked: Mapping[str, Any], **options: Any) -> None:
        self._items = asked.get("items", {}).get("type", "")
        self._is_list = asked.get("type") == "array"
        hints = {
            "string": words("한 줄에 하나씩 적습니다.", "One a line."),
            "number": words("쉼표로 나누어 적습니다.", "Separated by commas."),
            "integer": words("쉼표로 나누어 적습니다.", "Separated by commas."),
            "array": words(
                "한 줄에 하나씩, 안의 수는 쉼표로 나눕니다.",
                "One a line, its numbers separated by commas.",
            ),
        }
        hint = hints.get(self._items, words("JSON으로 적습니다.", "As JSON."))
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), help_text=hint, **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed; what was typed stays as it was."""
        if value is None or isinstance(value, str):
            return value
        if self._is_list and self._items == "string":
            return "\n".join(str(each) for each in value)
        if self._is_list and self._items in ("number", "integer"):
            return ", ".join(f"{each:g}" for each in value)
        if self._is_list and self._items == "array":
            return "\n".join(", ".join(str(each) for each in line) for line in value)
        return json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        """The list that was typed; None where nothing was."""
        text = super().to_python(value)
        if not text:
            return None
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if self._is_list and self._items == "string":
            return lines
        try:
            if self._is_list and self._items in ("number", "integer"):
                return [
                    _number(each) for line in lines for each in line.split(",") if each.strip()
                ]
            if self._is_list and self._items == "array":
                return [[_number(each) for each in line.strip("[]").split(",")] for line in lines]
            return json.loads(text, parse_constant=_number)
        except (ValueError, RecursionError) as fault:
            said = words("읽을 수 없는 목록입니다.", "This list cannot be read.")
            raise ValidationError(f"{said} {self.help_text}") from fault


def _number(text: str) -> int | float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if value.is_integer() and "." not in text else value


def options_of(cleaned: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a form holds, those left empty left out."""
    found = {}
    for name in schema.get("properties", {}):
        value = cleaned.get(PREFIX + name)
        if value not in (None, "", []):
            found[name] = value
    return found
