"""A small registry of its own: a trust anchor, members below it, and a publication server."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.anchoring import FILE_NAME, locator
from madang.rpki.engine.authority.book import Book
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.authority.registry import Registry
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.keys.signer import MemoryKey, new_key
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.publication.catalogue import Catalogue, PublisherEntry
from madang.rpki.engine.publication.disk import RealDisk
from madang.rpki.engine.publication.server import PublicationServer
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.resources.prefix import read_prefix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.rpki.engine.publication.disk import Disk

MODULE = "rsync://localhost/repo/"
BASE = "rsync://localhost/repo/ca/"
TOP = f"{BASE}top/"


_numbers = itertools.count()


@functools.cache
def _pooled(pool: str, number: int) -> MemoryKey:
    return new_key()


def new_world() -> None:
    """Begin to take one-time keys from the start of the pool again."""
    global _numbers
    _numbers = itertools.count()


def one_time() -> Callable[[], MemoryKey]:
    """One-time keys out of a pool: none twice in one world, since OctoRPKI takes offence."""
    return lambda: _pooled("one time", next(_numbers))


class HeldKeys:
    """A key store in memory, whose keys are made once for all tests."""

    def __init__(self, pool: str = "held") -> None:
        self.pool = pool
        self.keys: dict[str, MemoryKey] = {}

    def create(self) -> str:
        number = len(self.keys) + 1
        self.keys[str(number)] = _pooled(self.pool, number)
        return str(number)

    def signer(self, handle: str) -> MemoryKey:
        if handle not in self.keys:
            raise SettingRefused(handle, "a key")
        return self.keys[handle]

    def destroy(self, handle: str) -> None:
        self.keys[handle] = None


class Land:
    """The registry in a folder, as if its process had just begun."""

    def __init__(self, folder: Path, disk: Disk | None = None, keys: HeldKeys | None = None):
        self.folder = folder
        self.keys = keys or HeldKeys()
        self.book = Book(folder / "book.sqlite")
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.server = PublicationServer(
            catalogue=self.catalogue,
            folder=folder / "www",
            web="https://localhost:8443/rrdp/",
            module=MODULE,
            disk=disk or RealDisk(),
        )
        self.catalogue.admit(PublisherEntry("here", BASE, b""))
        self.registry = Registry(
            book=self.book,
            keys=self.keys,
            publishers={"": self.server.publisher("here")},
            one_time=one_time(),
        )

    @property
    def tree(self) -> Path:
        """What rsync serves now."""
        return (self.folder / "www" / "rsync" / "current").resolve()

    @property
    def locator(self) -> str:
        """The trust-anchor locator."""
        class_ = entries.classes(self.book.rows, "top")[0]
        key = entries.keys(self.book.rows, class_.id)[0]
        return locator(key.public_key, TOP + FILE_NAME)

    def found(self) -> None:
        """The trust anchor and two members, one below the other."""
        self.registry.create_anchor(
            "top", read_resources("10.0.0.0/8, 2001:db8::/32, AS64496-AS64511"), base=TOP, by="op"
        )
        self.registry.add_member(
            "top", "one", base=f"{BASE}one/", by="op",
            resources=read_resources("10.1.0.0/16, 2001:db8:1::/48, AS64496-AS64500"),
        )  # fmt: skip
        self.registry.add_member(
            "one", "two", resources=read_resources("10.1.128.0/17, AS64500"),
            base=f"{BASE}two/", by="op",
        )  # fmt: skip

    def want(self, handle: str, *texts: str, confirmed: int = 0) -> None:
        """Add intents such as `10.1.0.0/16-24 64496`, or remove those with a minus in front."""
        add = frozenset(vrp(text) for text in texts if text[0] != "-")
        remove = frozenset(vrp(text[1:]) for text in texts if text[0] == "-")
        plan = self.registry.plan(handle, Changes(Intents(add), Intents(remove)))
        self.registry.commit(plan, by="member", confirmed=confirmed)

    def close(self) -> None:
        self.book.close()
        self.catalogue.rows.close()


def vrp(text: str) -> Vrp:
    """`10.1.0.0/16-24 64496` as a payload."""
    place, asn = text.split()
    prefix, _, longest = place.partition("-")
    found = read_prefix(prefix)
    return Vrp(*found, int(longest or found.length), int(asn))


def aspa(customer: int, *providers: int) -> Aspa:
    return Aspa(customer, providers)
