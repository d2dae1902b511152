"""Step 5 of a demand's editor: when does each phase end, and by what does a panel judge?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.trials.engine.rubric import Rubric
from madang.trials.web.forms.columns import listed
from madang.trials.web.forms.demands import Step, pair_of
from madang.trials.web.services import timing

if TYPE_CHECKING:
    from madang.trials.web.models import Demand


def _moment(ko: str, en: str, **options: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=words(ko, en),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        **options,
    )


_KEPT = ("trim", "mixture")
"""Of a rubric: what no field asks for stays as it is."""
ANCHORS = (
    words("미흡: 요구를 채우지 못함", "Poor: does not meet the need"),
    words("부족: 일부만 채움", "Weak: meets it in part"),
    words("보통: 대체로 채움", "Fair: meets it by and large"),
    words("우수: 요구를 채움", "Good: meets it"),
    words("탁월: 요구를 넘어섬", "Excellent: goes beyond it"),
)


class CriterionForm(forms.Form):
    """One thing that evaluators look at."""

    title_ko = forms.CharField(
        label=words("기준 (한국어)", "Criterion in Korean"), required=False, max_length=200
    )
    title_en = forms.CharField(
        label=words("기준 (영어)", "Criterion in English"), required=False, max_length=200
    )
    weight = forms.FloatField(
        label=words("가중치", "Weight"), required=False, min_value=0, initial=1
    )
    anchors = forms.CharField(
        label=words("단계의 뜻", "What each level means"),
        help_text=words(
            "낮은 단계부터 한 줄에 하나씩 ‘한국어 / 영어’로 적습니다.",
            "One a line from the lowest, as ‘Korean / English’.",
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        initial="\n".join(f"{each.ko} / {each.en}" for each in ANCHORS),
    )
    remove = forms.BooleanField(label=words("이 기준 빼기", "Remove"), required=False)

    def criterion(self, name: str) -> dict[str, Any] | None:
        """The criterion as plain data; None where it is empty or removed."""
        given = self.cleaned_data
        if given["remove"] or not (given["title_ko"] or given["title_en"]):
            return None
        lines = [line for line in given["anchors"].splitlines() if line.strip()]
        anchors = []
        for level, line in enumerate(lines, start=1):
            ko, _, en = line.partition(" / ")
            anchors.append(
                {"level": level, "meaning": {"ko": ko.strip(), "en": (en or ko).strip()}}
            )
        title = given["title_ko"] or given["title_en"]
        return {
            "name": name,
            "title": {"ko": title, "en": given["title_en"] or title},
            "weight": given["weight"] or 1.0,
            "anchors": anchors,
        }


class ScheduleStep(Step):
    """When each phase ends, and by what a panel judges beside the measured part."""

    opens = _moment("접수 시작", "Submissions open")
    questions_until = _moment("질의 마감", "Questions end")
    closes = _moment("접수 마감", "Submissions close")
    decide_by = _moment("판정 예정", "Decision expected")
    objection_days = forms.IntegerField(
        label=words("이의신청 기간 (일)", "Objection window in days"),
        min_value=1,
        max_value=365,
        initial=timing.OBJECTION_DAYS,
    )
    fewest = forms.IntegerField(
        label=words("팀마다 필요한 평가위원 수", "Evaluators that each team needs"),
        min_value=1,
        max_value=99,
        required=False,
    )
    aggregate = forms.ChoiceField(
        label=words("위원 점수를 모으는 법", "How scores are taken together"),
        choices=[
            ("median", words("중앙값", "Median")),
            ("trimmed_mean", words("양 끝을 뺀 평균", "Trimmed mean")),
        ],
        required=False,
    )

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        self.criteria_stated = listed(demand.rubric, "criteria")
        count = len(self.criteria_stated) + 1
        self.criteria = [
            CriterionForm(data, prefix=f"r{number}", initial=self._criterion(number))
            for number in range(count)
        ]
        super().__init__(data, demand=demand, **options)

    @property
    def inner(self) -> list[CriterionForm]:
        """One a criterion, and an empty one."""
        return self.criteria

    def _criterion(self, number: int) -> dict[str, Any]:
        if number >= len(self.criteria_stated):
            return {}
        stated = self.criteria_stated[number]
        title = pair_of(stated, "title")
        anchors = stated.get("anchors")
        meanings = [pair_of(each, "meaning") for each in anchors or [] if isinstance(each, dict)]
        return {
            "title_ko": title[0],
            "title_en": title[1],
            "weight": stated.get("weight", 1),
            "anchors": "\n".join(f"{ko} / {en}" for ko, en in meanings),
        }

    def stated(self) -> dict[str, Any]:
        """The dates and the panel's rule."""
        demand = self.demand
        return {
            **{
                name: getattr(demand, name)
                for name in ("opens", "questions_until", "closes", "decide_by")
            },
            "objection_days": demand.timetable.get("objection_days", timing.OBJECTION_DAYS),
            "fewest": demand.rubric.get("fewest", 3),
            "aggregate": demand.rubric.get("aggregate", "median"),
            "criteria": self.criteria_stated,
        }

    def is_valid(self) -> bool:
        """Whether every criterion can be read, and the rubric agrees with itself."""
        rows = [row.is_valid() for row in self.criteria]
        if not super().is_valid() or not all(rows):
            return False
        try:
            rubric = self._rubric()
            if rubric:
                Rubric.from_plain(rubric)
        except InputError as fault:
            self.add_error(None, str(fault))
        return not self.errors

    def _rubric(self) -> dict[str, Any]:
        taken = {str(each["name"]) for each in self.criteria_stated}
        found = []
        for number, row in enumerate(self.criteria):
            is_old = number < len(self.criteria_stated)
            name = str(self.criteria_stated[number]["name"]) if is_old else _free_name(taken)
            criterion = row.criterion(name)
            if criterion:
                found.append(criterion)
        if not found:
            return {}
        given = self.cleaned_data
        return {
            "criteria": found,
            "aggregate": given["aggregate"] or "median",
            "fewest": given["fewest"] or 3,
            **{
                key: value
                for key, value in self.demand.rubric.items()
                if key in ("trim", "mixture")
            },
        }

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new dates and rubric."""
        given = self.cleaned_data
        columns = {
            name: given[name] for name in ("opens", "questions_until", "closes", "decide_by")
        }
        days = {"objection_days": given["objection_days"]}
        timetable = {**self.demand.timetable, **days}
        plain, rubric = self.plain_copy(), self._rubric()
        plain.pop("phases", None)  # the dates stand in the row, where they can be put off
        plain.pop("rubric", None)
        if rubric:
            plain["rubric"] = rubric
        return plain, {**columns, "timetable": timetable}


def _free_name(taken: set[str]) -> str:
    number = 1
    while f"criterion-{number}" in taken:
        number += 1
    return f"criterion-{number}"
