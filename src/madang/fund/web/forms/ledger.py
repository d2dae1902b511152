"""Which entries of a ledger does somebody ask for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.fund.engine.ledger.accounts import CHART
from madang.fund.engine.ledger.entry import KIND_NAMES
from madang.fund.web.services.listing import Asked
from madang.kernel.words import Words, words
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.fund.web.services.shown import Names


_MOST_CHOICES = 40
"""Longer lists are asked for by number or name: each choice takes most of a millisecond."""


def _day() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class LedgerForm(Worded, forms.Form):
    """What narrows the list of entries.

    Args:
        names: What the fund's partners and companies are called.
    """

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = {
        "kind": words("구분", "Kind"),
        "account": words("계정", "Account"),
        "partner": words("조합원", "Partner"),
        "company": words("투자기업", "Company"),
        "since": words("이날부터", "From"),
        "until": words("이날까지", "Until"),
    }
    kind = forms.ChoiceField(required=False)
    account = forms.ChoiceField(required=False)
    partner = forms.TypedChoiceField(required=False, coerce=int, empty_value=0)
    company = forms.ChoiceField(required=False)
    since = _day()
    until = _day()

    def __init__(self, *args: Any, names: Names, **options: Any) -> None:
        super().__init__(*args, **options)
        self.names = names
        self._choose("kind", ((kind.value, title) for kind, title in KIND_NAMES.items()))
        self._choose("account", ((name, each.title) for name, each in CHART.items()))
        if len(names.partners) <= _MOST_CHOICES:
            self._choose("partner", ((str(key), name) for key, name in names.partners.items()))
        else:
            self.fields["partner"] = forms.IntegerField(required=False, min_value=1)
        if len(names.companies) <= _MOST_CHOICES:
            self._choose("company", names.companies.items())
        else:
            self.fields["company"] = forms.CharField(required=False, max_length=60)
        self.reword()

    def _choose(self, name: str, known: Iterable[tuple[str, Words]]) -> None:
        field: Any = self.fields[name]
        every = ("", lazystr(words("모두", "All")))
        field.choices = [every, *((key, lazystr(title)) for key, title in known)]

    def asked(self) -> Asked:
        """What was asked for; what cannot be read narrows nothing."""
        self.full_clean()
        return Asked(**{name: value for name, value in self.cleaned_data.items() if value})
