"""How do calls and agreements come into the programme? Through one door, in the log."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import remember
from madang.programme.engine import booking
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.web import models
from madang.programme.web.services import book

if TYPE_CHECKING:
    from datetime import date

    from madang.portal.models import User


def announce(
    line: str, *, by: User, title: str, amount_krw: int, announced_on: date
) -> models.Call:
    """Say that money of a line was announced.

    Raises:
        InputError: The amount is not above 0 or exceeds the line, or the day is none of the
            programme's past.
    """
    _check_day(announced_on)
    limit = book.programme().line(line).amount_krw
    if not 0 < amount_krw <= limit:
        raise InputError(
            words(f"공고 금액 {amount_krw:,}원", f"a call of {amount_krw:,} won"),
            words(f"0원보다 크고 {limit:,}원 이하", f"above 0 and up to {limit:,} won"),
        )
    with book.writing():
        made = models.Call.objects.create(
            line=line, title=title, amount_krw=amount_krw, announced_on=announced_on
        )
        _tell("call-announced", line, by, amount_krw=amount_krw, on=announced_on.isoformat())
    return made


def end(line: str, number: int, *, by: User, ended_on: date, outcome: str) -> models.Call:
    """Say how a call ended.

    Raises:
        InputError: The line has no such open call, or it would end before it began.
    """
    _check_day(ended_on)
    with book.writing():
        row = models.Call.objects.filter(pk=number, line=line, outcome="").first()
        if row is None or ended_on < row.announced_on:
            raise InputError(
                words(f"공고 {number}, 끝난 날 {ended_on}", f"call {number}, ended on {ended_on}"),
                words("이 항목의 진행 중인 공고와 그 뒤의 날", "an open call and a day after it"),
            )
        row.ended_on, row.outcome = ended_on, outcome
        row.save()
        _tell("call-ended", line, by, outcome=outcome, on=ended_on.isoformat())
    return row


def sign(line: str, *, by: User, call: int | None = None, **given: Any) -> models.Award:
    """Remember an agreement and its recipient; the call that it came of ends.

    Args:
        line: The line.
        by: The acting person.
        call: The call that it came of, if any.
        given: title, amount_krw, signed_on, announced_on, spendable_by, people, and the
            recipient's name, nature and region.

    Raises:
        BookingRefused: The line's agreements would exceed its appropriation.
        InputError: A day is none of the programme's past, or days stand in no order.
    """
    _check_day(given["signed_on"])
    _check_order(given)
    body = Recipient(
        id=ids.new("recipient"),
        name=given.pop("recipient"),
        nature=Nature(given.pop("nature")),
        region=given.pop("region") or "",
    )
    with book.writing():
        # One body has one row: it counts once, however many agreements it has.
        known = models.Recipient.objects.filter(
            name=body.name, nature=body.nature.value, region=body.region
        ).first()
        award = Award(
            id=ids.new("award"),
            line=line,
            recipient=known.pk if known else body.id,
            **{**given, "people": given.get("people") or 0},
        )
        booking.with_awards(book.ledger(), [award], [] if known else [body])
        if known is None:
            known = models.Recipient.objects.create(**asdict(body))
        made = models.Award.objects.create(**{**asdict(award), "recipient": known})
        if call is not None:
            open_calls = models.Call.objects.filter(pk=call, line=line, outcome="")
            open_calls.update(outcome="signed", ended_on=award.signed_on)
        # Bodies are named, so that other systems can see who is supported; others may be persons.
        named = {"recipient": known.name} if body.nature is not Nature.OTHER else {}
        _tell(
            "award-signed",
            line,
            by,
            award=award.id,
            amount_krw=award.amount_krw,
            signed_on=award.signed_on.isoformat(),
            budget_line=line,
            **named,
        )
    return made


def _check_day(day: date) -> None:
    first = book.programme().approved_on
    if not first <= day <= book.today():
        raise InputError(
            words(f"날짜 {day}", f"the day {day}"),
            words(f"의결일 {first}부터 오늘까지", f"a day from the vote on {first} to today"),
        )


def _check_order(given: dict[str, Any]) -> None:
    days = [given.get("announced_on"), given["signed_on"], given.get("spendable_by")]
    known = [each for each in days if each is not None]
    if known != sorted(known):
        raise InputError(
            words(f"날짜 {', '.join(map(str, known))}", f"the days {', '.join(map(str, known))}"),
            words(
                "공고일, 체결일, 집행 기한의 차례", "announced, then signed, then to be spent by"
            ),
        )


def _tell(noun: str, line: str, by: User, **facts: Any) -> None:
    remember(noun, f"programme/lines/{line}", by=by, **facts)
