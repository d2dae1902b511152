"""How does an authority publish with somebody else? As a client of RFC 8181."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import publishing
from madang.rpki.engine.exchange.envelope import close, open_envelope
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.post import PUBLICATION, post
from madang.rpki.engine.publication.changes import QueryRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.rpki.engine.exchange.identity import Speaker
    from madang.rpki.engine.exchange.post import Post
    from madang.rpki.engine.exchange.setting_up import RepositoryResponse
    from madang.rpki.engine.publication.changes import FileChange


@dataclass(frozen=True, slots=True)
class RemotePublisher:
    """A publication server elsewhere, as it answered at set-up."""

    repository: RepositoryResponse
    speaker: Speaker
    post: Post = post

    def listed(self) -> Mapping[str, str]:
        """URI → SHA-256, in hexadecimal, of each file that stands published.

        Raises:
            ExchangeRefused: The server refuses, or its answer cannot be accepted.
            Unreachable: It does not answer.
        """
        reply = self._ask(publishing.ListQuery())
        if isinstance(reply, publishing.ListReply):
            return reply.files
        # An empty list and a success look alike to some servers.
        raise _unexpected("list")

    def apply(self, changes: Sequence[FileChange]) -> None:
        """Do all of this or nothing.

        Raises:
            ExchangeRefused: The server refuses, or its answer cannot be accepted.
            Unreachable: It does not answer.
        """
        if not isinstance(
            self._ask(publishing.ChangeQuery(tuple(changes))), publishing.SuccessReply
        ):
            raise _unexpected("success")

    def finish(self) -> None:
        """Nothing: the server elsewhere looks after itself."""

    def _ask(self, query: publishing.Query) -> publishing.Reply:
        sent = close(publishing.write(query), self.speaker)
        answer = self.post(self.repository.service, sent, PUBLICATION)
        opened = open_envelope(answer, read_identity(self.repository.identity))
        reply = publishing.read_reply(opened.content)
        if isinstance(reply, publishing.ErrorReply):
            raise QueryRefused(
                reply.code,
                words(f"게시 서버의 거절 {reply.code}: {reply.text}",
                      f"the publication server's refusal {reply.code}: {reply.text}"),
                words("받아들일 수 있는 변경", "a change that it accepts"),
            )  # fmt: skip
        return reply


def _unexpected(expected: str) -> ExchangeRefused:
    return ExchangeRefused(
        words("다른 종류의 응답", "an answer of another kind"),
        words(f"{expected} 응답", f"one of the kind {expected}"),
    )
