"""Which acts does somebody ask for, and why is one refused, withdrawn or taken back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import words
from madang.portal.forms.wording import Worded
from madang.programme.web.models import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words

LONGEST_REASON = 1_000


class ActsForm(Worded, forms.Form):
    """By what the list of acts is narrowed."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "state": words("상태", "State"),
        "kind": words("종류", "Kind"),
    }
    state = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, known in (("state", Act.STATES), ("kind", Act.KINDS)):
            field: Any = self.fields[name]
            every = ("", lazystr(words("모두", "Any")))
            field.choices = [every, *((each, lazystr(title)) for each, title in known.items())]

    def asked(self) -> dict[str, str]:
        """What was asked for; what cannot be read narrows nothing."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ReasonForm(Worded, forms.Form):
    """Why."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "reason": (
            words("사유", "Reason"),
            words("기록과 함께 남습니다.", "It stays with the record."),
        ),
    }
    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, is_needed: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = is_needed
