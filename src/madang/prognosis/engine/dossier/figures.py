"""How are the figures of a record written? Scores with their names, shares, times with a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.report.document import Interval
from madang.kernel.report.written import interval, number
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.prognosis.engine.dossier.record import Column, Patients, Quality, Score

SCORES = {
    "uno_c": words("Uno의 C", "Uno's C"),
    "auc": words("AUC(평가 기간, 시점 평균)", "AUC in the window, mean of landmarks"),
    "brier": words("브라이어 점수(시점 평균)", "Brier score, mean of landmarks"),
    "observed_to_expected": words("예측 대비 실제", "Observed to expected"),
    "ibs": words("통합 브라이어 점수(IBS)", "Integrated Brier score (IBS)"),
    "ibs_conditional": words("IBS, 환자별 가중", "IBS, weights by patient"),
    "ibs_kaplan_meier": words("IBS, 카플란–마이어", "IBS of Kaplan–Meier"),
    "slope": words("보정 기울기", "Calibration slope"),
    "ici": words("통합 보정 지수(ICI)", "Integrated calibration index (ICI)"),
    "e50": words("E50", "E50"),
    "e90": words("E90", "E90"),
    "in_the_large": words("전체 보정", "Calibration in the large"),
    "in_the_large_conditional": words(
        "전체 보정, 환자별 가중", "In the large, weights by patient"
    ),
    "d_calibration": words("D-보정, 가장 큰 차이", "D-calibration, largest distance"),
}
"""What each figure is called; a record of another kind of model uses the names it has."""

DISCRIMINATION = ("uno_c", "auc")
CALIBRATION = ("slope", "ici", "in_the_large", "observed_to_expected")


def score_of(quality: Quality | None, name: str) -> Score | None:
    """The figure of this name, if it was computed."""
    found = () if quality is None else quality.scores
    return next((each for each in found if each.name == name), None)


def written(score: Score | None) -> Words:
    """A figure with its interval, `0.674 (0.630–0.712)`."""
    if score is None:
        return words("보고되지 않음", "not reported")
    value = number(score.value, decimals=3)
    if score.low is None or score.high is None:
        return words(value, value)
    ends = Interval(score.low, score.high)
    return words(
        f"{value} ({interval(ends, 'ko', decimals=3)})",
        f"{value} ({interval(ends, 'en', decimals=3)})",
    )


def share(value: float) -> str:
    """A share in per cent."""
    return f"{number(100 * value, decimals=1)} %"


def when(time: float | None, about: Mapping[str, Words]) -> Words:
    """A time with the unit that the team names; without one, the bare number."""
    if time is None:
        return words("알 수 없음", "not known")
    unit = about.get("time_unit")
    text = number(float(f"{time:.4g}"))
    return words(text, text) if unit is None else words(f"{text}{unit.ko}", f"{text} {unit.en}")


def events(patients: Patients) -> Words:
    """Patients and events by cause, in one phrase."""
    counts = " + ".join(f"{each:,}" for each in patients.events)
    return words(
        f"환자 {patients.patients:,}명, 사건 {counts}건",
        f"{patients.patients:,} patients, {counts} events",
    )


def most_missing(patients: Patients) -> float | None:
    """The largest share of gaps in a column; None where nobody counted."""
    shares = [each.missing for each in patients.columns if each.missing is not None]
    return max(shares) if shares and len(shares) == len(patients.columns) else None


def seen(column: Column) -> Words:
    """What was seen of a column: quartiles or levels."""
    if column.quartiles is not None:
        low, middle, high = (number(float(f"{each:.4g}")) for each in column.quartiles)
        return words(f"{middle} ({low}–{high})", f"{middle} ({low}–{high})")
    if column.levels is None:
        return words("보고되지 않음", "not reported")
    shown = ", ".join(f"{name} {count:,}" for name, count in column.levels)
    if column.pooled is None:
        return words(shown, shown)
    levels, count = column.pooled
    comma = ", " if shown else ""
    return words(
        f"{shown}{comma}합친 수준 {levels}개 {count:,}",
        f"{shown}{comma}{levels} levels pooled {count:,}",
    )


def joined(parts: Sequence[Words], between: str = " ") -> Words:
    """Several sentences as one text."""
    return words(between.join(each.ko for each in parts), between.join(each.en for each in parts))


def listed(names: Sequence[str], most: int = 12) -> Words:
    """Names, and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    if more <= 0:
        return words(shown, shown)
    return words(f"{shown} 외 {more}개", f"{shown} and {more} more")
