"""How quick are the books of a large fund: 200 partners, 120 companies, 15 years?"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from bench.table import Measurement, median_cpu_s
from madang.fund.engine import reconciling, what_if
from madang.fund.engine.book import Book
from madang.fund.engine.flows import calls, closing, commitments, distributing, fees, investing
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms import reading
from madang.kernel import clock
from tests.fund.terms import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.fund.engine.ledger.entry import Draft, Entry

PARTNERS, COMPANIES, YEARS, SEED = 200, 120, 15, 15
EOK = 100_000_000


def _post(book: Book, drafts: Iterable[Draft]) -> tuple[Entry, ...]:
    return book.journal.append(tuple(drafts), by="maker", approved_by="checker", at=clock.now())


def _terms(chance: random.Random, *, by_deal: bool) -> dict[str, Any]:
    natures = ["manager", *["public"] * 40, *["private"] * (PARTNERS - 41)]
    partners = [
        {
            "number": number,
            "name": {"ko": f"조합원 {number}", "en": f"Partner {number}"},
            "nature": nature,
            "commitment_krw": chance.randint(5, 80) * EOK,
        }
        for number, nature in enumerate(natures, start=1)
    ]
    return plain(
        partners=partners,
        distribution__basis="deal-by-deal" if by_deal else "whole-fund",
        life={"first_close": "2025-01-01", "investment_years": 15, "years": 16},
    )


def terms_file() -> bytes:
    """The terms of `large` as a file."""
    found = _terms(random.Random(SEED), by_deal=False)  # noqa: S311 - the same chance
    return yaml.safe_dump(found, allow_unicode=True).encode()


@cache
def large(*, by_deal: bool = False) -> Book:
    """The fund, played by quarters: a call and payments, two investments, exits, a close.

    Args:
        by_deal: Whether it calls and distributes deal by deal: each of the 24,000 pairs of a
            partner and a deal is then a lot of its own. It distributes once a year.
    """
    chance = random.Random(SEED)  # noqa: S311 - chance for a measurement
    agreement = reading.from_plain(_terms(chance, by_deal=by_deal))
    book = Book(agreements=(agreement,), journal=Journal())
    _post(book, commitments.commit(book, on=date(2025, 1, 1)))
    waiting = [f"company-{number:03d}" for number in range(COMPANIES)]
    for quarter in range(YEARS * 4):
        day = date(2025 + quarter // 4, quarter % 4 * 3 + 1, 5)
        _quarter(book, chance, waiting, day, by_deal=by_deal)
    return book


def _quarter(
    book: Book, chance: random.Random, waiting: list[str], day: date, *, by_deal: bool
) -> None:
    bought = [waiting.pop() for _ in range(min(2, len(waiting)))]
    amounts = {name: chance.randint(10, 40) * EOK for name in bought}
    need = sum(amounts.values()) + 40 * EOK
    if book.journal.total("unfunded") > need:
        purposes = {"investment": need}
        if by_deal:
            purposes = {f"deal:{name}": won for name, won in amounts.items()} | {"fee": 40 * EOK}
        (call,) = _post(book, calls.call(book, on=day, due=day, purposes=purposes))
        paid = {int(key): won for key, won in call.facts["partners"].items() if won}
        _post(book, calls.pay(book, on=day, call=call.facts["number"], amounts=paid))
    period = fees.next_period(book)
    if period.end <= day:
        _post(book, fees.fee(book, on=day))
    for name, won in amounts.items():
        if book.cash() > won:
            _post(book, investing.invest(book, on=day, company=name, amount_krw=won))
    for name in chance.sample(book.held(day), min(2, len(book.held(day)))):
        fair = book.fair_value(name, day) * chance.randint(80, 150) // 100
        _post(book, investing.value(book, on=day, company=name, fair_value_krw=fair))
    if len(book.held(day)) > 30:
        name = chance.choice(book.held(day))
        won = book.fair_value(name, day)
        _post(book, investing.exit(book, on=day, company=name, proceeds_krw=won))
    spare = book.cash() - 20 * EOK
    if spare > 20 * EOK and (day.month == 10 or not by_deal):
        _post(book, distributing.distribute(book, on=day, amount_krw=spare))
    _post(book, closing.close(book, through=day + timedelta(days=80)))


def _size(book: Book) -> str:
    postings = sum(len(entry.postings) for entry in book.journal.entries)
    return f"{PARTNERS} partners, {COMPANIES} companies, {YEARS} years, {postings:,} postings"


def _what_if(book: Book, *, small_size: bool) -> list[Measurement]:
    """Three rules changed, each for the whole fund."""
    on = book.journal.last_day or date.max
    terms = "whole fund" if not book.latest.distribution.by_deal else "deal by deal"
    other = "deal-by-deal" if not book.latest.distribution.by_deal else "whole-fund"
    rows = []
    for what, changes in (
        ("another preferred return", {"distribution.tiers.1.rate": "5%"}),
        (f"from {terms} to {other}", {"distribution.basis": other}),
        ("another fee", {"management_fee.phases.0.brackets.0.rate": "1.5%"}),
    ):
        taken = median_cpu_s(
            lambda changes=changes: what_if.compare(book, changes, on=on), times=3
        )
        lots = len(book.standing(on).lots)
        rows.append(
            Measurement(
                what=f"What-if, {terms}: {what}",
                figure=f"{taken:.2f} s CPU",
                goal="1 s" if small_size else "1 s at 60,000 postings",
                kept=taken <= 1 if small_size else None,
                how=f"the whole fund, both sides; {_size(book)}, {lots:,} lots; median of 3",
            )
        )
    return rows


def measure() -> list[Measurement]:
    """What-if, checks and the ledger's own reading, on the large fund."""
    begin = time.process_time()
    book = large()
    built_s = time.process_time() - begin
    size = _size(book)
    rows = [*_what_if(book, small_size=True), *_what_if(large(by_deal=True), small_size=False)]
    taken = median_cpu_s(lambda: Journal(book.journal.entries), times=3)
    rows.append(
        Measurement(
            what="Reading the ledger: every digest and balance",
            figure=f"{taken:.2f} s CPU",
            how=f"{size}; median of 3",
        )
    )
    taken = median_cpu_s(lambda: reconciling.reconcile(book), times=3)
    apart = sum(not each.agrees for each in reconciling.reconcile(book))
    rows.append(
        Measurement(
            what="Checks of the books from two sides",
            figure=f"{taken:.2f} s CPU, {apart} do not agree",
            goal="0 do not agree",
            kept=apart == 0,
            how=f"{size}; median of 3; the fund itself was played in {built_s:.0f} s",
        )
    )
    return rows
