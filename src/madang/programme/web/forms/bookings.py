"""Which entries does somebody ask for, and what does an officer book by hand?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.programme.engine.ledger import KIND_NAMES
from madang.programme.web.services import book
from madang.programme.web.services.months import months

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def lines() -> list[tuple[str, Words]]:
    """The lines that may be chosen."""
    return [(each.id, each.title) for each in book.programme().lines]


def kinds() -> list[tuple[str, Words]]:
    """What an entry may book."""
    return [(each.value, title) for each, title in KIND_NAMES.items()]


def offer(
    form: forms.BaseForm, name: str, known: Iterable[tuple[str, Words]], *, empty: Words | None
) -> None:
    """Give a field its choices, and an empty one before them where it may stay open."""
    field: Any = form.fields[name]
    before = [("", lazystr(empty))] if empty else []
    field.choices = [*before, *((each, lazystr(title)) for each, title in known)]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which entries."""

    line: str = ""
    kind: str = ""
    month: date | None = None
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return self != Asked()


class EntriesForm(Worded, forms.Form):
    """By what the list of entries is narrowed."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "line": words("항목", "Line"),
        "kind": words("구분", "Kind"),
        "month": words("달", "Month"),
        "text": words("전표나 지급처", "Voucher or recipient"),
    }
    line = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    month = forms.ChoiceField(required=False)
    text = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        every = words("모두", "Any")
        offer(self, "line", lines(), empty=every)
        offer(self, "kind", kinds(), empty=every)
        of_year = [f"{each:%Y-%m}" for each in months()]
        offer(self, "month", [(name, words(name, name)) for name in of_year], empty=every)

    def asked(self) -> Asked:
        """What was asked for; what cannot be read narrows nothing."""
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "month" in given:
            given["month"] = date.fromisoformat(f"{given['month']}-01")
        return Asked(**given)
