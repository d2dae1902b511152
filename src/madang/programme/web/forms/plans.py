"""What does an officer say of a line: its months, its milestones, why it is late?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.units import won
from madang.kernel.words import words
from madang.portal.forms.amount import AmountField
from madang.programme.engine.causes import CAUSE_NAMES, Cause
from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import last_day

if TYPE_CHECKING:
    from datetime import date

    from madang.programme.engine.lines import Line, Programme


def day_input() -> forms.DateInput:
    """A field of a day, as browsers show it."""
    return forms.DateInput(attrs={"type": "date"})


def months(programme: Programme) -> list[date]:
    """The first day of every month from the vote to the end of the year."""
    found, month = [], programme.approved_on.replace(day=1)
    while month <= year_ends(programme.fiscal_year):
        found.append(month)
        month = last_day(month) + timedelta(days=1)
    return found


class PlanForm(forms.Form):
    """What a line means to have confirmed in each month; the months add up to the line."""

    def __init__(self, *args: Any, line: Line, programme: Programme, **options: Any) -> None:
        super().__init__(*args, **options)
        self.line, self.months = line, months(programme)
        for month in self.months:
            self.fields[self._name(month)] = AmountField(
                label=words(f"{month:%Y년 %m월}", f"{month:%B %Y}"), required=False
            )

    @staticmethod
    def _name(month: date) -> str:
        return f"month-{month:%Y-%m}"

    def clean(self) -> dict[str, Any]:
        """The months together are the line's amount, to the won."""
        found = super().clean() or {}
        if not self.errors:
            planned = sum(self.amounts().values())
            if planned != self.line.amount_krw:
                gap = self.line.amount_krw - planned
                raise forms.ValidationError(
                    words(
                        f"달을 더하면 {won(planned)}원입니다. 항목의 예산 "
                        f"{won(self.line.amount_krw)}원과 같아야 합니다(차이 {won(gap)}원).",
                        f"The months add up to {won(planned)} won; they must add up to the "
                        f"line's {won(self.line.amount_krw)} won ({won(gap)} apart).",
                    )
                )
        return found

    def amounts(self) -> dict[date, int]:
        """First day of a month → won."""
        return {month: self.cleaned_data.get(self._name(month)) or 0 for month in self.months}


class MilestoneForm(forms.Form):
    """Something to be reached by a day."""

    title_ko = forms.CharField(label=words("이정표", "Milestone (Korean)"), max_length=200)
    title_en = forms.CharField(
        label=words("이정표(영어)", "Milestone (English)"), max_length=200, required=False
    )
    due = forms.DateField(label=words("기한", "Due"), widget=day_input())
    signs = forms.BooleanField(
        label=words("다음 계약을 체결하는 이정표", "The signature of the next contract"),
        required=False,
    )


class ReachedForm(forms.Form):
    """The day on which a milestone was reached; none takes it back."""

    milestone = forms.IntegerField(widget=forms.HiddenInput)
    reached_on = forms.DateField(
        label=words("이룬 날", "Reached on"), required=False, widget=day_input()
    )


class CauseForm(forms.Form):
    """Why a line lies behind, and until when something is done about it."""

    cause = forms.ChoiceField(label=words("사유", "Cause"))
    reason = forms.CharField(
        label=words("근거와 조치", "What shows it, and what is done"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    act_until = forms.DateField(
        label=words("조치 기한", "To be acted on by"), required=False, widget=day_input()
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(cause.value, CAUSE_NAMES[cause]) for cause in Cause]
        self.fields["cause"].choices = choices  # type: ignore[attr-defined]
