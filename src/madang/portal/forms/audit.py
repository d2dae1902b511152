"""Which entries of the log, and which runs, does somebody ask for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.kernel.words import words
from madang.portal import audit, runs
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words


def _day() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class AuditForm(Worded, forms.Form):
    """Which entries."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "kind": words("종류", "Type"),
        "thing": words("대상", "Thing"),
        "person": words("처리한 사람", "Who acted"),
        "since": words("이날부터", "From"),
        "until": words("이날까지", "Until"),
    }
    kind = forms.ChoiceField(required=False)
    thing = forms.CharField(required=False, max_length=200)
    person = forms.CharField(required=False, max_length=200)
    since = _day()
    until = _day()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", lazystr(words("모든 종류", "Every type")))
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [every, *((kind, audit.noun(kind)) for kind in audit.kinds())]

    def asked(self) -> audit.Asked:
        """What was asked for; what cannot be read narrows nothing."""
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return audit.Asked(**given)


class RunsForm(Worded, forms.Form):
    """Which runs."""

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "state": words("상태", "State"),
        "job": words("작업", "Job"),
        "cause": words("까닭", "Cause"),
        "id": words("번호", "Identifier"),
        "unsettled": words("마무리 못 한 것만", "Only what is not settled"),
    }
    state = forms.ChoiceField(required=False)
    job = forms.ChoiceField(required=False)
    cause = forms.ChoiceField(required=False)
    id = forms.CharField(required=False, max_length=120)
    unsettled = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        jobs, causes = runs.known()
        offered: dict[str, tuple[Words, list[tuple[str, Any]]]] = {
            "state": (
                words("모든 상태", "Every state"),
                [(name, lazystr(title)) for name, title in runs.STATES.items()],
            ),
            "job": (words("모든 작업", "Every job"), [(name, name) for name in jobs]),
            "cause": (
                words("모든 까닭", "Every cause"),
                [(name, lazystr(runs.cause_words(name))) for name in causes],
            ),
        }
        for name, (every, known) in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", lazystr(every)), *known]

    def asked(self) -> runs.Asked:
        """What was asked for; what cannot be read narrows nothing."""
        self.full_clean()
        return runs.Asked(**{name: value for name, value in self.cleaned_data.items() if value})
