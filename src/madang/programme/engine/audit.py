"""Does a ledger still hold: its sums, each booking, and each paper behind it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import Words, words
from madang.programme.engine import booking
from madang.programme.engine.balances import balances, total
from madang.programme.engine.receipts import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.receipts import Receipts, Standing


class Findings(NamedTuple):
    """What was looked at, and what does not hold."""

    standings: Mapping[str, Standing]
    """Digest → how the evidence file stands."""
    faults: tuple[Words, ...]


def audit(ledger: Ledger, receipts: Receipts) -> Findings:
    """Look at the sums, at each booking beside those before it, and at every evidence file.

    Args:
        ledger: What was booked.
        receipts: The evidence files; each is read and compared with its digest.
    """
    found: list[Words] = []
    spread = total(balances(ledger)).appropriation_krw
    if spread != ledger.programme.total_krw:
        found.append(
            words(
                f"항목 예산의 합 {spread:,}원, 의결액 {ledger.programme.total_krw:,}원",
                f"the lines add up to {spread:,} won, voted were {ledger.programme.total_krw:,}",
            )
        )
    # Months were closed after their bookings, which were good when they were made.
    bare = replace(ledger, entries=(), closes=())
    found += [
        words(each.reason.sentence("ko"), each.reason.sentence("en"))
        for each in booking.refusals(bare, ledger.entries)
    ]
    used: dict[str, str] = {}
    for entry in ledger.entries:
        for digest in entry.evidence:
            used.setdefault(digest, entry.voucher or entry.id)
    standings = receipts.standings(used)
    for digest, standing in standings.items():
        if standing.state != "whole":
            name = standing.name or digest
            state = STATES[standing.state]
            found.append(
                words(
                    f"전표 {used[digest]}의 증빙 '{name}': {state.ko}",
                    f"the evidence '{name}' of voucher {used[digest]}: {state.en}",
                )
            )
    return Findings(standings, tuple(found))
