"""How do two parties come to know each other? Four small files, carried by hand (RFC 8183)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.exchange import xml
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.xml import Element

if TYPE_CHECKING:
    from typing import TypeAlias

NAMESPACE: Final = "http://www.hactrn.net/uris/rpki/rpki-setup/"
LARGEST: Final = 1 << 18
_HANDLE: Final = re.compile(r"[-_A-Za-z0-9/]{1,255}")
_URI: Final = re.compile(r"[!-~]{1,4096}")


class ChildRequest(NamedTuple):
    """A child asks to be known to a parent (section 5.2.1)."""

    child: str
    identity: bytes
    """Its certificate in DER."""
    tag: str = ""


class ParentResponse(NamedTuple):
    """A parent tells a child where to speak with it (section 5.2.2)."""

    service: str
    """The address of its up-down service."""
    child: str
    """The name by which the parent calls the child."""
    parent: str
    identity: bytes
    tag: str = ""


class PublisherRequest(NamedTuple):
    """An authority asks to publish somewhere (section 5.2.3)."""

    publisher: str
    identity: bytes
    tag: str = ""


class RepositoryResponse(NamedTuple):
    """A publication server tells an authority where its files will stand (section 5.2.4)."""

    service: str
    publisher: str
    base: str
    """`rsync://…/`: the folder that is the publisher's own."""
    notify: str
    """The address of the RRDP notification; empty for none."""
    identity: bytes
    tag: str = ""


if TYPE_CHECKING:
    SetUp: TypeAlias = ChildRequest | ParentResponse | PublisherRequest | RepositoryResponse


def write(message: SetUp) -> bytes:
    """The file of a message."""
    attributes = {"version": "1"}
    if isinstance(message, ChildRequest):
        kind, holder = "child_request", "child_bpki_ta"
        attributes["child_handle"] = message.child
    elif isinstance(message, ParentResponse):
        kind, holder = "parent_response", "parent_bpki_ta"
        attributes |= {
            "service_uri": message.service,
            "child_handle": message.child,
            "parent_handle": message.parent,
        }
    elif isinstance(message, PublisherRequest):
        kind, holder = "publisher_request", "publisher_bpki_ta"
        attributes["publisher_handle"] = message.publisher
    else:
        kind, holder = "repository_response", "repository_bpki_ta"
        attributes |= {
            "service_uri": message.service,
            "publisher_handle": message.publisher,
            "sia_base": message.base,
        }
        if message.notify:
            attributes["rrdp_notification_uri"] = message.notify
    if message.tag:
        attributes["tag"] = message.tag
    certificate = Element(holder, text=xml.base64(message.identity))
    return xml.write(Element(kind, attributes, [certificate]), NAMESPACE)


def read(content: bytes) -> SetUp:
    """The message of a file.

    Raises:
        ExchangeRefused: It is none of the four, or says something that cannot be.
    """
    root = xml.read(content, NAMESPACE, largest=LARGEST)
    if root.get("version") != "1":
        raise _unknown(f"version {root.attributes['version'][:20]!r}")
    tag = root.attributes.get("tag", "")
    if root.name == "child_request":
        return ChildRequest(_handle(root, "child_handle"), _identity(root, "child_bpki_ta"), tag)
    if root.name == "parent_response":
        return ParentResponse(
            _uri(root, "service_uri"),
            _handle(root, "child_handle"),
            _handle(root, "parent_handle"),
            _identity(root, "parent_bpki_ta"),
            tag,
        )
    if root.name == "publisher_request":
        return PublisherRequest(
            _handle(root, "publisher_handle"), _identity(root, "publisher_bpki_ta"), tag
        )
    if root.name == "repository_response":
        return RepositoryResponse(
            _uri(root, "service_uri"),
            _handle(root, "publisher_handle"),
            _uri(root, "sia_base", scheme="rsync").rstrip("/") + "/",
            _uri(root, "rrdp_notification_uri", scheme="https")
            if "rrdp_notification_uri" in root.attributes
            else "",
            _identity(root, "repository_bpki_ta"),
            tag,
        )
    raise _unknown(root.name)


def _handle(root: Element, name: str) -> str:
    found = root.get(name)
    if not _HANDLE.fullmatch(found):
        raise _unknown(f"{name}={found[:60]!r}")
    return found


def _uri(root: Element, name: str, *, scheme: str = "") -> str:
    found = root.get(name).strip()
    allowed = (scheme,) if scheme else ("http", "https")
    if not _URI.fullmatch(found) or found.partition("://")[0] not in allowed:
        raise _unknown(f"{name}={found[:60]!r}")
    return found


def _identity(root: Element, name: str) -> bytes:
    for child in root.children:
        if child.name == name:
            found = child.content()
            read_identity(found)
            return found
    raise _unknown(f"{root.name} ∌ {name}")


def _unknown(found: str) -> Exception:
    return xml.refused(
        words(f"설정 파일의 {found}", f"{found} in a set-up file"),
        words("RFC 8183의 설정 파일", "a set-up file of RFC 8183"),
    )
