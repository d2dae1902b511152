"""The paper: both languages, searchable, tagged, and the same bytes each time."""

from __future__ import annotations

import io
import re

import pypdf
import pytest

from madang.kernel.report.document import (
    Code,
    Document,
    Fact,
    Interval,
    Paragraph,
    Section,
    Step,
    Steps,
    Table,
    TableColumn,
)
from madang.kernel.report.pdf import pdf
from madang.kernel.words import words
from tests.kernel.report import sample


def _reader(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in _reader(content).pages)


def _small(*blocks, **changes) -> Document:
    options = {
        "title": words("제목", "Title"),
        "subtitle": words("부제", "Subtitle"),
        "sections": (Section(title=words("절", "Section"), blocks=blocks),),
    } | changes
    return Document(**options)


def test_korean_comes_first_and_both_parts_are_whole(document, paper):
    pages = [page.extract_text() for page in _reader(paper).pages]

    text = "\n".join(pages)
    first_english = next(place for place, page in enumerate(pages) if document.subtitle.en in page)
    assert document.subtitle.ko in pages[0]
    assert document.subtitle.ko not in "\n".join(pages[first_english:])
    for section in document.sections:
        assert section.title.ko in "\n".join(pages[:first_english])
        assert section.title.en in "\n".join(pages[first_english:])
    assert "Cox 탄력망을 채택합니다" in pages[0]
    assert document.sections[0].title.ko not in pages[0]  # the first page is the summary
    assert "이산시간 부스팅" in text and "0.1583–0.1868" in text


def test_words_inside_pictures_can_be_found(paper):
    assert "가장 좋음" in _text(paper)
    assert "interval clear of the reference" in _text(paper)


def test_a_digest_is_printed_without_a_letter_too_many(paper):
    assert sample.DIGEST in re.sub(r"\s", "", _text(paper))


def test_pages_are_a4_and_numbered_under_a_running_title(document, paper):
    pages = _reader(paper).pages

    for number, page in enumerate(pages, start=1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        text = page.extract_text()
        assert f"{number} / {len(pages)}" in text
        assert document.title.ko in text or document.title.en in text


def test_the_file_states_its_title_language_and_standard(document, paper):
    reader = _reader(paper)
    catalogue = reader.trailer["/Root"]

    assert reader.metadata.title == document.title.ko
    assert reader.metadata.creation_date == document.made_at
    assert catalogue["/Lang"] == "ko"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data()
    assert len(reader.outline) > 0


def _structure(node, found):
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            _structure(each, found)
    elif isinstance(node, dict):
        found.append(node)
        _structure(node.get("/K", []), found)


def test_pictures_have_a_text_and_english_is_marked_as_english(document, paper):
    found: list[dict] = []
    _structure(_reader(paper).trailer["/Root"]["/StructTreeRoot"]["/K"], found)

    alternatives = {str(node["/Alt"]) for node in found if "/Alt" in node}
    figures = [
        block for section in document.sections for block in section.blocks if hasattr(block, "alt")
    ]
    assert {figure.alt.ko for figure in figures} | {figure.alt.en for figure in figures} <= {
        *alternatives
    }
    # None: as the whole file says, Korean.
    titles = [node for node in found if node.get("/S") == "/H1"]
    assert [node.get("/Lang") for node in titles] == [None, "en"]
    assert {"/Table", "/TH", "/TD"} <= {node.get("/S") for node in found}


def test_the_same_document_gives_the_same_bytes(document, paper):
    assert pdf(document) == paper


def test_a_document_without_a_moment_carries_no_date():
    content = pdf(_small(Paragraph("x")))

    assert _reader(content).metadata.creation_date is None
    assert pdf(_small(Paragraph("x"))) == content


@pytest.mark.parametrize(
    "markup",
    [
        '#import "@preview/x:1.0.0"',
        "*bold* _soft_ $x^2$ @ref <label> = heading",
        '#panic("x") // comment /* more */',
        "\\u{41} `raw` ~ -- --- 'q' \"q\"",
    ],
)
def test_the_typesetters_own_markup_is_only_text(markup):
    text = _text(pdf(_small(Paragraph(markup), Code(markup), Steps((Step(text=markup),)))))

    assert text.count(markup) == 2 * 3  # in both languages


def test_what_the_font_cannot_show_is_told_by_its_code():
    text = _text(pdf(_small(Paragraph("웃음 😀 \u0e01 끝 \x07"))))

    assert "웃음 [U+1F600] [U+0E01] 끝 [U+FFFD]" in text


def test_a_long_table_repeats_its_header_on_each_page():
    columns = (
        TableColumn(title=words("이름", "Name")),
        TableColumn(title=words("구간", "Range"), kind="interval", decimals=1),
    )
    rows = tuple((f"row-{number:03}", Interval(-1.0, 2.0)) for number in range(120))
    table = Table(caption=words("표", "table"), columns=columns, rows=rows)

    pages = [page.extract_text() for page in _reader(pdf(_small(table))).pages]

    holding = [page for page in pages if "row-" in page]
    assert len(holding) >= 6
    assert all(("이름" in page and "구간" in page) or "Name" in page for page in holding)
    assert all(f"row-{number:03}" in "\n".join(holding[:3]) for number in (0, 119))
    assert "−1.0 ~ 2.0" in holding[0] and "−1.0 to 2.0" in holding[-1]


def test_an_endless_word_stays_inside_its_column():
    columns = (TableColumn(title="a"), TableColumn(title="b"), TableColumn(title="c"))
    table = Table(caption=words("표", "t"), columns=columns, rows=(("x", "A" * 200, "y"),))

    text = _text(pdf(_small(table, footer=(Fact(label=words("ㄱ", "a"), value="B" * 200),))))

    assert max(len(run) for run in re.findall("A+|B{25,}", text)) < 120
    assert re.sub(r"[\s\u200b]", "", text).count("A" * 24) >= 2


def test_a_caption_does_not_stand_alone_at_the_foot_of_a_page():
    columns = (TableColumn(title=words("이름", "Name")),)

    for before in range(24, 48):  # at some number the next caption falls on the last line
        rows = tuple((f"row-{number}",) for number in range(before))
        table = Table(caption=words("먼저", "First"), columns=columns, rows=rows)
        later = Table(caption=words("다음", "Second"), columns=columns, rows=(("only",),))
        pages = _reader(pdf(_small(table, later), languages=("en",))).pages
        held = [page.extract_text() for page in pages if "Second" in page.extract_text()]
        assert "only" in held[0]


def test_a_column_of_sentences_gets_most_of_the_paper():
    text = "word " * 60

    def lines(*, wide: bool) -> int:
        columns = (
            TableColumn(title=words("가", "A")),
            TableColumn(title=words("나", "B"), is_wide=wide),
        )
        table = Table(caption=words("표", "t"), columns=columns, rows=(("x" * 26, text),))
        return _text(pdf(_small(table), languages=("en",))).count("\n")

    assert lines(wide=True) < lines(wide=False)
