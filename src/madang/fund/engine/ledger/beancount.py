"""How does another program read the ledger? As a beancount file, which `bean-check` accepts.

Source: the beancount language syntax, version 3. Debits are positive, as there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from madang.fund.engine.ledger.accounts import CHART, Account, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.fund.engine.ledger.journal import Journal

_ROOTS = {
    Side.ASSET: "Assets",
    Side.LIABILITY: "Liabilities",
    Side.CAPITAL: "Equity",
    Side.INCOME: "Income",
    Side.EXPENSE: "Expenses",
    Side.MEMO: "Equity:Memo",
}
_OTHER = re.compile(r"[^A-Za-z0-9-]")


def name(account: Account) -> str:
    """An account as beancount names it, such as `Equity:PaidIn:P003`."""
    stem = "".join(part.capitalize() for part in account.name.split("-"))
    parts = [_ROOTS[CHART[account.name].side], stem]
    if account.partner:
        parts.append(f"P{account.partner:03d}")
    if account.company:
        # Two companies may not fall together, so what beancount forbids is written as its code.
        parts.append("C-" + _OTHER.sub(lambda found: f"-x{ord(found[0]):x}-", account.company))
    return ":".join(parts)


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def lines(journal: Journal, title: str) -> Iterator[str]:
    """The whole ledger, line by line.

    Args:
        journal: What is written.
        title: Of the fund.
    """
    yield f'option "title" "{_text(title)}"'
    yield 'option "operating_currency" "KRW"'
    opened: set[Account] = set()
    ordered = sorted(journal.entries, key=lambda entry: (entry.on, entry.number))
    for entry in ordered:
        for posting in entry.postings:
            for account in (posting.debit, posting.credit):
                if account not in opened:
                    opened.add(account)
                    yield f"{entry.on} open {name(account)} KRW"
    for entry in ordered:
        if not entry.postings:
            continue
        yield ""
        yield f'{entry.on} * "{entry.kind.value}" "{_text(entry.memo)}"'
        yield f"  number: {entry.number}"
        yield f'  digest: "{entry.digest}"'
        for posting in entry.postings:
            yield f"  {name(posting.debit)}  {posting.amount_krw} KRW"
            yield f"  {name(posting.credit)}  -{posting.amount_krw} KRW"
    yield from _balances(journal)


def _balances(journal: Journal) -> Iterator[str]:
    """Assertions of every balance on the day after the last, which `bean-check` holds us to."""
    last = journal.last_day
    if last is None:
        return
    day = last.fromordinal(last.toordinal() + 1)
    yield ""
    for each in CHART:
        for account in journal.accounts(each):
            yield f"{day} balance {name(account)}  {journal.balance(account)} KRW"
