"""By what is the catalogue of demands narrowed?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from madang.kernel.words import Words, words
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.models import Demand
from madang.trials.web.services import kinds
from madang.trials.web.services.catalogue import SORT_TITLES, Wish, agencies

ANY = words("모두", "Any")


class QuickSelect(forms.Select):
    """A select that writes its options at once: hundreds, each by a template, are slow."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The same markup as Django's."""
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) == chosen else "", title)  # noqa: S308
                for key, title in self.choices
            ),
        )
        given = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", given, options)


class CatalogueForm(forms.Form):
    """What stands in the address of the catalogue."""

    q = forms.CharField(required=False, max_length=100)
    state = forms.ChoiceField(required=False)
    task = forms.ChoiceField(required=False)
    sector = forms.ChoiceField(required=False)
    agency = forms.ChoiceField(required=False, widget=QuickSelect)
    sort = forms.ChoiceField(required=False)
    closing = forms.BooleanField(required=False)

    LABELS = {  # noqa: RUF012 - a form's class is never changed
        "q": words("낱말", "Words"),
        "state": words("상태", "State"),
        "task": words("과제 유형", "Kind of task"),
        "sector": words("분야", "Field"),
        "agency": words("수요기관", "Agency"),
        "sort": words("정렬", "Order"),
        "closing": words("곧 마감 (7일)", "Closing within 7 days"),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in self.LABELS.items():
            self.fields[name].label = str(label)
        states = {
            name: title
            for name, title in Demand.STATES.items()
            if name not in ("draft", "sealing", "sealed")
        }
        self._offer("state", states)
        self._offer("task", kinds.titles())
        self._offer("sector", SECTORS)
        self._offer("agency", {each.slug: each.name for each in agencies()})
        self._offer("sort", SORT_TITLES, has_any=False)

    def _offer(self, name: str, offered: Any, *, has_any: bool = True) -> None:
        choices: list[tuple[str, Words | str]] = [("", ANY)] if has_any else []
        self.fields[name].choices = [  # type: ignore[attr-defined]
            (value, str(title)) for value, title in [*choices, *offered.items()]
        ]

    def wish(self) -> Wish:
        """What the address asks for; what makes no sense is passed over."""
        self.is_valid()
        given = self.cleaned_data
        return Wish(
            text=given.get("q", ""),
            state=given.get("state", ""),
            task=given.get("task", ""),
            sector=given.get("sector", ""),
            agency=given.get("agency", ""),
            closing=given.get("closing", False),
            sort=given.get("sort") or "-posted",
        )
