"""What would another rule have meant? The same fund, played again with its terms changed.

What happened outside the fund stays: what was invested, sold and earned, and when; what partners
paid, on which days. What the terms decide is computed anew: the fee of every period, who gets
which part of each distribution, and the clawback. A fee that is higher or lower changes the next
distribution by the difference, so that cash is what it was at the end.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.fund.engine import money
from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.flows import fees
from madang.fund.engine.flows.fees import Period
from madang.fund.engine.ledger.entry import Entry, Kind
from madang.fund.engine.terms import reading
from madang.fund.engine.terms.agreement import Agreement, Base
from madang.fund.engine.waterfall import history
from madang.fund.engine.waterfall.clawback import owed
from madang.fund.engine.waterfall.standing import Standing
from madang.fund.engine.waterfall.tiers import allot, take
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from madang.fund.engine.book import Book


class Outcome(NamedTuple):
    """What partners and manager have under one set of terms."""

    paid_in: Mapping[int, int]
    distributed: Mapping[int, int]
    """Won by partner, carry left out."""
    carry: int
    fees: int
    left: Mapping[int, int]
    """What each would get of today's net assets, in won; carry under the manager."""


@dataclass(frozen=True)
class WhatIf:
    """Both outcomes side by side."""

    before: Outcome
    after: Outcome
    changed: Mapping[str, Any]


def changed(agreement: Agreement, changes: Mapping[str, Any]) -> Agreement:
    """An agreement with some of its rules changed.

    Args:
        agreement: As it is.
        changes: Place → value, such as `distribution.tiers.1.rate` → `8%`.

    Raises:
        TermsRefused: There is no such place, or the rules then contradict themselves.
    """
    text = copy.deepcopy(dict(agreement.text))
    for place, value in changes.items():
        _put(text, place, value)
    return reading.from_plain(text, digest=f"{agreement.digest}+{sorted(changes.items())}")


def _put(text: Any, place: str, value: Any) -> None:
    *outer, last = place.split(".")
    found = text
    try:
        for name in outer:
            found = found[int(name)] if isinstance(found, list) else found[name]
        if isinstance(found, list):
            found[int(last)] = value
        elif isinstance(found, dict):
            found[last] = value
        else:
            raise KeyError(place)
    except (KeyError, IndexError, ValueError) as fault:
        raise TermsRefused(
            words(f"규약의 자리 {place!r}", f"the place {place!r} of the terms"),
            words(
                "'distribution.tiers.1.rate'처럼 규약에 있는 자리",
                "a place that the terms have, such as 'distribution.tiers.1.rate'",
            ),
        ) from fault


def compare(book: Book, changes: Mapping[str, Any], *, on: date) -> WhatIf:
    """The fund up to a day, as it is and with changed terms.

    Both sides are computed here, the one with the terms as they are as well, so that they differ
    by nothing but the change; later versions of the terms are left aside.

    Raises:
        TermsRefused: As `changed`.
    """
    other = changed(book.terms(on), changes)
    return WhatIf(play(book, book.terms(on), on=on), play(book, other, on=on), dict(changes))


def play(book: Book, agreement: Agreement, *, on: date) -> Outcome:
    """The fund's flows up to a day under an agreement."""
    entries = sorted(
        (each for each in book.journal.entries if each.on <= on),
        key=lambda each: (each.on, each.number),
    )
    standing, run = Standing(agreement), _Run()
    bases = _fee_bases(entries)
    for entry in entries:
        if entry.kind is Kind.FEE:
            _fee(run, agreement, entry, bases[entry.number])
        elif entry.kind in (Kind.DISTRIBUTION, Kind.IN_KIND):
            _distribute(run, standing, entry)
        elif entry.kind is not Kind.CLAWBACK:
            history.tell(standing, (entry,))
    standing.bring_to(on)
    back = owed(standing, on) if entries and entries[-1].kind is Kind.LIQUIDATION else None
    distributed = dict(run.distributed)
    for partner, won in (back.to if back else {}).items():
        distributed[partner] = distributed.get(partner, 0) + won
    carry = run.carry - (back.owed_krw if back else 0)
    left = max(book.nav(on) + run.pending, 0)
    found = allot(standing, left, released={lot.deal for lot in standing.lots})
    shares = found.by_partner()
    return Outcome(
        paid_in=dict(standing.paid_in),
        distributed=distributed,
        carry=carry,
        fees=run.fees,
        left={
            number: shares.get(number, 0) + (found.carry if number == standing.manager else 0)
            for number in sorted(standing.natures)
        },
    )


class _Run:
    """What is added up on the way."""

    def __init__(self) -> None:
        self.fees = 0
        self.pending = 0
        """Cash that there is more (or less) of than in the fund as it was."""
        self.carry = 0
        self.distributed: dict[int, int] = {}


def _fee_bases(entries: Iterable[Entry]) -> dict[int, dict[Base, int]]:
    """The bases of each fee entry, on its period's first day, in one pass."""
    from datetime import date as day

    ordered = list(entries)
    wanted = sorted(
        (day.fromisoformat(each.facts["first"]), each.number)
        for each in ordered
        if each.kind is Kind.FEE
    )
    found: dict[int, dict[Base, int]] = {}
    sums = {Base.COMMITTED: 0, Base.INVESTED: 0, Base.PAID_IN: 0}
    of_name = {
        "committed": (Base.COMMITTED, -1),
        "investments": (Base.INVESTED, 1),
        "paid-in": (Base.PAID_IN, -1),
    }
    place = 0
    for first, number in wanted:
        while place < len(ordered) and ordered[place].on <= first:
            for debit, credit, amount, _ in ordered[place].postings:
                for account, sign in ((debit, 1), (credit, -1)):
                    if account.name in of_name:
                        base, turn = of_name[account.name]
                        sums[base] += sign * turn * amount
            place += 1
        found[number] = dict(sums)
    return found


def _fee(run: _Run, agreement: Agreement, entry: Entry, bases: dict[Base, int]) -> None:
    from datetime import date as day

    period = Period(*(day.fromisoformat(entry.facts[key]) for key in ("first", "end")))
    was = sum(posting.amount_krw for posting in entry.postings)
    now = money.rounded(fees.amount_of(agreement, period, bases))
    run.fees += now
    run.pending += was - now


def _distribute(run: _Run, standing: Standing, entry: Entry) -> None:
    amount = max(entry.facts["amount"] + run.pending, 0)
    run.pending -= amount - entry.facts["amount"]
    standing.bring_to(entry.on)
    found = allot(standing, amount)
    take(standing, entry.on, found)
    run.carry += found.carry
    for number, won in found.by_partner().items():
        run.distributed[number] = run.distributed.get(number, 0) + won


def difference(found: WhatIf) -> dict[str, int]:
    """What changes for each partner, the carry and the fees, in won."""
    rows = {
        str(number): found.after.distributed.get(number, 0)
        + found.after.left.get(number, 0)
        - found.before.distributed.get(number, 0)
        - found.before.left.get(number, 0)
        for number in sorted(set(found.before.left) | set(found.after.left))
    }
    return rows | {
        "carry": found.after.carry - found.before.carry,
        "fees": found.after.fees - found.before.fees,
    }


def sides(found: WhatIf, key: str) -> tuple[int, int]:
    """What a row of `difference` has before and after, in won."""
    if key == "carry":
        return found.before.carry, found.after.carry
    if key == "fees":
        return found.before.fees, found.after.fees
    number = int(key)
    before, after = (
        side.distributed.get(number, 0) + side.left.get(number, 0)
        for side in (found.before, found.after)
    )
    return before, after
