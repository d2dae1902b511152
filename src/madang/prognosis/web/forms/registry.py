"""What does somebody tell of a model that is registered, or decided on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.prognosis.engine.explain import changing
from madang.prognosis.web.forms.owners import ASKED, OwnedForm

if TYPE_CHECKING:
    from collections.abc import Mapping


class RegisterModelForm(OwnedForm):
    """A model's file, and the rules under which it answers."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": ASKED,
        "file": (
            words("모형 파일", "Model file"),
            words(
                "madang prognosis fit이나 fit-visits가 쓴 파일입니다.",
                "As madang prognosis fit or fit-visits wrote it.",
            ),
        ),
        "rows": (
            words("학습 자료 파일", "Training rows"),
            words(
                "비워도 됩니다. 올리면 비슷한 환자들의 실제 경과를 합계로만 보여 줍니다.",
                "May be left out; with them the page tells how similar patients fared, in sums.",
            ),
        ),
        "alternatives": (
            words("바꿀 수 있는 값 (YAML)", "Values that can be changed (YAML)"),
            words(
                "비워도 됩니다. 값마다 출처를 적어야 하며, 값이 다르다면 모형이 무엇이라 답할지 "
                "보여 줍니다.",
                "May be left out. Each needs its cited source; the page then tells what the "
                "model would say of another value.",
            ),
        ),
        "name": (
            words("주소에 쓸 이름", "Name in addresses"),
            words("예: pbc-two-years", "Such as pbc-two-years."),
        ),
        "title_ko": words("이름(한국어)", "Title in Korean"),
        "title_en": words("이름(영어)", "Title in English"),
        "outcome_ko": (
            words("예측하는 사건(한국어)", "Predicted event in Korean"),
            words("예: 사망", "Such as 사망."),
        ),
        "outcome_en": words("예측하는 사건(영어)", "Predicted event in English"),
        "other_ko": words("경쟁 사건(한국어)", "Competing event in Korean"),
        "other_en": words("경쟁 사건(영어)", "Competing event in English"),
        "threshold": (
            words("조치 기준 위험(%)", "Risk at which one acts (%)"),
            words("이 위험에 이르면 진료팀이 움직입니다.", "At this risk the clinic acts."),
        ),
        "window_days": words("위험을 보는 기간(일)", "Window of that risk (days)"),
        "shortest_days": words("가장 짧은 방문 간격(일)", "Shortest interval of visits (days)"),
        "longest_days": words("가장 긴 방문 간격(일)", "Longest interval of visits (days)"),
    }
    file = forms.FileField()
    rows = forms.FileField(required=False)
    alternatives = forms.CharField(
        required=False, max_length=8_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    name = forms.SlugField(max_length=40)
    title_ko = forms.CharField(max_length=120)
    title_en = forms.CharField(max_length=120)
    outcome_ko = forms.CharField(max_length=60)
    outcome_en = forms.CharField(max_length=60)
    other_ko = forms.CharField(max_length=60, required=False)
    other_en = forms.CharField(max_length=60, required=False)
    threshold = forms.FloatField(min_value=0.1, max_value=99, initial=20)
    window_days = forms.IntegerField(min_value=1, max_value=7300, initial=730)
    shortest_days = forms.IntegerField(min_value=1, max_value=3650, initial=28)
    longest_days = forms.IntegerField(min_value=1, max_value=3650, initial=365)

    def clean_alternatives(self) -> list[dict[str, Any]]:
        """What can be changed, as the engine reads it."""
        try:
            return changing.read(self.cleaned_data["alternatives"])
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def told(self) -> dict[str, Any]:
        """What the row takes as it is."""
        away = ("organisation", "file", "rows", "name", "threshold")
        found = {name: value for name, value in self.cleaned_data.items() if name not in away}
        return found | {"threshold": self.cleaned_data["threshold"] / 100}


class ReasonForm(Worded, forms.Form):
    """Why."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "reason": (
            words("사유", "Reason"),
            words("기록과 함께 남습니다.", "It stays with the record."),
        ),
    }
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
