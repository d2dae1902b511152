"""At which address does who answer? The up-down and publication services behind one web server.

`/up/<parent>/<child>` takes messages of RFC 6492, `/publish/<publisher>` those of RFC 8181. Who
cannot prove who they are gets a status of HTTP and no signed word.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.errors import InputError, Unavailable
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange.post import PUBLICATION, UP_DOWN

if TYPE_CHECKING:
    from madang.rpki.engine.authority.delegation import Delegation
    from madang.rpki.engine.exchange.publication_service import PublicationService


class Answer(NamedTuple):
    """What a web server sends back."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Doors:
    """Both services; one message at a time, since each may sign and publish."""

    delegation: Delegation
    publication: PublicationService
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, message: bytes) -> Answer:
        """The answer to a message that was posted to a path."""
        parts = path.strip("/").split("/")
        try:
            with self.lock:
                if len(parts) == 3 and parts[0] == "up":
                    body = self.delegation.answer(parts[1], parts[2], message=message)
                    return Answer(200, UP_DOWN, body)
                if len(parts) == 2 and parts[0] == "publish":
                    return Answer(200, PUBLICATION, self.publication.answer(parts[1], message))
        except ExchangeRefused:
            return Answer(403, "text/plain", b"the sender is not proved\n")
        except InputError:
            return Answer(404, "text/plain", b"nobody of this name\n")
        except Unavailable:
            return Answer(503, "text/plain", b"not now\n")
        return Answer(404, "text/plain", b"no such service\n")
