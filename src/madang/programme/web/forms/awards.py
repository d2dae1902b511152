"""What does an officer say of a call and of the agreement that came of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import Words, words
from madang.portal.forms.amount import AmountField
from madang.programme.engine.awards import REGIONS, Nature
from madang.programme.web.forms.plans import day_input
from madang.programme.web.models import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

NATURES: dict[Nature, Words] = {
    Nature.FIRM: words("기업", "Firm"),
    Nature.INSTITUTE: words("연구기관", "Institute"),
    Nature.UNIVERSITY: words("대학", "University"),
    Nature.AGENCY: words("공공기관", "Public agency"),
    Nature.OTHER: words("그 밖(개인 포함)", "Other, persons among them"),
}


class CallForm(forms.Form):
    """Money that is announced."""

    title = forms.CharField(label=words("공고 이름", "Call"), max_length=200)
    amount_krw = AmountField(label=words("공고 금액", "Amount"))
    announced_on = forms.DateField(label=words("공고일", "Announced on"), widget=day_input())


class EndForm(forms.Form):
    """How a call ended."""

    call = forms.IntegerField(widget=forms.HiddenInput)
    ended_on = forms.DateField(label=words("끝난 날", "Ended on"), widget=day_input())
    outcome = forms.ChoiceField(
        label=words("결과", "Outcome"),
        choices=[(name, title) for name, title in Call.OUTCOMES.items() if name],
    )


class AwardForm(forms.Form):
    """A part of the line that is promised to one body."""

    title = forms.CharField(label=words("협약 이름", "Agreement"), max_length=200)
    amount_krw = AmountField(label=words("협약액", "Amount"))
    signed_on = forms.DateField(label=words("체결일", "Signed on"), widget=day_input())
    announced_on = forms.DateField(
        label=words("공고일", "Announced on"), required=False, widget=day_input()
    )
    spendable_by = forms.DateField(
        label=words("집행 기한", "To be spent by"), required=False, widget=day_input()
    )
    recipient = forms.CharField(label=words("수행기관 이름", "Recipient"), max_length=200)
    nature = forms.ChoiceField(label=words("기관의 종류", "Kind of body"))
    region = forms.ChoiceField(label=words("지역", "Region"), required=False)
    people = forms.IntegerField(
        label=words("닿는 사람 수", "People reached"),
        required=False,
        min_value=0,
        max_value=100_000_000,
    )
    call = forms.ChoiceField(label=words("이어지는 공고", "Of the call"), required=False)

    def __init__(self, *args: Any, calls: Iterable[Call], **options: Any) -> None:
        super().__init__(*args, **options)
        of = self.fields
        of["nature"].choices = [(each.value, title) for each, title in NATURES.items()]  # type: ignore[attr-defined]
        unknown = ("", words("모름", "Unknown"))
        of["region"].choices = [unknown, *REGIONS.items()]  # type: ignore[attr-defined]
        none = ("", words("없음", "None"))
        of["call"].choices = [none, *((str(each.pk), each.title) for each in calls)]  # type: ignore[attr-defined]
