"""Objects that others published, and what rpki-client read in them."""

from __future__ import annotations

import functools
import json
import lzma
import tarfile
from pathlib import Path

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "rpki"


@functools.cache
def _files() -> dict[str, bytes]:
    found = {}
    with tarfile.open(FOLDER / "real_objects.tar.xz", "r:xz") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream:
                found["/".join(member.name.split("/")[-2:])] = stream.read()
    return found


def decoded(kind: str) -> list[tuple[dict, bytes]]:
    """What was read in each object of a kind, with the object."""
    with lzma.open(FOLDER / "real_decoded.jsonl.xz", "rt") as lines:
        read = [json.loads(line) for line in lines]
    return [(each, _files()[each["file"]]) for each in read if each.get("type") == kind]
