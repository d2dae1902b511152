"""What do people enter in a demand's thread?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import words
from madang.portal.models import Organisation
from madang.trials.web.services.questions import LONGEST_ANSWER, LONGEST_QUESTION

if TYPE_CHECKING:
    from collections.abc import Sequence


class QuestionForm(forms.Form):
    """One question of a company."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=words("질문하는 기업", "Asking company")
    )
    text = forms.CharField(
        label=words("질문", "Question"),
        help_text=words(
            "질문과 답변은 기업 이름과 함께 모두에게 공개됩니다.",
            "Question and answer are public, with the company's name.",
        ),
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, data: Any = None, *, companies: Sequence[Organisation], **options: Any
    ) -> None:
        super().__init__(data, **options)
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[each.pk for each in companies])
        field.label_from_instance = lambda each: str(each.name)
        if len(companies) == 1:
            self.initial["organisation"] = companies[0].pk
            field.widget = forms.HiddenInput()


class AnswerForm(forms.Form):
    """The answer to one question."""

    text = forms.CharField(
        label=words("답변", "Answer"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
