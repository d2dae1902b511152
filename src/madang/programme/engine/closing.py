"""Who may book and close? Two hands for every act, and months that stay closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from madang.kernel.words import words
from madang.programme.engine.booking import append
from madang.programme.engine.errors import ApprovalRefused, MonthClosed
from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import KOREA, Close, last_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from madang.programme.engine.ledger import Entry, Ledger


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Entries that one person puts forward; they count once another has approved them."""

    entries: tuple[Entry, ...]
    by: str


def propose(entries: Sequence[Entry], *, by: str) -> Proposal:
    """Put entries forward under the name of who made them.

    Raises:
        ApprovalRefused: Nobody is named, or there is nothing to put forward.
    """
    if not by or not entries:
        raise ApprovalRefused(
            words(f"기록 {len(entries)}건, 올린 사람 {by!r}", f"{len(entries)} entries by {by!r}"),
            words("기록과 올린 사람", "entries, and who proposes them"),
        )
    own = tuple(replace(each, by=by, approved_by="") for each in entries)
    return Proposal(entries=own, by=by)


def approve(ledger: Ledger, proposal: Proposal, *, by: str, at: datetime) -> Ledger:
    """Book what another person proposed, as known from this moment on.

    Raises:
        ApprovalRefused: The same person approves, or nobody.
        BookingRefused: An entry may not be booked; none is.
    """
    _check_hands(proposal.by, by)
    signed = [replace(each, approved_by=by, recorded_at=at) for each in proposal.entries]
    return append(ledger, signed)


def close(ledger: Ledger, month: date, *, by: str, approved_by: str, at: datetime) -> Ledger:
    """Close a month, and every one before it.

    Args:
        ledger: What was booked.
        month: Any day of the month.
        by: Who proposes it.
        approved_by: Who approves it: somebody else.
        at: The moment from which on nothing is booked into it.

    Raises:
        ApprovalRefused: One person alone stands behind it.
        MonthClosed: It is closed already, lies outside the fiscal year, or is not over.
    """
    _check_hands(by, approved_by)
    first, through = month.replace(day=1), ledger.closed_through
    begins = ledger.programme.approved_on.replace(day=1)
    over = last_day(month) < at.astimezone(KOREA).date()
    within = begins <= first <= year_ends(ledger.programme.fiscal_year)
    if not over or not within or (through is not None and first <= through):
        raise MonthClosed(
            words(f"{first:%Y-%m}의 마감", f"closing {first:%Y-%m}"),
            words("끝났고 아직 열려 있는 회계연도의 달", "an open month of the year that is over"),
        )
    done = Close(month=first, recorded_at=at, by=by, approved_by=approved_by)
    return replace(ledger, closes=(*ledger.closes, done))


def is_year_closed(ledger: Ledger) -> bool:
    """Whether December is closed: then the year shows its settlement, not a forecast."""
    return ledger.closed_through == year_ends(ledger.programme.fiscal_year)


def _check_hands(maker: str, checker: str) -> None:
    if not maker or not checker or maker == checker:
        raise ApprovalRefused(
            words(
                f"올린 사람 {maker!r}, 승인한 사람 {checker!r}",
                f"proposed by {maker!r}, approved by {checker!r}",
            ),
            words("서로 다른 두 사람", "two different persons"),
        )
