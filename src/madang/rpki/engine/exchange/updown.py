"""What do a child and its parent say to each other? List, issue, revoke (RFC 6492, section 3)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.exchange import numbers, xml
from madang.rpki.engine.exchange.xml import Element

if TYPE_CHECKING:
    from typing import TypeAlias

    from madang.rpki.engine.resources.blocks import Resources

NAMESPACE: Final = "http://www.apnic.net/specs/rescerts/up-down/"
LARGEST: Final = 16 << 20

# Section 3.6: what a parent may answer instead.
BUSY: Final = 1101
SCHEDULED: Final = 1104
UNKNOWN_CLASS: Final = 1201
NO_RESOURCES: Final = 1202
BAD_REQUEST: Final = 1203
USED_KEY: Final = 1204
UNKNOWN_REVOKED_CLASS: Final = 1301
UNKNOWN_REVOKED_KEY: Final = 1302
INTERNAL: Final = 2001
TEXTS: Final = {
    BUSY: "already processing request",
    SCHEDULED: "request scheduled for processing",
    USED_KEY: "request - already used key",
    UNKNOWN_CLASS: "request - no such resource class",
    NO_RESOURCES: "request - no resources allocated in resource class",
    BAD_REQUEST: "request - badly formed certificate request",
    UNKNOWN_REVOKED_CLASS: "revoke - no such resource class",
    UNKNOWN_REVOKED_KEY: "revoke - no such key",
    INTERNAL: "internal server error",
}


class Certified(NamedTuple):
    """A certificate that stands."""

    uri: str
    certificate: bytes


class EntitledClass(NamedTuple):
    """A resource class as a parent describes it (section 3.3.2)."""

    name: str
    uri: str
    """Where the parent's certificate stands."""
    resources: Resources
    not_after: int
    """Until when the entitlement lasts, in seconds since 1970."""
    certified: tuple[Certified, ...]
    issuer: bytes
    """The parent's certificate."""


class ListQuery(NamedTuple):
    """What am I entitled to?"""


class ListReply(NamedTuple):
    """What the child is entitled to."""

    classes: tuple[EntitledClass, ...]


class IssueQuery(NamedTuple):
    """Certify this key."""

    class_name: str
    request: bytes
    """PKCS #10 in DER."""
    limit: Resources | None = None
    """Only these resources; None for all."""


class IssueReply(NamedTuple):
    """A certificate, in its class."""

    entitled: EntitledClass


class RevokeQuery(NamedTuple):
    """Revoke all certificates of this key."""

    class_name: str
    key_identifier: bytes


class RevokeReply(NamedTuple):
    """They are revoked."""

    class_name: str
    key_identifier: bytes


class ErrorReply(NamedTuple):
    """It was not done (section 3.6)."""

    status: int
    text: str = ""


if TYPE_CHECKING:
    Body: TypeAlias = (
        ListQuery | ListReply | IssueQuery | IssueReply | RevokeQuery | RevokeReply | ErrorReply
    )


class Message(NamedTuple):
    """One message."""

    sender: str
    recipient: str
    body: Body


_TYPES: Final = {
    ListQuery: "list", ListReply: "list_response", IssueQuery: "issue",
    IssueReply: "issue_response", RevokeQuery: "revoke", RevokeReply: "revoke_response",
    ErrorReply: "error_response",
}  # fmt: skip


def write(message: Message) -> bytes:
    """A message as XML."""
    body = message.body
    attributes = {
        "version": "1", "sender": message.sender, "recipient": message.recipient,
        "type": _TYPES[type(body)],
    }  # fmt: skip
    return xml.write(Element("message", attributes, _children(body)), NAMESPACE)


def _children(body: Body) -> list[Element]:
    if isinstance(body, ListReply):
        return [_class_element(each) for each in body.classes]
    if isinstance(body, IssueReply):
        return [_class_element(body.entitled)]
    if isinstance(body, IssueQuery):
        limits = (
            {} if body.limit is None else numbers.attributes(body.limit, head="req_resource_set_")
        )
        attributes = {"class_name": body.class_name, **limits}
        return [Element("request", attributes, text=xml.base64(body.request))]
    if isinstance(body, RevokeQuery | RevokeReply):
        ski = urlsafe_b64encode(body.key_identifier).decode().rstrip("=")
        return [Element("key", {"class_name": body.class_name, "ski": ski})]
    if isinstance(body, ErrorReply):
        described = Element("description", {"xml:lang": "en-US"}, text=body.text)
        status = Element("status", text=str(body.status))
        return [status, described] if body.text else [status]
    return []


def _class_element(entitled: EntitledClass) -> Element:
    certificates = [
        Element("certificate", {"cert_url": each.uri}, text=xml.base64(each.certificate))
        for each in entitled.certified
    ]
    attributes = {
        "class_name": entitled.name,
        "cert_url": entitled.uri,
        **numbers.attributes(entitled.resources),
        "resource_set_notafter": clock.stamp(datetime.fromtimestamp(entitled.not_after, UTC)),
    }
    issuer = Element("issuer", text=xml.base64(entitled.issuer))
    return Element("class", attributes, [*certificates, issuer])


def read(content: bytes) -> Message:
    """The message that XML says.

    Raises:
        ExchangeRefused: It is no message of this protocol.
    """
    root = xml.read(content, NAMESPACE, largest=LARGEST)
    kind = root.get("type")
    if root.name != "message" or root.get("version") != "1":
        raise _unknown(f"{root.name} {root.attributes['version'][:20]!r}")
    return Message(root.get("sender"), root.get("recipient"), _body(root, kind))


def _body(root: Element, kind: str) -> Body:
    if kind == "list":
        return ListQuery()
    if kind == "list_response":
        return ListReply(tuple(_class(each) for each in root.children if each.name == "class"))
    if kind == "issue":
        request = _only(root, "request")
        named = any(name.startswith("req_resource_set_") for name in request.attributes)
        limit = numbers.read(request.attributes, head="req_resource_set_") if named else None
        return IssueQuery(request.get("class_name"), request.content(), limit)
    if kind == "issue_response":
        return IssueReply(_class(_only(root, "class")))
    if kind in ("revoke", "revoke_response"):
        key = _only(root, "key")
        made = RevokeQuery if kind == "revoke" else RevokeReply
        return made(key.get("class_name"), _identifier(key.get("ski")))
    if kind == "error_response":
        described = [each.text for each in root.children if each.name == "description"]
        status = _only(root, "status").text.strip()
        if not (status.isascii() and status.isdigit() and len(status) == 4):
            raise _unknown(f"status {status[:20]!r}")
        return ErrorReply(int(status), described[0] if described else "")
    raise _unknown(kind[:60])


def _class(element: Element) -> EntitledClass:
    certified = tuple(
        Certified(_first(each.get("cert_url")), each.content())
        for each in element.children
        if each.name == "certificate"
    )
    return EntitledClass(
        element.get("class_name"),
        _first(element.get("cert_url")),
        numbers.read(element.attributes),
        _seconds(element.get("resource_set_notafter")),
        certified,
        _only(element, "issuer").content(),
    )


def _first(uris: str) -> str:
    """The rsync address among those between commas (section 3.3.2)."""
    for each in uris.split(","):
        if each.strip().startswith("rsync://"):
            return each.strip()
    raise _unknown(f"cert_url {uris[:80]!r}")


def _seconds(text: str) -> int:
    try:
        return int(clock.read_stamp(text).timestamp())
    except (ValueError, OverflowError) as fault:
        raise _unknown(f"resource_set_notafter {text[:40]!r}") from fault


def _identifier(text: str) -> bytes:
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as fault:
        raise _unknown(f"ski {text[:60]!r}") from fault
    if len(found) != 20:
        raise _unknown(f"ski {text[:60]!r}")
    return found


def _only(element: Element, name: str) -> Element:
    found = [each for each in element.children if each.name == name]
    if len(found) != 1:
        raise _unknown(f"{len(found)} × {name}")
    return found[0]


def _unknown(found: str) -> Exception:
    return xml.refused(
        words(f"발급 메시지의 {found}", f"{found} in a provisioning message"),
        words("RFC 6492의 메시지", "a message of RFC 6492"),
    )
