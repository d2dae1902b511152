"""What stands in a fund's books on the site? Rows as the engine's value, read as they grow."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, timedelta, timezone
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from madang.fund.engine.book import Book
from madang.fund.engine.ledger import accounts
from madang.fund.engine.ledger import entry as ledger
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms import reading
from madang.fund.web import models
from madang.kernel import clock, ids
from madang.portal import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from madang.fund.engine.terms.agreement import Agreement

KOREA = timezone(timedelta(hours=9))


class _Held(NamedTuple):
    """What this process has read of a fund's books."""

    token: str
    book: Book


_held: dict[str, _Held] = {}
_reading = Lock()
_MOST_HELD = 32


@contextmanager
def writing(fund: str) -> Iterator[models.Fund]:
    """Change a fund's books, alone until the outermost transaction ends."""
    with transaction.atomic():
        row = models.Fund.objects.select_for_update().get(pk=fund)
        yield row
        row.token = ids.new("book")
        row.save(update_fields=["token"])


def book(fund: models.Fund) -> Book:
    """The books of a fund as they stand; callers must not append to its journal.

    Raises:
        PostingRefused: A row was changed behind the site's back; the sentence names its number.
    """
    token = models.Fund.objects.values_list("token", flat=True).get(pk=fund.pk)
    with _reading:
        held = _held.get(fund.pk)
        if held is not None and held.token == token:
            return held.book
        found = _gone_on(fund, held.book) if held is not None else None
        found = found or read(fund)
        if len(_held) >= _MOST_HELD:
            _held.clear()
        _held[fund.pk] = _Held(token, found)
        return found


def read(fund: models.Fund) -> Book:
    """The books read anew, every digest computed again.

    Raises:
        PostingRefused: As `book`.
    """
    return Book(agreements=_agreements(fund), journal=Journal(_entries(fund, since=1)))


def _gone_on(fund: models.Fund, held: Book) -> Book | None:
    """What was read before, and the entries behind it; None where the rows go on otherwise.

    Entries are only ever added. That the last one read still stands shows that they were: a
    transaction taken back after it was read here would have left another in its place, or none.
    """
    count = len(held.journal)
    if not count:
        return None
    last = models.Entry.objects.filter(fund=fund, number=count).values_list("digest", flat=True)
    if last.first() != held.journal.head:
        return None
    return held.followed_by(_entries(fund, since=count + 1), agreements=_agreements(fund))


def _agreements(fund: models.Fund) -> tuple[Agreement, ...]:
    rows = models.Terms.objects.filter(fund=fund).select_related("content").order_by("version")
    return tuple(_agreement(row.content.digest) for row in rows)


@lru_cache(maxsize=_MOST_HELD)
def _agreement(digest: str) -> Agreement:
    return reading.read(objects.objects().get(digest))


def _entries(fund: models.Fund, *, since: int) -> list[ledger.Entry]:
    # The entries come first: what is posted while this reads has then postings too many, which
    # nobody asks for, and never an entry without its postings.
    rows = list(models.Entry.objects.filter(fund=fund, number__gte=since).order_by("number"))
    postings: dict[int, list[ledger.Posting]] = {}
    moved = models.Posting.objects.filter(entry__fund=fund, entry__number__gte=since)
    for entry_id, debit, credit, amount, tag in (
        moved.order_by("entry_id", "place")
        .values_list("entry_id", "debit", "credit", "amount_krw", "tag")
        .iterator(chunk_size=5_000)
    ):
        postings.setdefault(entry_id, []).append(
            ledger.Posting(accounts.read(debit), accounts.read(credit), amount, tag)
        )
    return [entry_of(row, postings.get(row.pk, [])) for row in rows]


def entry_of(row: models.Entry, postings: Sequence[ledger.Posting]) -> ledger.Entry:
    """A row as the engine's value."""
    return ledger.Entry(
        on=row.on,
        kind=ledger.Kind(row.kind),
        memo=row.memo,
        postings=tuple(postings),
        facts=row.facts,
        evidence=tuple(row.evidence),
        corrects=row.corrects,
        number=row.number,
        by=row.by,
        approved_by=row.approved_by,
        recorded_at=row.recorded_at.astimezone(UTC),
        digest=row.digest,
    )


def insert(act: models.Act, entries: Iterable[ledger.Entry]) -> None:
    """Put entries into the ledger's rows as those of an act, in their order."""
    added = list(entries)
    rows = models.Entry.objects.bulk_create(
        [
            models.Entry(
                fund_id=act.fund_id,
                number=each.number,
                act=act,
                on=each.on,
                kind=each.kind.value,
                memo=each.memo,
                facts=dict(each.facts),
                evidence=list(each.evidence),
                corrects=each.corrects,
                by=each.by,
                approved_by=each.approved_by,
                recorded_at=each.recorded_at,
                digest=each.digest,
            )
            for each in added
        ]
    )
    models.Posting.objects.bulk_create(
        [
            models.Posting(
                entry=row,
                place=place,
                debit=str(posting.debit),
                credit=str(posting.credit),
                amount_krw=posting.amount_krw,
                tag=posting.tag,
            )
            for row, each in zip(rows, added, strict=True)
            for place, posting in enumerate(each.postings)
        ],
        batch_size=2_000,
    )


def today() -> date:
    """The day in Korea."""
    return clock.now().astimezone(KOREA).date()
