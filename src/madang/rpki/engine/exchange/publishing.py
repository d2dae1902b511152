"""What do an authority and its publication server say to each other? (RFC 8181, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.exchange import xml
from madang.rpki.engine.exchange.xml import Element
from madang.rpki.engine.publication.changes import FileChange

if TYPE_CHECKING:
    from typing import TypeAlias

NAMESPACE: Final = "http://www.hactrn.net/uris/rpki/publication-spec/"
LARGEST: Final = 128 << 20
CODES: Final = frozenset(
    ("xml_error", "permission_failure", "bad_cms_signature", "object_already_present",
     "no_object_present", "no_object_matching_hash", "consistency_problem", "other_error")
)  # fmt: skip


class ListQuery(NamedTuple):
    """What of mine stands published?"""


class ChangeQuery(NamedTuple):
    """Publish, replace, withdraw all of this."""

    changes: tuple[FileChange, ...]


class ListReply(NamedTuple):
    """What stands published: URI → SHA-256 in hexadecimal."""

    files: dict[str, str]


class SuccessReply(NamedTuple):
    """It was done."""


class ErrorReply(NamedTuple):
    """Nothing was done."""

    code: str
    text: str


if TYPE_CHECKING:
    Query: TypeAlias = ListQuery | ChangeQuery
    Reply: TypeAlias = ListReply | SuccessReply | ErrorReply


def write(body: Query | Reply) -> bytes:
    """A message as XML."""
    kind = "query" if isinstance(body, ListQuery | ChangeQuery) else "reply"
    return xml.write(Element("msg", {"version": "4", "type": kind}, _children(body)), NAMESPACE)


def _children(body: Query | Reply) -> list[Element]:
    if isinstance(body, ListQuery):
        return [Element("list")]
    if isinstance(body, ChangeQuery):
        return [_change_element(each) for each in body.changes]
    if isinstance(body, ListReply):
        return [
            Element("list", {"uri": uri, "hash": digest})
            for uri, digest in sorted(body.files.items())
        ]
    if isinstance(body, SuccessReply):
        return [Element("success")]
    text = Element("error_text", text=body.text)
    return [Element("report_error", {"error_code": body.code}, [text])]


def _change_element(change: FileChange) -> Element:
    attributes = {"tag": "", "uri": change.uri}
    if change.replaces:
        attributes["hash"] = change.replaces
    if change.content is None:
        return Element("withdraw", attributes)
    return Element("publish", attributes, text=xml.base64(change.content))


def read_query(content: bytes) -> Query:
    """The query that XML says.

    Raises:
        ExchangeRefused: It is no query of this protocol.
    """
    root = _root(content, "query")
    if [each.name for each in root.children] == ["list"]:
        return ListQuery()
    return ChangeQuery(tuple(_change(each) for each in root.children))


def read_reply(content: bytes) -> Reply:
    """The reply that XML says.

    Raises:
        ExchangeRefused: It is no reply of this protocol.
    """
    root = _root(content, "reply")
    names = {each.name for each in root.children}
    if "report_error" in names:
        first = next(each for each in root.children if each.name == "report_error")
        texts = [each.text for each in first.children if each.name == "error_text"]
        return ErrorReply(first.get("error_code")[:60], "".join(texts)[:1000])
    if names == {"success"}:
        return SuccessReply()
    if names <= {"list"}:
        return ListReply({each.get("uri"): each.get("hash").lower() for each in root.children})
    raise _unknown(", ".join(sorted(names))[:80])


def _root(content: bytes, kind: str) -> Element:
    root = xml.read(content, NAMESPACE, largest=LARGEST)
    if root.name != "msg" or root.get("version") != "4" or root.get("type") != kind:
        raise _unknown(f"{root.name[:40]} {str(root.attributes)[:80]}")
    return root


def _change(element: Element) -> FileChange:
    uri, replaces = element.get("uri"), element.attributes.get("hash", "").lower()
    if element.name == "publish":
        return FileChange(uri, element.content(), replaces)
    if element.name == "withdraw" and replaces:
        return FileChange(uri, None, replaces)
    raise _unknown(f"{element.name[:40]} {uri[:80]!r}")


def _unknown(found: str) -> Exception:
    return xml.refused(
        words(f"게시 메시지의 {found}", f"{found} in a publication message"),
        words("RFC 8181의 메시지", "a message of RFC 8181"),
    )
