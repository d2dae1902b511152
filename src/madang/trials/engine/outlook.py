"""What may the next agency expect of a solution, and what is not known? In figures and in words.

Improvements are above 0 where the solution is better than the baseline, in the metric's unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from madang.kernel.stats.pooling import FEWEST_FOR_THE_NEXT, Pooled, units_needed
from madang.kernel.words import Words, words

USEFUL_FROM = 5
"""Pooled agencies from which on the interval for the next one begins to be useful: its limits are
then at most 1.6 times as far as endless agencies would put them (2.5 times with three). Source:
t(k - 1) · sqrt(1 + 1/k) / 1.96."""

Standing: TypeAlias = Literal["too_few", "expected", "on_average", "unclear", "not_expected"]
STANDINGS: dict[Standing, Words] = {
    "too_few": words("기관이 아직 적음", "too few agencies yet"),
    "expected": words("다음 기관에서도 기대됨", "expected at the next agency too"),
    "on_average": words("평균은 나으나 기관마다 다름", "better on average, agencies differ"),
    "unclear": words("아직 알 수 없음", "not known yet"),
    "not_expected": words("기대되지 않음", "not expected"),
}
_RECOMMENDED: Mapping[Standing, Words] = {
    "too_few": words(
        "아직 다른 기관에 권할 근거가 부족합니다. 원하는 기관은 같은 봉인 절차로 먼저 "
        "확인하십시오.",
        "There is not yet ground to recommend it to others. An agency that wants it should first "
        "confirm it by the same sealed protocol.",
    ),
    "expected": words(
        "다음 기관에서도 판정 규칙을 만족할 것으로 예상합니다. 도입하려는 기관은 그림자 운영부터 "
        "시작하십시오.",
        "It is expected to satisfy the rule at the next agency too. An agency that takes it up "
        "should begin with the shadow.",
    ),
    "on_average": words(
        "평균은 규칙을 만족하지만 기관마다 차이가 있어, 만족하지 못하는 기관도 있을 수 있습니다. "
        "기관마다 봉인 절차로 확인한 뒤 도입하십시오.",
        "On average it satisfies the rule, but agencies differ and at some it may not. Each "
        "agency should confirm it by the sealed protocol first.",
    ),
    "unclear": words(
        "지금까지의 결과로는 다음 기관에서 나을지 알 수 없습니다. 더 많은 기관의 확인이 "
        "필요합니다.",
        "The results so far do not tell whether it would be better at the next agency. More "
        "agencies must confirm it.",
    ),
    "not_expected": words(
        "다음 기관에서 판정 규칙을 만족할 것으로 기대하기 어렵습니다. 확산을 권하지 않습니다.",
        "It is not expected to satisfy the rule at the next agency. Spreading it is not "
        "recommended.",
    ),
}


class Outlook(NamedTuple):
    """What is known of the next agency, as improvement: above 0 is better than the baseline."""

    standing: Standing
    pooled: Pooled | None
    """Of turned differences, where below 0 is better; None before the first confirmation."""
    chance: float | None
    """That the rule's margin holds at the next agency, its true value; None where unknown."""
    needed: int | None
    """Agencies at which the prediction would about clear the margin, if the figures stay."""
    sentences: tuple[Words, ...]


def _standing(pooled: Pooled | None, bound: float) -> Standing:
    if pooled is None or pooled.prediction is None or pooled.interval is None:
        return "too_few"
    if pooled.prediction.high < bound:
        return "expected"
    if pooled.prediction.low > bound or pooled.interval.low > bound:
        return "not_expected"
    return "on_average" if pooled.interval.high < bound else "unclear"


def outlook(pooled: Pooled | None, *, bound: float, confirmed: int) -> Outlook:
    """What is known of the next agency.

    Args:
        pooled: The turned differences together.
        bound: What a turned difference must lie below for the rule to hold.
        confirmed: Agencies that ran the protocol, those that are not pooled included.
    """
    standing = _standing(pooled, bound)
    chance = needed = None
    if pooled and pooled.predictive:
        chance = pooled.predictive.below(bound)
        needed = units_needed(pooled, below=bound)
    found = Outlook(standing, pooled, chance, needed, ())
    return found._replace(sentences=tuple(_sentences(found, confirmed)))


def _sentences(outlook: Outlook, confirmed: int) -> list[Words]:
    pooled = outlook.pooled
    said = [_count(pooled.k if pooled else 0, confirmed)]
    if pooled is None:
        return said
    mean = -pooled.estimate + 0.0
    if pooled.interval is None:
        said.append(
            words(
                f"한 기관의 개선폭은 {mean:.4g}입니다. 한 기관만으로는 기관 사이의 차이와 평균의 "
                "구간을 알 수 없습니다.",
                f"One agency improved by {mean:.4g}. One agency alone tells neither how agencies "
                "differ nor an interval of their mean.",
            )
        )
        return said
    low, high = -pooled.interval.high, -pooled.interval.low
    percent = f"{100 * pooled.level:g} %"
    said.append(
        words(
            f"평균 개선폭은 {mean:.4g}입니다({percent} 구간 {low:.4g}~{high:.4g}).",
            f"The mean improvement is {mean:.4g} ({percent} interval {low:.4g} to {high:.4g}).",
        )
    )
    said.append(_next(outlook, percent))
    said.append(_RECOMMENDED[outlook.standing])
    if outlook.standing in ("on_average", "unclear") and outlook.needed:
        said.append(
            words(
                f"지금의 수치가 이어지면 합산 기관 약 {outlook.needed}곳에서 판단할 수 있습니다.",
                f"If the figures stay as they are, about {outlook.needed} pooled agencies would "
                "decide.",
            )
        )
    return said


def _count(k: int, confirmed: int) -> Words:
    agencies = "1 agency has" if confirmed == 1 else f"{confirmed} agencies have"
    ko = f"같은 봉인 절차로 확인한 기관은 {confirmed}곳입니다."
    en = f"{agencies} run the same sealed protocol."
    if k < confirmed:
        ko += (
            " 처음 기관의 결과는 이 해법을 고른 근거여서 실제보다 좋게 보이기 쉬우므로 합산하지 "
            "않습니다."
        )
        en += (
            " The first agency's result chose this solution and so tends to look too good: it is "
            "shown and not pooled."
        )
    return words(ko, en)


def _next(outlook: Outlook, percent: str) -> Words:
    pooled = outlook.pooled
    if pooled is None or pooled.prediction is None or outlook.chance is None:
        lacking = FEWEST_FOR_THE_NEXT - (pooled.k if pooled else 0)
        return words(
            f"다음 기관의 구간은 {FEWEST_FOR_THE_NEXT}개 기관부터 계산합니다. {lacking}곳이 더 "
            "필요합니다.",
            f"An interval for the next agency takes {FEWEST_FOR_THE_NEXT} agencies; "
            f"{lacking} more needed.",
        )
    low, high = -pooled.prediction.high, -pooled.prediction.low
    wide_ko, wide_en = "", ""
    if pooled.k < USEFUL_FROM:
        wide_ko = f" 기관이 {USEFUL_FROM}곳보다 적어 구간이 아직 넓습니다."
        wide_en = f" With fewer than {USEFUL_FROM} agencies it is still wide."
    return words(
        f"다음 기관의 개선폭은 {percent}의 확신으로 {low:.4g}~{high:.4g} 사이이며, 판정 규칙을 "
        f"만족할 가능성은 {_share(outlook.chance)}입니다.{wide_ko}",
        f"The next agency's improvement lies between {low:.4g} and {high:.4g} with {percent} "
        f"confidence; the chance that it satisfies the rule is {_share(outlook.chance)}.{wide_en}",
    )


def _share(chance: float) -> str:
    """A chance in whole per cent; never 0 or 100, which nobody can know."""
    return f"{min(max(round(100 * chance), 1), 99)} %"
