"""Each fault of a CSV file is told with its line."""

from __future__ import annotations

import polars as pl
import pytest

from madang.kernel.store import delimited
from madang.kernel.store.delimited import Raw, read
from madang.kernel.store.errors import TableError


def raw(content: str | bytes, *names: str, **more: object) -> Raw:
    content = content.encode() if isinstance(content, str) else content
    options = {"name": "t.csv", "extra_ok": False, "encoding": "utf-8", "most_rows": 100} | more
    return read(content, names or ("a", "b"), **options)  # type: ignore[arg-type]


def sentence(content: str | bytes, *names: str, **more: object) -> str:
    with pytest.raises(TableError) as caught:
        raw(content, *names, **more)
    return caught.value.sentence("en")


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize(
    ("body", "line", "fields"),
    [
        ("1,2\n3\n", 3, "1 field"),
        ("1,2,3\n4,5\n", 2, "3 fields"),
        ("1,2\n\n3,4\n", 3, "1 field"),
        ("1,2\n3,4\n5,6,7,8", 4, "4 fields"),
        ("\n1,2\n", 2, "1 field"),
    ],
)
def test_a_line_with_another_number_of_fields_is_told(
    quote: str, body: str, line: int, fields: str
) -> None:
    """The same words from the plain reader and from the one that knows quotation marks."""
    said = sentence(f"{quote}a{quote},b\n{body}")

    assert said.startswith(
        f"Found line {line} of t.csv with {fields}; expected 2, as in the first line."
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n", "\r\n\r\n", "\n\r\n"])
def test_empty_lines_at_the_end_are_no_rows(end: str) -> None:
    for content in ("a,b\n1,2", "a,b\r\n1,2", "가,b\n1,2", 'a,b\n"1",2'):
        names = content[:1], "b"
        table = raw(content + end, *names, most_rows=1).table
        assert table.rows() == [("1", "2")]
        with pytest.raises(TableError, match="1 rows"):
            raw(content + end, *names, most_rows=0)


def test_lines_are_counted_beyond_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_PIECE", 10)
    good = "".join(f"{n},{n}\n" for n in range(95))

    assert raw("a,b\n" + good).table.height == 95
    assert "line 97 " in sentence("a,b\n" + good + "1\n")
    assert "line 50 " in sentence("a,b\n" + good.replace("48,48", "48"))


def test_records_are_counted_beyond_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BATCH", 10)
    content = "a,b\n" + "".join(f'"{n}",{n}\n' for n in range(95))

    came = raw(content)

    assert came.table["a"].to_list() == [str(n) for n in range(95)]
    assert came.place(94).en == "line 96"


def test_a_row_knows_its_line_also_after_values_of_several_lines() -> None:
    plain = raw("a,b\n1,2\n3,4\n")
    quoted = raw('a,b\n"1\n\n1",2\n3,4\n')

    assert [plain.place(row).en for row in (0, 1)] == ["line 2", "line 3"]
    assert [quoted.place(row).ko for row in (0, 1)] == ["2번째 줄", "5번째 줄"]
    assert quoted.table["a"].to_list() == ["1\n\n1", "3"]


def test_quoted_commas_and_quotes_are_values() -> None:
    table = raw('a,b\n"1,5","say ""hi"""\n').table

    assert table.rows() == [("1,5", 'say "hi"')]


def test_empty_fields_are_missing_quoted_or_not() -> None:
    assert raw("a,b\n,x\ny,\n").table.rows() == [(None, "x"), ("y", None)]
    assert raw('a,b\n"",x\ny,\n').table.rows() == [(None, "x"), ("y", None)]


def test_an_empty_line_of_a_single_column_is_a_missing_value() -> None:
    assert raw("a\n1\n\n2\n", "a").table["a"].to_list() == ["1", None, "2"]
    assert raw('a\n"1"\n\n2\n', "a").table["a"].to_list() == ["1", None, "2"]
    assert raw("a\n\n\n2\n", "a").table["a"].to_list() == [None, None, "2"]
    assert raw("a\r\n\r\n2\r\n", "a").table["a"].to_list() == [None, "2"]


def test_a_header_alone_is_a_table_without_rows() -> None:
    for content in ("a,b", "a,b\r\n", '"a",b\n'):
        table = raw(content).table
        assert (table.columns, table.height) == (["a", "b"], 0)
        assert set(table.dtypes) == {pl.String}


@pytest.mark.parametrize(
    ("content", "line"),
    [('a,b\n1,2\n"3,4\n5,6\n', 3), ('a,b\n"1"x,2\n', 2), ('a,b\n"1\n1",2\n"3"",4\n', 4)],
)
def test_misplaced_quotation_marks_are_told_where_their_record_starts(
    content: str, line: int
) -> None:
    assert f"misplaced quotation marks in the record from line {line} of t.csv" in sentence(
        content
    )


def test_a_value_beyond_the_limit_is_told_with_its_line() -> None:
    said = sentence('a,b\n1,2\n"' + "x" * 200_000 + '",3\n')

    assert "from line 3 of t.csv" in said
    assert "131,072 characters" in said


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_bytes_that_are_no_utf8_are_told_with_their_line(newline: str) -> None:
    content = newline.join(["a,b", "1,2", "3,"]).encode() + b"\xff\n"

    assert sentence(content).startswith("Found bytes that are no UTF-8 in line 3 of t.csv;")


def test_bytes_that_are_no_cp949_are_told_with_their_line() -> None:
    assert "no CP949 in line 2" in sentence(b"a,b\n\xff,2\n", encoding="cp949")


def test_utf8_declared_as_cp949_is_told() -> None:
    said = sentence("a,b\n한국,2\n가,2\n힣,3\n", encoding="cp949")

    assert "the file reads as UTF-8" in said


def test_other_encodings_are_not_taken_for_korean() -> None:
    """Bytes that CP949 happens to decode but that hold no Hangul may be Chinese or Latin."""
    content = "a,b\n中,2\n".encode("cp949")

    assert "reads as" not in sentence(content)
    assert "reads as" not in sentence("a,b\nna\u00efve,2\n".encode("latin-1"))


def test_a_nul_byte_is_told_with_its_line() -> None:
    assert "a NUL byte in line 2 of t.csv" in sentence("a,b\n1\x00,2\n")
    assert "a NUL byte in line 1 of t.csv" in sentence("a,b\n".encode("utf-16-le"))


def test_only_the_declared_columns_are_read_in_their_order() -> None:
    table = raw("z,b,y,a\n1,2,3,4\n", extra_ok=True).table

    assert table.to_dict(as_series=False) == {"a": ["4"], "b": ["2"]}


def test_text_that_looks_like_markup_or_escapes_is_left_as_it_is() -> None:
    assert raw("a,b\n\\n,#1\n  x ,'y'\n").table.rows() == [("\\n", "#1"), ("  x ", "'y'")]
