"""What do the files of a repository say? Notification, snapshot and delta (RFC 8182, RFC 9674)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.fetch.elements import Elements
from madang.rpki.engine.fetch.uri import HttpsUri, https_uri, object_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from madang.rpki.engine.fetch.elements import Attributes

_SESSION = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SERIAL = re.compile(r"[1-9][0-9]{0,17}")
"""Below 2^63, which the store can count."""
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_ROOT = frozenset({"version", "session_id", "serial"})
_MOST_DELTAS = 20_000
"""Lines of a notification; only the newest are ever needed."""

_URI, _URI_HASH = frozenset({"uri"}), frozenset({"uri", "hash"})
_LISTED = frozenset({"serial", "uri", "hash"})


class Reference(NamedTuple):
    """A file that a notification names."""

    serial: int
    uri: HttpsUri
    digest: bytes
    """SHA-256 of the whole file."""


class Notification(NamedTuple):
    """Where a repository stands, and by which files its present state is reached."""

    session: str
    serial: int
    snapshot: Reference
    deltas: dict[int, Reference]
    """By serial."""


class Reading(Protocol):
    """A file that is fed piece by piece."""

    def feed(self, content: bytes) -> None:
        """Read on."""

    def finish(self) -> None:
        """The file has ended."""


class NotificationReader:
    """Reads a notification as it comes.

    Args:
        uri: Where it comes from. What it names must be of the same origin (RFC 9674).
    """

    def __init__(self, uri: HttpsUri) -> None:
        self._uri = uri
        self._head: tuple[str, int] | None = None
        self._snapshot: Reference | None = None
        self._deltas: dict[int, Reference] = {}
        self._elements = Elements(
            str(uri),
            "notification",
            children={"snapshot": (_URI_HASH, _URI_HASH), "delta": (_LISTED, _LISTED)},
            begin=self._begin,
            element=self._take,
            largest=0,
        )

    def feed(self, content: bytes) -> None:
        """Read on.

        Raises:
            ExchangeRefused: It is no notification.
        """
        self._elements.feed(content)

    def finish(self) -> Notification:
        """What the notification said.

        Raises:
            ExchangeRefused: It is not whole.
        """
        self._elements.finish()
        if self._head is None or self._snapshot is None:
            raise _refused(str(self._uri), "no snapshot", "스냅샷 없음")
        return Notification(*self._head, self._snapshot, self._deltas)

    def _begin(self, attributes: Attributes) -> None:
        self._head = _head(str(self._uri), attributes)

    def _take(self, name: str, attributes: Attributes, _: bytes) -> None:
        assert self._head is not None
        file = str(self._uri)
        digest = _digest(file, attributes["hash"])
        target = https_uri(attributes["uri"])
        if target.origin != self._uri.origin:
            raise _refused(
                file, f"a reference to another origin, {target}", f"다른 출처 {target}에 대한 참조"
            )
        if name == "snapshot":
            if self._snapshot is not None:
                raise _refused(file, "two snapshots", "두 개의 스냅샷")
            self._snapshot = Reference(self._head[1], target, digest)
            return
        serial = _serial(file, attributes["serial"])
        if serial in self._deltas or serial > self._head[1]:
            raise _refused(file, f"an unfitting delta {serial}", f"맞지 않는 델타 {serial}")
        self._deltas[serial] = Reference(serial, target, digest)
        if len(self._deltas) > _MOST_DELTAS:
            raise _refused(file, "too many deltas", "너무 많은 델타")


def snapshot_reader(
    reference: Reference,
    session: str,
    *,
    publish: Callable[[str, bytes], object],
    largest: int,
) -> Elements:
    """A reader of the snapshot that passes on each address and its object.

    Args:
        reference: The snapshot.
        session: The session it must be of.
        publish: Takes an object's address and bytes.
        largest: The bytes of one object.
    """

    def take(_: str, attributes: Attributes, content: bytes) -> None:
        publish(object_uri(attributes["uri"]), content)

    return Elements(
        str(reference.uri),
        "snapshot",
        children={"publish": (_URI, _URI)},
        begin=lambda attributes: _expect(reference, session, attributes),
        element=take,
        largest=largest,
    )


def delta_reader(
    reference: Reference,
    session: str,
    *,
    change: Callable[[str, bytes | None, bytes | None], object],
    largest: int,
) -> Elements:
    """A reader of a delta that passes on each change.

    Args:
        reference: The delta.
        session: The session it must be of.
        change: Takes an address, the bytes that now stand there (None: withdrawn) and the digest
            of those that stood there before (None: nothing did).
        largest: The bytes of one object.
    """
    file = str(reference.uri)

    def take(name: str, attributes: Attributes, content: bytes) -> None:
        uri = object_uri(attributes["uri"])
        told = attributes.get("hash")
        over = None if told is None else _digest(file, told)
        if name == "withdraw" and content:
            raise _refused(file, "a withdrawal with content", "내용이 있는 철회")
        change(uri, None if name == "withdraw" else content, over)

    return Elements(
        file,
        "delta",
        children={"publish": (_URI, _URI_HASH), "withdraw": (_URI_HASH, _URI_HASH)},
        begin=lambda attributes: _expect(reference, session, attributes),
        element=take,
        largest=largest,
    )


def way(notification: Notification, held: int, *, most: int) -> tuple[Reference, ...] | None:
    """The deltas that lead from a held serial to the present one; None where they do not.

    Args:
        notification: What the repository says.
        held: The serial of the copy, of the same session.
        most: Deltas that are taken at once.
    """
    if not 0 <= notification.serial - held <= most:
        return None
    steps = [notification.deltas.get(at) for at in range(held + 1, notification.serial + 1)]
    return _whole(steps)


def _whole(steps: Iterable[Reference | None]) -> tuple[Reference, ...] | None:
    found = []
    for step in steps:
        if step is None:
            return None
        found.append(step)
    return tuple(found)


def _expect(reference: Reference, session: str, attributes: Attributes) -> None:
    file = str(reference.uri)
    found = _head(file, attributes)
    if found != (session, reference.serial):
        raise _refused(
            file,
            f"session {found[0]} and serial {found[1]}, announced as {session}"
            f" and {reference.serial},",
            f"세션 {found[0]}, 일련번호 {found[1]} (알림: {session}, {reference.serial})",
        )


def _head(file: str, attributes: Attributes) -> tuple[str, int]:
    if attributes.keys() != _ROOT or attributes["version"] != "1":
        raise _refused(file, "an unknown version or attribute", "알 수 없는 버전 또는 속성")
    session = attributes["session_id"]
    if not _SESSION.fullmatch(session):
        raise _refused(file, "a malformed session", "잘못된 세션 식별자")
    return session.lower(), _serial(file, attributes["serial"])


def _serial(file: str, text: str) -> int:
    if not _SERIAL.fullmatch(text):
        raise _refused(file, f"a malformed serial {text[:40]!r}", f"잘못된 일련번호 {text[:40]!r}")
    return int(text)


def _digest(file: str, text: str) -> bytes:
    if not _DIGEST.fullmatch(text):
        raise _refused(file, f"a malformed digest {text[:80]!r}", f"잘못된 해시 {text[:80]!r}")
    return bytes.fromhex(text)


def _refused(file: str, en: str, ko: str) -> ExchangeRefused:
    return ExchangeRefused(
        words(f"{file}의 {ko}", f"{en} in {file}"),
        words("RRDP 규격에 맞는 파일", "a file by the norm of RRDP (RFC 8182, 3.5; RFC 9674)"),
    )
