"""Messages that others exchanged, and parties of our own."""

from __future__ import annotations

import functools
import tarfile
from datetime import timedelta
from pathlib import Path

from madang.kernel import clock
from madang.rpki.engine.exchange.identity import Speaker, identity
from madang.rpki.engine.keys.signer import MemoryKey, new_key
from madang.rpki.engine.making.certificate import Validity

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "rpki"


@functools.cache
def stored() -> dict[str, bytes]:
    """Path → message."""
    found = {}
    with tarfile.open(FOLDER / "messages.tar.xz", "r:xz") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream:
                found[member.name.removeprefix("./")] = stream.read()
    return found


@functools.cache
def key(name: str) -> MemoryKey:
    return new_key()


@functools.cache
def speaker(name: str) -> Speaker:
    now = clock.now()
    validity = Validity(now - timedelta(days=1), now + timedelta(days=3650))
    return Speaker(key(name), identity(key(name), validity), key(name + " messages"))
