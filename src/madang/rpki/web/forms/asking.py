"""What does a visitor want to know? An announcement's state, or some of many points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded
from madang.rpki.engine.resources.prefix import read_asn, read_prefix
from madang.rpki.web.forms.changes import read

if TYPE_CHECKING:
    from collections.abc import Mapping


class WhyForm(Worded, forms.Form):
    """A prefix and who announces it."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "prefix": (
            words("주소 대역", "Prefix"),
            words("예: 198.51.100.0/24", "Such as 198.51.100.0/24"),
        ),
        "asn": (words("발원 AS", "Origin AS"), words("예: AS64500", "Such as AS64500")),
    }
    prefix = forms.CharField(max_length=60)  # type: ignore[assignment] # Django takes fields out of the class
    asn = forms.CharField(max_length=20)

    def clean_prefix(self) -> Any:
        """The prefix."""
        return read(read_prefix, self.cleaned_data["prefix"])

    def clean_asn(self) -> int:
        """The AS number."""
        found: int = read(read_asn, self.cleaned_data["asn"])
        return found


class PointsForm(Worded, forms.Form):
    """Which publication points."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "q": words("주소나 이름", "Address or name"),
        "state": words("상태", "State"),
    }
    q = forms.CharField(max_length=200, required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["state"]
        field.choices = [
            ("", lazystr(words("모두", "All"))),
            ("refused", lazystr(words("믿지 않은 객체 있음", "With refused objects"))),
            ("failed", lazystr(words("쓸 수 없음", "Unusable"))),
        ]
