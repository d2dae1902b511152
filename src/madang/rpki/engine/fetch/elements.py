"""What may an RRDP file consist of? A root with flat children, and nothing else XML can do.

The files come from anybody. There is no document type, no entity, no deeper level, no unknown
name, and no tag or text beyond what the norm needs, so that a parser never holds more than one
object (RFC 8182 section 3.5).
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any, NoReturn
from xml.parsers import expat

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from madang.kernel.words import Words

_SPACE = "http://www.ripe.net/rpki/rrdp "
_LONGEST_TAG = 16_384
_CHUNK = 1 << 16

Attributes = dict[str, str]


class Elements:
    """A reader that is fed a file piece by piece and calls back for each element.

    Args:
        file: What the file is called in messages.
        root: The name of its root element.
        children: The attributes of each child: those that must stand there, those that may.
        begin: Takes the root's attributes.
        element: Takes a child's name, attributes and decoded content.
        largest: The bytes of one object.
    """

    def __init__(
        self,
        file: str,
        root: str,
        *,
        children: Mapping[str, tuple[frozenset[str], frozenset[str]]],
        begin: Callable[[Attributes], object],
        element: Callable[[str, Attributes, bytes], object],
        largest: int,
    ) -> None:
        self._file, self._root, self._begin, self._element = file, _SPACE + root, begin, element
        self._children = {_SPACE + name: rule for name, rule in children.items()}
        self._depth, self._fed = 0, 0
        self._attributes: Attributes = {}
        self._pieces: list[str] = []
        self._letters, self._largest = 0, largest
        self._most_letters = (largest + 2) // 3 * 4
        self._parser = self._made()

    def feed(self, content: bytes) -> None:
        """Read on.

        Raises:
            ExchangeRefused: The file is not what it should be.
        """
        for begin in range(0, len(content), _CHUNK):
            piece = content[begin : begin + _CHUNK]
            self._parse(piece, last=False)
            self._fed += len(piece)
            # What expat holds back is a tag that has not ended yet.
            if self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG:
                raise self._refused(
                    words(
                        f"{_LONGEST_TAG:,}바이트를 넘는 태그",
                        f"a tag of more than {_LONGEST_TAG:,} bytes",
                    )
                )

    def finish(self) -> None:
        """The file has ended.

        Raises:
            ExchangeRefused: It broke off.
        """
        self._parse(b"", last=True)

    def _made(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._forbidden
        parser.EntityDeclHandler = self._forbidden
        parser.ProcessingInstructionHandler = self._forbidden
        parser.ExternalEntityRefHandler = self._forbidden
        return parser

    def _parse(self, content: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(content, last)
        except expat.ExpatError as fault:
            told = expat.ErrorString(fault.code) if fault.code else "unreadable"
            raise self._refused(
                words(
                    f"XML 오류 (행 {fault.lineno}, 열 {fault.offset}: {told})",
                    f"a fault in the XML (line {fault.lineno}, column {fault.offset}: {told})",
                )
            ) from fault

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth == 1:
            if name != self._root:
                self._unknown(name)
            self._begin(attributes)
            return
        rule = self._children.get(name)
        if rule is None or self._depth > 2:
            self._unknown(name)
        needed, allowed = rule
        if not needed <= attributes.keys() <= allowed:
            self._unknown(name)
        self._attributes = attributes

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth != 1:
            return
        text = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
        self._pieces, self._letters = [], 0
        content = self._decoded(text) if text else b""
        if len(content) > self._largest:
            self._too_large()
        self._element(name[len(_SPACE) :], self._attributes, content)

    def _decoded(self, text: str) -> bytes:
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except ValueError:
            pass  # lines and spaces are allowed, and most files have none
        try:
            return binascii.a2b_base64("".join(text.split()), strict_mode=True)
        except ValueError as fault:
            uri = self._attributes.get("uri", "")[:200]
            raise self._refused(
                words(f"잘못된 Base64 ({uri})", f"malformed Base64 ({uri})")
            ) from fault

    def _text(self, text: str) -> None:
        if text.isspace():
            return
        if self._depth != 2:
            raise self._refused(words("요소 밖의 글자", "text outside of an element"))
        if self._pieces or len(text) > _CHUNK // 2:
            text = "".join(text.split())  # piece by piece, so that it never takes much memory
        self._pieces.append(text)
        self._letters += len(text)
        if self._letters > self._most_letters + _CHUNK:
            self._too_large()

    def _too_large(self) -> NoReturn:
        uri = self._attributes.get("uri", "")[:200]
        limit = f"{self._largest:,}"
        raise self._refused(
            words(
                f"{limit}바이트를 넘는 객체 ({uri})",
                f"an object of more than {limit} bytes ({uri})",
            )
        )

    def _forbidden(self, *_: Any) -> NoReturn:
        raise self._refused(
            words(
                "문서 형식, 엔티티 또는 처리 명령", "a document type, an entity or an instruction"
            )
        )

    def _unknown(self, name: str) -> NoReturn:
        shown = name.removeprefix(_SPACE)[:80]
        raise self._refused(
            words(f"예상하지 않은 요소 {shown!r}", f"an unexpected element {shown!r}")
        )

    def _refused(self, found: Words) -> ExchangeRefused:
        return ExchangeRefused(
            words(f"{self._file}의 {found.ko}", f"{found.en} in {self._file}"),
            words("RRDP 파일", "an RRDP file (RFC 8182, 3.5)"),
        )
