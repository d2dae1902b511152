"""How does a booking come into the ledger? One person puts it forward, another approves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.evidence.statement import Statement
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.log import remember
from madang.portal.models import LogEntry
from madang.programme.engine import booking, closing, entry_lines
from madang.programme.engine.errors import ApprovalRefused, BookingRefused
from madang.programme.engine.intake import batch as imports
from madang.programme.engine.open_data.publisher import is_invented
from madang.programme.web import models
from madang.programme.web.services import book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from madang.portal.models import StoredObject, User
    from madang.programme.engine.ledger import Entry

_ANYBODY = "whoever-approves"
"""Stands for the second hand while only the first has acted."""


def hand(user: User) -> str:
    """How the ledger names a person; who they are stands in rows that can be erased."""
    return f"user/{user.pk}"


@transaction.atomic
def put_forward(
    entries: Sequence[Entry],
    *,
    kind: str,
    title: str,
    by: User,
    batch: str = "",
    source: StoredObject | None = None,
    reason: str = "",
    shown: Mapping[str, Any] | None = None,
) -> models.Act:
    """Put bookings forward; they count once another person has approved them.

    Args:
        entries: The bookings, whose hands and moment of recording are set here.
        kind: One of `models.Act.KINDS`.
        title: What it is about, or the file's name.
        by: Who puts them forward.
        batch: The import that they take in or back.
        source: The file that they were read from.
        reason: What its maker says of it.
        shown: What the maker was shown.

    Raises:
        BookingRefused: One may not be booked; nothing is put forward.
    """
    now = clock.now()
    own = [
        replace(each, by=hand(by), approved_by=_ANYBODY, recorded_at=now)
        for each in closing.propose(entries, by=hand(by)).entries
    ]
    _check_real(own)
    ledger = book.ledger()
    if found := booking.refusals(ledger, own):
        raise found[0].reason
    kept = objects.keep(
        entry_lines.encode(own),
        name=f"{kind}.jsonl",
        media_type="application/jsonl",
        owner=None,
        by=by,
    )
    act = models.Act.objects.create(
        kind=kind,
        title=title[:200],
        batch=batch,
        count=len(own),
        entries=kept,
        source=source,
        by=by,
        reason=reason,
        shown=dict(shown or {}),
    )
    _tell("booking-proposed", act, by, bookings=kept.digest, count=act.count)
    return act


def _check_real(entries: Sequence[Entry]) -> None:
    """Refuse what comes from an example: once it is booked, it would have to stay for ever."""
    for row, each in enumerate(entries, start=1):
        if is_invented(each):
            name = each.voucher or each.id
            raise BookingRefused(
                words(f"{row}번째 기록, 예시 전표 {name!r}", f"row {row}, example {name!r}"),
                words("실제 집행 기록", "a real booking"),
                words(
                    "예시 파일은 미리 보기만 할 수 있습니다.", "Examples can only be looked at."
                ),
            )


@transaction.atomic
def put_close_forward(month: date, *, by: User) -> models.Act:
    """Ask that a month be closed.

    Raises:
        MonthClosed: It is closed already, lies outside the fiscal year, or is not over.
        ApprovalRefused: That was asked before and waits.
    """
    first = month.replace(day=1)
    ledger = book.ledger()
    closing.close(ledger, first, by=hand(by), approved_by=_ANYBODY, at=clock.now())
    if models.Act.objects.filter(kind="close", month=first, state="waiting").exists():
        raise ApprovalRefused(
            words(f"{first:%Y-%m}의 마감 요청", f"the close of {first:%Y-%m}, asked for before"),
            words("아직 요청하지 않은 달", "a month whose close nobody has asked for"),
            words("승인을 기다리십시오.", "Wait for its approval."),
        )
    act = models.Act.objects.create(kind="close", title=f"{first:%Y-%m}", month=first, by=by)
    _tell("month-close-proposed", act, by, month=f"{first:%Y-%m}")
    return act


def undo(batch: str, *, by: User, reason: str) -> models.Act:
    """Ask that an import be taken back as a whole.

    Raises:
        BookingRefused: There is no such import, it was taken back, or the ledger would not hold.
    """
    entries = imports.undoing(
        book.ledger(), batch, by=hand(by), approved_by=_ANYBODY, recorded_at=clock.now()
    )
    origin = models.Act.objects.filter(batch=batch, kind="import").first()
    title = origin.title if origin else batch
    return put_forward(entries, kind="undo", title=title, by=by, batch=batch, reason=reason)


def approve(act: models.Act, *, by: User) -> models.Act:
    """Book what another person put forward, all of it or nothing.

    Raises:
        ApprovalRefused: It was put forward by the same person, or decided on already.
        BookingRefused: The ledger has changed since, and an entry may no longer be booked.
        MonthClosed: As above; its month has been closed.
    """
    with book.writing():
        row = _waiting(act)
        now = clock.now()
        row.state, row.decided_by, row.decided_at = "booked", by, now
        if row.kind == "close":
            _close(row, by)
        else:
            _book(row, by)
        row.save()
    return row


def _book(row: models.Act, by: User) -> None:
    ledger, now = book.ledger(), row.decided_at or clock.now()
    proposal = closing.Proposal(entries=tuple(proposed(row)), by=hand(row.by))
    after = closing.approve(ledger, proposal, by=hand(by), at=now)
    entries = after.entries[len(ledger.entries) :]
    book.insert(row, entries)
    row.digest, row.state_of_rows, row.looked_at = digest_of(entries), "whole", now
    row.entry = _tell("booking", row, by, bookings=row.digest, count=row.count)


def _close(row: models.Act, by: User) -> None:
    if row.month is None:
        raise ValueError(f"{row.pk} closes no month")
    now = row.decided_at or clock.now()
    after = closing.close(book.ledger(), row.month, by=hand(row.by), approved_by=hand(by), at=now)
    done = after.closes[-1]
    models.Close.objects.create(
        month=done.month,
        act=row,
        recorded_at=done.recorded_at,
        by=done.by,
        approved_by=done.approved_by,
    )
    row.entry = _tell("month-closed", row, by, month=f"{done.month:%Y-%m}")


def refuse(act: models.Act, *, by: User, reason: str) -> models.Act:
    """Say no to what another person put forward.

    Raises:
        ApprovalRefused: It was put forward by the same person, or decided on already.
    """
    return _put_away(act, "refused", by=by, reason=reason)


def withdraw(act: models.Act, *, by: User, reason: str = "") -> models.Act:
    """Take back what one put forward oneself.

    Raises:
        ApprovalRefused: It is another's, or decided on already.
    """
    return _put_away(act, "withdrawn", by=by, reason=reason)


@transaction.atomic
def _put_away(act: models.Act, state: str, *, by: User, reason: str) -> models.Act:
    row = _waiting(act)
    if (state == "withdrawn") != (row.by_id == by.pk):
        raise ApprovalRefused(
            words("다른 사람이 올린 기록", "what another person put forward")
            if state == "withdrawn"
            else words("본인이 올린 기록", "what you put forward yourself"),
            words("철회는 올린 사람, 반려는 다른 사람", "its maker withdraws, another refuses"),
        )
    row.state, row.decided_by, row.decided_at, row.reason = state, by, clock.now(), reason
    row.save()
    _tell(f"booking-{state}", row, by, after={"reason": reason})
    return row


def _waiting(act: models.Act) -> models.Act:
    """The act's row for this transaction alone, while nobody has decided on it."""
    row = models.Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
    if row.state != "waiting":
        raise ApprovalRefused(
            words(
                f"이미 처리한 기록({row.state_title.ko})",
                f"an act that is {row.state_title.en.lower()}",
            ),
            words("승인을 기다리는 기록", "one that awaits approval"),
        )
    return row


def proposed(act: models.Act) -> list[Entry]:
    """The bookings as they were put forward; their file is verified by its digest."""
    if act.entries is None:
        return []
    text = objects.objects().get(act.entries.digest).decode()
    return [entry_lines.decode(line) for line in text.splitlines()]


def digest_of(entries: Sequence[Entry]) -> str:
    """The digest that the evidence log names for bookings."""
    # A database gives moments back in UTC, to the microsecond: so they are written here.
    return ids.digest(entry_lines.encode(entries))


def look(act: models.Act) -> str:
    """Whether the bookings of an act still have the digest that the log names.

    Returns:
        `whole` or `changed`, which the row remembers with the moment.
    """
    rows = models.Booking.objects.filter(act=act).order_by("number")
    found = digest_of([book.entry_of(each) for each in rows])
    act.state_of_rows = "whole" if found == act.digest == _logged(act) else "changed"
    act.looked_at = clock.now()
    act.save(update_fields=["state_of_rows", "looked_at"])
    return act.state_of_rows


def _logged(act: models.Act) -> str:
    """The digest that the evidence log has of an act's bookings; empty where it has none."""
    row = None if act.entry is None else LogEntry.objects.filter(index=act.entry).first()
    if row is None:
        return ""
    found: str = Statement.decode(bytes(row.content)).predicate.get("bookings", "")
    return found


def _tell(noun: str, act: models.Act, by: User, **facts: Any) -> int:
    """Record an act; its place in the evidence log."""
    return remember(noun, f"programme/{act.pk}", by=by, kind=act.kind, **facts).index
