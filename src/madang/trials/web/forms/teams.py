"""What does a company write to form a team, or to ask another company to join?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel.words import words
from madang.portal.forms.wording import Worded
from madang.portal.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Mapping


class FormTeamForm(Worded, forms.Form):
    """A new team."""

    asks: ClassVar[Mapping[str, Any]] = {
        "name": (
            words("팀 이름", "Name of the team"),
            words(
                "순위판과 보고서에 나옵니다. 비우면 기업 이름을 씁니다.",
                "Shown on the board and in reports; the company's name where left empty.",
            ),
        )
    }

    name = forms.CharField(max_length=100, required=False)


class InviteForm(Worded, forms.Form):
    """A company that is asked to join."""

    asks: ClassVar[Mapping[str, Any]] = {
        "company": (
            words("초대할 기업", "Company to invite"),
            words(
                "기업의 주소 이름 또는 사업자등록번호를 씁니다.",
                "The company's address name or its registration number.",
            ),
        )
    }

    company = forms.CharField(max_length=60)

    def clean_company(self) -> Organisation:
        """The registered company."""
        given = self.cleaned_data["company"].strip()
        known = Organisation.objects.filter(kind="company", is_active=True)
        found = known.filter(slug=given).first()
        if found is None and given:
            found = known.filter(registration_number=given).first()
        if found is None:
            raise forms.ValidationError(
                str(words("등록된 기업이 아닙니다.", "No registered company."))
            )
        return found
