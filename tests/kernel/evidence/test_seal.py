"""A sealed document opens as before, and gives its body back byte for byte."""

from __future__ import annotations

import html.parser
import io
import json
from typing import TYPE_CHECKING

import pypdf
import pytest

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.evidence.bundle import Bundle, collect, document_statement
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.seal import MARKER, kind_of, seal, unseal

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey
    from madang.kernel.evidence.seal import Kind

KINDS: tuple[Kind, ...] = ("html", "pdf", "json")


def bundle_for(folder: Path, key: SigningKey, body: bytes) -> Bundle:
    log = FileLog(folder, key)
    (document,) = log.append([document_statement({"body": ids.digest(body)}, [])])
    return collect(log, document, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_comes_back_byte_for_byte(
    bundle: Bundle, bodies: dict[str, bytes], kind: Kind
) -> None:
    assert unseal(seal(bodies[kind], kind, bundle)) == (kind, bodies[kind], bundle)


def test_a_browser_sees_the_bundle_as_data_and_the_page_unchanged(
    bundle: Bundle, bodies: dict[str, bytes]
) -> None:
    class Page(html.parser.HTMLParser):
        data: str = ""
        tags: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append(tag)

        def handle_data(self, data: str) -> None:
            if self.tags[-1] == "script":
                self.data += data

    page = Page()
    page.tags = []
    sealed = seal(bodies["html"], "html", bundle)
    page.feed(sealed.decode())

    assert page.tags == ["p", "script", "p"]
    assert json.loads(page.data.removesuffix("end").split("\n")[0]) == bundle.to_json()
    assert b"</script>" not in sealed.partition(b'evidence">')[2].rpartition(b"</script>")[0]


def test_a_pdf_reader_opens_the_sealed_pdf(bundle: Bundle, bodies: dict[str, bytes]) -> None:
    sealed = seal(bodies["pdf"], "pdf", bundle)
    reader = pypdf.PdfReader(io.BytesIO(sealed), strict=True)

    assert len(reader.pages) == 1
    assert sealed.startswith(bodies["pdf"])


def test_json_carries_the_bundle_as_a_member(bundle: Bundle, bodies: dict[str, bytes]) -> None:
    sealed = json.loads(seal(bodies["json"], "json", bundle))

    assert sealed.pop("evidence") == bundle.to_json()
    assert sealed == json.loads(bodies["json"])


@pytest.mark.parametrize("ending", [b"%%EOF", b"%%EOF\n", b"%%EOF\r\n", b"%%EOF \n\n"])
def test_a_pdf_may_end_as_its_writer_likes(
    tmp_path: Path, key: SigningKey, bodies: dict[str, bytes], ending: bytes
) -> None:
    body = bodies["pdf"].rpartition(b"%%EOF")[0] + ending
    sealed = seal(body, "pdf", bundle_for(tmp_path, key, body))

    assert unseal(sealed).body == body
    assert len(pypdf.PdfReader(io.BytesIO(sealed)).pages) == 1


def test_a_body_that_the_document_does_not_name_is_not_sealed(
    bundle: Bundle, bodies: dict[str, bytes]
) -> None:
    with pytest.raises(ValueError, match="does not name"):
        seal(bodies["html"] + b" ", "html", bundle)


def test_what_could_not_be_unsealed_is_not_sealed(tmp_path: Path, key: SigningKey) -> None:
    deep: list[object] = []
    for _ in range(60):  # a statement may be nested so deep, a bundle around it no longer
        deep = [deep]
    log = FileLog(tmp_path, key)
    statement = document_statement({"body": ids.digest(MARKER)}, [], deep=deep)
    (document,) = log.append([statement])

    assert [entry.statement for entry in log.entries()] == [statement]
    with pytest.raises(InputError):
        seal(MARKER, "html", collect(log, document, []))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("html", b"<p>no place</p>"),
        ("html", MARKER + b"<p>two places</p>" + MARKER),
        ("html", MARKER + b'<script type="application/json" id="madang-evidence">'),
        ("pdf", b"%PDF-1.7\nno end"),
        ("pdf", b"no start\nstartxref\n5\n%%EOF\n"),
        ("pdf", b"%PDF-1.7\nstartxref\n5\n%%EOF\n" + b" more" * 300),
        ("pdf", b"%PDF-1.7\n%madang-evidence x\nstartxref\n5\n%%EOF\n"),
        ("json", b"[1]"),
        ("json", b'{"evidence":1}'),
        ("json", b'{"a": 1}'),
        ("json", b"no json"),
    ],
)
def test_a_body_that_cannot_carry_a_seal_is_refused(
    tmp_path: Path, key: SigningKey, kind: Kind, body: bytes
) -> None:
    with pytest.raises(InputError):
        seal(body, kind, bundle_for(tmp_path, key, body))


@pytest.mark.parametrize("kind", KINDS)
def test_a_sealed_document_is_not_sealed_again(
    tmp_path: Path, key: SigningKey, bundle: Bundle, bodies: dict[str, bytes], kind: Kind
) -> None:
    sealed = seal(bodies[kind], kind, bundle)

    with pytest.raises(InputError):
        seal(sealed, kind, bundle_for(tmp_path / "again", key, sealed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_without_a_seal_is_refused(bodies: dict[str, bytes], kind: Kind) -> None:
    with pytest.raises(InputError, match="without a seal"):
        unseal(bodies[kind])


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"text", b"[1]", b"\x00" * 100])
def test_a_file_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="neither"):
        kind_of(content)
