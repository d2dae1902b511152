"""Where do the files of the open data lie? Made once for a state of the ledger, then served."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from madang.kernel import clock, ids
from madang.programme.engine.ledger import Ledger
from madang.programme.engine.open_data import export
from madang.programme.engine.open_data.publisher import Publisher
from madang.programme.web.services import book

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

MOST_KEPT = 3
"""Earlier states that stay on disk, for who is still downloading."""


class OpenFile(NamedTuple):
    """One file of the open data."""

    name: str
    size_bytes: int
    sha256: str


def publisher(base: str) -> Publisher:
    """Who publishes, at the site's address.

    Args:
        base: The site's address without a slash at its end.
    """
    return Publisher(
        name=book.programme().ministry,
        address=base,
        ocds_prefix=settings.OCDS_PREFIX,
        oc4ids_prefix=settings.OC4IDS_PREFIX,
    )


def folder(base: str, *, on: date) -> Path:
    """The folder of the files of this state; made now where nobody has asked for it yet.

    An example year is never among them: where nothing was booked, the files tell of the lines
    and of no bookings.
    """
    key = ids.digest(f"{book.token()} {on} {base}".encode())[:16]
    place: Path = settings.DATA / "open-data" / key
    if not (place / export.MANIFEST).exists():
        ledger = book.ledger() if book.has_records() else Ledger(programme=book.programme())
        files = export.formats(ledger, publisher(base), on=on, at=clock.now())
        export.write(files, place)
        _forget(place)
    return place


def _forget(kept: Path) -> None:
    """Take away what is older than the last few states."""
    others = [each for each in kept.parent.iterdir() if each.is_dir() and each != kept]
    others.sort(key=lambda each: each.stat().st_mtime, reverse=True)
    for each in others[MOST_KEPT - 1 :]:
        shutil.rmtree(each, ignore_errors=True)


def listed(place: Path) -> list[OpenFile]:
    """The files with their sizes and digests, as their manifest names them."""
    manifest = json.loads((place / export.MANIFEST).read_bytes())
    found = [
        OpenFile(name, each["bytes"], each["sha256"]) for name, each in manifest["files"].items()
    ]
    own = (place / export.MANIFEST).read_bytes()
    return [*found, OpenFile(export.MANIFEST, len(own), ids.digest(own))]
