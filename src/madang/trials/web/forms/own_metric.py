"""What does an agency enter of a metric that it writes itself?"""

from __future__ import annotations

from typing import Any

from django import forms

from madang.kernel.words import words
from madang.trials.engine.own_metric import PREFIX
from madang.trials.web.forms.columns import section
from madang.trials.web.forms.demands import Step, pair_of, put_pair

EXAMPLE = """import numpy as np


def metric(outcomes, answers):
    late = np.maximum(outcomes["y"] - answers[:, 0], 0)
    early = np.maximum(answers[:, 0] - outcomes["y"], 0)
    return 3 * late + early
"""


class OwnMetricStep(Step):
    """A metric of the agency's own; emptied, it is gone."""

    name = forms.RegexField(
        r"^[a-z][a-z0-9_]*\Z",
        label=words("이름", "Name"),
        help_text=words(
            "영문 소문자로 시작합니다. 판정에서는 own.이름으로 고릅니다.",
            "Lower-case letters; the decision calls it own.name.",
        ),
        max_length=40,
        required=False,
    )
    title_ko = forms.CharField(
        label=words("제목 (한국어)", "Title in Korean"), max_length=200, required=False
    )
    title_en = forms.CharField(
        label=words("제목 (영어)", "Title in English"), max_length=200, required=False
    )
    direction = forms.ChoiceField(
        label=words("어느 쪽이 좋은가", "Which way is better"),
        choices=[("lower", words("낮을수록", "Lower")), ("higher", words("높을수록", "Higher"))],
    )
    per = forms.ChoiceField(
        label=words("무엇을 내는가", "What it gives"),
        choices=[
            ("case", words("사례마다 한 값 (평균이 점수)", "A number a case; their mean counts")),
            ("whole", words("전체에 한 값", "One number for all cases")),
        ],
    )
    lowest = forms.FloatField(label=words("가장 작은 값", "Smallest value"), required=False)
    highest = forms.FloatField(label=words("가장 큰 값", "Largest value"), required=False)
    unit = forms.CharField(label=words("단위", "Unit"), max_length=40, required=False)
    decimals = forms.IntegerField(
        label=words("소수 자릿수", "Decimals"), min_value=0, max_value=6, initial=4
    )
    source = forms.CharField(
        label=words("Python 원본", "Python source"),
        help_text=words(
            "metric(outcomes, answers) 함수를 적습니다. numpy와 math의 계산만 쓸 수 있습니다.",
            "A function metric(outcomes, answers). Only computations of numpy and math.",
        ),
        max_length=20_000,
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "mono"}),
    )
    places = {  # noqa: RUF012 - declared as a class variable of Step
        "own_metric": "source",
        "own_metric.reviewed": "",
        "own_metric.bounds": "lowest",
        "own_metric.bounds.highest": "highest",
        "own_metric.title": "title_ko",
        **{
            f"own_metric.{name}": name
            for name in ("name", "direction", "per", "unit", "decimals", "source")
        },
    }

    def stated(self) -> dict[str, Any]:
        """The metric as the draft has it."""
        own = section(self.demand.plain, "own_metric")
        bounds, title = section(own, "bounds"), pair_of(own, "title")
        return {
            "name": own.get("name", ""),
            "title_ko": title[0],
            "title_en": title[1],
            "direction": own.get("direction", "lower"),
            "per": own.get("per", "case"),
            "lowest": bounds.get("lowest"),
            "highest": bounds.get("highest"),
            "unit": own.get("unit", ""),
            "decimals": own.get("decimals", 4),
            "source": own.get("source", ""),
        }

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new metric, or without any."""
        plain, given = self.plain_copy(), self.cleaned_data
        source = given["source"].replace("\r\n", "\n")
        if not given["name"] and not source.strip():
            plain.pop("own_metric", None)
            return plain, {}
        own: dict[str, Any] = {
            "name": given["name"],
            **{name: given[name] for name in ("direction", "per", "decimals")},
            "bounds": {
                name: given[name] for name in ("lowest", "highest") if given[name] is not None
            },
            "source": source,
        }
        put_pair(own, "title", given["title_ko"], given["title_en"])
        if given["unit"]:
            own["unit"] = given["unit"]
        reviewed = section(self.demand.plain, "own_metric").get("reviewed")
        if reviewed:
            own["reviewed"] = reviewed  # the engine sees whether it is of this very source
        plain["own_metric"] = own
        return plain, {}


def called(plain: Any) -> str:
    """What a decision calls the draft's own metric; empty where there is none."""
    name = section(plain, "own_metric").get("name")
    return f"{PREFIX}{name}" if isinstance(name, str) and name else ""
