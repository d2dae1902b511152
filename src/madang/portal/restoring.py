"""How does a new site become the one that a backup holds? Whole, or not at all.

The file is read twice. First everything is checked, part by part, against the manifest. Then, in
one transaction, rows go in, objects into their store, and folders into a place beside; only when
all of it has been checked again do the folders take their names and the transaction ends.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle
from madang.kernel.evidence.keys import SigningKey
from madang.kernel.evidence.note import Checkpoint, open_signed
from madang.kernel.words import words
from madang.portal import backup, rows
from madang.portal.backup import FOLDERS, MANIFEST, OBJECTS, PIECE, ROWS, SECRET, Manifest
from madang.portal.log import KEY_FILE, forget_key, text_of
from madang.portal.models import LogEntry, LogHead, LogNode
from madang.portal.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db import models

    from madang.kernel.words import Words

    Told = Callable[[Words], None]

_OBJECT = re.compile(rf"{OBJECTS}/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")
_TABLE = re.compile(rf"{ROWS}/([\w.]+)\.jsonl\.gz")
_LARGEST_MANIFEST = 256 * PIECE


class _Part(NamedTuple):
    name: str
    size: int
    mode: int
    content: IO[bytes]


def read(file: Path, *, told: Told | None = None) -> Manifest:
    """Fill this new site from a backup.

    Args:
        file: The backup.
        told: Called with what is being done.

    Raises:
        InputError: The site is not new, the file is no backup of this edition, or any part of it
            is not what the manifest says. Nothing was changed.
        Unavailable: Objects cannot be written.
    """
    told = told or _silent
    settings.DATA.mkdir(parents=True, exist_ok=True)
    _check_new()
    told(words("백업 파일을 점검합니다.", "Checking the file."))
    manifest = check(file)
    _check_edition(manifest)
    moves: list[tuple[Path, Path]] = []
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.DATA) as folder:
        beside = Path(folder)
        try:
            with _telling(), transaction.atomic():
                _fill(file, manifest, beside, told)
                _check_log(manifest, beside)
                _take_names(beside, moves)
        except BaseException:
            for source, target in reversed(moves):
                target.rename(source)
            raise
    ContentType.objects.clear_cache()
    forget_key()
    return manifest


def hides_by_other_key() -> bool:
    """Whether this site cannot open what the restored one hid by its secret key."""
    restored = (settings.DATA / SECRET).read_text("utf-8")
    return restored not in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def check(file: Path) -> Manifest:
    """Is every part of a backup what its manifest says?

    Raises:
        InputError: It is not, or the file is no backup.
    """
    seen: dict[str, tuple[int, str]] = {}
    number, size = 0, 0
    manifest: Manifest | None = None
    for part in _parts(file):
        if manifest:
            raise _damaged(part.name)
        if part.name == MANIFEST:
            manifest = _manifest(part)
            continue
        digest = _digest(part)
        if found := _OBJECT.fullmatch(part.name):
            if digest != found[2]:
                raise _damaged(part.name)
            number, size = number + 1, size + part.size
        else:
            _check_name(part.name)
            seen[part.name] = (part.size, digest)
    if manifest is None:
        raise _damaged(MANIFEST)
    for name in sorted({*seen, *manifest.members}):
        if seen.get(name) != manifest.members.get(name):
            raise _damaged(name)
    if (number, size) != (manifest.objects, manifest.object_bytes):
        raise _damaged(OBJECTS)
    return manifest


def _fill(file: Path, manifest: Manifest, beside: Path, told: Told) -> None:
    tables = {each._meta.label: each for each in rows.tables()}
    for table in tables.values():
        table._base_manager.all().delete()
    number = 0
    for part in _parts(file):
        if found := _TABLE.fullmatch(part.name):
            told(words(f"표 {found[1]}", f"Table {found[1]}"))
            _put_rows(tables[found[1]], part, manifest.rows[found[1]])
        elif found := _OBJECT.fullmatch(part.name):
            _put_object(part, found[2], beside)
            number += 1
            if number % 1000 == 0:
                told(words(f"객체 {number:,}개", f"{number:,} objects"))
        elif part.name != MANIFEST:
            _put_file(part, beside)
    rows.go_on_counting()
    connection.check_constraints()


def _put_rows(table: type[models.Model], part: _Part, expected: int) -> None:
    try:
        with gzip.GzipFile(fileobj=part.content, mode="rb") as lines:
            count = rows.put(table, rows.read(table, lines))
    except (ValueError, TypeError, EOFError, OSError, zlib.error, ValidationError) as fault:
        raise _damaged(part.name) from fault
    if count != expected:
        raise _damaged(part.name)


def _put_object(part: _Part, digest: str, beside: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=beside) as copy:
        shutil.copyfileobj(part.content, copy, PIECE)
        copy.flush()
        if objects().put_file(copy.name) != digest:
            raise _damaged(part.name)


def _put_file(part: _Part, beside: Path) -> None:
    target = beside / part.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as copy:
        shutil.copyfileobj(part.content, copy, PIECE)
        copy.flush()
        os.fsync(copy.fileno())
    target.chmod(part.mode & 0o777)


def _take_names(beside: Path, moves: list[tuple[Path, Path]]) -> None:
    """Put the folders where the site looks for them; what the new site had there goes beside.

    Args:
        beside: Where they were put.
        moves: Gets each move as it is made, so that it can be undone.
    """
    (beside / "before").mkdir()
    for name in backup.kept():
        new, place = beside / FOLDERS / name, settings.DATA / name
        if not new.exists():
            continue
        for source, target in ((place, beside / "before" / name), (new, place)):
            if source.exists():
                source.rename(target)
                moves.append((source, target))


def _check_log(manifest: Manifest, beside: Path) -> None:
    """Does the restored log state the root that the manifest names, under the restored key?"""
    row = LogHead.objects.filter(pk=1).first()
    if row is None or not row.checkpoint:
        if manifest.log_root:
            raise _damaged("portal.LogHead")
        return
    key = SigningKey.load(beside / FOLDERS / "keys" / KEY_FILE).verifier
    head = Checkpoint.parse(open_signed(bytes(row.checkpoint), key))
    places = [merkle.position(*peak) for peak in merkle.peaks(head.size)]
    known = dict(LogNode.objects.filter(pk__in=places).values_list("position", "hash"))
    root = merkle.root_of([bytes(known.get(place, b"")) for place in places])
    if (
        (head.size, text_of(head.root)) != (manifest.log_size, manifest.log_root)
        or root != head.root
        or LogEntry.objects.count() != head.size
    ):
        raise _damaged("portal.LogHead")


def _check_new() -> None:
    """Has nobody used this site yet?

    Raises:
        InputError: Somebody has; the sentence says where.
    """
    for table in rows.tables():
        label = table._meta.label
        found = table._base_manager.all()
        if label == LogHead._meta.label:
            found = found.exclude(size=0)
        if label not in rows.GIVEN and found.exists():
            raise _used(words(f"표 {label}의 행", f"rows in the table {label}"))
    for name in backup.kept():
        place = settings.DATA / name
        if place.is_dir() and any(each.is_file() for each in place.rglob("*")):
            raise _used(words(f"폴더 {place}의 파일", f"files in the folder {place}"))


def _check_edition(manifest: Manifest) -> None:
    labels = {each._meta.label for each in rows.tables()}
    if manifest.migrations != backup.applied() or set(manifest.rows) != labels:
        raise InputError(
            words(
                f"다른 판({manifest.version})의 백업", f"a backup of edition {manifest.version}"
            ),
            words(
                "이 사이트와 같은 판, 같은 시스템의 백업",
                "one of this site's own edition and systems",
            ),
            words(
                "백업을 만든 판을 설치해 복구한 뒤 올리십시오.",
                "Install the edition that made it, restore, then upgrade.",
            ),
        )


def _parts(file: Path) -> Iterator[_Part]:
    """The parts of a backup in their order.

    Raises:
        InputError: The file cannot be read, or is no archive of plain files.
    """
    try:
        with tarfile.open(file, "r|") as archive:
            for info in archive:
                content = archive.extractfile(info) if info.isreg() else None
                if content is None:
                    raise _damaged(info.name)
                yield _Part(info.name, info.size, info.mode, content)
                # The archive would remember each, and a large site has very many.
                archive.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError, zlib.error) as fault:
        raise _damaged(file.name) from fault
    except OSError as fault:
        raise InputError(
            words(f"읽을 수 없는 파일 {file}", f"a file that cannot be read: {file}"),
            words("백업 파일", "a backup"),
        ) from fault


def _manifest(part: _Part) -> Manifest:
    if part.size > _LARGEST_MANIFEST:
        raise _damaged(MANIFEST)
    try:
        return Manifest.decode(part.content.read())
    except (ValueError, tarfile.TarError) as fault:
        raise _damaged(MANIFEST) from fault


def _check_name(name: str) -> None:
    """Rows of a table, or a file in a folder that a backup carries, and nothing else."""
    path = PurePosixPath(name)
    is_kept = path.parts[:1] == (FOLDERS,) and path.parts[1:2] and path.parts[1] in backup.kept()
    if str(path) != name or ".." in path.parts or not (_TABLE.fullmatch(name) or is_kept):
        raise _damaged(name)


def _digest(part: _Part) -> str:
    total = hashlib.sha256()
    try:
        for piece in iter(lambda: part.content.read(PIECE), b""):
            total.update(piece)
    except tarfile.TarError as fault:
        raise _damaged(part.name) from fault
    return total.hexdigest()


@contextmanager
def _telling() -> Iterator[None]:
    """What the database does not take, and a file that changes meanwhile, in one sentence."""
    try:
        yield
    except tarfile.TarError as fault:
        raise _damaged(str(fault)) from fault
    except DatabaseError as fault:
        said = str(fault).partition("\n")[0] or type(fault).__name__
        raise InputError(
            words(
                f"데이터베이스가 받지 않는 행: {said}", f"rows that the database refuses: {said}"
            ),
            words(
                "온전한 백업과 응답하는 데이터베이스", "a whole backup and a database that answers"
            ),
        ) from fault


def _used(found: Words) -> InputError:
    return InputError(
        found,
        words("아무도 쓰지 않은 새 사이트", "a new site that nobody has used"),
        words(
            "새 데이터베이스와 빈 폴더(MADANG_DATA)에 복구하십시오.",
            "Restore into a new database and an empty folder (MADANG_DATA).",
        ),
    )


def _damaged(name: str) -> InputError:
    return InputError(
        words(f"온전하지 않은 백업: {name}", f"a backup that is not whole: {name}"),
        words("'madang backup'이 만든 그대로의 파일", "the file as `madang backup` made it"),
        words("다른 백업에서 복구하십시오.", "Restore from another backup."),
    )


def _silent(said: Words) -> None:
    """Tell nobody."""
