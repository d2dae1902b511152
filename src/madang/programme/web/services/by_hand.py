"""What would a booking by hand do, and what should its maker know before it is put forward?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.sheets.headings import bare
from madang.kernel.words import words
from madang.programme.engine import balances, booking
from madang.programme.engine.law import deadlines
from madang.programme.engine.ledger import KIND_NAMES, Entry, Kind
from madang.programme.engine.pace import can_be_spent
from madang.programme.web.services import acts, book, intake, papers

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.portal.models import User
    from madang.programme.engine.errors import BookingRefused
    from madang.programme.engine.ledger import Ledger
    from madang.programme.web.models import Act
    from madang.programme.web.services.intake import Draft

_ANYBODY = "whoever-approves"


class Understood(NamedTuple):
    """A booking as it was understood, and what it would do."""

    entry: Entry
    refusal: BookingRefused | None
    """Why it may not be booked now."""
    warnings: list[Words]
    changes: list[tuple[Words, Words, int, int]]
    """Line, amount, won now and won afterwards."""
    seen: str
    """Another text where it would do something else."""
    along: intake.Along


def understood(found: Draft, *, by: User) -> Understood:
    """What a draft says, held against the ledger as it stands now.

    Raises:
        BookingRefused: It names no line of the programme.
        PlanRefused: Its days of work are below 0.
    """
    ledger = book.ledger()
    entry = _entry(found, ledger, by)
    along = intake.Along(found.files, papers.receipts(by))
    refused = booking.refusals(ledger, [entry])
    refusal = _alone(refused[0].reason) if refused else None
    changes = _changes(ledger, entry) if refusal is None else []
    seen = ids.digest(repr((found.id, changes)).encode())
    return Understood(entry, refusal, _warnings(ledger, entry, found), changes, seen, along)


def _alone(reason: BookingRefused) -> BookingRefused:
    """The refusal of the one row there is, which need not be counted."""
    found = reason.found
    if not isinstance(found, str):
        ko, en = (text.partition(", ")[2] or text for text in (found.ko, found.en))
        found = words(ko, en)
    return type(reason)(found, reason.expected, reason.remedy)


def _entry(found: Draft, ledger: Ledger, by: User) -> Entry:
    given = found.given
    named = {bare(each.name): each.id for each in ledger.recipients}
    recipient = given["recipient"]
    return Entry(
        id=given["batch"],
        line=given["line"],
        kind=Kind(given["kind"]),
        amount_krw=given["amount_krw"],
        booked_on=date.fromisoformat(given["day"]),
        recorded_at=clock.now(),
        by=acts.hand(by),
        approved_by=_ANYBODY,
        to_line=given["to_line"],
        voucher=given["voucher"],
        award=given["award"],
        recipient=named.get(bare(recipient), recipient) if recipient else "",
        evidence=tuple(dict.fromkeys(each.digest for each in found.files)),
        corrects=given["corrects"],
        note=given["note"],
    )


def _warnings(ledger: Ledger, entry: Entry, found: Draft) -> list[Words]:
    """What its maker should know, though it may be booked."""
    told = []
    days = found.given["needs_days"]
    if entry.kind is Kind.GRANT and entry.amount_krw > 0:
        checked = can_be_spent(
            ledger, entry.line, granted_on=entry.booked_on, needs_days=days or 0
        )
        if not checked.spendable:
            told.append(
                words(
                    f"연내에 실집행하기 어렵습니다. {checked.reason.ko}",
                    f"This can hardly be spent within the year. {checked.reason.en}",
                )
            )
        elif days is None:
            told.append(
                words(
                    "수행 기간을 넣지 않아 연내 집행 가능성을 끝까지 살피지 못했습니다.",
                    "Without days of work, whether it can be spent this year is not fully known.",
                )
            )
    if entry.kind is Kind.TRANSFER:
        last = next(
            each for each in deadlines(ledger.programme.fiscal_year) if each.id == "transfer"
        )
        told.append(
            words(
                f"{last.what.ko}: {last.on}({last.article.ko}).",
                f"{last.what.en}: {last.on} ({last.article.en}).",
            )
        )
    return told


_SHOWN = (
    (words("예산", "appropriation"), "appropriation_krw"),
    (KIND_NAMES[Kind.GRANT], "granted_krw"),
    (KIND_NAMES[Kind.DISBURSEMENT], "disbursed_krw"),
    (KIND_NAMES[Kind.SPENDING], "spent_krw"),
    (KIND_NAMES[Kind.CARRY_OVER], "carried_over_krw"),
    (KIND_NAMES[Kind.LAPSE], "lapsed_krw"),
)


def _changes(ledger: Ledger, entry: Entry) -> list[tuple[Words, Words, int, int]]:
    """Every amount of its lines that it changes."""
    titles = {each.id: each.title for each in ledger.programme.lines}
    before = balances.balances(ledger)
    after = balances.balances(replace(ledger, entries=(*ledger.entries, entry)))
    return [
        (titles[was.line], title, getattr(was, name), getattr(now, name))
        for was, now in zip(before, after, strict=True)
        for title, name in _SHOWN
        if getattr(was, name) != getattr(now, name)
    ]


def put_forward(found: Draft, *, by: User, seen: str) -> Act:
    """Put a booking forward as it was seen, with its evidence.

    Args:
        found: The draft.
        by: Its maker.
        seen: `Understood.seen` of what its maker was shown.

    Raises:
        Overtaken: It would now do something else than what was seen.
        BookingRefused: It may not be booked.
        ReceiptBroken: A paper is empty, too large, or not what came along.
    """
    if before := intake.put_before(found):
        return before
    told = understood(found, by=by)
    if told.refusal:
        raise told.refusal
    if told.seen != seen:
        raise intake.overtaken()
    entry = told.entry
    with transaction.atomic():
        told.along.attach([entry], by=acts.hand(by))
        return acts.put_forward(
            [entry],
            kind="booking",
            title=f"{entry.line} {entry.booked_on} {entry.voucher}".strip(),
            by=by,
            batch=entry.id,
            reason=entry.note,
            shown=_shown(told),
        )


def _shown(told: Understood) -> dict[str, Any]:
    """What its maker saw, in both languages."""
    return {
        language: {
            "warnings": [each.within(language) for each in told.warnings],
            "changes": [
                [line.within(language), title.within(language), before, after]
                for line, title, before, after in told.changes
            ],
        }
        for language in ("ko", "en")
    }
