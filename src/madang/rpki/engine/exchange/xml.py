"""What does this XML message say? A small, bounded reader: no entities, no document type.

Foreign XML reaches nothing beyond itself: neither files, nor the network, nor more memory than its
own size (RFC 8182's bombs, external entities).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.words import Words

DEEPEST: Final = 8
MOST_ELEMENTS: Final = 200_000
"""A repository of our country's size has 10⁴ files; RFC 8181 lists all of them in one message."""
_SPACE: Final = " "


@dataclass(slots=True)
class Element:
    """One element; its name without the namespace, which the whole message shares."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute that must be there.

        Raises:
            ExchangeRefused: It is not.
        """
        found = self.attributes.get(name)
        if found is None:
            raise refused(
                words(f"{name} 속성이 없는 {self.name}", f"{self.name} without {name}"),
                words(f"{name} 속성", f"the attribute {name}"),
            )
        return found

    def content(self) -> bytes:
        """The bytes that its text is the base64 of, however it is broken into lines.

        Raises:
            ExchangeRefused: It is not base64.
        """
        try:
            # People carry set-up files through mail programs, which add invisible signs.
            visible = "".join(s for s in self.text if s.isprintable() and not s.isspace())
            return b64decode(visible.encode("ascii"), validate=True)
        except ValueError as fault:
            raise refused(
                words(f"{self.name}의 내용", f"the text of {self.name}"), words("base64", "base64")
            ) from fault


def read(content: bytes, namespace: str, *, largest: int) -> Element:
    """The root element of a message.

    Args:
        content: The message.
        namespace: That of every element.
        largest: More bytes are refused unread.

    Raises:
        ExchangeRefused: It is no XML, is too large or too deep, has a document type, or an
            element of another namespace.
    """
    if len(content) > largest:
        raise refused(
            words(f"{len(content)}바이트 메시지", f"a message of {len(content)} bytes"),
            words(f"{largest}바이트 이하", f"{largest} bytes at most"),
        )
    builder = _Builder(namespace)
    parser = expat.ParserCreate(namespace_separator=_SPACE)
    parser.StartDoctypeDeclHandler = builder.forbidden
    parser.EntityDeclHandler = builder.forbidden
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as fault:
        raise refused(
            words(f"XML이 아닌 내용 ({fault})", f"what is no XML ({fault})"),
            words("바른 형식의 XML", "well-formed XML"),
        ) from fault
    assert builder.root is not None
    return builder.root


class _Builder:
    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._open: list[Element] = []
        self._count = 0
        self.root: Element | None = None

    def forbidden(self, *_: object) -> None:
        raise refused(
            words("문서 형식 선언", "a document type declaration"),
            words("선언이 없는 XML", "XML without one"),
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise refused(
                words("너무 많거나 깊은 요소", "too many elements, or too deep"),
                words(f"{MOST_ELEMENTS}개, {DEEPEST}단계 이하",
                      f"{MOST_ELEMENTS} elements and {DEEPEST} levels at most"),
            )  # fmt: skip
        namespace, _, local = name.rpartition(_SPACE)
        # A registry in service leaves out the last slash.
        if namespace.rstrip("/") != self._namespace.rstrip("/"):
            raise refused(
                words(f"다른 이름 공간의 요소 {name[:80]!r}", f"the element {name[:80]!r}"),
                words(f"이름 공간 {self._namespace}", f"the namespace {self._namespace}"),
            )
        element = Element(local, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        # Text between children is white space that says nothing.
        self._open[-1].text += text


def write(root: Element, namespace: str) -> bytes:
    """A message as XML."""
    parts: list[str] = []
    _write(root, parts, {"xmlns": namespace, **root.attributes})
    return "".join(parts).encode()


def _write(element: Element, parts: list[str], attributes: Mapping[str, str]) -> None:
    head = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    if not element.children and not element.text:
        parts.append(f"<{element.name}{head}/>\n")
        return
    parts.append(f"<{element.name}{head}>{escape(element.text)}")
    for child in element.children:
        _write(child, parts, child.attributes)
    parts.append(f"</{element.name}>\n")


def base64(content: bytes) -> str:
    """Bytes as an element's text."""
    return b64encode(content).decode()


def refused(found: Words, expected: Words) -> ExchangeRefused:
    """A message that cannot be accepted."""
    return ExchangeRefused(found, expected)
