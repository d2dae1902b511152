"""What does a company enter of itself, and by what is the directory narrowed?"""

from __future__ import annotations

from typing import Any

from django import forms

from madang.kernel.words import words
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.services import kinds

ANY = words("모두", "Any")


class DirectoryForm(forms.Form):
    """What stands in the address of the directory."""

    q = forms.CharField(label=words("낱말", "Words"), required=False, max_length=100)
    task = forms.ChoiceField(label=words("과제 유형", "Kind of task"), required=False)
    sector = forms.ChoiceField(
        label=words("분야", "Field"), required=False, choices=[("", ANY), *SECTORS.items()]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["task"]
        field.choices = [("", ANY), *kinds.titles().items()]

    def wish(self) -> dict[str, str]:
        """What the address asks for; what makes no sense is passed over."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "text": given.get("q", ""),
            "task": given.get("task", ""),
            "sector": given.get("sector", ""),
        }


class ProfileForm(forms.Form):
    """What a company says of itself."""

    tasks = forms.MultipleChoiceField(
        label=words("하는 과제 유형", "Kinds of task it works on"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sectors = forms.MultipleChoiceField(
        label=words("아는 분야", "Fields it knows"),
        choices=list(SECTORS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    keywords = forms.CharField(
        label=words("주제어", "Keywords"),
        help_text=words(
            "맞는 수요를 찾는 데 쓰입니다. 쉼표로 나눕니다.",
            "Used to find fitting demands. Separated by commas.",
        ),
        required=False,
        max_length=500,
    )
    references = forms.CharField(
        label=words("실적과 소개", "References"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    is_public = forms.BooleanField(
        label=words("기업 목록에 보이기", "Show it in the directory"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["tasks"]
        field.choices = list(kinds.titles().items())
