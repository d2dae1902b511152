"""How does a whole site become one file while it runs?

    rows/<table>.jsonl.gz     every row that lasts, from one moment
    folders/<path>            keys, and the folders that systems keep (`System.keeps`)
    objects/ab/<digest>       every object
    manifest.json             last: what stands in the file, with sizes and digests

Rows come first. Whatever they name was there before them, so that nothing of what is read later
can be missing; what is newer than the rows harms nobody. The file holds private keys: it is
readable by its owner alone.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from madang.kernel import clock, systems
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.evidence.note import Checkpoint, read
from madang.kernel.evidence.statement import BASE
from madang.kernel.words import words
from madang.portal import rows
from madang.portal.log import text_of
from madang.portal.models import LogHead
from madang.portal.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from madang.kernel.words import Words

    Told = Callable[[Words], None]

FORM = f"{BASE}backup/v1"
MANIFEST = "manifest.json"
ROWS, FOLDERS, OBJECTS = "rows", "folders", "objects"
SECRET = "secret-key"  # noqa: S105 - the name of a file
"""Hides second factors and signs sessions; in production it comes from the environment."""
OWN = ("keys", SECRET)
"""What the site itself keeps in its folder."""
PIECE = 1 << 20
_LOCKS = re.compile(r"\..*\.lock")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands in a backup."""

    made: str
    version: str
    database: str
    migrations: dict[str, list[str]]
    rows: dict[str, int] = field(default_factory=dict)
    """Table → how many rows."""
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Name of each part but the objects → its size and SHA-256."""
    objects: int = 0
    object_bytes: int = 0
    log_size: int = 0
    log_root: str = ""

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps({"_type": FORM, **asdict(self)}, indent=1).encode()

    @classmethod
    def decode(cls, content: bytes) -> Manifest:
        """The manifest that `encode` wrote.

        Raises:
            ValueError: It is none.
        """
        try:
            value = json.loads(content)
            if value.pop("_type") != FORM:
                raise ValueError("another form")
            members = {name: (size, digest) for name, (size, digest) in value["members"].items()}
            return cls(**{**value, "members": members})
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError("another form") from fault


def write(file: Path, *, told: Told | None = None) -> Manifest:
    """Write the site into a new file, whole or not at all.

    Args:
        file: Where; nothing must lie there.
        told: Called with what is being done.

    Raises:
        InputError: Something lies there already.
        Unavailable: It cannot be written.
    """
    if file.exists():
        raise InputError(
            words(f"이미 있는 파일 {file}", f"the file {file}, which is there"),
            words("새 파일 이름", "the name of a new file"),
        )
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as content:
            manifest = _Packer(content, told or _silent).pack(beside=file.parent)
            content.flush()
            os.fsync(content.fileno())
        unfinished.replace(file)
    except OSError as fault:
        raise Unavailable(
            words(f"백업 파일 {file}", f"the backup {file}"),
            reason=fault.strerror or type(fault).__name__,
            remedy=words(
                "디스크 여유 공간과 쓰기 권한을 확인하십시오.",
                "Check the free space and the right to write.",
            ),
        ) from fault
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


class _Packer:
    """Puts the parts of a site into one archive, a piece at a time."""

    def __init__(self, content: IO[bytes], told: Told) -> None:
        self._tar = tarfile.open(fileobj=content, mode="w|", format=tarfile.PAX_FORMAT)
        self._told = told
        self._members: dict[str, tuple[int, str]] = {}

    def pack(self, *, beside: Path) -> Manifest:
        """Everything, then the manifest; rows wait in a temporary file beside the backup."""
        with _moment():
            found = _head()
            counts = {each._meta.label: self._rows(each, beside) for each in rows.tables()}
            made, migrations = clock.stamp(), applied()
        self._told(words("열쇠와 폴더를 담습니다.", "Packing keys and folders."))
        self._add(f"{FOLDERS}/{SECRET}", io.BytesIO(settings.SECRET_KEY.encode()))
        for name in kept():
            if name != SECRET:
                self._folder(settings.DATA / name)
        number, size = self._objects()
        manifest = Manifest(
            made=made,
            version=_version(),
            database=connection.vendor,
            migrations=migrations,
            rows=counts,
            members=self._members,
            objects=number,
            object_bytes=size,
            log_size=found.size if found else 0,
            log_root=text_of(found.root) if found else "",
        )
        self._add(MANIFEST, io.BytesIO(manifest.encode()))
        self._tar.close()
        return manifest

    def _rows(self, table: Any, beside: Path) -> int:
        label = table._meta.label
        self._told(words(f"표 {label}", f"Table {label}"))
        with tempfile.TemporaryFile(dir=beside) as packed:
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=3, mtime=0) as text:
                count = rows.write(table, text)
            self._add(f"{ROWS}/{label}.jsonl.gz", packed)
        return count

    def _folder(self, place: Path) -> None:
        for path in _files(place):
            # A file that went since it was listed was unfinished: rows never name such.
            with suppress(FileNotFoundError), path.open("rb") as file:
                name = f"{FOLDERS}/{path.relative_to(settings.DATA).as_posix()}"
                self._add(name, file, mode=path.stat().st_mode & 0o777)

    def _objects(self) -> tuple[int, int]:
        number, size = 0, 0
        for digest in objects().digests():
            with objects().open(digest) as content:
                size += self._add(f"{OBJECTS}/{digest[:2]}/{digest}", content, listed=False)
            number += 1
            if number % 1000 == 0:
                self._told(words(f"객체 {number:,}개", f"{number:,} objects"))
        return number, size

    def _add(
        self, name: str, content: IO[bytes], *, mode: int = 0o600, listed: bool = True
    ) -> int:
        part = tarfile.TarInfo(name)
        part.size, part.mode = content.seek(0, os.SEEK_END), mode
        content.seek(0)
        counted = _Counted(content)
        self._tar.addfile(part, counted)
        # The archive would remember each, and a large site has very many.
        self._tar.members = []  # type: ignore[attr-defined]
        if listed and name != MANIFEST:
            self._members[name] = (part.size, counted.digest.hexdigest())
        return part.size


class _Counted:
    """A file whose digest is taken as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


@contextmanager
def _moment() -> Iterator[None]:
    """Let every question within see the database as it was at one moment; nobody waits for it."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            # `atomic` would take the one right to write, and hold it for the whole backup.
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def kept() -> list[str]:
    """What of the site's folder a backup carries."""
    return [*OWN, *(name for system in systems.installed() for name in system.keeps)]


def applied() -> dict[str, list[str]]:
    """App → its migrations that were applied."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def _files(place: Path) -> Iterator[Path]:
    """Regular files at or below a place; a lock holds nothing, and no link is followed."""
    if place.is_file() and not place.is_symlink():
        yield place
    elif place.is_dir() and not place.is_symlink():
        for each in sorted(place.iterdir()):
            if not _LOCKS.fullmatch(each.name):
                yield from _files(each)


def _head() -> Checkpoint | None:
    row = LogHead.objects.filter(pk=1).first()
    if row is None or not row.checkpoint:
        return None
    return Checkpoint.parse(read(bytes(row.checkpoint)).text)


def _version() -> str:
    from importlib.metadata import version

    return version("madang")


def _silent(said: Words) -> None:
    """Tell nobody."""
