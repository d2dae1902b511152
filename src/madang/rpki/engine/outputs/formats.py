"""In which forms can payloads be written, and how does a file get there whole?"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Final

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.outputs import configurations, counts, documents, tables
from madang.rpki.engine.outputs.ccr import ccr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from madang.rpki.engine.outputs.listing import Listing

_TEXTS: Final[dict[str, Callable[[Listing], Iterator[str]]]] = {
    "csv": tables.csv,
    "csv-expires": tables.csv_with_ends,
    "json": documents.rpki_client,
    "routinator": documents.routinator,
    "bird": configurations.bird,
    "openbgpd": configurations.openbgpd,
    "prometheus": counts.prometheus,
}
FORMATS: Final = (*_TEXTS, "ccr")
"""The names by which a form is asked for."""
_LINES_AT_ONCE: Final = 8192


def written(listing: Listing, form: str) -> Iterator[bytes]:
    """A listing in one of the forms, in pieces.

    Args:
        listing: What is shown.
        form: One of `FORMATS`.
    """
    if form == "ccr":
        yield ccr(listing)
        return
    found = _TEXTS[form](listing)
    while piece := "".join(islice(found, _LINES_AT_ONCE)):
        yield piece.encode()


def write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file in its place in one step, once all of it is on the disk.

    Whoever reads `path` meanwhile finds the file before, whole.

    Raises:
        Unavailable: It cannot be written; the file before stands.
    """
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            with waiting.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(path)
        finally:
            waiting.unlink(missing_ok=True)
    except OSError as fault:
        raise Unavailable(
            words(f"파일 {path}", f"the file {path}"), reason=fault.strerror or str(fault)
        ) from fault
