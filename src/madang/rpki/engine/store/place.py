"""Where does an object of this address lie below a folder? Never outside it."""

from __future__ import annotations

import re
from typing import Final

_SAFE: Final = re.compile(r"(?:rsync|https)://([A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~%+=@,-]+)*/?)")
_NOWHERE: Final = "/nonexistent"


def path_of(folder: str, uri: str) -> str:
    """The path of `rsync://host/module/…` below a folder; one that cannot exist for all else."""
    found = _SAFE.fullmatch(uri)
    if found is None or any(part in ("", ".", "..") for part in found[1].rstrip("/").split("/")):
        return _NOWHERE
    return f"{folder}/{found[1].rstrip('/')}"
