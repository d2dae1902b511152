"""Whom to ask to confirm a solution, and which adopted solutions to look for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import words
from madang.portal.models import Organisation
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.services.diffusions import KINDS

if TYPE_CHECKING:
    from madang.trials.web.models import Demand


class InviteForm(forms.Form):
    """A further agency."""

    agency = forms.ModelChoiceField(
        label=words("확인을 요청할 기관", "Agency to ask"), queryset=Organisation.objects.none()
    )

    def __init__(self, *args: Any, origin: Demand, **options: Any) -> None:
        super().__init__(*args, **options)
        asked = origin.confirmations.values("agency")
        found = Organisation.objects.filter(kind__in=KINDS, is_active=True)
        self.fields["agency"].queryset = found.exclude(  # type: ignore[attr-defined]
            pk=origin.agency_id
        ).exclude(pk__in=asked)


class RegisterForm(forms.Form):
    """What the public register is narrowed by."""

    q = forms.CharField(label=words("찾을 낱말", "Words"), required=False, max_length=100)
    sector = forms.ChoiceField(label=words("분야", "Field"), required=False)
    state = forms.ChoiceField(label=words("상태", "State"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        anything = [("", words("모두", "All"))]
        self.fields["sector"].choices = [*anything, *SECTORS.items()]  # type: ignore[attr-defined]
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            *anything,
            ("adopting", words("도입 진행", "Being adopted")),
            ("live", words("운영 중", "Live")),
            ("ended", words("종료", "Ended")),
        ]

    def wish(self) -> dict[str, str]:
        """What was asked for; what makes no sense is left out."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("q", "sector", "state")}
