"""Where does a registry live on one machine? In a folder: its book, its keys, what it publishes.

authority.json     the addresses under which it publishes
book.sqlite        what is wanted and what is signed
catalogue.sqlite   what stands published
keys/              private keys, enciphered
www/rrdp/          for the web server
www/rsync/current  the path of the rsync module
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.anchoring import FILE_NAME, locator
from madang.rpki.engine.authority.book import Book
from madang.rpki.engine.authority.delegation import Delegation
from madang.rpki.engine.authority.registry import Registry
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.exchange.publication_service import PublicationService
from madang.rpki.engine.exchange.remote_publisher import RemotePublisher
from madang.rpki.engine.exchange.setting_up import RepositoryResponse
from madang.rpki.engine.keys.folder import KeyFolder
from madang.rpki.engine.publication.catalogue import Catalogue, PublisherEntry
from madang.rpki.engine.publication.server import PublicationServer

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from madang.rpki.engine.publication.changes import Publisher

SETTINGS: Final = "authority.json"
OWN: Final = "ca"
"""The folder of the module in which authorities of this registry publish; others get their own."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open registry; a context manager that closes its files."""

    folder: Path
    registry: Registry
    server: PublicationServer
    handle: str
    """The authority that the registry began with, which speaks for its publication server."""
    service: str
    """Where messages of children and publishers reach it, ending in a slash."""

    def delegation(self) -> Delegation:
        """The registry as its delegated children see it."""
        return Delegation(self.registry, f"{self.service}up/")

    def publication(self, *, by: str) -> PublicationService:
        """The publication server as its publishers elsewhere see it."""
        own = speaker(self.registry, self.handle, by=by)
        return PublicationService(self.server, own, f"{self.service}publish/")

    @property
    def base(self) -> str:
        """The address below which the authorities here publish, ending in a slash."""
        return f"{self.server.module}{OWN}/"

    def publish_with(self, answer: RepositoryResponse, *, by: str) -> None:
        """Let the publication server of this answer publish for the registry from now on.

        Raises:
            SettingRefused: Keys are certified already, for another place.
        """
        rows = self.registry.book.rows
        if rows.execute("select 1 from key").fetchone():
            raise SettingRefused(
                words("이미 인증서를 받은 키가 있는 등록소", "a registry with keys"),
                words("키가 없는 새 등록소", "a new one without keys"),
            )
        detail = {"service": answer.service, "base": answer.base}
        with self.registry.desk("publish with", self.handle, by=by, detail=detail) as desk:
            kept = answer._asdict() | {"identity": answer.identity.hex()}
            desk.rows.execute(
                "insert or replace into peer values (?, 'publisher', '', ?)",
                (self.handle, json.dumps(kept)),
            )
            desk.rows.execute(
                "update authority set base = ?, notify = ? where handle = ?",
                (f"{answer.base}{self.handle}/", answer.notify, self.handle),
            )

    def locators(self) -> dict[str, str]:
        """Trust anchor → its locator (RFC 8630), for those whose key is certified."""
        rows, found = self.registry.book.rows, {}
        for authority in entries.authorities(rows):
            for class_ in entries.classes(rows, authority.handle):
                key = entries.key_in(rows, class_.id, "current")
                if authority.kind == "anchor" and key:
                    found[authority.handle] = locator(key.public_key, authority.base + FILE_NAME)
        return found

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.registry.book.close()
        self.server.catalogue.rows.close()


def create(
    folder: Path, secret: bytes, *, handle: str, module: str, web: str, service: str
) -> Workspace:
    """A new registry in a folder.

    Args:
        folder: Where; made if absent.
        secret: The passphrase of its keys.
        handle: The authority that it begins with.
        module: The address of its rsync module, `rsync://…/`.
        web: The address under which `www/rrdp/` is served, `https://…/`.
        service: The address at which `madang rpki ca serve` is reached, `https://…/`.

    Raises:
        SettingRefused: A registry is there, an address is none, or the passphrase is too short.
    """
    if (folder / SETTINGS).exists():
        raise SettingRefused(
            words(f"{folder}에 이미 있는 등록소", f"a registry in {folder}"),
            words("비어 있는 폴더", "an empty folder"),
        )
    for address, scheme in ((module, "rsync://"), (web, "https://"), (service, "http")):
        if not address.startswith(scheme) or not address.isascii() or not address.isprintable():
            raise SettingRefused(
                words(f"주소 {address[:100]!r}", f"the address {address[:100]!r}"),
                words(f"{scheme}로 시작하는 주소", f"one that begins with {scheme}"),
            )
    folder.mkdir(parents=True, exist_ok=True)
    KeyFolder(folder / "keys", secret)
    addresses = {"module": module, "web": web, "service": service}
    settings = {"handle": handle} | {k: v.rstrip("/") + "/" for k, v in addresses.items()}
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return open_(folder, secret)


def open_(folder: Path, secret: bytes) -> Workspace:
    """The registry of a folder.

    Raises:
        SettingRefused: There is none, or the passphrase is another one.
        Unavailable: Its files cannot be opened.
    """
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        handle, module, web, service = (
            str(settings[name]) for name in ("handle", "module", "web", "service")
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise SettingRefused(
            words(f"등록소가 없는 폴더 {folder}", f"no registry in {folder}"),
            words(
                "`madang rpki ca init`으로 만든 폴더", "a folder that `madang rpki ca init` made"
            ),
        ) from fault
    keys = KeyFolder(folder / "keys", secret)
    server = PublicationServer(
        catalogue=Catalogue(folder / "catalogue.sqlite"),
        folder=folder / "www",
        web=web,
        module=module,
    )
    server.catalogue.admit(PublisherEntry("here", f"{module}{OWN}/", b""))
    publishers: dict[str, Publisher] = {"": server.publisher("here")}
    book = Book(folder / "book.sqlite")
    registry = Registry(book=book, keys=keys, publishers=publishers)
    here = Workspace(folder, registry, server, handle, service)
    row = registry.book.rows.execute(
        "select detail from peer where authority = ? and kind = 'publisher'", (handle,)
    ).fetchone()
    if row:
        kept = json.loads(row[0])
        answer = RepositoryResponse(**(kept | {"identity": bytes.fromhex(kept["identity"])}))
        own = speaker(registry, handle, by="registry")
        publishers[""] = RemotePublisher(answer, own)
    return here
