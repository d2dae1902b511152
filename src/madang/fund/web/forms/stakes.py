"""Which organisation stands behind a partner's number?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms

from madang.kernel.words import words
from madang.portal.forms.wording import Worded
from madang.portal.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words


class StakeForm(Worded, forms.Form):
    """An organisation of this site, by its registration number: a list of all is nobody's."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "organisation": (
            words("기관 주소 이름", "Name in the organisation's address"),
            words(
                "기관이 알려 준 이름입니다. 예: hangang-bank",
                "As the organisation told you, such as hangang-bank.",
            ),
        ),
    }
    organisation = forms.SlugField(max_length=60)

    def clean_organisation(self) -> Organisation:
        """The organisation of this name, if it is active here."""
        found = Organisation.objects.filter(
            slug=self.cleaned_data["organisation"], is_active=True
        ).first()
        if found is None:
            raise forms.ValidationError(
                str(words("이 이름의 기관이 없습니다.", "There is no organisation of this name."))
            )
        return found
