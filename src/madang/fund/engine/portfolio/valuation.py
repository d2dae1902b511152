"""What is a holding worth on a day, by which method, and what shows it?

Source: International Private Equity and Venture Capital Valuation (IPEV) Guidelines, December
2022, sections 2 (calibration) and 3 (valuation methods).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio.companies import digest
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction

_MONTHS_WITHOUT_CALIBRATION = 12


class Method(NamedTuple):
    """A way to measure fair value."""

    title: Words
    source: str
    inputs: tuple[str, ...]
    """What has to be told; a name that ends in `_on` is a day."""
    needs_evidence: bool


METHODS: dict[str, Method] = {
    "recent-investment": Method(
        words("최근 투자 가격(보정)", "Price of recent investment, calibrated"),
        "IPEV Guidelines December 2022",
        ("price_on", "price_krw"),
        True,
    ),
    "multiples": Method(
        words("배수 비교", "Multiples"),
        "IPEV Guidelines December 2022",
        ("measure", "multiple", "peers"),
        True,
    ),
    "industry-benchmarks": Method(
        words("업종 기준", "Industry valuation benchmarks"),
        "IPEV Guidelines December 2022",
        ("benchmark",),
        True,
    ),
    "listed-price": Method(
        words("시장 가격", "Quoted price, without a blockage discount"),
        "IPEV Guidelines December 2022",
        ("price_on", "price_krw", "shares"),
        True,
    ),
    "dcf": Method(
        words("현금흐름 할인", "Discounted cash flows"),
        "IPEV Guidelines December 2022",
        ("rate", "years"),
        True,
    ),
    "net-assets": Method(
        words("순자산", "Net assets"),
        "IPEV Guidelines December 2022",
        ("balance_on",),
        True,
    ),
    "write-down": Method(
        words("감액", "Write-down"),
        "IPEV Guidelines December 2022, 2.6 (indications of a change in fair value)",
        ("before_krw", "reason"),
        True,
    ),
    "write-off": Method(
        words("전액 감액", "Write-off"),
        "IPEV Guidelines December 2022, 2.6 (indications of a change in fair value)",
        ("before_krw", "reason"),
        True,
    ),
    "cost": Method(
        words("취득 원가", "Cost on the day of the investment"),
        "IPEV Guidelines December 2022",
        ("price_on",),
        False,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """The fair value of the fund's holding in a company on a day.

    Raises:
        PortfolioRefused: A method that is unknown, or whose inputs, evidence or days do not fit.
        AmountRefused: No whole number of won.
    """

    company: str
    on: date
    """The day of measurement."""
    fair_value_krw: int
    method: str
    """A key of `METHODS`."""
    inputs: Mapping[str, object]
    """What the method was given; no floats."""
    evidence: tuple[str, ...]
    """SHA-256 of the documents."""
    by: str

    def __post_init__(self) -> None:
        money.whole_won(self.fair_value_krw, where=words("공정가치", "fair value"), least=0)
        _check(self)


def _check(told: Valuation) -> None:
    method = METHODS.get(told.method)
    if method is None:
        raise _refused(
            words(f"평가 방법 {told.method!r}", f"the method {told.method!r}"),
            words(", ".join(METHODS), "one of " + ", ".join(METHODS)),
        )
    if missing := [name for name in method.inputs if name not in told.inputs]:
        raise _refused(
            words(f"{method.title.ko}: {', '.join(missing)} 없음", f"no {', '.join(missing)}"),
            words(", ".join(method.inputs), f"{', '.join(method.inputs)} for {told.method}"),
        )
    if floats := [name for name, value in told.inputs.items() if isinstance(value, float)]:
        raise _refused(
            words(f"{', '.join(floats)}: 소수", f"a float at {', '.join(floats)}"),
            words("정수나 분수", "whole numbers or exact fractions"),
        )
    if not told.by.strip() or (method.needs_evidence and not told.evidence):
        raise _refused(
            words(f"{method.title.ko}: 평가자나 증빙 없음", "no author or no evidence"),
            words("평가자와 증빙 하나 이상", "who valued it, and at least one document"),
        )
    for each in told.evidence:
        digest(each, words("평가 증빙", "evidence of the valuation"))
    _check_days(told)
    _check_method(told)


def _check_days(told: Valuation) -> None:
    for name, value in told.inputs.items():
        if name.endswith("_on") and value > told.on:  # type: ignore[operator]
            raise _refused(
                words(f"{name} {value}", f"{name} {value}"),
                words(f"측정일 {told.on} 이전", f"a day up to that of measurement, {told.on}"),
            )


def _check_method(told: Valuation) -> None:
    inputs = told.inputs
    if told.method == "recent-investment":
        stated = str(inputs.get("calibration", "")).strip()
        if not stated and is_stale(inputs["price_on"], told.on):  # type: ignore[arg-type]
            raise _refused(
                words(f"{inputs['price_on']} 가격", f"a price of {inputs['price_on']}"),
                words(
                    f"{_MONTHS_WITHOUT_CALIBRATION}개월 이내의 가격이나 보정 설명(calibration)",
                    f"one of the last {_MONTHS_WITHOUT_CALIBRATION} months, or `calibration`",
                ),
            )
    elif told.method == "listed-price":
        if inputs.get("blockage_discount"):
            raise _refused(
                words("대량 보유 할인", "a blockage discount"),
                words("할인 없는 시장 가격 × 주식 수", "price × shares without one"),
            )
        if inputs["price_krw"] * inputs["shares"] != told.fair_value_krw:  # type: ignore[operator]
            raise _refused(
                words(f"공정가치 {told.fair_value_krw:,d}원", f"{told.fair_value_krw:,d} won"),
                words("시장 가격 × 주식 수", "price × shares"),
            )
    elif told.method in ("write-down", "write-off"):
        is_off = told.method == "write-off"
        is_lower = told.fair_value_krw < inputs["before_krw"]  # type: ignore[operator]
        if not is_lower or is_off != (not told.fair_value_krw):
            raise _refused(
                words(f"감액 뒤 {told.fair_value_krw:,d}원", f"{told.fair_value_krw:,d} won"),
                words(
                    "감액 전보다 작은 금액, 전액 감액은 0원",
                    "less than before; 0 for a write-off and only there",
                ),
            )


def is_stale(price_on: date, on: date) -> bool:
    """Whether the price of a round is older than twelve months, to the day."""
    months = (on.year - price_on.year) * 12 + on.month - price_on.month
    past = on.day > price_on.day
    return months > _MONTHS_WITHOUT_CALIBRATION or (months == _MONTHS_WITHOUT_CALIBRATION and past)


def written_down(
    before: Valuation,
    keep: Fraction | int,
    *,
    on: date,
    reason: str,
    evidence: tuple[str, ...],
    by: str,
) -> Valuation:
    """A valuation lowered to a share of the last one (such as 3/4, 1/2, 1/4, 0).

    Args:
        before: The last valuation.
        keep: The share that stays, from 0 to below 1, as an exact `Fraction`.
        on: Day of measurement, not before the last one.
        reason: What happened.
        evidence: Documents that show it.
        by: Who valued it.

    Raises:
        PortfolioRefused: No such share, or a day before the last valuation.
    """
    if isinstance(keep, float) or not 0 <= keep < 1 or on < before.on:
        raise _refused(
            words(f"{on} 감액 뒤 비율 {keep}", f"the share {keep} on {on}"),
            words(f"0 이상 1 미만, {before.on} 이후", f"from 0 to below 1, from {before.on} on"),
        )
    value = int(before.fair_value_krw * keep)
    return Valuation(
        company=before.company,
        on=on,
        fair_value_krw=value,
        method="write-down" if value else "write-off",
        inputs={"before_krw": before.fair_value_krw, "reason": reason},
        evidence=evidence,
        by=by,
    )


def standing(told: tuple[Valuation, ...], company: str, on: date) -> Valuation | None:
    """The valuation of a company in force on a day: the last one up to it, or None."""
    own = [each for each in told if each.company == company and each.on <= on]
    return max(own, key=lambda each: each.on, default=None)


def _refused(found: Words, expected: Words) -> PortfolioRefused:
    return PortfolioRefused(found, expected)
