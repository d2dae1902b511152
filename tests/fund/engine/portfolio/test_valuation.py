"""Is a value only taken with its method, its evidence and its day?"""

from datetime import date
from fractions import Fraction

import pytest

from madang.fund.engine.errors import AmountRefused, PortfolioRefused
from madang.fund.engine.portfolio import companies, valuation
from madang.fund.engine.portfolio.companies import Company, Milestone
from madang.fund.engine.portfolio.valuation import METHODS, Valuation, standing, written_down
from madang.kernel.words import words

DAY = date(2026, 12, 31)
PROOF = ("a" * 64,)
INPUTS: dict[str, dict[str, object]] = {
    "recent-investment": {"price_on": DAY, "price_krw": 500},
    "multiples": {"measure": "revenue", "multiple": Fraction(5, 2), "peers": "KOSDAQ 5"},
    "industry-benchmarks": {"benchmark": "beds"},
    "listed-price": {"price_on": DAY, "price_krw": 500, "shares": 2},
    "dcf": {"rate": Fraction(1, 5), "years": 5},
    "net-assets": {"balance_on": DAY},
    "write-down": {"before_krw": 2_000, "reason": "sales fell"},
    "write-off": {"before_krw": 2_000, "reason": "bankrupt"},
    "cost": {"price_on": DAY},
}


def valued(method: str, *, krw: int | None = None, **more) -> Valuation:
    told = {
        "company": "alpha",
        "on": DAY,
        "fair_value_krw": krw if krw is not None else (0 if method == "write-off" else 1_000),
        "inputs": INPUTS[method],
        "evidence": PROOF,
        "by": "kim",
    }
    return Valuation(method=method, **{**told, **more})


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_what_it_asks_for_and_names_its_section(method: str) -> None:
    assert valued(method).method == method
    assert "IPEV Guidelines December 2022" in METHODS[method].source


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_input_is_refused(method: str) -> None:
    for name in METHODS[method].inputs:
        left = {key: value for key, value in INPUTS[method].items() if key != name}
        with pytest.raises(PortfolioRefused, match=name):
            valued(method, inputs=left)


@pytest.mark.parametrize("method", [key for key, each in METHODS.items() if each.needs_evidence])
def test_a_method_without_its_evidence_is_refused(method: str) -> None:
    with pytest.raises(PortfolioRefused):
        valued(method, evidence=())


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("magic", {"inputs": {}}),
        ("cost", {"by": " "}),
        ("cost", {"evidence": ("abc",)}),
        ("dcf", {"inputs": {"rate": 0.2, "years": 5}}),
        ("net-assets", {"inputs": {"balance_on": date(2027, 1, 1)}}),
        ("listed-price", {"inputs": {**INPUTS["listed-price"], "blockage_discount": "10%"}}),
        ("listed-price", {"krw": 900}),
        ("write-down", {"krw": 2_000}),
        ("write-down", {"krw": 0}),
        ("write-off", {"krw": 1}),
    ],
)
def test_what_does_not_fit_the_method_is_refused(method: str, more: dict) -> None:
    inputs = more.pop("inputs", INPUTS.get(method, {}))
    krw = more.pop("krw", 0 if method == "write-off" else 1_000)
    told = {"company": "a", "on": DAY, "evidence": PROOF, "by": "kim", **more}

    with pytest.raises(PortfolioRefused):
        Valuation(method=method, inputs=inputs, fair_value_krw=krw, **told)


@pytest.mark.parametrize(
    ("price_on", "is_stale"),
    [
        (date(2025, 12, 31), False),
        (date(2025, 12, 30), True),
        (date(2025, 11, 30), True),
        (date(2026, 1, 31), False),
    ],
)
def test_the_price_of_a_round_needs_calibration_after_twelve_months(
    price_on: date, is_stale: bool
) -> None:
    inputs = {"price_on": price_on, "price_krw": 500}

    assert valuation.is_stale(price_on, DAY) is is_stale
    if is_stale:
        with pytest.raises(PortfolioRefused, match="calibration"):
            valued("recent-investment", inputs=inputs)
        inputs["calibration"] = "multiple of revenue at entry 4.0, now 4.1"
    assert valued("recent-investment", inputs=inputs).fair_value_krw == 1_000


def test_an_amount_that_is_no_whole_won_is_refused() -> None:
    with pytest.raises(AmountRefused):
        valued("cost", krw=1.5)  # type: ignore[arg-type]


def test_a_write_down_goes_in_steps_to_the_write_off() -> None:
    start = valued("cost", krw=1_001)

    half = written_down(start, Fraction(1, 2), on=DAY, reason="late", evidence=PROOF, by="lee")
    none = written_down(half, 0, on=date(2027, 3, 31), reason="closed", evidence=PROOF, by="lee")

    assert (half.fair_value_krw, half.method) == (500, "write-down")
    assert (none.fair_value_krw, none.method) == (0, "write-off")
    assert standing((none, start), "alpha", date(2027, 3, 30)) == start
    assert standing((start, none), "alpha", date(2027, 3, 31)) == none
    assert standing((start,), "beta", DAY) is None
    for keep in (1, -1, 0.5):
        with pytest.raises(PortfolioRefused):
            written_down(start, keep, on=DAY, reason="x", evidence=PROOF, by="lee")
    with pytest.raises(PortfolioRefused):
        written_down(start, 0, on=date(2026, 1, 1), reason="x", evidence=PROOF, by="lee")


def company(number: str = "", name: str = "alpha") -> Company:
    return Company(
        id=name,
        name=words("알파", "Alpha"),
        founded_on=DAY,
        region="KR-26",
        field="health",
        business_number=number,
    )


def test_a_business_number_is_taken_with_its_check_digit() -> None:
    # Published number of Samsung Electronics Co., Ltd.
    assert company("124-81-00998").business_number == "1248100998"


def test_the_ninth_product_counts_its_tens_too() -> None:
    # By hand: 2 × 5 = 10, and 1 for its tens: 11, so 9 brings it to 20.
    assert company("000-00-00029").business_number == "0000000029"


@pytest.mark.parametrize("last", "012345679")
def test_any_other_check_digit_is_refused(last: str) -> None:
    with pytest.raises(PortfolioRefused):
        company(f"124-81-0099{last}")


@pytest.mark.parametrize("number", ["124-81-0099", "124-81-009988", "１２４8100998", "abc"])
def test_anything_but_ten_digits_is_refused(number: str) -> None:
    with pytest.raises(PortfolioRefused):
        company(number)


def test_a_company_id_is_a_slug() -> None:
    with pytest.raises(PortfolioRefused):
        company(name="Alpha Co")


def test_growth_is_told_by_kind_and_day_with_its_evidence() -> None:
    def mark(kind: str, on: date) -> Milestone:
        return Milestone(company="alpha", kind=kind, value=5, on=on, evidence="b" * 64)

    late, early, other = (
        mark("revenue", DAY),
        mark("revenue", date(2026, 1, 1)),
        mark("employees", DAY),
    )

    assert companies.growth((late, early, other), "alpha") == (other, early, late)
    with pytest.raises(PortfolioRefused):
        mark("luck", DAY)
    with pytest.raises(PortfolioRefused):
        Milestone(company="alpha", kind="revenue", value=5, on=DAY, evidence="")
