"""What a check found of a draft, as its page shows it: sizes, differences, baselines, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.trials.engine.paper import PART_WORDS
from madang.trials.web.forms.columns import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = {
    "id": words("사례 식별자", "Names the case"),
    "group": words("묶음", "Keeps together"),
    "input": words("입력", "Input"),
    "outcome": words("결과", "Outcome"),
    "undeclared": words("적지 않음", "Not declared"),
    "ignored": words("쓰지 않음", "Not used"),
}


def outlook(checked: Mapping[str, Any]) -> dict[str, Any]:
    """Everything but the findings and the leaks; empty where nothing was found."""
    if not checked:
        return {}
    return {
        "sizes": _sizes(checked),
        "difference": _difference(checked),
        "overlap": _overlap(checked),
        "baselines": _baselines(checked),
        "columns": _columns(checked),
    }


def _sizes(checked: Mapping[str, Any]) -> list[tuple[Words, Words]]:
    return [
        (PART_WORDS[part], words(f"{count:,}건", f"{count:,} cases"))
        for part, count in checked.get("sizes", {}).items()
    ]


def _difference(checked: Mapping[str, Any]) -> Words:
    smallest = checked.get("detectable_difference")
    if smallest is None:
        return words(
            "이 지표는 미리 계산할 수 없습니다.", "Cannot be computed ahead for this metric."
        )
    metric = next((m for m in checked.get("metrics", []) if m["name"] == checked["metric"]), None)
    unit = f" {metric['unit']}" if metric and metric["unit"] else ""
    ko, en = (metric["title_ko"], metric["title_en"]) if metric else ("", "")
    return words(
        f"{ko} {smallest:.3g}{unit} (최종 비교, 검정력 80 %)".strip(),
        f"{smallest:.3g}{unit} in {en} (final part, 80 % power)",
    )


def _overlap(checked: Mapping[str, Any]) -> Words:
    found = checked.get("overlap", {})
    count = found.get("cases", 0)
    if found.get("too_many"):
        return words(
            f"{count:,}건: 많습니다. 같은 사례가 두 번 들어 있지 않은지 확인하십시오.",
            f"{count:,}: many. See whether cases stand in the table twice.",
        )
    return words(f"{count:,}건", f"{count:,}")


def _baselines(checked: Mapping[str, Any]) -> dict[str, Any]:
    metrics = checked.get("metrics", [])
    rows = [
        [
            words(each["ko"], each["en"]),
            *(_score(each["scores"].get(m["name"]), m["decimals"]) for m in metrics),
        ]
        for each in checked.get("baselines", [])
    ]
    titles = [words(each["title_ko"], each["title_en"]) for each in metrics]
    return {
        "caption": words("단순한 기준의 점수", "Scores of the trivial baselines"),
        "headers": [words("기준", "Baseline"), *titles],
        "rows": rows,
        "numeric": " ".join(str(number) for number in range(2, len(metrics) + 2)),
    }


def _score(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _columns(checked: Mapping[str, Any]) -> dict[str, Any]:
    headers = [
        words("열", "Column"),
        words("쓰임", "Use"),
        words("적은 종류", "Declared"),
        words("빈 값", "Missing"),
        words("서로 다른 값", "Distinct"),
        words("보이는 종류", "Looks like"),
    ]
    rows = [
        [
            each["name"],
            ROLES.get(each["role"], each["role"]),
            KINDS.get(each["declared"], "–"),
            f"{each['missing']:,}",
            f"{each['distinct']:,}",
            KINDS.get(each["kind"], "–"),
        ]
        for each in checked.get("columns", [])
    ]
    return {
        "caption": words("표의 열", "Columns of the table"),
        "headers": headers,
        "rows": rows,
    }
