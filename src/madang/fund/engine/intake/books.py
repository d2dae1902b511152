"""What would existing books be in the ledger? Vouchers of another program, row by row.

Each voucher's debits and credits are equal, or it is refused; accounts go by their Korean title
in the chart, by a usual other name, or by a mapping file. Nothing is posted by looking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.errors import FundRefused, PostingRefused
from madang.fund.engine.intake import vouchers
from madang.fund.engine.intake.book_rows import LAYOUT, Leg, legs
from madang.fund.engine.intake.columns import find
from madang.fund.engine.intake.mapping import Mapped
from madang.fund.engine.ledger.accounts import CHART
from madang.fund.engine.ledger.entry import KIND_NAMES, Draft, Kind, Posting
from madang.kernel.sheets.faults import MOST_FAULTS, Fault
from madang.kernel.sheets.files import read_sheets
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.ledger.accounts import Account
    from madang.fund.engine.ledger.entry import Entry
    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement

_KINDS = {
    KIND_NAMES[kind].ko: kind
    for kind in (
        Kind.PAYMENT,
        Kind.FEE,
        Kind.EXPENSE,
        Kind.DRAW,
        Kind.REPAYMENT,
        Kind.INVESTMENT,
        Kind.INCOME,
        Kind.VALUATION,
        Kind.EXIT,
        Kind.WRITE_OFF,
        Kind.DISTRIBUTION,
    )
}
"""What a voucher may say that it is; others, such as a close, say more than postings can hold."""


class Change(NamedTuple):
    """The balance of an account before and after."""

    account: Account
    before_krw: int
    after_krw: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What books would become."""

    digest: str
    """Of the batch: the SHA-256 of the file."""
    drafts: tuple[Draft, ...]
    """One a voucher, in the order of the days; none where anything is wrong."""
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]
    """Every account that would move, in the order of the chart."""

    @property
    def holds(self) -> bool:
        """Whether all of it may be put forward for approval."""
        return not self.faults


def preview(
    content: bytes,
    journal: Journal,
    agreement: Agreement,
    *,
    name: str,
    mapped: Mapped | None = None,
) -> Preview:
    """Every voucher as a draft, or every fault with its row; nothing is posted.

    Args:
        content: The whole file, CSV or XLSX.
        journal: Is only read.
        agreement: Whose partners the books name.
        name: What the file's owner calls it.
        mapped: How the other program names accounts, partners and companies.

    Raises:
        FileRefused: It holds no journal of vouchers.
    """
    digest = sha256(content).hexdigest()
    faults: list[Fault] = []
    if any(_batch(entry) == digest for entry in _standing(journal)):
        faults.append(
            Fault(
                row=0,
                column="",
                found=words("이미 반영한 장부 파일", "books that were taken in before"),
                expected=words("아직 반영하지 않은 파일", "a file that was not taken in yet"),
            )
        )
    found = find(read_sheets(content, name=name), LAYOUT)
    read = legs(found, agreement, mapped or Mapped(), faults)
    drafts, rows = [], []
    for key, group in groupby(sorted(read, key=_voucher), key=_voucher):
        own = list(group)
        draft = _draft(key, own, digest, faults)
        if draft:
            drafts.append(draft)
            rows.append(min(each.row for each in own))
    if not faults and drafts:
        faults += _refusal(journal, drafts, rows)
    ordered = tuple(sorted(faults, key=lambda fault: fault.row)[:MOST_FAULTS])
    return Preview(
        digest=digest,
        drafts=() if ordered else tuple(drafts),
        faults=ordered,
        changes=_changes(journal, drafts),
    )


def _voucher(leg: Leg) -> tuple[date, str]:
    return leg.on, leg.voucher


def _draft(
    key: tuple[date, str], own: Sequence[Leg], digest: str, faults: list[Fault]
) -> Draft | None:
    """The draft of a voucher; None where it does not balance or moves nothing."""
    on, voucher = key
    net = vouchers.nets((each.account, each.debit_krw) for each in own)
    first = min(own, key=lambda leg: leg.row)
    debit = sum(each.debit_krw for each in own if each.debit_krw > 0)
    credit = -sum(each.debit_krw for each in own if each.debit_krw < 0)
    if vouchers.unbalanced(net):
        faults.append(_unequal(first.row, voucher, debit, credit))
        return None
    if not net:
        faults.append(_unequal(first.row, voucher, debit, credit, is_empty=True))
        return None
    kinds = {each.kind for each in own} - {""}
    memos = dict.fromkeys(each.memo for each in own if each.memo)
    return Draft(
        on=on,
        kind=_KINDS.get(min(kinds), Kind.OPENING) if len(kinds) == 1 else Kind.OPENING,
        memo=" / ".join(memos) or voucher,
        postings=vouchers.postings(net),
        facts={
            "books": {
                "batch": digest,
                "voucher": voucher,
                "rows": sorted(each.row for each in own),
            }
        },
    )


def _unequal(row: int, voucher: str, debit: int, credit: int, *, is_empty: bool = False) -> Fault:
    said = words(
        f"전표 {voucher}의 차변 {debit:,}원, 대변 {credit:,}원",
        f"debits of {debit:,} and credits of {credit:,} won in voucher {voucher}",
    )
    expected = words(
        "서로 같은 차변 합과 대변 합(약정 계정은 따로)",
        "equal sums, of money and of promises each",
    )
    if is_empty:
        expected = words("계정을 움직이는 전표", "a voucher that moves an account")
    return Fault(row=row, column="", found=said, expected=expected)


def _refusal(journal: Journal, drafts: Sequence[Draft], rows: Sequence[int]) -> list[Fault]:
    """Why the ledger would refuse the vouchers, with the row of the one that breaks it."""

    def refused(count: int) -> FundRefused | None:
        try:
            journal.check(drafts[:count])
        except FundRefused as fault:
            return fault
        return None

    if (fault := refused(len(drafts))) is None:
        return []
    low, high = 0, len(drafts)
    while high - low > 1:
        middle = (low + high) // 2
        if earlier := refused(middle):
            high, fault = middle, earlier
        else:
            low = middle
    return [
        Fault(
            row=rows[high - 1],
            column="",
            found=_unnumbered(fault.found),
            expected=fault.expected,
            remedy=fault.remedy,
        )
    ]


def _unnumbered(found: Words | str) -> Words | str:
    """The refusal without the number of the draft: the file's row stands before it."""
    if isinstance(found, str):
        return found
    return words(found.ko.partition("행: ")[2] or found.ko, found.en.rpartition(" in row ")[0])


def _changes(journal: Journal, drafts: Sequence[Draft]) -> tuple[Change, ...]:
    moved: dict[Account, int] = {}
    for draft in drafts:
        for posting in draft.postings:
            moved[posting.debit] = moved.get(posting.debit, 0) + posting.amount_krw
            moved[posting.credit] = moved.get(posting.credit, 0) - posting.amount_krw
    found = []
    order = {name: place for place, name in enumerate(CHART)}
    for account in sorted(moved, key=lambda each: (order[each.name], each)):
        before = journal.balance(account)
        found.append(Change(account, before, before + moved[account]))
    return tuple(found)


def _batch(entry: Draft) -> str:
    """The batch of books or of a bank statement that an entry came with; empty for none."""
    for source in ("books", "bank"):
        said = entry.facts.get(source)
        if isinstance(said, Mapping):
            return str(said.get("batch", ""))
    return ""


def _standing(journal: Journal) -> list[Entry]:
    """The entries that no later one set right."""
    corrected = {entry.corrects for entry in journal.entries}
    return [each for each in journal.entries if each.number not in corrected]


def undoing(journal: Journal, batch: str, *, on: date | None = None) -> tuple[Draft, ...]:
    """Corrections that take a batch back as a whole, the last entry first.

    Args:
        journal: Is only read.
        batch: The digest of the books or of the statement.
        on: The day of the corrections where the entries' own days are closed.

    Raises:
        PostingRefused: No entry of the batch stands, or its period is closed and `on` is missing.
    """
    own = [each for each in _standing(journal) if _batch(each) == batch and not each.corrects]
    if not own:
        raise PostingRefused(
            words(f"반영분 {batch[:12]}", f"the batch {batch[:12]}"),
            words("장부에 남아 있는 반영분", "a batch that stands in the ledger"),
        )
    return tuple(_reversed(journal, each, on) for each in reversed(own))


def _reversed(journal: Journal, entry: Entry, on: date | None) -> Draft:
    day = entry.on
    if journal.closed_through and day <= journal.closed_through:
        if on is None:
            raise PostingRefused(
                words(f"마감된 날 {day}의 기록", f"an entry of the closed day {day}"),
                words("열린 기간의 정정일", "a day of an open period for the correction"),
            )
        day = on
    return Draft(
        on=day,
        kind=Kind.CORRECTION,
        memo=f"되돌림: {entry.memo}",
        postings=tuple(
            Posting(each.credit, each.debit, each.amount_krw, each.tag) for each in entry.postings
        ),
        facts={"undoes": _batch(entry)},
        corrects=entry.number,
    )
