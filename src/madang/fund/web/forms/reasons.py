"""Why is an act refused?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms

from madang.kernel.words import words
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words


class ReasonForm(Worded, forms.Form):
    """Why."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "reason": (
            words("사유", "Reason"),
            words("기록과 함께 남습니다.", "It stays with the record."),
        ),
    }
    reason = forms.CharField(max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}))
