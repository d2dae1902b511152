"""Where does an agency's table lie until it is sealed? In a folder that only its owner reads.

It never enters the object store, whose contents are named by their digest and stay: once the
demand is sealed, or the table replaced, its file is erased. The scorer alone reads it.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Any

from django.conf import settings

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.units import size
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

MOST_BYTES = 512 << 20
"""As much as the reader of tables takes."""
ENDINGS = (".csv", ".parquet")
STRAY_S = 3600.0
"""Longest that an upload and the transaction behind it may take."""
_STRANGE = re.compile(r"[^\w .()\[\]+-]")


def folder() -> Path:
    """The intake, made at its first use."""
    found: Path = settings.DATA / "trials" / "intake"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def take(chunks: Iterable[bytes], *, name: str) -> dict[str, Any]:
    """Put a table into the intake.

    Args:
        chunks: Its content.
        name: What its owner calls it; only for the owner's eyes, never for a path.

    Returns:
        What the demand's row remembers: `file`, `name`, `size`, `digest`.

    Raises:
        InputError: Neither CSV nor Parquet by its name, empty, or too large; nothing was kept.
    """
    ending = "".join(name.rpartition(".")[1:]).lower()
    if ending not in ENDINGS:
        raise InputError(
            words(f"파일 {shown_name(name)}", f"the file {shown_name(name)}"),
            words("이름이 .csv 또는 .parquet로 끝나는 표", "a table called .csv or .parquet"),
            words(
                "엑셀에서는 'CSV UTF-8'로 저장하십시오.",
                "In a spreadsheet, save it as 'CSV UTF-8'.",
            ),
        )
    file = folder() / f"{ids.new('table')}{ending}"
    try:
        count, digest = _written(file, chunks)
    except InputError:
        file.unlink(missing_ok=True)
        raise
    return {"file": file.name, "name": shown_name(name), "size": count, "digest": digest}


def _written(file: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        for chunk in chunks:
            count += len(chunk)
            if count > MOST_BYTES:
                raise InputError(
                    words(f"{size(MOST_BYTES)}보다 큰 표", f"a table over {size(MOST_BYTES)}"),
                    words(f"{size(MOST_BYTES)} 이하", f"at most {size(MOST_BYTES)}"),
                    words(
                        "필요한 행과 열만 올리십시오.", "Upload only the rows and columns needed."
                    ),
                )
            digest.update(chunk)
            opened.write(chunk)
    if not count:
        raise InputError(words("빈 파일", "an empty file"), words("내용이 있는 표", "a table"))
    return count, digest.hexdigest()


def erase(table: dict[str, Any]) -> None:
    """Erase a table; one that is gone already is no fault."""
    name = table.get("file", "")
    if name and "/" not in name:
        (folder() / name).unlink(missing_ok=True)


def has_strays() -> bool:
    """Whether a file lies here for so long that its request must be over."""
    return any(_strays())


def sweep(known: Collection[str]) -> int:
    """Erase what no demand knows: the rest of uploads whose request or process died.

    Args:
        known: Files that demands name.

    Returns:
        How many were erased.
    """
    found = [file for file in _strays() if file.name not in known]
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)


def _strays() -> Iterator[Path]:
    oldest_s = clock.epoch_s() - STRAY_S
    for file in folder().glob("table-*"):
        try:
            if file.stat().st_mtime < oldest_s:
                yield file
        except FileNotFoundError:
            continue  # sealed or replaced at this moment


def shown_name(name: str) -> str:
    """What somebody calls a file, without anything but its name's plain signs."""
    bare = re.split(r"[/\\]", name)[-1]
    return _STRANGE.sub("_", bare)[-100:] or "_"
