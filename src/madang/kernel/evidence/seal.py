"""How does a document carry its own evidence? Sealed into HTML, PDF or JSON, and taken out again.

The body's bytes are those the document statement names; sealing adds the bundle where every reader
of the format passes over it, and unsealing gives the body back byte for byte.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Literal, NamedTuple, TypeAlias

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical
from madang.kernel.evidence.bundle import Bundle
from madang.kernel.evidence.keys import unbase64
from madang.kernel.words import words

Kind: TypeAlias = Literal["html", "pdf", "json"]

MARKER = b"<!--madang:evidence-->"
"""Where the bundle goes in an HTML body; it stands there exactly once."""
MEMBER = "evidence"
"""The member that holds the bundle in a JSON document."""
_MEMBER_START = b'"evidence":{"_type":'
_OPEN = b'<script type="application/json" id="madang-evidence">'
_CLOSE = b"</script>"
_LINE = b"\n%madang-evidence "
_END = re.compile(rb"startxref\s+([0-9]{1,20})\s+%%EOF\s*\Z")
_TRAILER_BYTES = 1024
"""Readers look for the end of a PDF in its last 1,024 bytes (ISO 32000-1, Annex H, note 18)."""


class Unsealed(NamedTuple):
    """A sealed document in its parts; nothing is verified yet."""

    kind: Kind
    body: bytes
    bundle: Bundle


def seal(body: bytes, kind: Kind, bundle: Bundle) -> bytes:
    """The document that carries its evidence.

    Args:
        body: HTML with `MARKER` once; a PDF; or canonical JSON of an object without `evidence`.
        kind: Which of them.
        bundle: Its document statement names the body by digest.

    Raises:
        InputError: The body has not the stated form, or is sealed already.
        ValueError: The bundle's document statement does not name this body.
    """
    if ids.digest(body) not in bundle.document_statement().subjects.values():
        raise ValueError("the bundle's document statement does not name this body")
    sealed = _embed(body, kind, bundle)
    if unseal(sealed) != (kind, body, bundle):
        raise ValueError("the sealed document would not give back its body and bundle")
    return sealed


def kind_of(content: bytes) -> Kind:
    """Which kind of document is this?

    Raises:
        InputError: None that can be sealed.
    """
    start = content[:1024].lstrip()
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"{"):
        return "json"
    if start.startswith(b"<") or _OPEN in content:
        return "html"
    if _LINE in content:
        return "pdf"
    if _MEMBER_START in content:
        return "json"
    raise InputError(
        words("HTML, PDF, JSON이 아닌 파일", "a file that is neither HTML nor PDF nor JSON"),
        words("봉인된 보고서", "a sealed report"),
    )


def unseal(content: bytes) -> Unsealed:
    """Body and bundle of a sealed document, such that sealing them again gives the same bytes.

    Raises:
        InputError: The content is not sealed, or something in its seal is out of form.
    """
    kind = kind_of(content)
    body, value = {"html": _from_html, "pdf": _from_pdf, "json": _from_json}[kind](content)
    bundle = Bundle.from_json(value)
    again = _embed(body, kind, bundle)
    if again != content:
        raise _altered_seal(canonical.first_difference(again, content))
    return Unsealed(kind, body, bundle)


def _embed(body: bytes, kind: Kind, bundle: Bundle) -> bytes:
    return {"html": _into_html, "pdf": _into_pdf, "json": _into_json}[kind](body, bundle)


def _into_html(body: bytes, bundle: Bundle) -> bytes:
    if body.count(MARKER) != 1 or _OPEN in body:
        raise InputError(
            words(
                f"봉인 위치 표시가 {body.count(MARKER)}개인 HTML",
                f"HTML with {body.count(MARKER)} places for the seal",
            ),
            words("아직 봉인되지 않은 표시 1개", "one place, not sealed yet"),
        )
    # `<` is the only sign that could end a script element; JSON can say it otherwise.
    script = bundle.encode().replace(b"<", b"\\u003c")
    return body.replace(MARKER, _OPEN + script + _CLOSE)


def _from_html(content: bytes) -> tuple[bytes, Any]:
    before, opening, rest = content.partition(_OPEN)
    script, closing, after = rest.partition(_CLOSE)
    if not opening or not closing:
        raise _unsealed()
    value = canonical.decode(script, what=_SEAL, exact=False)
    return before + MARKER + after, value


def _into_pdf(body: bytes, bundle: Bundle) -> bytes:
    end = _END.search(body, max(0, len(body) - _TRAILER_BYTES))
    if not body.startswith(b"%PDF-") or not end or _LINE in body:
        raise InputError(
            words("끝 표시가 없거나 이미 봉인된 PDF", "a PDF without its end, or sealed already"),
            words("startxref와 %%EOF로 끝나는 PDF", "a PDF that ends with startxref and %%EOF"),
        )
    line = _LINE + base64.b64encode(bundle.encode())
    return body + line + b"\nstartxref\n" + end[1] + b"\n%%EOF\n"


def _from_pdf(content: bytes) -> tuple[bytes, Any]:
    body, line, rest = content.partition(_LINE)
    encoded, newline, _ = rest.partition(b"\n")
    if not line or not newline:
        raise _unsealed()
    bundle = unbase64(encoded.decode("latin-1"))
    if bundle is None:
        raise _altered_seal(len(body) + len(_LINE))
    return body, canonical.decode(bundle, what=_SEAL)


def _into_json(body: bytes, bundle: Bundle) -> bytes:
    document = canonical.decode(body, what=_OBJECT)
    if not isinstance(document, dict) or MEMBER in document:
        raise InputError(
            words("객체가 아니거나 이미 봉인된 JSON", "JSON that is no object, or sealed already"),
            _OBJECT,
        )
    return canonical.encode({**document, MEMBER: bundle.to_json()})


def _from_json(content: bytes) -> tuple[bytes, Any]:
    document = canonical.decode(content, what=_SEAL)
    if MEMBER not in document:
        raise _unsealed()
    return canonical.encode({k: v for k, v in document.items() if k != MEMBER}), document[MEMBER]


_SEAL = words("봉인에 담긴 증거 묶음", "the evidence bundle in the seal")
_OBJECT = words("정규 형식의 JSON 객체", "a JSON object in canonical form")


def _unsealed() -> InputError:
    return InputError(
        words("봉인이 없는 문서", "a document without a seal"),
        words("증거가 봉인된 보고서", "a report with its evidence sealed in"),
        words(
            "봉인이 제거되었거나 훼손되었습니다. 원본을 받으십시오.",
            "The seal was removed or broken; get the original.",
        ),
    )


def _altered_seal(place: int) -> InputError:
    return InputError(
        words(
            f"봉인 부분이 변경된 문서({place}번째 바이트 부근)",
            f"a document whose seal was altered (near byte {place})",
        ),
        words("봉인할 때의 바이트 그대로", "the bytes as they were sealed"),
        words("원본을 받으십시오.", "Get the original."),
    )
