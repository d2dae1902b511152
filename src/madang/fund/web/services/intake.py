"""What would a file that was handed in become, and how is it taken in or back as a whole?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.fund.engine.errors import FundRefused
from madang.fund.engine.intake import books, matching
from madang.fund.web import models
from madang.fund.web.services import acts, book
from madang.fund.web.services.shown import Names
from madang.kernel.words import Words, words
from madang.portal import objects
from madang.portal.models import StoredObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Draft
    from madang.portal.models import User


@dataclass(frozen=True)
class Seen:
    """What a file would become."""

    kind: str
    drafts: tuple[Draft, ...]
    batch: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Of a bank statement: each movement with its verdict."""
    faults: list[Words] = field(default_factory=list)
    changes: list[tuple[Words, int, int]] = field(default_factory=list)
    """Of books: each account that would move, before and after."""
    difference_krw: int | None = None


def keep(fund: models.Fund, content: bytes, *, name: str, by: User) -> StoredObject:
    """Keep a file that was handed in, until it is put forward or left."""
    return objects.keep(
        content, name=name[:120], media_type="application/octet-stream", owner=fund.manager, by=by
    )


def kept(fund: models.Fund, name: str, *, by: User) -> StoredObject | None:
    """A file that this person handed in for this fund's manager; None where there is none."""
    # NUL is no character of a name, and some databases fail on it.
    if "\x00" in name:
        return None
    rows = StoredObject.objects.filter(pk=name, owner=fund.manager, by=by)
    return rows.first()


def seen(fund: models.Fund, file: StoredObject, kind: str) -> Seen:
    """What the file would become; nothing is posted.

    Raises:
        InputError: It cannot be read; the sentence says why.
    """
    content = objects.objects().get(file.digest)
    held = book.book(fund)
    names = Names(held, fund)
    if kind == "bank":
        return _bank(content, held, names, file.name)
    found = books.preview(content, held.journal, held.latest, name=file.name)
    return Seen(
        kind=kind,
        drafts=found.drafts,
        batch=found.digest,
        faults=[words(each.sentence("ko"), each.sentence("en")) for each in found.faults],
        changes=[
            (names.account(each.account), each.before_krw, each.after_krw)
            for each in found.changes
        ],
    )


def _bank(content: bytes, held: Book, names: Names, name: str) -> Seen:
    found = matching.preview(content, held, name=name)
    return Seen(
        kind="bank",
        drafts=found.drafts,
        batch=found.statement.digest,
        rows=[
            {
                "line": each.line,
                "verdict": matching.VERDICT_NAMES[each.verdict],
                "is_good": each.draft is not None,
                "why": each.why,
                "partner": names.partner(each.partner) if each.partner else "",
            }
            for each in found.rows
        ],
        difference_krw=found.difference_krw,
    )


def put_forward(fund: models.Fund, file: StoredObject, kind: str, *, by: User) -> models.Act:
    """Ask that everything which is clear in a file be posted, as one act.

    Raises:
        FundRefused: Nothing in it is clear, or books have a fault.
        InputError: It cannot be read.
    """
    found = seen(fund, file, kind)
    if found.faults or not found.drafts:
        raise FundRefused(
            words(f"반영할 수 없는 파일 {file.name}", f"nothing to take in from {file.name}"),
            words("잘못이 없고 반영할 거래가 있는 파일", "a file without faults, with something"),
        )
    waits = models.Act.objects.filter(fund=fund, batch=found.batch, state="waiting").exists()
    if waits:
        raise FundRefused(
            words(f"이미 올린 파일 {file.name}", f"the file {file.name}, put forward before"),
            words("승인을 기다리지 않는 파일", "a file that does not await approval"),
        )
    return acts.put_forward(
        fund, found.drafts, kind=kind, by=by, title=file.name, batch=found.batch, source=file
    )


def undo(act: models.Act, *, by: User) -> models.Act:
    """Ask that an import be taken back as a whole.

    Raises:
        FundRefused: It was taken back, or somebody asked for it.
    """
    if not is_undoable(act):
        raise FundRefused(
            words("취소할 수 없는 업무", "an act that cannot be taken back"),
            words("반영한 가져오기", "an import that stands"),
        )
    held = book.book(act.fund)
    drafts: Sequence[Draft] = books.undoing(held.journal, act.batch, on=book.today())
    return acts.put_forward(act.fund, drafts, kind="undo", by=by, title=act.title, batch=act.batch)


def is_undoable(act: models.Act) -> bool:
    """Whether it is an import that stands, and nobody asked to take it back."""
    if act.kind not in ("bank", "books") or act.state != "posted" or not act.batch:
        return False
    asked = models.Act.objects.filter(
        fund=act.fund_id, kind="undo", batch=act.batch, state__in=("waiting", "posted")
    )
    return not asked.exists()
