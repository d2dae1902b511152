"""How do the legs of a voucher become postings? The largest debit meets the largest credit."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from madang.fund.engine.ledger.accounts import MEMO
from madang.fund.engine.ledger.entry import Posting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.fund.engine.ledger.accounts import Account


def nets(legs: Iterable[tuple[Account, int]]) -> dict[Account, int]:
    """What each account gains in debits, those left out that gain nothing."""
    found: dict[Account, int] = {}
    for account, amount in legs:
        found[account] = found.get(account, 0) + amount
    return {account: amount for account, amount in found.items() if amount}


def postings(net: Mapping[Account, int]) -> tuple[Posting, ...]:
    """Postings that give each account its net debit; promises and money are kept apart.

    The result does not depend on the order of the legs, and there is at most one posting fewer
    than there are accounts.

    Args:
        net: Account → debits less credits; 0 in all, for money and for promises each.
    """
    found: list[Posting] = []
    for is_memo in (False, True):
        part = {key: won for key, won in net.items() if (key.name in MEMO) is is_memo}
        debits = [(-won, key) for key, won in part.items() if won > 0]
        credits = [(won, key) for key, won in part.items() if won < 0]
        heapify(debits)
        heapify(credits)
        while debits and credits:
            (debit, to), (credit, of) = heappop(debits), heappop(credits)
            amount = min(-debit, -credit)
            found.append(Posting(to, of, amount))
            if -debit > amount:
                heappush(debits, (debit + amount, to))
            if -credit > amount:
                heappush(credits, (credit + amount, of))
    return tuple(found)


def unbalanced(net: Mapping[Account, int]) -> int:
    """By how much debits exceed credits, of money or else of promises."""
    memo = sum(won for key, won in net.items() if key.name in MEMO)
    return sum(net.values()) - memo or memo
