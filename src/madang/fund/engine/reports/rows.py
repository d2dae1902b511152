"""Which accounts make which row of a capital account, for one partner or for the whole fund?

For a partner the results are the shares that were allocated when a period was closed; for the fund
they are what was booked. Between two closes they differ by what nobody has been allocated yet.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED, EXPENSES, NAV, Side
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports.cell import Cell, Period, cell
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from madang.fund.engine.ledger.journal import Journal

INCOME = tuple(name for name, each in CHART.items() if each.side is Side.INCOME)
BALANCE = tuple(name for name, each in CHART.items() if each.side in (Side.ASSET, Side.LIABILITY))
"""Assets and liabilities: the fund's net asset value."""
UNALLOCATED = (*INCOME, *EXPENSES, "allocated")
RESULTS = ("realised", "unrealised-change")
"""What companies brought or cost, by company."""
COSTS = tuple(name for name in EXPENSES if name != "management-fee")


class Kind(NamedTuple):
    """One row."""

    title: Words
    of_partner: tuple[str, ...]
    of_fund: tuple[str, ...]


CONTRIBUTIONS = Kind(words("출자금 납입", "Contributions"), ("paid-in",), ("paid-in",))
DISTRIBUTIONS = Kind(words("분배", "Distributions"), DISTRIBUTED, DISTRIBUTED)
CARRY_PAID = Kind(
    words("성과보수 지급·환수", "Incentive allocation paid, less clawback"),
    ("carried-interest", "clawback"),
    ("carried-interest", "clawback"),
)
FEES = Kind(
    words("관리보수(상계 전)", "Management fees, gross of offsets"),
    ("share-fee",),
    ("management-fee",),
)
EXPENSE = Kind(words("조합 비용", "Partnership expenses"), ("share-expense",), COSTS)
EARNED = Kind(
    words("이자·배당", "Interest, dividends and other income"),
    ("share-income",),
    ("dividends", "interest", "late-interest"),
)
REALISED = Kind(words("실현손익", "Realised gain or loss"), ("share-realised",), ("realised",))
UNREALISED = Kind(
    words("평가손익 변동", "Change in unrealised gain or loss"),
    ("share-unrealised",),
    ("unrealised-change",),
)
CARRY = Kind(
    words("손익 배분 조정(성과보수 포함)", "Incentive allocation accrued"), ("share-carry",), ()
)
MOVES = (
    CONTRIBUTIONS,
    DISTRIBUTIONS,
    CARRY_PAID,
    FEES,
    EXPENSE,
    EARNED,
    REALISED,
    UNREALISED,
    CARRY,
)
"""Everything that changes a capital account between its opening and its closing."""


def moved(journal: Journal, kind: Kind, partner: int | None, period: Period) -> Cell:
    """What a row gained (above 0) or lost in a period; of the fund where `partner` is None."""
    names = kind.of_fund if partner is None else kind.of_partner
    return of_names(journal, names, partner, period)


def of_names(
    journal: Journal, names: tuple[str, ...], partner: int | None, period: Period, sign: int = -1
) -> Cell:
    """What was posted to accounts within a period."""
    if not names:
        return Cell(value=0, parts=())
    query = Query(names=names, partner=partner, since=period.since, until=period.until, sign=sign)
    return cell(journal, query)


def _nav(partner: int | None) -> Query:
    if partner is None:
        return Query(names=BALANCE)
    return Query(names=NAV, partner=partner, sign=-1)


def closing(journal: Journal, partner: int | None, period: Period) -> Cell:
    """The net asset value at the period's end, of a partner or of the fund."""
    return cell(journal, _nav(partner).within(None, period.until))


def opening(journal: Journal, partner: int | None, period: Period) -> Cell:
    """The net asset value before the period's first day."""
    if period.since is None:
        return Cell(value=0, parts=())
    return cell(journal, _nav(partner).within(None, period.since - timedelta(days=1)))


def unallocated(journal: Journal, period: Period) -> Cell:
    """Results booked by the period's end that no close has allocated to the partners."""
    query = Query(names=UNALLOCATED, until=period.until, sign=-1)
    return cell(journal, query)
