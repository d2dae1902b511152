"""Step 4 of a demand's editor: how are the cases dealt, and what may a submission use?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import words
from madang.trials.engine.paper import PART_WORDS
from madang.trials.web.forms.columns import listed, section
from madang.trials.web.forms.demands import Step

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

_WHEEL = ("name", "version", "sha256")
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
    wheels = forms.CharField(
        label=words("더 쓸 수 있는 휠", "Further wheels"),
        help_text=words(
            "파이썬 원본이 쓸 수 있는 패키지를 한 줄에 하나씩 ‘이름 판 SHA-256’으로 적습니다. "
            "파일은 운영자가 작업 폴더의 wheels에 둡니다.",
            "Packages that Python source may import, one a line as ‘name version SHA-256’. The "
            "operator lays the files into the workspace's wheels.",
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
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
        "environment": "wheels",
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
            "wheels": "\n".join(
                " ".join(str(each.get(key, "")) for key in _WHEEL)
                for each in listed(section(plain, "environment"), "wheels")
            ),
        }

    def clean_wheels(self) -> list[dict[str, str]]:
        """Name, version and SHA-256 of each."""
        found = []
        for line in self.cleaned_data["wheels"].splitlines():
            parts = line.split()
            if parts and len(parts) != len(_WHEEL):
                shown = line.strip()[:60]
                said = words(
                    f"‘{shown}’ 줄을 읽을 수 없습니다. ‘이름 판 SHA-256’으로 적으십시오.",
                    f"The line ‘{shown}’ cannot be read. Write ‘name version SHA-256’.",
                )
                raise forms.ValidationError(str(said))
            if parts:
                found.append(dict(zip(_WHEEL, parts, strict=True)))
        return found

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
        plain.pop("environment", None)
        if given["wheels"]:
            plain["environment"] = {"wheels": given["wheels"]}
        return plain, {}


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
