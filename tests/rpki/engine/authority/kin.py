"""A child that keeps its own keys and its own book, and speaks with its parent by messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.authority.book import Book
from madang.rpki.engine.authority.delegation import Delegation
from madang.rpki.engine.authority.parentage import Parentage
from madang.rpki.engine.authority.registry import Registry
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.exchange.publication_service import PublicationService
from madang.rpki.engine.exchange.remote_publisher import RemotePublisher
from madang.rpki.engine.exchange.setting_up import PublisherRequest
from tests.rpki.engine.authority.land import HeldKeys, Land

if TYPE_CHECKING:
    from pathlib import Path

    from madang.rpki.engine.resources.blocks import Resources

UP = "https://localhost/up/"
PUBLISH = "https://localhost/publish/"


class Kin:
    """A land, and a delegated child of its member `one` that publishes with it."""

    def __init__(self, land: Land, folder: Path, *, resources: Resources) -> None:
        self.land = land
        self.cut = False
        self.sent: list[tuple[str, bytes]] = []
        self.delegation = Delegation(land.registry, UP)
        self.service = PublicationService(
            land.server, speaker(land.registry, "top", by="op"), PUBLISH
        )
        publishers: dict[str, RemotePublisher] = {}
        self.book = Book(folder / "kid.sqlite")
        self.registry = Registry(
            book=self.book,
            keys=HeldKeys("kin"),
            publishers=publishers,
            one_time=land.registry.one_time,
        )
        self.parentage = Parentage(self.registry, self.post)
        asked = self.parentage.create(
            "kid", base="rsync://localhost/repo/kid/", notify=land.server.notify, by="kid"
        )
        own = speaker(self.registry, "kid", by="kid")
        answer = self.service.admit(PublisherRequest("kid", own.certificate))
        publishers[""] = RemotePublisher(answer, own, self.post)
        admitted = self.delegation.admit("one", asked, resources=resources, by="op")
        self.parentage.add_parent("kid", "one", answer=admitted, by="kid")

    def post(self, uri: str, message: bytes, media_type: str) -> bytes:
        """The network between them."""
        if self.cut:
            raise Unreachable(uri, reason="cut")
        self.sent.append((uri, message))
        if uri.startswith(UP):
            parent, child = uri.removeprefix(UP).split("/")
            return self.delegation.answer(parent, child, message=message)
        return self.service.answer(uri.removeprefix(PUBLISH), message)
