"""Steps 4 and 5 of a demand's editor: parts and limits; dates and what a panel judges by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.trials.engine.paper import PART_WORDS
from madang.trials.engine.rubric import Rubric
from madang.trials.web.forms.columns import listed, section
from madang.trials.web.forms.demands import Step, pair_of
from madang.trials.web.services import timing

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

SHARES = {"open": 0.3, "develop": 0.0, "board": 0.3, "final": 0.4}
LIMITS = {"wall_s": 60.0, "memory_mb": 2048, "step_s": 5.0, "submission_mb": 64}
"""As the engine has them where a demand says nothing."""
TIERS = {
    "predictions": words(
        "예측 파일 (봉인 사례의 입력이 공개됩니다)", "Predictions (inputs of sealed cases go out)"
    ),
    "onnx": words("ONNX 모델", "ONNX model"),
    "python": words("파이썬 원본", "Python source"),
}


class PartsStep(Step):
    """How the cases are dealt, and what a submission may use."""

    open = forms.FloatField(label=PART_WORDS["open"], min_value=0, max_value=1)
    develop = forms.FloatField(
        label=PART_WORDS["develop"],
        help_text=words(
            "격리 공간에서 학습에만 쓰입니다. 없으면 0입니다.",
            "Solutions learn from it inside the jail. 0 for none.",
        ),
        min_value=0,
        max_value=1,
        required=False,
    )
    board = forms.FloatField(label=PART_WORDS["board"], min_value=0, max_value=1)
    final = forms.FloatField(label=PART_WORDS["final"], min_value=0, max_value=1)
    seed = forms.IntegerField(
        label=words("나누기의 난수 시작값", "Seed of the split"), min_value=0, max_value=2**53 - 1
    )
    tiers = forms.MultipleChoiceField(
        label=words("받을 제출 형태", "Forms of submission taken"),
        choices=list(TIERS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quota = forms.IntegerField(
        label=words("팀당 제출 횟수", "Submissions a team"), min_value=1, max_value=10_000
    )
    wall_s = forms.FloatField(label=words("실행 시간 (초)", "Time of a run in seconds"))
    memory_mb = forms.IntegerField(label=words("메모리 (MB)", "Memory in MB"))
    step_s = forms.FloatField(
        label=words("한 동작의 시간 (초)", "Time of one action in seconds"),
        help_text=words("대화형 과제에만 쓰입니다.", "For replay tasks alone."),
    )
    submission_mb = forms.IntegerField(
        label=words("제출 파일 크기 (MB)", "Size of a submission in MB")
    )
    subgroups = forms.MultipleChoiceField(
        label=words("하위집단별로 보고할 열", "Columns to report by"),
        help_text=words(
            "범주이거나 예/아니요인 입력 열입니다.", "Categories and yes-or-no inputs."
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    minimum_cell = forms.IntegerField(
        label=words("감출 칸의 크기", "Smallest cell shown"),
        help_text=words(
            "사례가 이보다 적은 칸은 보고서에서 감춥니다.",
            "The report hides cells of fewer cases.",
        ),
    )
    places = {  # noqa: RUF012 - declared as a class variable of Step
        "parts": "open",
        **{f"parts.{name}": name for name in SHARES},
        **{f"limits.{name}": name for name in LIMITS},
        "limits": "wall_s",
        "quota": "quota",
        **{name: name for name in ("seed", "tiers", "subgroups", "minimum_cell")},
    }

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        super().__init__(data, demand=demand, **options)
        inputs = listed(section(demand.plain, "data"), "inputs")
        fitting = [
            (each["name"], each["name"])
            for each in inputs
            if each.get("kind") in ("category", "boolean")
        ]
        known = {name for name, _ in fitting}
        strange = [(each, each) for each in self.initial["subgroups"] if each not in known]
        self.fields["subgroups"].choices = [*fitting, *strange]  # type: ignore[attr-defined]
        if not fitting and not strange:
            del self.fields["subgroups"]

    def stated(self) -> dict[str, Any]:
        """What the draft says, with the engine's own defaults."""
        plain = self.demand.plain
        parts, limits = section(plain, "parts"), section(plain, "limits")
        return {
            **{name: parts.get(name, 0 if parts else SHARES[name]) for name in SHARES},
            **{name: limits.get(name, LIMITS[name]) for name in LIMITS},
            "seed": plain.get("seed", 0),
            "tiers": _texts(plain.get("tiers", ["onnx", "python"])),
            "quota": section(plain, "quota").get("submissions", 100),
            "subgroups": _texts(plain.get("subgroups", [])),
            "minimum_cell": plain.get("minimum_cell", 10),
        }

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new parts and limits."""
        plain, given = self.plain_copy(), self.cleaned_data
        plain["parts"] = {name: given[name] for name in SHARES if given[name]}
        plain["limits"] = {name: given[name] for name in LIMITS}
        plain["quota"] = {"submissions": given["quota"]}
        for name in ("seed", "tiers", "minimum_cell"):
            plain[name] = given[name]
        if "subgroups" in self.fields:
            plain["subgroups"] = given["subgroups"]
        return plain, {}


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


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

    def _criterion(self, number: int) -> dict[str, Any]:
        if number >= len(self.criteria_stated):
            return {}
        stated = self.criteria_stated[number]
        title = pair_of(stated, "title")
        meanings = [pair_of(each, "meaning") for each in stated["anchors"]]
        return {
            "title_ko": title[0],
            "title_en": title[1],
            "weight": stated["weight"],
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
        return self.plain_copy(), {**columns, "timetable": timetable, "rubric": self._rubric()}


def _free_name(taken: set[str]) -> str:
    number = 1
    while f"criterion-{number}" in taken:
        number += 1
    return f"criterion-{number}"


class AcceptForm(forms.Form):
    """Which leaks the agency has looked at and accepts, and why."""

    def __init__(self, data: Any = None, *, demand: Demand, **options: Any) -> None:
        super().__init__(data, **options)
        accepted = {each["column"]: each["reason"] for each in demand.accepted_leaks}
        leaks = section(demand.findings, "check").get("leaks", [])
        self.columns = list(dict.fromkeys(each["column"] for each in leaks))
        for number, column in enumerate(self.columns):
            self.fields[f"accept{number}"] = forms.BooleanField(
                label=words(
                    f"‘{column}’ 열을 확인했고 그대로 씁니다.",
                    f"‘{column}’ was looked at and stays.",
                ),
                required=False,
                initial=column in accepted,
            )
            self.fields[f"reason{number}"] = forms.CharField(
                label=words("그대로 쓰는 까닭", "Why it stays"),
                required=False,
                max_length=500,
                initial=accepted.get(column, ""),
            )

    def clean(self) -> dict[str, Any]:
        """Every accepted column has its reason."""
        given: dict[str, Any] = super().clean() or {}
        said: Words = words("그대로 쓰는 까닭을 적으십시오.", "Say why it stays.")
        for number in range(len(self.columns)):
            if given.get(f"accept{number}") and not given.get(f"reason{number}"):
                self.add_error(f"reason{number}", str(said))
        return given

    def accepted(self) -> list[dict[str, str]]:
        """Column and reason of each."""
        given = self.cleaned_data
        return [
            {"column": column, "reason": given[f"reason{number}"]}
            for number, column in enumerate(self.columns)
            if given[f"accept{number}"]
        ]
