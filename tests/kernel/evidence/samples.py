"""A measured fact, a document and its evidence, small enough to try every byte of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from madang.kernel import ids
from madang.kernel.evidence import canonical
from madang.kernel.evidence.bundle import Bundle, collect, document_statement
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.seal import MARKER
from madang.kernel.evidence.statement import Statement, predicate_type

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey

NAME = "agency.go.kr/trials"
BODIES = {
    "html": b"<!doctype html><p>\xea\xb0\x80 &amp; 0.71</p>" + MARKER + b"<p>end</p>\n",
    "json": canonical.encode({"ranking": ["cox", "boosting"], "score": 0.71}),
    "pdf": b"",  # made by the fixture
}


def score(solution: str, value: float) -> Statement:
    """A measured fact, as the trials would state it; with a sign that HTML must not see."""
    return Statement(
        subjects={solution: ids.digest(solution.encode())},
        predicate_type=predicate_type("score"),
        predicate={"metric": "uno_c", "value": value, "how": "a<b</script>"},
    )


def blank_pdf() -> bytes:
    """A one-page PDF written by pypdf."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=72, height=72)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def documented(folder: Path, key: SigningKey, bodies: dict[str, bytes]) -> Bundle:
    """A log of five facts and a document that rests on two of them."""
    log = FileLog(folder, key)
    facts = log.append([score(f"s{place}", place / 10) for place in range(4)])
    subjects = {f"report.{kind}": ids.digest(body) for kind, body in bodies.items()}
    (document,) = log.append([document_statement(subjects, facts[1:3], title="trial")])
    log.append([score("later", 0.5)])
    return collect(log, document, facts[1:3])
