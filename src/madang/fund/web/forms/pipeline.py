"""What is done with an application: received, moved, checked, voted on, decided?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.fund.engine.pipeline import applications, committee, diligence
from madang.fund.web.forms.acts import LARGEST_PAPER, MOST_PAPERS
from madang.kernel.words import Words, words
from madang.portal.forms.uploads import UploadsField
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.fund.web.models import Fund

OUTCOMES: Mapping[str, Words] = {
    "done": words("확인함", "Done"),
    "not-applicable": words("해당 없음", "Does not apply"),
}


def _offer(form: forms.BaseForm, name: str, known: Iterable[tuple[str, Words]]) -> None:
    field: Any = form.fields[name]
    field.choices = [(key, lazystr(title)) for key, title in known]


class ReceiveForm(Worded, forms.Form):
    """A company that applies."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "company": words("신청 기업", "Company"),
        "pitch": words("사업과 투자 요청 내용", "What it does and asks for"),
        "applicant": (
            words("이 사이트의 기관 이름", "Its organisation here"),
            words(
                "공공AX 실증 결과를 함께 보려면 적습니다. 없으면 비워 둡니다.",
                "To see its results in trials; leave it open where there is none.",
            ),
        ),
    }
    company = forms.ChoiceField()
    pitch = forms.CharField(
        required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    applicant = forms.SlugField(required=False, max_length=60)

    def __init__(self, *args: Any, fund: Fund, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "company", [(each.code, each.name) for each in fund.companies.all()])


class MoveForm(Worded, forms.Form):
    """The next state, and why."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "to": words("다음 단계", "Next state"),
        "reason": (
            words("사유", "Reason"),
            words("투자하지 않거나 취하할 때 필요합니다.", "Needed to decline or withdraw."),
        ),
    }
    to = forms.ChoiceField()
    reason = forms.CharField(required=False, max_length=1_000)

    def __init__(self, *args: Any, state: applications.State, **options: Any) -> None:
        super().__init__(*args, **options)
        known = [(each, applications.STATES[each]) for each in applications.next_states(state)]
        _offer(self, "to", known)


class CheckForm(Worded, forms.Form):
    """What came of an item of due diligence."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "code": words("실사 항목", "Item"),
        "outcome": words("결과", "Outcome"),
        "evidence": words("증빙 파일", "Evidence"),
        "reason": (
            words("사유", "Reason"),
            words("해당 없음이면 필요합니다.", "Needed where it does not apply."),
        ),
    }
    code = forms.ChoiceField()
    outcome = forms.ChoiceField()
    reason = forms.CharField(required=False, max_length=1_000)

    def __init__(self, *args: Any, left: Iterable[diligence.Item], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["evidence"] = UploadsField(
            largest=LARGEST_PAPER, most=MOST_PAPERS, required=False
        )
        self.reword()
        _offer(
            self,
            "code",
            [
                (each.code, words(f"{each.code} {each.title.ko}", f"{each.code} {each.title.en}"))
                for each in left
            ],
        )
        _offer(self, "outcome", OUTCOMES.items())


class VoteForm(Worded, forms.Form):
    """A member's vote."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "choice": words("표결", "Vote"),
        "has_interest": (
            words("이해관계가 있습니다", "I have an interest"),
            words("이해관계가 있으면 회피만 할 수 있습니다.", "Then you may only be recused."),
        ),
    }
    choice = forms.ChoiceField()
    has_interest = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "choice", committee.CHOICES.items())


class MinutesForm(Worded, forms.Form):
    """What was discussed."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "text": words("논의한 내용", "What was discussed"),
    }
    text = forms.CharField(max_length=8_000, widget=forms.Textarea(attrs={"rows": 5}))
