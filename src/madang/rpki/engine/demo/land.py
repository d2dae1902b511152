"""Who holds what in the demonstration? A trust anchor and three members, on documentation numbers.

All addresses and AS numbers are those reserved for documentation (RFC 5737, 3849, 5398).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.anchoring import FILE_NAME, locator
from madang.rpki.engine.authority.book import Book
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.authority.registry import Registry
from madang.rpki.engine.keys.folder import KeyFolder
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.publication.catalogue import Catalogue, PublisherEntry
from madang.rpki.engine.publication.server import PublicationServer
from madang.rpki.engine.resources.blocks import read_resources
from madang.rpki.engine.resources.prefix import Prefix, read_prefix

if TYPE_CHECKING:
    from pathlib import Path

    from madang.rpki.engine.demo.hosting import Places

BY: Final = "demo"
_ANCHOR: Final = "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32, AS64496-AS64511"


class Member(NamedTuple):
    """A member, what it holds, and what it wants to be believed."""

    handle: str
    resources: str
    roas: tuple[tuple[str, int, int], ...]
    """Prefix, greatest length, AS."""
    aspas: tuple[Aspa, ...] = ()


MEMBERS: Final = (
    Member(
        "carrier",
        "192.0.2.0/24, 2001:db8::/33, AS64496-AS64499",
        (("192.0.2.0/24", 24, 64496), ("2001:db8::/33", 48, 64496)),
        (Aspa(64496, (64500, 64510)),),
    ),
    Member(
        "agency",
        "198.51.100.0/24, AS64500-AS64503",
        (("198.51.100.0/24", 24, 64500),),
    ),
    Member(
        "school",
        "203.0.113.0/24, 2001:db8:8000::/33, AS64504",
        (("203.0.113.0/25", 25, 64504), ("2001:db8:8000::/40", 40, 64504)),
    ),
)


class Announcement(NamedTuple):
    """A route that somebody sees."""

    prefix: Prefix
    asn: int


HEALTHY: Final = Announcement(read_prefix("198.51.100.0/24"), 64500)
HIJACKED: Final = Announcement(read_prefix("198.51.100.0/25"), 64666)


class Land(NamedTuple):
    """The registry, and the locator by which others trust it."""

    registry: Registry
    server: PublicationServer
    tal: bytes


def found(folder: Path, places: Places) -> Land:
    """Found the registry in an empty folder and publish everything."""
    folder.mkdir(parents=True, exist_ok=True)
    server = PublicationServer(
        catalogue=Catalogue(folder / "catalogue.sqlite3"),
        folder=folder / "published",
        web=places.web,
        module=places.module,
    )
    server.catalogue.admit(PublisherEntry("here", places.module, b""))
    registry = Registry(
        book=Book(folder / "authority.sqlite3"),
        # The demonstration's keys are worthless once it ends, and so is the passphrase.
        keys=KeyFolder(folder / "keys", secrets.token_bytes(32)),
        publishers={"": server.publisher("here")},
    )
    top = f"{places.module}anchor/"
    registry.create_anchor(
        "anchor", read_resources(_ANCHOR), base=top, notify=server.notify, by=BY
    )
    for member in MEMBERS:
        registry.add_member(
            "anchor",
            member.handle,
            resources=read_resources(member.resources),
            base=f"{places.module}{member.handle}/",
            by=BY,
        )
        registry.commit(registry.plan(member.handle, Changes(wanted(member))), by=BY)
    class_ = entries.classes(registry.book.rows, "anchor")[0]
    key = entries.keys(registry.book.rows, class_.id)[0]
    # A trust anchor may be fetched over HTTPS, too (RFC 8630 section 2.3).
    certificate = server.catalogue.content(top + FILE_NAME)
    (server.folder / "rrdp" / FILE_NAME).write_bytes(certificate)
    uris = (places.web + FILE_NAME, top + FILE_NAME)
    return Land(registry, server, locator(key.public_key, *uris).encode())


def wanted(member: Member) -> Intents:
    """What a member wants to be believed."""
    vrps = frozenset(
        Vrp(*read_prefix(prefix), greatest, asn) for prefix, greatest, asn in member.roas
    )
    return Intents(vrps, frozenset(member.aspas))
