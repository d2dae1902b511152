"""At which day does a reader look?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django import forms

from madang.kernel.words import words
from madang.programme.engine.ledger import KOREA

if TYPE_CHECKING:
    from datetime import date


class DayForm(forms.Form):
    """The day whose state is shown, and by which day it had been recorded."""

    on = forms.DateField(
        label=words("기준일", "As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    known = forms.DateField(
        label=words("그날까지 기록된 것만", "As recorded by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def day(self) -> date | None:
        """The day asked for; what is no day asks for none."""
        self.is_valid()
        return self.cleaned_data.get("on")

    def known_at(self) -> datetime | None:
        """The end, in Korea, of the day by which things had been recorded."""
        self.is_valid()
        known = self.cleaned_data.get("known")
        if known is None or known.year >= 9999:
            return None
        return datetime.combine(known + timedelta(days=1), time(), KOREA)
