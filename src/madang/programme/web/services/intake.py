"""What was handed in and not yet put forward? Drafts with their files, for their maker alone."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.sheets.faults import Fault
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.models import StoredObject
from madang.programme.engine.intake import batch, headings, mapping_text
from madang.programme.engine.intake.checks import Terms
from madang.programme.web.models import Act, Booking
from madang.programme.web.services import acts, book, papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from madang.kernel.words import Words
    from madang.portal.models import User
    from madang.programme.engine.intake.batch import Preview
    from madang.programme.engine.ledger import Entry
    from madang.programme.engine.receipts import Receipts

DRAFT = "application/vnd.madang.programme-draft+json"
UPLOAD = "application/vnd.madang.programme-upload"
KEPT_DAYS = 7
"""After so many days a draft that nobody put forward is forgotten."""
NOTES_KEPT = 20
_ANYBODY = "whoever-approves"


class Handed(Protocol):
    """A file of a form."""

    name: str | None

    def read(self) -> bytes:
        """Its content."""


class File(NamedTuple):
    """A file that came with a draft."""

    id: str
    """Of its `StoredObject`."""
    name: str
    """In full, its Hangul composed."""
    digest: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was typed and handed in with one form."""

    id: str
    given: Mapping[str, Any]
    """Plain values of the form."""
    files: tuple[File, ...]
    """Evidence."""
    table: File | None = None
    """What is to be imported."""


class Overtaken(InputError):
    """What would be booked is no longer what its maker was shown."""


def overtaken() -> Overtaken:
    """The refusal of what was seen before the ledger changed."""
    return Overtaken(
        words("보신 뒤에 바뀐 장부", "a ledger that has changed since you looked"),
        words("화면에서 확인한 것과 같은 변화", "the changes that the page had shown"),
        words("아래 내용을 다시 확인하십시오.", "Look at them again below."),
    )


def composed(name: str) -> str:
    """A file's name with its Hangul in one piece: files from a Mac have it in pieces."""
    return unicodedata.normalize("NFC", name.strip())


def _kept(file: Handed, by: User) -> File:
    name = composed(str(file.name))
    row = objects.keep(file.read(), name=name[:120], media_type=UPLOAD, owner=None, by=by)
    return File(row.pk, name, row.digest)


@transaction.atomic
def keep(
    given: Mapping[str, Any],
    *,
    by: User,
    files: Iterable[Handed] = (),
    table: Handed | None = None,
    earlier: Draft | None = None,
) -> str:
    """Keep what was handed in, so that nothing has to be chosen again.

    Args:
        given: Plain values of the form.
        by: Who alone may use it.
        files: Evidence.
        table: What is to be imported.
        earlier: A draft whose files come along, but for those that now came under the same name.

    Returns:
        The name under which its maker finds it.
    """
    _forget_old(by)
    along = {each.name: each for each in earlier.files} if earlier else {}
    along |= {each.name: each for each in (_kept(file, by) for file in files)}
    first = _kept(table, by) if table else earlier.table if earlier else None
    content = json.dumps({"given": dict(given), "files": list(along.values()), "table": first})
    row = objects.keep(content.encode(), name="draft.json", media_type=DRAFT, owner=None, by=by)
    return row.pk


def _forget_old(by: User) -> None:
    before = clock.now() - timedelta(days=KEPT_DAYS)
    rows = StoredObject.objects.filter(by=by, media_type__in=(DRAFT, UPLOAD), created__lt=before)
    rows.exclude(pk__in=Act.objects.exclude(source=None).values("source")).delete()


def draft(name: str, *, by: User) -> Draft | None:
    """A draft of that name; None where there is none of this maker's."""
    # NUL is no character of a name, and some databases fail on it.
    if "\x00" in name:
        return None
    row = StoredObject.objects.filter(pk=name, media_type=DRAFT, by=by).first()
    if row is None:
        return None
    plain = json.loads(objects.objects().get(row.digest))
    return Draft(
        id=row.pk,
        given=plain["given"],
        files=tuple(File(*each) for each in plain["files"]),
        table=File(*plain["table"]) if plain["table"] else None,
    )


class Along:
    """Evidence that came along, beside what was handed in before (`engine.intake.papers.Papers`).

    Args:
        files: What came along.
        receipts: What was handed in before.
    """

    def __init__(self, files: Sequence[File], receipts: Receipts) -> None:
        self._digests = {each.name: each.digest for each in files}
        self._names = {each.digest: each.name for each in files}
        self._receipts = receipts
        self._seen: dict[str, bool] = {}

    def named(self, name: str) -> str | None:
        """The digest of the file of that name, None where none came."""
        return self._digests.get(composed(name))

    def has(self, sha256: str) -> bool:
        """Whether a file of that digest came, or was handed in before and still holds."""
        if sha256 not in self._seen:
            known = self._receipts.knows(sha256)
            holds = known and self._receipts.standing(sha256).state == "whole"
            self._seen[sha256] = holds or sha256 in self._names
        return self._seen[sha256]

    def attach(self, entries: Iterable[Entry], *, by: str) -> None:
        """Take in, as evidence, those files that bookings lean on.

        Raises:
            ReceiptBroken: A file is not what came along, is empty, or too large.
        """
        for digest in dict.fromkeys(each for entry in entries for each in entry.evidence):
            if digest in self._names:
                content = objects.objects().get(digest)
                name = self._names[digest]
                self._receipts.attach(content, name=name, by=by, sha256=digest)


class Looked(NamedTuple):
    """What an import would do now."""

    preview: Preview
    seen: str
    """Another text where it would do something else."""
    along: Along


def look(found: Draft, *, by: User, looked_at: frozenset[int] = frozenset()) -> Looked:
    """Read a draft's file against the ledger as it stands now.

    Args:
        found: The draft.
        by: Its maker.
        looked_at: Rows whose unusual amount was looked at and is meant.

    Raises:
        FileRefused: It is no table of execution records.
    """
    if found.table is None:
        raise ValueError(f"{found.id} imports nothing")
    mapping = found.given["mapping"]
    along = Along(found.files, papers.receipts(by))
    preview = batch.preview(
        objects.objects().get(found.table.digest),
        book.ledger(),
        name=found.table.name,
        terms=Terms(
            batch=found.given["batch"],
            by=acts.hand(by),
            approved_by=_ANYBODY,
            recorded_at=clock.now(),
            looked_at=looked_at,
            papers=along,
        ),
        given=mapping_text.read_text(mapping) if mapping else headings.NOTHING_GIVEN,
        step=found.given["step"],
    )
    if too_long := _too_long(preview.entries):
        preview = replace(preview, faults=tuple(too_long))
    changes = json.dumps([preview.changes, len(preview.entries), sorted(looked_at)])
    return Looked(preview, ids.digest(changes.encode()), along)


_LIMITS: tuple[tuple[str, Words], ...] = (
    ("voucher", words("전표번호", "voucher number")),
    ("recipient", words("지급처", "recipient")),
)


def _too_long(entries: Sequence[Entry]) -> list[Fault]:
    """Texts for which the book has no room."""
    found = []
    for name, title in _LIMITS:
        most = int(getattr(Booking._meta.get_field(name), "max_length", 0))
        found += [
            Fault(
                row=int(each.id.rsplit("-", 2)[1]),
                column="",
                found=words(
                    f"{len(getattr(each, name)):,}자인 {title.ko}",
                    f"a {title.en} of {len(getattr(each, name)):,} characters",
                ),
                expected=words(f"{most}자 이하", f"at most {most}"),
            )
            for each in entries
            if len(getattr(each, name)) > most
        ]
    return sorted(found, key=lambda each: each.row)


def put_forward(
    found: Draft, *, by: User, looked_at: frozenset[int] = frozenset(), seen: str
) -> Act:
    """Put an import forward as it was seen, with the evidence that it leans on.

    Args:
        found: The draft.
        by: Its maker.
        looked_at: Rows whose unusual amount was looked at and is meant.
        seen: `Looked.seen` of what its maker was shown.

    Raises:
        Overtaken: It would now do something else than what was seen.
        BookingRefused: One may not be booked; nothing is put forward.
        ReceiptBroken: An evidence file is empty, too large, or not what came along.
    """
    if before := put_before(found):
        return before
    looked = look(found, by=by, looked_at=looked_at)
    preview = looked.preview
    if not preview.holds or looked.seen != seen:
        raise overtaken()
    table = found.table
    with transaction.atomic():
        looked.along.attach(preview.entries, by=acts.hand(by))
        return acts.put_forward(
            preview.entries,
            kind="import",
            title=table.name if table else "",
            by=by,
            batch=preview.batch,
            source=StoredObject.objects.get(pk=table.id) if table else None,
            shown=shown(preview, looked_at),
        )


def put_before(found: Draft) -> Act | None:
    """The act by which a draft was put forward before, and which still stands."""
    name = found.given.get("batch")
    rows = Act.objects.filter(batch=name, state__in=("waiting", "booked"))
    return rows.exclude(kind="undo").first() if name else None


def shown(preview: Preview, looked_at: frozenset[int]) -> dict[str, Any]:
    """What the maker saw, in both languages, without the file's own notes beyond the first."""
    told: dict[str, Any] = {
        language: {**preview.plain(language), "notes": list(preview.notes[:NOTES_KEPT])}
        for language in ("ko", "en")
    }
    return {**told, "looked_at": sorted(looked_at)}


def twins(found: Draft) -> list[Act]:
    """Acts that imported a file of the same content, and still stand."""
    if found.table is None:
        return []
    rows = Act.objects.filter(source__digest=found.table.digest, kind="import")
    undone = Act.objects.filter(kind="undo", state="booked").values("batch")
    return list(rows.filter(state__in=("waiting", "booked")).exclude(batch__in=undone))
