"""How does RRDP write a snapshot, a delta and the notification? RFC 8182, section 3.5."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.publication.changes import FileChange

_SPACE = 'xmlns="http://www.ripe.net/rpki/rrdp" version="1"'
# URIs are checked when they are taken in: they hold nothing that XML would need escaped.


class Offered(NamedTuple):
    """A file that the notification offers."""

    serial: int
    uri: str
    digest: str
    """SHA-256 in hexadecimal."""


def snapshot(session: str, serial: int, *, files: Iterable[tuple[str, bytes]]) -> bytes:
    """A snapshot with these files, URI and content."""
    lines = [f'<snapshot {_SPACE} session_id="{session}" serial="{serial}">'.encode()]
    lines += [b'<publish uri="%b">%b</publish>' % (u.encode(), b64encode(c)) for u, c in files]
    return b"\n".join((*lines, b"</snapshot>\n"))


def delta(session: str, serial: int, *, changes: Iterable[FileChange]) -> bytes:
    """A delta that leads to this serial number."""
    lines = [f'<delta {_SPACE} session_id="{session}" serial="{serial}">'.encode()]
    for each in changes:
        standing = f' hash="{each.replaces}"' if each.replaces else ""
        head = f'uri="{each.uri}"{standing}'.encode()
        if each.content is None:
            lines.append(b"<withdraw %b/>" % head)
        else:
            lines.append(b"<publish %b>%b</publish>" % (head, b64encode(each.content)))
    return b"\n".join((*lines, b"</delta>\n"))


def notification(session: str, whole: Offered, *, deltas: Iterable[Offered]) -> bytes:
    """The notification: the snapshot, and the deltas that lead to it, newest first."""
    lines = [
        f'<notification {_SPACE} session_id="{session}" serial="{whole.serial}">',
        f'<snapshot uri="{whole.uri}" hash="{whole.digest}"/>',
    ]
    lines += [
        f'<delta serial="{each.serial}" uri="{each.uri}" hash="{each.digest}"/>'
        for each in sorted(deltas, reverse=True)
    ]
    return "\n".join((*lines, "</notification>\n")).encode()
