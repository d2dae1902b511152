"""What does each line, and each recipient, still owe? The settlement (정산) of the ledger.

Nothing is typed twice: amounts come from bookings, papers from their digests. What the ledger
cannot know, the interest that a grant has earned (이자), is given once a recipient, with its own
paper. Money is settled by who holds it: who was granted it, or has an award and was paid on it;
what the holders' suppliers were paid counts for the holder.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.programme.engine.balances import balances, total
from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from madang.programme.engine.balances import Balance
    from madang.programme.engine.ledger import Entry, Ledger
    from madang.programme.engine.receipts import Receipts, Standing


@dataclass(frozen=True, kw_only=True)
class Interest:
    """Interest that granted money has earned at its recipient, to be returned with the rest."""

    line: str
    recipient: str
    """Empty where the line's own body holds the money."""
    amount_krw: int
    evidence: str
    """SHA-256 of the bank's statement."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One evidence file behind a voucher."""

    sha256: str
    name: str
    state: str
    """`whole`, `changed` or `missing`; empty where no files were looked at."""


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """One booking as the settlement lists it."""

    entry: str
    voucher: str
    kind: str
    booked_on: date
    recipient: str
    amount_krw: int
    corrects: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, kw_only=True)
class Account:
    """The amounts of one line, or of one recipient on it, in won."""

    line: str
    recipient: str
    """Empty for the line's own body where nobody is named, and for the whole line."""
    received_krw: int
    """교부 of the line; of a recipient what it was granted or paid, less what it passed on."""
    disbursed_krw: int
    """집행."""
    confirmed_krw: int
    """실집행: confirmed by evidence."""
    unproved_krw: int
    """Disbursed without evidence of spending."""
    interest_krw: int
    """이자."""
    carried_over_krw: int
    """이월."""
    to_return_krw: int
    """반납: received and neither confirmed nor carried over, and the interest."""


@dataclass(frozen=True, kw_only=True)
class LineSettlement:
    """One line's settlement."""

    line: str
    title_ko: str
    title_en: str
    voted_krw: int
    appropriation_krw: int
    unspent_krw: int
    """Of the appropriation: neither confirmed, nor carried over, nor lapsed."""
    lapsed_krw: int
    whole: Account
    recipients: tuple[Account, ...]
    vouchers: tuple[Voucher, ...]

    @property
    def broken(self) -> tuple[Paper, ...]:
        """Evidence files that were changed or are missing."""
        return tuple(
            paper
            for voucher in self.vouchers
            for paper in voucher.papers
            if paper.state in ("changed", "missing")
        )


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """A programme's settlement at the end of a day."""

    programme: str
    title_ko: str
    title_en: str
    fiscal_year: int
    on: date
    is_final: bool
    """Whether the day is the year's last, or later, and its last month is closed."""
    lines: tuple[LineSettlement, ...]
    whole: Account
    voted_krw: int
    appropriation_krw: int

    def plain(self) -> dict[str, Any]:
        """The settlement as plain JSON values."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def settle(
    ledger: Ledger,
    *,
    on: date,
    interest: Sequence[Interest] = (),
    receipts: Receipts | None = None,
    line: str = "",
) -> Settlement:
    """The settlement at the end of a day.

    Args:
        ledger: What was booked.
        on: The last day whose bookings count.
        interest: What the ledger cannot know.
        receipts: The evidence files, to be compared with their digests; None leaves them unseen.
        line: Only this line; every line where empty.

    Raises:
        InputError: Interest of an unknown line, below 0, or without evidence.
        BookingRefused: No such line.
    """
    known = ledger.as_of(on)
    programme = ledger.programme
    for each in interest:
        _check_interest(each, {one.id for one in programme.lines})
    wanted = [programme.line(line)] if line else list(programme.lines)
    own: dict[str, list[Entry]] = defaultdict(list)
    for entry in known.entries:
        own[entry.line].append(entry)
    digests = [each for one in wanted for entry in own[one.id] for each in entry.evidence]
    standing = receipts.standings(digests) if receipts else {}
    of_line = {each.line: each for each in balances(known)}
    lines = tuple(
        _line(known, of_line[each.id], own[each.id], interest, standing) for each in wanted
    )
    sums = total(of_line[each.id] for each in wanted)
    last = year_ends(programme.fiscal_year)
    return Settlement(
        programme=programme.id,
        title_ko=programme.title.ko,
        title_en=programme.title.en,
        fiscal_year=programme.fiscal_year,
        on=on,
        is_final=on >= last
        and ledger.closed_through is not None
        and ledger.closed_through >= last,
        lines=lines,
        whole=_sum("", [each.whole for each in lines]),
        voted_krw=sums.voted_krw,
        appropriation_krw=sums.appropriation_krw,
    )


def _check_interest(each: Interest, lines: set[str]) -> None:
    if each.line in lines and each.amount_krw >= 0 and len(each.evidence) == 64:
        return
    raise InputError(
        words(
            f"항목 {each.line!r}의 이자 {each.amount_krw:,}원, 증빙 {each.evidence[:12]!r}",
            f"{each.amount_krw:,} won of interest on {each.line!r}, paper {each.evidence[:12]!r}",
        ),
        words(
            "있는 항목, 0원 이상, 은행 증빙의 SHA-256",
            "a line of the programme, 0 or more, and the SHA-256 of the bank's paper",
        ),
    )


def _line(
    ledger: Ledger,
    balance: Balance,
    entries: Sequence[Entry],
    interest: Iterable[Interest],
    standing: Mapping[str, Standing],
) -> LineSettlement:
    voted = ledger.programme.line(balance.line)
    own = [each for each in interest if each.line == balance.line]
    names = {each.id: each.name for each in ledger.recipients}
    whole = _account(
        balance.line,
        "",
        received=balance.granted_krw,
        disbursed=balance.disbursed_krw,
        confirmed=balance.spent_krw,
        carried=balance.carried_over_krw,
        interest=sum(each.amount_krw for each in own),
    )
    return LineSettlement(
        line=balance.line,
        title_ko=voted.title.ko,
        title_en=voted.title.en,
        voted_krw=balance.voted_krw,
        appropriation_krw=balance.appropriation_krw,
        unspent_krw=balance.open_krw,
        lapsed_krw=balance.lapsed_krw,
        whole=whole,
        recipients=_recipients(ledger, balance.line, entries, own),
        vouchers=tuple(_voucher(each, names, standing) for each in entries),
    )


def _recipients(
    ledger: Ledger, line: str, entries: Sequence[Entry], interest: Sequence[Interest]
) -> tuple[Account, ...]:
    """One account a holder of money; they add up to the line."""
    names = {each.id: each.name for each in ledger.recipients}
    granted = {each.recipient for each in entries if each.kind is Kind.GRANT}
    awarded = {each.recipient for each in ledger.awards if each.line == line} - granted
    body = next(iter(granted)) if len(granted) == 1 else ""
    sums: dict[str, dict[str, int]] = {body: defaultdict(int)}
    for entry in entries:
        if entry.kind in (Kind.TRANSFER, Kind.LAPSE):
            continue
        holder = entry.recipient if entry.recipient in granted | awarded else body
        own = sums.setdefault(holder, defaultdict(int))
        own[entry.kind.value] += entry.amount_krw
        if entry.kind is Kind.GRANT:
            own["received"] += entry.amount_krw
        elif entry.kind is Kind.DISBURSEMENT and holder in awarded:
            own["received"] += entry.amount_krw
            sums[body]["received"] -= entry.amount_krw
    for each in interest:
        sums.setdefault(each.recipient, defaultdict(int))["interest"] += each.amount_krw
    return tuple(
        _account(
            line,
            names.get(who, who),
            received=own["received"],
            disbursed=own[Kind.DISBURSEMENT.value],
            confirmed=own[Kind.SPENDING.value],
            carried=own[Kind.CARRY_OVER.value],
            interest=own["interest"],
        )
        for who, own in sorted(sums.items())
        if any(own.values())
    )


def _account(
    line: str,
    recipient: str,
    *,
    received: int,
    disbursed: int,
    confirmed: int,
    carried: int,
    interest: int,
) -> Account:
    return Account(
        line=line,
        recipient=recipient,
        received_krw=received,
        disbursed_krw=disbursed,
        confirmed_krw=confirmed,
        unproved_krw=disbursed - confirmed,
        interest_krw=interest,
        carried_over_krw=carried,
        to_return_krw=received - confirmed - carried + interest,
    )


def _sum(line: str, accounts: Sequence[Account]) -> Account:
    return _account(
        line,
        "",
        received=sum(each.received_krw for each in accounts),
        disbursed=sum(each.disbursed_krw for each in accounts),
        confirmed=sum(each.confirmed_krw for each in accounts),
        carried=sum(each.carried_over_krw for each in accounts),
        interest=sum(each.interest_krw for each in accounts),
    )


def _voucher(entry: Entry, names: Mapping[str, str], standing: Mapping[str, Standing]) -> Voucher:
    papers = tuple(
        Paper(
            sha256=each,
            name=standing[each].name if each in standing else "",
            state=standing[each].state if each in standing else "",
        )
        for each in entry.evidence
    )
    return Voucher(
        entry=entry.id,
        voucher=entry.voucher,
        kind=entry.kind.value,
        booked_on=entry.booked_on,
        recipient=names.get(entry.recipient, entry.recipient),
        amount_krw=entry.amount_krw,
        corrects=entry.corrects,
        papers=papers,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
