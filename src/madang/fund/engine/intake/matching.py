"""Which open call does a deposit pay, which approved act a withdrawal? Shown, never guessed.

A deposit belongs to a partner only by the payer's name; an amount alone proves nothing. What is
clear becomes a draft; everything else stays with a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.flows import calls
from madang.fund.engine.intake import bank
from madang.fund.engine.ledger.accounts import Account
from madang.kernel.errors import InputError
from madang.kernel.words import Words, particle, words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.intake.bank import Line, Statement
    from madang.fund.engine.ledger.entry import Draft
    from madang.fund.engine.terms.agreement import Partner

CASH = Account("cash")
_FIRM = re.compile(r"주식회사|유한회사|\(주\)|\(유\)|co\.?,?ltd\.?|inc\.?")
_SIGNS = re.compile(r"[\W_]+")
_ADDED = re.compile(r"제?\d*(?:차|회|호)?(?:출자금?)?(?:납입금?)?\d*")
"""What payers write behind their name."""
_SHORTEST = 6
"""Letters of a name that a bank cut off which still say whose it is."""
_NEAR = timedelta(days=3)
"""A movement booked by hand may bear the day of the order or that of the bank."""


class Verdict(StrEnum):
    """What is known of a movement."""

    EXACT = "exact"
    PARTIAL = "partial"
    OVER = "over"
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"
    BOOKED = "booked"
    KNOWN = "known"
    REFUSED = "refused"


VERDICT_NAMES: dict[Verdict, Words] = {
    Verdict.EXACT: words("일치", "Matches"),
    Verdict.PARTIAL: words("일부 납입", "Part of a call"),
    Verdict.OVER: words("초과 납입", "More than was called"),
    Verdict.AMBIGUOUS: words("여럿과 일치", "Could be several"),
    Verdict.UNMATCHED: words("상대 없음", "Matches nothing"),
    Verdict.BOOKED: words("이미 기록됨", "Booked already"),
    Verdict.KNOWN: words("이미 반영한 거래", "Taken in before"),
    Verdict.REFUSED: words("기록할 수 없음", "Cannot be booked"),
}


class OpenCall(NamedTuple):
    """What is left to pay of a call."""

    number: int
    """Of the call."""
    on: date
    amount_krw: int


@dataclass(frozen=True, kw_only=True)
class Unpaid:
    """An act that two persons approved and that the bank has not paid yet."""

    id: str
    payee: str
    draft: Draft
    """As it is to be posted; its day becomes the bank's."""

    @property
    def amount_krw(self) -> int:
        """What leaves the account."""
        return -_cash(self.draft)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One movement with what is known of it."""

    line: Line
    verdict: Verdict
    why: Words
    draft: Draft | None = None
    partner: int = 0
    act: str = ""
    candidates: tuple[str, ...] = ()
    """Partners or acts that it could be."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a statement would become."""

    statement: Statement
    rows: tuple[Row, ...]
    cash_krw: int
    """The ledger's cash on the statement's last day, after the drafts."""

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What may be put forward for approval, in the order of the days."""
        return tuple(each.draft for each in self.rows if each.draft)

    @property
    def difference_krw(self) -> int | None:
        """The bank's closing balance less the ledger's cash; None without balances."""
        closing = self.statement.lines[-1].balance_krw
        return None if closing is None else closing - self.cash_krw


def preview(
    content: bytes,
    book: Book,
    *,
    name: str,
    acts: Sequence[Unpaid] = (),
    payers: Mapping[str, int] | None = None,
) -> Preview:
    """Each movement of a statement with its verdict and, where it is clear, its draft.

    Args:
        content: The statement, CSV or XLSX.
        book: Is only read.
        name: What the file's owner calls it.
        acts: Approved and not yet paid.
        payers: How a bank names a partner, where it is neither of the partner's names.

    Raises:
        FileRefused: As `bank.read`.
        ImportRefused: As `bank.read`.
    """
    statement = bank.read(content, name=name)
    desk = _Desk(statement, book, acts, payers or {})
    rows = tuple(map(desk.row, statement.lines))
    cash = book.cash(statement.lines[-1].on)
    cash += sum(_cash(each.draft) for each in rows if each.draft)
    return Preview(statement=statement, rows=rows, cash_krw=cash)


def _pay(open_: deque[OpenCall], amount_krw: int) -> dict[int, int]:
    """Take an amount from the oldest calls on; what each of them gets, by its number."""
    found = {}
    while open_ and amount_krw:
        first = open_.popleft()
        part = min(first.amount_krw, amount_krw)
        found[first.number] = part
        amount_krw -= part
        if part < first.amount_krw:
            open_.appendleft(first._replace(amount_krw=first.amount_krw - part))
    return found


def _open(book: Book) -> dict[int, deque[OpenCall]]:
    """What each partner has still to pay, the oldest call first."""
    found: dict[int, deque[OpenCall]] = defaultdict(deque)
    for number, call in sorted(calls.open_calls(book).items()):
        for partner, unpaid in call.unpaid.items():
            found[partner].append(OpenCall(number, call.entry.on, unpaid))
    return found


def _cash(draft: Draft) -> int:
    """What a draft adds to the account."""
    return sum(
        each.amount_krw * ((each.debit == CASH) - (each.credit == CASH)) for each in draft.postings
    )


def bare_name(name: str) -> str:
    """A name as banks cut it: without the form of the firm, blanks and signs."""
    flat = unicodedata.normalize("NFKC", name).lower()
    return _SIGNS.sub("", _FIRM.sub("", flat))


class _Desk:
    """A statement that is being gone through."""

    def __init__(
        self,
        statement: Statement,
        book: Book,
        acts: Sequence[Unpaid],
        payers: Mapping[str, int],
    ) -> None:
        self.batch, self.book = statement.digest, book
        self.partners = {each.number: each for each in book.latest.partners}
        self.names: dict[int, set[str]] = {
            number: {bare_name(each.name.ko), bare_name(each.name.en)} - {""}
            for number, each in self.partners.items()
        }
        for alias, number in payers.items():
            self.names[number].add(bare_name(alias))
        self.open = _open(book)
        self.acts = list(acts)
        undone = {each.corrects for each in book.journal.entries if each.corrects}
        self.known: set[str] = set()
        self.booked: dict[int, list[Draft]] = defaultdict(list)
        for entry in book.journal.entries:
            if entry.number in undone or entry.corrects:
                continue
            if isinstance(entry.facts.get("bank"), Mapping):
                self.known.add(str(entry.facts["bank"].get("line")))
            elif moved := _cash(entry):
                self.booked[moved].append(entry)

    def row(self, line: Line) -> Row:
        """The movement with its verdict."""
        if line.digest in self.known:
            why = words("앞서 반영한 거래내역에 있습니다.", "It stands in an earlier statement.")
            return Row(line=line, verdict=Verdict.KNOWN, why=why)
        found = self._deposit(line) if line.in_krw else self._withdrawal(line)
        return self._checked(found) if found.draft else found

    def _checked(self, row: Row) -> Row:
        """The row, its draft taken back where the ledger would refuse it."""
        assert row.draft is not None
        try:
            self.book.journal.check([row.draft])
        except InputError as fault:
            why = words(fault.sentence("ko"), fault.sentence("en"))
            return replace(row, verdict=Verdict.REFUSED, why=why, draft=None)
        if row.act:
            self.acts = [each for each in self.acts if each.id != row.act]
        else:
            _pay(self.open[row.partner], row.line.in_krw)
        return row

    # Deposits --------------------------------------------------------------------------------

    def _deposit(self, line: Line) -> Row:
        owners = self._owners(line)
        if booked := self._booked(line, line.in_krw, owners):
            return booked
        if len(owners) > 1:
            return Row(
                line=line,
                verdict=Verdict.AMBIGUOUS,
                why=words(
                    f"'{line.payer}'에 해당하는 조합원이 {len(owners)}명입니다.",
                    f"'{line.payer}' may be {len(owners)} partners.",
                ),
                candidates=tuple(self.partners[each].name.ko for each in owners),
            )
        return self._paid(line, self.partners[owners[0]]) if owners else self._unknown(line)

    def _unknown(self, line: Line) -> Row:
        """A payer whom no partner's name fits; equal amounts are shown and not believed."""
        equal = tuple(
            self.partners[number].name.ko
            for number, asked in sorted(self.open.items())
            if asked and line.in_krw in (asked[0].amount_krw, sum(x.amount_krw for x in asked))
        )
        said = f"'{line.payer or line.text}'"
        return Row(
            line=line,
            verdict=Verdict.UNMATCHED,
            why=words(
                f"{particle(said, '은', '는')} 조합원 이름과 맞지 않습니다.",
                f"{said} is no partner's name.",
            ),
            candidates=equal,
        )

    def _paid(self, line: Line, partner: Partner) -> Row:
        asked = self.open[partner.number]
        left = sum(each.amount_krw for each in asked if each.on <= line.on)
        if not left:
            why = words(
                f"{line.on}에 {partner.name.ko}의 미납 출자 요청이 없습니다.",
                f"No call to {partner.name.en} was open on {line.on}.",
            )
            return Row(line=line, verdict=Verdict.UNMATCHED, why=why, partner=partner.number)
        said = words(f"미납 {left:,}원", f"{left:,} won are open")
        if line.in_krw > left:
            over = line.in_krw - left
            why = words(
                f"{said.ko}, 초과 {over:,}원은 반환할지 정하십시오.",
                f"{said.en}; decide what becomes of the other {over:,} won.",
            )
            return Row(line=line, verdict=Verdict.OVER, why=why, partner=partner.number)
        is_whole = line.in_krw in (left, *(each.amount_krw for each in asked))
        return Row(
            line=line,
            verdict=Verdict.EXACT if is_whole else Verdict.PARTIAL,
            why=said,
            partner=partner.number,
            draft=self._payment(line, partner, asked),
        )

    def _payment(self, line: Line, partner: Partner, asked: deque[OpenCall]) -> Draft:
        """One payment, as `flows.calls` gives it for each call that the money reaches."""
        parts = _pay(deque(asked), line.in_krw)
        drafts = [
            draft
            for number, won in parts.items()
            for draft in calls.pay(
                self.book, on=line.on, call=number, amounts={partner.number: won}
            )
        ]
        return replace(
            drafts[0],
            memo=", ".join(each.memo for each in drafts),
            postings=tuple(posting for each in drafts for posting in each.postings),
            facts={
                "paid": {str(number): {str(partner.number): won} for number, won in parts.items()},
                "bank": self._source(line),
            },
        )

    def _source(self, line: Line) -> dict[str, str | int]:
        return {"batch": self.batch, "line": line.digest, "row": line.row}

    def _owners(self, line: Line) -> list[int]:
        """The partners whose name stands there; a bank may have cut it off."""
        for text in (line.payer, line.memo, line.text):
            said = bare_name(text)
            if not said:
                continue
            whole = [number for number, names in self.names.items() if said in names]
            if whole:
                return whole
            cut = [
                number
                for number, names in self.names.items()
                if any(_is_cut(said, name) for name in names)
            ]
            if cut:
                return cut
        return []

    # Withdrawals, and what stands in the ledger ----------------------------------------------

    def _withdrawal(self, line: Line) -> Row:
        if booked := self._booked(line, -line.out_krw, []):
            return booked
        equal = [each for each in self.acts if each.amount_krw == line.out_krw]
        texts = {bare_name(each) for each in (line.payer, line.memo, line.text)} - {""}
        named = [
            act
            for act in equal
            for payee in (bare_name(act.payee),)
            if any(said == payee or _is_cut(said, payee) for said in texts)
        ]
        if len(named) == 1:
            act = named[0]
            facts = {**act.draft.facts, "bank": self._source(line)}
            return Row(
                line=line,
                verdict=Verdict.EXACT,
                why=words(f"지급 대상 {act.payee}", f"Paid to {act.payee}"),
                act=act.id,
                draft=replace(act.draft, on=line.on, facts=facts),
            )
        many = words("금액과 상대가 같은 행위가 여럿입니다.", "Several acts fit it equally well.")
        none = words(
            "금액과 상대가 맞는 승인된 행위가 없습니다.", "No approved act has amount and payee."
        )
        return Row(
            line=line,
            verdict=Verdict.AMBIGUOUS if named else Verdict.UNMATCHED,
            why=many if named else none,
            candidates=tuple(each.id for each in named or equal),
        )

    def _booked(self, line: Line, amount_krw: int, owners: Sequence[int]) -> Row | None:
        """The row of a movement that somebody booked by hand."""
        for entry in self.booked.get(amount_krw, ()):
            paid = {each.credit.partner for each in entry.postings if each.debit == CASH} - {0}
            fits = not owners or bool(paid & set(owners))
            if fits and abs(entry.on - line.on) <= _NEAR:
                self.booked[amount_krw].remove(entry)
                why = words(f"{entry.on} '{entry.memo}'", f"'{entry.memo}' of {entry.on}")
                return Row(line=line, verdict=Verdict.BOOKED, why=why)
        return None


def _is_cut(said: str, name: str) -> bool:
    """Whether a bank cut the name off, or its owner wrote behind it what was paid."""
    if len(said) >= _SHORTEST and name.startswith(said):
        return True
    return bool(name) and said.startswith(name) and bool(_ADDED.fullmatch(said[len(name) :]))
