"""What does each step of a demand's editor ask, and where in the demand does the answer stand?

A step shows what the draft says and gives back what it should say; nothing is required, since a
draft may be unfinished. What is wrong with it the engine tells, by the place in the demand.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from madang.kernel import ids
from madang.kernel.words import words
from madang.portal.models import Organisation
from madang.trials.engine.sectors import SECTORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.portal.access import Access
    from madang.trials.web.models import Demand

DEMANDING = ("agency", "hospital", "school")
"""Kinds of organisation that demand."""


class Step(forms.Form):
    """One step of the editor."""

    places: ClassVar[Mapping[str, str]] = {}
    """Place in the demand → field. A place below one of these belongs to it too."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    """A mark of what the step showed, so that nobody overwrites unseen what another wrote."""

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        self.demand = demand
        stated = self.stated()
        self.mark = _mark(stated)
        super().__init__(data, initial={**stated, "seen": self.mark}, **options)

    def stated(self) -> dict[str, Any]:
        """What the draft says now, by field."""
        raise NotImplementedError

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The draft's plain data with this step's answers, and the row's own columns."""
        raise NotImplementedError

    @property
    def is_stale(self) -> bool:
        """Whether somebody else changed this step after it was shown."""
        given = self.data.get(self.add_prefix("seen"), "") if self.is_bound else ""
        return bool(given) and given != self.mark

    @property
    def is_refused(self) -> bool:
        """Whether something that was typed cannot be read."""
        return self.is_bound and any(each.errors for each in (self, *self.inner))

    @property
    def inner(self) -> Sequence[forms.Form]:
        """Forms within this one, such as one a column."""
        return ()

    def field_at(self, place: str) -> str:
        """The field that a place of the demand belongs to; empty where it is another step's."""
        while place:
            if place in self.places:
                return self.places[place]
            place = place.rpartition(".")[0]
        return ""

    def plain_copy(self) -> dict[str, Any]:
        """The draft's plain data, to be changed."""
        return copy.deepcopy(self.demand.plain)


def _mark(stated: Mapping[str, Any]) -> str:
    text = json.dumps(stated, sort_keys=True, default=str, ensure_ascii=False)
    return ids.digest(text.encode())[:16]


def pair_of(plain: Any, name: str) -> tuple[str, str]:
    """Korean and English of an item; empty where it is not there or something else."""
    from madang.trials.web.services.drafts import pair

    return pair(plain.get(name) if isinstance(plain, dict) else None)


def put_pair(plain: dict[str, Any], name: str, ko: str, en: str) -> None:
    """Set words in both languages; without either, the item is left out."""
    told = {key: text for key, text in (("ko", ko), ("en", en)) if text}
    if told:
        plain[name] = told
    else:
        plain.pop(name, None)


class _Problem(forms.Form):
    """Title, problem and field."""

    title_ko = forms.CharField(
        label=words("제목 (한국어)", "Title in Korean"), max_length=200, required=False
    )
    title_en = forms.CharField(
        label=words("제목 (영어)", "Title in English"), max_length=200, required=False
    )
    problem_ko = forms.CharField(
        label=words("풀어야 할 문제 (한국어)", "The problem in Korean"),
        help_text=words(
            "누가, 어떤 일을, 왜 어려워하는지 적습니다. 기술 용어는 쓰지 않아도 됩니다.",
            "Who finds what difficult, and why. No technical terms are needed.",
        ),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    problem_en = forms.CharField(
        label=words("풀어야 할 문제 (영어)", "The problem in English"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    sector = forms.ChoiceField(
        label=words("분야", "Field"),
        required=False,
        choices=[("", words("고르십시오", "Choose")), *SECTORS.items()],
    )


def _asked(given: Mapping[str, str]) -> dict[str, Any]:
    """Title and problem; what is still empty stands there empty, so that the check names it."""
    return {
        name: {"ko": given[f"{name}_ko"], "en": given[f"{name}_en"]}
        for name in ("title", "problem")
    }


class ProblemStep(Step, _Problem):
    """Step 1: what is the problem?"""

    places = {  # noqa: RUF012 - declared as a class variable above
        "title": "title_ko",
        "title.ko": "title_ko",
        "title.en": "title_en",
        "problem": "problem_ko",
        "problem.ko": "problem_ko",
        "problem.en": "problem_en",
    }
    field_order = ("title_ko", "title_en", "problem_ko", "problem_en", "sector")

    def stated(self) -> dict[str, Any]:
        """Title, problem and field."""
        title, problem = (pair_of(self.demand.plain, name) for name in ("title", "problem"))
        return {
            "title_ko": title[0],
            "title_en": title[1],
            "problem_ko": problem[0],
            "problem_en": problem[1],
            "sector": self.demand.sector,
        }

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new words."""
        plain, given = self.plain_copy(), self.cleaned_data
        plain |= _asked(given)
        return plain, {"sector": given["sector"]}


class NewDemandForm(_Problem):
    """The first page of a demand: whose it is, and what it is called."""

    name = forms.CharField(
        label=words("주소에 쓸 이름", "Name in addresses"),
        help_text=words(
            "영문 소문자, 숫자, 하이픈만 씁니다(예: heart-prognosis). 나중에 바꿀 수 없습니다.",
            "Lower-case letters, digits and hyphens, such as heart-prognosis. Fixed for good.",
        ),
        max_length=60,
    )
    agency = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=words("수요기관", "Demanding agency"),
        help_text=words(
            "문제와 자료의 주인이며, 채택된 해법을 도입할 기관입니다.",
            "It owns the problem and the data, and will adopt the solution.",
        ),
    )
    ministry = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=words("소관 부처", "Ministry in charge"),
        help_text=words(
            "부처 없이 기관이 직접 공고하면 비워 둡니다.",
            "Empty where the agency itself posts.",
        ),
        required=False,
    )
    field_order = (
        *("agency", "ministry", "name", "title_ko", "title_en"),
        *("problem_ko", "problem_en", "sector"),
    )

    def __init__(self, data: Any = None, *, access: Access, **options: Any) -> None:
        super().__init__(data, **options)
        own = access.acting_for("trials.post")
        self._own = {each.pk for each in own}
        ministries = [each for each in own if each.kind == "ministry"]
        agencies = [each for each in own if each.kind in DEMANDING]
        active = Organisation.objects.filter(is_active=True)
        demanding, governing = (
            active.filter(kind__in=DEMANDING),
            active.filter(kind="ministry"),
        )
        if not ministries:
            demanding = demanding.filter(pk__in=self._own)
        if not agencies:
            governing = governing.filter(pk__in=self._own)
        self.fields["agency"].queryset = demanding  # type: ignore[attr-defined]
        self.fields["ministry"].queryset = governing  # type: ignore[attr-defined]
        empty = {"agency": words("고르십시오", "Choose"), "ministry": words("부처 없음", "None")}
        for name, said in empty.items():
            self.fields[name].empty_label = str(said)  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda each: str(each.name)  # type: ignore[attr-defined]
        if len(agencies) == 1 and not ministries:
            self.initial["agency"] = agencies[0]
        if len(ministries) == 1:
            self.initial["ministry"] = ministries[0]
        self.fields["title_ko"].required = True

    def clean(self) -> dict[str, Any]:
        """The person acts for the agency or for the ministry."""
        given: dict[str, Any] = super().clean() or {}
        chosen = {each.pk for name in ("agency", "ministry") if (each := given.get(name))}
        if chosen and not chosen & self._own:
            raise forms.ValidationError(
                str(
                    words(
                        "소속 기관이나 소속 부처를 하나는 고르십시오.",
                        "Choose your own agency or your own ministry.",
                    )
                )
            )
        return given

    def plain(self) -> dict[str, Any]:
        """The first plain data of the demand."""
        return _asked(self.cleaned_data)


class TextStep(Step):
    """The whole demand as YAML, for whoever prefers it."""

    text = forms.CharField(
        label=words("수요 문서 (YAML)", "The demand as YAML"),
        required=False,
        strip=False,
        max_length=1 << 20,
        widget=forms.Textarea(attrs={"rows": 32, "spellcheck": "false", "class": "mono"}),
    )

    def stated(self) -> dict[str, Any]:
        """The text as it stands."""
        return {"text": self.demand.text}


class PostponeForm(forms.Form):
    """Which date is put off, to when and why."""

    which = forms.ChoiceField(
        label=words("바꿀 날짜", "Date to put off"),
        choices=[
            ("questions_until", words("질의 마감", "End of questions")),
            ("closes", words("접수 마감", "Closing of submissions")),
            ("decision_by", words("판정 예정", "Expected decision")),
        ],
    )
    to = forms.DateTimeField(
        label=words("새 시각", "New moment"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(
        label=words("사유", "Reason"),
        help_text=words("모두에게 공개됩니다.", "Everybody will read it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(forms.Form):
    """Why something is done that others must understand."""

    reason = forms.CharField(
        label=words("사유", "Reason"),
        help_text=words("공고한 수요이면 모두에게 공개됩니다.", "Public where it was posted."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
