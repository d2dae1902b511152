"""How are a fund's books told at a terminal? Tables that stay straight under Hangul, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED, Account
from madang.fund.engine.what_if import sides
from madang.kernel.report.document import Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.units import won
from madang.kernel.words import Words, language, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Draft
    from madang.fund.engine.planning.scenarios import Row
    from madang.fund.engine.reconciling import Check
    from madang.fund.engine.what_if import WhatIf

_WIDTH = 110
_PARTNER = (
    words("약정", "Commitment"),
    words("납입", "Paid in"),
    words("분배", "Distributed"),
    words("성과보수", "Carry"),
    words("순자산 몫", "Capital account"),
)


def standing_facts(book: Book, on: date) -> dict[str, Any]:
    """A fund's figures of a day as plain data, in won."""
    journal = book.journal
    rows = []
    for number in book.partners(on):
        rows.append(
            {
                "partner": number,
                "committed": book.committed(number, on),
                "paid_in": -journal.balance(Account("paid-in", number), on),
                "distributed": sum(
                    journal.balance(Account(name, number), on)
                    for name in (*DISTRIBUTED, "clawback")
                ),
                "carry": journal.balance(Account("carried-interest", number), on),
                "capital_account": book.capital_account(number, on),
            }
        )
    return {
        "fund": book.latest.id,
        "on": on.isoformat(),
        "cash": book.cash(on),
        "nav": book.nav(on),
        "closed_through": journal.closed_through.isoformat() if journal.closed_through else None,
        "head": journal.head,
        "entries": len(journal),
        "partners": rows,
    }


def standing(book: Book, on: date) -> str:
    """The same as text."""
    facts = standing_facts(book, on)
    names = {each.number: each.name for each in book.terms(on).partners}
    rows = tuple(
        (
            f"{row['partner']} {names.get(row['partner'], '')}",
            *(row[key] for key in ("committed", "paid_in", "distributed", "carry")),
            row["capital_account"],
        )
        for row in facts["partners"]
    )
    sums = tuple(sum(int(row[place]) for row in rows) for place in range(1, 6))
    table = Table(
        caption=words(f"{book.latest.title.ko} {on}", f"{book.latest.title.en}, {on}"),
        columns=(
            TableColumn(title=words("조합원(원)", "Partner (won)")),
            *(TableColumn(title=title, kind="number") for title in _PARTNER),
        ),
        rows=(*rows, (words("합계", "Sum"), *sums)),
    )
    said = words(
        f"현금 {won(facts['cash'])}, 순자산 {won(facts['nav'])}, 기록 {facts['entries']}건",
        f"Cash {won(facts['cash'])}, net assets {won(facts['nav'])}, {facts['entries']} entries",
    )
    return f"{table_text(table, language(), _WIDTH)}\n{said}\n{facts['head']}"


def checks(found: Iterable[Check], title: Words) -> str:
    """Checks that were made, those that do not agree first."""
    ordered = sorted(found, key=lambda each: each.agrees)
    bad = [each for each in ordered if not each.agrees]
    said = words(
        f"{title.ko}: 확인 {len(ordered)}건, 불일치 {len(bad)}건",
        f"{title.en}: {len(ordered)} checks, {len(bad)} do not agree",
    )
    lines = [str(said)]
    lines += [f"  {each.title}: {won(each.one)} ≠ {won(each.other)}" for each in bad]
    return "\n".join(lines)


def postings(drafts: Sequence[Draft]) -> str:
    """What would be posted: debit, credit, amount."""
    rows = tuple(
        (
            draft.on.isoformat(),
            _named(posting.debit),
            _named(posting.credit),
            posting.amount_krw,
            posting.tag,
        )
        for draft in drafts
        for posting in draft.postings
    )
    table = Table(
        caption=words("분개", "Postings"),
        columns=(
            TableColumn(title=words("날짜", "Day")),
            TableColumn(title=words("차변", "Debit")),
            TableColumn(title=words("대변", "Credit")),
            TableColumn(title=words("금액(원)", "Won"), kind="number"),
            TableColumn(title=words("구분", "Tag")),
        ),
        rows=rows,
    )
    return table_text(table, language(), _WIDTH)


def _named(account: Account) -> str:
    title = str(CHART[account.name].title)
    of = str(account.partner) if account.partner else account.company
    return f"{title} {of}".strip()


def what_if(found: WhatIf, difference: Mapping[str, int], names: Mapping[str, Words]) -> str:
    """Before, after and the difference, by partner."""
    rows = []
    for key, change in difference.items():
        before, after = sides(found, key)
        rows.append((names.get(key, key), before, after, change))
    table = Table(
        caption=words("규약을 바꾸었을 때", "With the terms changed"),
        columns=(
            TableColumn(title=words("받는 쪽(원)", "Taker (won)")),
            TableColumn(title=words("지금 규약", "As it is"), kind="number"),
            TableColumn(title=words("바꾼 규약", "Changed"), kind="number"),
            TableColumn(title=words("차이", "Difference"), kind="number", signed=True),
        ),
        rows=tuple(rows),
    )
    return table_text(table, language(), _WIDTH)


def plan(rows: Sequence[Row], quotas: Mapping[str, Words], title: Words) -> str:
    """Scenarios side by side: medians in 억원, chances as percentages."""
    table = Table(
        caption=title,
        columns=(
            TableColumn(title=words("가정", "Supposing")),
            TableColumn(title=words("총 배수(중앙)", "Multiple"), kind="number", decimals=2),
            TableColumn(title=words("하위 5%", "Lowest 5 %"), kind="number", decimals=2),
            TableColumn(title=words("출자 요청(억원)", "Called (억)"), kind="number", decimals=0),
            TableColumn(title=words("분배(억원)", "Paid out (억)"), kind="number", decimals=0),
            TableColumn(
                title=words("현금 부족(%)", "Short of cash (%)"), kind="number", decimals=1
            ),
            *(
                TableColumn(
                    title=words(f"{each.ko}(%)", f"{each.en} (%)"), kind="number", decimals=0
                )
                for each in quotas.values()
            ),
        ),
        rows=tuple(
            (
                row.title,
                row.multiple,
                row.multiple_low,
                row.called / 1e8,
                row.distributed / 1e8,
                100 * row.short,
                *(100 * row.reached[name] for name in quotas),
            )
            for row in rows
        ),
    )
    return table_text(table, language(), _WIDTH)
