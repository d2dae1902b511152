"""Which entries does somebody ask for, and what does an officer book by hand?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.forms.amount import AmountField
from madang.portal.forms.wording import Worded
from madang.programme.engine.ledger import KIND_NAMES, Kind
from madang.programme.web.forms.imports import EvidenceField
from madang.programme.web.models import Booking
from madang.programme.web.services import book
from madang.programme.web.services.months import months

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.programme.web.services.intake import Draft


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


def _room(name: str) -> int:
    """How many characters the book has room for."""
    return int(getattr(Booking._meta.get_field(name), "max_length", 0))


class BookForm(Worded, forms.Form):
    """One booking by hand."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "kind": words("구분", "Kind"),
        "line": words("항목", "Line"),
        "to_line": (
            words("옮길 항목", "Line that it goes to"),
            words("전용에만 고릅니다.", "For a transfer only."),
        ),
        "amount": (
            words("금액", "Amount"),
            words(
                "1,500,000,000이나 15억, 1,500백만원처럼 씁니다. 정정은 -로 시작합니다.",
                "As 1,500,000,000 or 15억 or 1,500백만원; a correction begins with a minus.",
            ),
        ),
        "day": (
            words("회계일", "Day it counts for"),
            words("이월과 불용은 12월 31일입니다.", "A carry-over or lapse: 31 December."),
        ),
        "recipient": words("지급처", "Recipient"),
        "voucher": words("전표번호", "Voucher number"),
        "award": (
            words("협약 번호", "Award"),
            words("협약에 따른 지출이면 씁니다.", "Where it is paid on one."),
        ),
        "corrects": (
            words("바로잡을 기록", "Entry that it corrects"),
            words("정정에만 씁니다. 기록의 이름.", "For a correction: the entry's name."),
        ),
        "needs_days": (
            words("수행 기간(일)", "Days of work"),
            words(
                "교부에만 씁니다. 연내에 쓸 수 있는지 살핍니다.", "For a grant: can it be spent?"
            ),
        ),
        "note": words("적요", "Note"),
        "evidence": (
            words("증빙 파일", "Evidence files"),
            words("실집행에는 꼭 필요합니다.", "Confirmed spending needs one at least."),
        ),
    }
    kind = forms.ChoiceField()
    line = forms.ChoiceField()
    to_line = forms.ChoiceField(required=False)
    amount = AmountField(zero=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    recipient = forms.CharField(required=False, max_length=_room("recipient"))
    voucher = forms.CharField(required=False, max_length=_room("voucher"))
    award = forms.CharField(required=False, max_length=_room("award"))
    corrects = forms.CharField(required=False, max_length=_room("corrects"))
    needs_days = forms.IntegerField(required=False, min_value=0, max_value=3_650)
    note = forms.CharField(
        required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence = EvidenceField(required=False)
    earlier = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, earlier: Draft | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._along = earlier.files if earlier else ()
        offer(self, "kind", kinds(), empty=None)
        offer(self, "line", lines(), empty=None)
        offer(self, "to_line", lines(), empty=words("해당 없음", "None"))

    def clean(self) -> dict[str, Any]:
        """What only some kinds need."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        kind, amount = given.get("kind"), given.get("amount") or 0
        papers = [*given.get("evidence", ()), *self._along]
        if kind == Kind.SPENDING and amount > 0 and not papers and "evidence" not in self.errors:
            self.add_error(
                "evidence",
                str(
                    InputError(
                        words("증빙 없는 실집행", "confirmed spending without evidence"),
                        words("증빙 파일 하나 이상", "one file or more"),
                        words("증빙이 없으면 집행으로 기록하십시오.", "Without it, it is 집행."),
                    )
                ),
            )
        return given

    def plain(self) -> dict[str, Any]:
        """What was typed, as a draft keeps it."""
        given = self.cleaned_data
        texts = ("kind", "line", "to_line", "recipient", "voucher", "award", "corrects", "note")
        return {
            **{name: given[name] for name in texts},
            "amount": self.data["amount"],
            "amount_krw": given["amount"],
            "day": given["day"].isoformat(),
            "needs_days": given["needs_days"],
        }
