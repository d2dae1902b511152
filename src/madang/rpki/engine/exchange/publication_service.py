"""How does a publication server answer an authority elsewhere? (RFC 8181)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel.words import within
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import publishing
from madang.rpki.engine.exchange.envelope import close, open_envelope
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.setting_up import PublisherRequest, RepositoryResponse
from madang.rpki.engine.publication.catalogue import PublisherEntry
from madang.rpki.engine.publication.changes import QueryRefused

if TYPE_CHECKING:
    from madang.rpki.engine.exchange.identity import Speaker
    from madang.rpki.engine.exchange.publishing import Query, Reply
    from madang.rpki.engine.publication.server import PublicationServer


@dataclass(frozen=True, slots=True)
class PublicationService:
    """The publication server as its publishers elsewhere see it."""

    server: PublicationServer
    speaker: Speaker
    address: str
    """Where it is reached, ending in a slash; a publisher's handle follows."""

    def admit(self, request: PublisherRequest, *, handle: str = "") -> RepositoryResponse:
        """Let an authority publish here, in a folder of its own.

        Args:
            request: What the authority sent for set-up.
            handle: The name to give it; its own where empty.

        Raises:
            QueryRefused: The folder would lie in another publisher's.
        """
        name = (handle or request.publisher).replace("/", "-")
        base = f"{self.server.module}{name}/"
        self.server.catalogue.admit(PublisherEntry(name, base, request.identity))
        return RepositoryResponse(
            self.address + name, name, base, self.server.notify, self.speaker.certificate,
            request.tag,
        )  # fmt: skip

    def answer(self, handle: str, message: bytes) -> bytes:
        """The signed answer to a publisher's signed message.

        Raises:
            ExchangeRefused: Nobody of this name may publish here, or somebody else speaks: who
                cannot prove who they are gets no signed answer.
        """
        catalogue = self.server.catalogue
        publisher = catalogue.publisher(handle)
        identity = read_identity(publisher.identity)
        opened = open_envelope(message, identity, last=catalogue.heard(handle))
        catalogue.note_heard(handle, opened.signing_time)
        return close(publishing.write(self._reply(handle, opened.content)), self.speaker)

    def _reply(self, handle: str, content: bytes) -> Reply:
        try:
            query = publishing.read_query(content)
        except ExchangeRefused as fault:
            return publishing.ErrorReply("xml_error", within_english(fault))
        return self._done(handle, query)

    def _done(self, handle: str, query: Query) -> Reply:
        if isinstance(query, publishing.ListQuery):
            return publishing.ListReply(self.server.catalogue.listed(handle))
        try:
            self.server.apply(handle, query.changes)
        except QueryRefused as fault:
            return publishing.ErrorReply(fault.code, within_english(fault))
        return publishing.SuccessReply()


def within_english(fault: ExchangeRefused) -> str:
    """What is wrong, in the language of the protocol."""
    return f"{within(fault.found, 'en')}; expected {within(fault.expected, 'en')}"
