"""What is written when a decision is announced, objected to, and answered for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import words
from madang.portal.forms.wording import Worded
from madang.trials.engine.objection import GROUNDS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.portal.models import Organisation


class AnnounceForm(Worded, forms.Form):
    """What is said with the decision."""

    asks: ClassVar[Mapping[str, Any]] = {
        "reason": (
            words("판정과 함께 알리는 말", "What is told with the decision"),
            words(
                "판정은 미리 정한 규칙에서 나옵니다. 덧붙일 말은 모두에게 공개됩니다.",
                "The decision follows from the rule. Add what everybody should know.",
            ),
        )
    }

    reason = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ObjectionForm(Worded, forms.Form):
    """An objection to a decision."""

    asks: ClassVar[Mapping[str, Any]] = {
        "company": words("신청하는 기업", "Company that objects"),
        "ground": words("사유", "Ground"),
        "text": (
            words("구체적인 이유", "The reason"),
            words(
                "어떤 사실이 어떻게 잘못되었는지 씁니다. 사유마다 한 번 신청합니다.",
                "Which fact is wrong, and how. One objection for each ground.",
            ),
        ),
    }

    company = forms.ChoiceField()
    ground = forms.ChoiceField()
    text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, companies: Sequence[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        self._companies = {each.slug: each for each in companies}
        company = self.fields["company"]
        company.choices = [(slug, str(each)) for slug, each in self._companies.items()]  # type: ignore[attr-defined]
        if len(companies) == 1:
            company.widget, company.initial = forms.HiddenInput(), companies[0].slug
        self.fields["ground"].choices = [  # type: ignore[attr-defined]
            (name, lazystr(title)) for name, title in GROUNDS.items()
        ]
        self.reword()

    @property
    def chosen(self) -> Organisation:
        """Who objects."""
        return self._companies[self.cleaned_data["company"]]


class AnswerForm(Worded, forms.Form):
    """The one answer to an objection."""

    asks: ClassVar[Mapping[str, Any]] = {
        "outcome": words("처리", "Outcome"),
        "text": (
            words("답변과 이유", "Answer and reasons"),
            words(
                "인용하여 판정을 취소하면 보고서를 거두고 판정을 다시 합니다.",
                "Setting the decision aside withdraws its report; it is then taken anew.",
            ),
        ),
    }

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (name, lazystr(title)) for name, title in OUTCOMES.items()
        ]
        self.reword()
