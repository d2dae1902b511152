"""What did partners pay and receive, as the ledger says? Its entries told to a standing, by day.

The ledger alone decides: what is posted to `paid-in` was paid in, what is posted to an account of
distributions was received in that tier. The tag of such a posting names the deal.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine.ledger.accounts import DISTRIBUTED
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.waterfall.standing import Lot, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.fund.engine.ledger.entry import Entry, Posting

_ENDS = (Kind.EXIT, Kind.WRITE_OFF)
_TOLD = frozenset({"paid-in", *DISTRIBUTED, "carried-interest", "clawback"})
"""The accounts that say what partners and manager paid and received."""
_MOVES = (Kind.TRANSFER, Kind.DEFAULT)


def tell(standing: Standing, entries: Iterable[Entry]) -> None:
    """Let a standing go through entries.

    Args:
        standing: Which stands before them.
        entries: In the order of their days, and of recording within a day.
    """
    for entry in entries:
        if entry.kind in _MOVES and "share" in entry.facts:
            _move(standing, entry)
            continue
        if entry.kind in _ENDS and entry.facts.get("ended"):
            standing.release((entry.facts["company"],))
        for posting in entry.postings:
            if posting.debit.name in _TOLD or posting.credit.name in _TOLD:
                _tell_posting(standing, entry, posting)


def _move(standing: Standing, entry: Entry) -> None:
    for taker, share in entry.facts["share"].items():
        standing.transfer(entry.on, entry.facts["giver"], int(taker), Fraction(share))


def _tell_posting(standing: Standing, entry: Entry, posting: Posting) -> None:
    """One posting; what a correction takes back never happened, from its day on."""
    debit, credit, amount, tag = posting
    deal = tag if standing.by_deal else ""
    for account, won in ((debit, amount), (credit, -amount)):
        if account.name not in _TOLD:
            continue
        lot = Lot(account.partner, deal)
        if account.name == "paid-in":
            if won > 0 and entry.kind is not Kind.CORRECTION:
                # Money that was called and not needed goes back: it is capital returned.
                standing.receive(entry.on, lot, capital=won)
            else:
                standing.pay_in(entry.on, {account.partner: -won}, deal)
        elif account.name == "distributed-capital":
            standing.receive(entry.on, lot, capital=won)
        elif account.name == "distributed-preferred":
            standing.receive(entry.on, lot, preferred=won)
        elif account.name in ("distributed-catch-up", "distributed-residual"):
            standing.receive(entry.on, lot, residual=won)
        elif account.name == "carried-interest":
            standing.carry += won
        elif account.name == "clawback" and won > 0:
            standing.receive(entry.on, lot, residual=won)
        elif account.name == "clawback":
            standing.carry += won
