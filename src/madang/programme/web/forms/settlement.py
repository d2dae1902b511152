"""Which settlement is asked for, and what has granted money earned?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.words import words
from madang.portal.forms.amount import AmountField
from madang.portal.forms.uploads import check_size
from madang.portal.forms.wording import Worded
from madang.programme.engine.receipts import MOST_BYTES
from madang.programme.web.forms.bookings import lines, offer
from madang.programme.web.models import Interest
from madang.programme.web.services import book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.core.files.uploadedfile import UploadedFile

    from madang.kernel.words import Words


class SettlementForm(Worded, forms.Form):
    """The day and the line of a settlement."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "on": words("기준일", "As of"),
        "line": words("항목", "Line"),
    }
    on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    line = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "line", lines(), empty=words("모든 항목", "Every line"))

    def day(self) -> date:
        """The day asked for, within the year; what cannot be read asks for none."""
        self.full_clean()
        return book.day_shown(self.cleaned_data.get("on"), is_example=False)

    def one(self) -> str:
        """The line asked for; empty for every one."""
        self.full_clean()
        return str(self.cleaned_data.get("line") or "")


class InterestForm(Worded, forms.Form):
    """Interest of one recipient, with the bank's paper."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "line": words("항목", "Line"),
        "recipient": (
            words("받은 곳", "Recipient"),
            words(
                "항목의 수행기관이 직접 가진 돈이면 비웁니다.",
                "Empty where the line's own body has it.",
            ),
        ),
        "amount": (
            words("이자", "Interest"),
            words("12,345나 1.2백만원처럼 씁니다.", "As 12,345 or 1.2백만원."),
        ),
        "paper": words("은행 증빙", "The bank's paper"),
    }
    line = forms.ChoiceField()
    recipient = forms.CharField(
        required=False, max_length=Interest._meta.get_field("recipient").max_length
    )
    amount = AmountField(zero=False)
    paper = forms.FileField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "line", lines(), empty=None)

    def clean_amount(self) -> int:
        """An amount above 0, within what was voted."""
        amount: int = self.cleaned_data["amount"]
        most = book.programme().total_krw
        if not 0 < amount <= most:
            raise forms.ValidationError(
                str(words(f"0보다 크고 {most:,}원 이하여야 합니다.", f"Above 0, up to {most:,}."))
            )
        return amount

    def clean_paper(self) -> UploadedFile:
        """A file that is not too large."""
        file: UploadedFile = self.cleaned_data["paper"]
        check_size(file, MOST_BYTES)
        return file
