"""Is this narrative the plain XHTML that R4 allows? (txt-1, txt-2)."""

from __future__ import annotations

import html
import re
from typing import Any
from xml.parsers import expat

from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import Fault, wrong_type

XHTML = "http://www.w3.org/1999/xhtml"
_TAGS = frozenset(
    "a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 "
    "h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td tfoot th "
    "thead tr tt ul var".split()
)
_ATTRIBUTES = frozenset(
    "abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign "
    "char charoff charset cite class colspan compact coords dir frame headers height href "
    "hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src "
    "start style summary tabindex title type valign value vspace width".split()
)
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_named = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")


class _Refused(Exception):
    pass


def narrative(value: Any) -> list[Fault] | None:
    """The rule of `xhtml`: one `div`, known tags and attributes only, and something to read."""
    if type(value) is not str:
        return wrong_type(value, "xhtml")
    try:
        shown = _read(value)
    except (_Refused, expat.ExpatError) as fault:
        said = words(
            "서술(div)에 R4가 허용하지 않는 내용이 있습니다.",
            f"The narrative holds what R4 does not allow: {fault}.",
        )
        return [Fault("invariant", "txt-1", said)]
    if not shown:
        said = words("서술(div)이 비어 있습니다.", "The narrative has nothing to read.")
        return [Fault("invariant", "txt-2", said)]
    return None


def _read(text: str) -> bool:
    """Whether there is anything to read."""
    # A document type could declare entities that grow without end.
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise _Refused("a document type")
    found: list[bool] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if space != XHTML or tag not in _TAGS or not (found or tag == "div"):
            raise _Refused(f"<{tag}>")
        for attribute in attributes:
            if attribute.rpartition(" ")[2] not in _ATTRIBUTES:
                raise _Refused(f"the attribute {attribute}")
        found.append(tag == "img")

    def data(said: str) -> None:
        found.append(bool(said.strip()))

    reader = expat.ParserCreate(namespace_separator=" ")
    reader.StartElementHandler, reader.CharacterDataHandler = start, data
    reader.Parse(_named.sub(_plain, text).encode("utf-8", "replace"), True)  # noqa: FBT003
    return any(found)


def _plain(found: re.Match[str]) -> str:
    """A named character of HTML as XML knows it: by number."""
    if found[1] in _OF_XML:
        return found[0]
    sign = html.unescape(found[0])
    return found[0] if sign == found[0] else "".join(f"&#{ord(each)};" for each in sign)
