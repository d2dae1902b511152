"""A declared table is read as declared, or one sentence says what is wrong, without any value."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import os
import pickle
import sys
import unicodedata
import zipfile
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel.store.errors import TableError
from madang.kernel.store.tables import as_it_lies, read_table, write_table
from madang.kernel.trial import Column
from tests import house

COLUMNS = (
    Column(name="나이", kind="number", unit="년"),
    Column(name="병기", kind="category", levels=("I", "II", "III")),
    Column(name="결절", kind="integer", nullable=True),
    Column(name="재발", kind="boolean"),
    Column(name="메모", kind="text", nullable=True),
)
CSV = "id,나이,병기,결절,재발,메모\np1,50.5,I,3,true,첫 번째\np2,61,III,,0,\n"
EXPECTED = pl.DataFrame(
    {
        "id": ["p1", "p2"],
        "나이": [50.5, 61.0],
        "병기": ["I", "III"],
        "결절": [3, None],
        "재발": [True, False],
        "메모": ["첫 번째", None],
    },
    schema={
        "id": pl.String,
        "나이": pl.Float64,
        "병기": pl.String,
        "결절": pl.Int64,
        "재발": pl.Boolean,
        "메모": pl.String,
    },
)


def read(content: str | bytes, **more: Any) -> pl.DataFrame:
    content = content.encode() if isinstance(content, str) else content
    return read_table(content, columns=COLUMNS, name="자료", **{"id_column": "id"} | more)


def refused(content: str | bytes, **more: Any) -> TableError:
    with pytest.raises(TableError) as caught:
        read(content, **more)
    for language in ("ko", "en"):
        assert "자료" in caught.value.sentence(language)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.replace("\n", "\r\n").encode(),
        CSV.strip().encode(),
        ("\ufeff" + CSV + "\n\r\n").encode(),
        CSV.replace("p1", '"p1"').encode(),
        CSV.replace("\n", "\r").encode(),
        write_table(EXPECTED),
        write_table(EXPECTED.select("메모", "재발", "id", "나이", "결절", "병기")),
        write_table(EXPECTED.with_columns(pl.col("병기").cast(pl.Enum(["III", "II", "I"])))),
    ],
    ids=["unix", "windows", "no-last-end", "bom", "quoted", "mac", "parquet", "order", "enum"],
)
def test_the_same_table_is_read_from_every_form(content: bytes) -> None:
    table = read(content)

    assert table.equals(EXPECTED)
    assert table.schema == EXPECTED.schema


def test_what_excel_in_korean_writes_is_told_and_read_once_it_is_declared() -> None:
    content = CSV.encode("cp949")

    fault = refused(content)
    assert "the file reads as CP949" in fault.sentence("en")
    assert "CSV UTF-8" in fault.sentence("ko")
    assert read(content, encoding="cp949").equals(EXPECTED)


def test_columns_may_be_declared_without_an_identifier() -> None:
    columns = [Column(name="a", kind="integer")]

    assert read_table(b"a\n1\n1\n", columns=columns, name="t")["a"].to_list() == [1, 1]


def test_a_declared_identifier_keeps_its_kind() -> None:
    columns = [Column(name="a", kind="text"), Column(name="no", kind="integer")]

    table = read_table(b"no,a\n7,x\n8,y\n", columns=columns, name="t", id_column="no")

    assert table.schema == {"a": pl.String, "no": pl.Int64}


def test_doubled_identifiers_are_counted() -> None:
    fault = refused(CSV.replace("p2", "p1") + "p3,1,I,,1,\np3,1,I,,1,\n")

    assert "column 'id' of 자료 (2; the first in line 2)" in fault.sentence("en")
    assert "2개(첫 위치 2번째 줄)" in fault.sentence("ko")


def test_a_missing_identifier_is_refused() -> None:
    assert "missing values" in refused(CSV.replace("p2", "")).sentence("en")


def test_extra_columns_are_refused_or_left_out() -> None:
    content = "id,나이,병기,결절,비고,재발,메모\np1,50.5,I,3,x,true,첫 번째\np2,61,III,,y,0,\n"

    assert "(1: '비고')" in refused(content).sentence("en")
    assert read(content, extra_ok=True).equals(EXPECTED)
    parquet = write_table(EXPECTED.with_columns(비고=pl.lit(1)))
    assert "(1: '비고')" in refused(parquet).sentence("ko").replace("1개('비고')", "(1: '비고')")
    assert read(parquet, extra_ok=True).equals(EXPECTED)


def test_limits_of_rows_and_bytes_hold_for_both_forms() -> None:
    for content in (CSV.encode(), CSV.replace("p1", '"p1"').encode(), write_table(EXPECTED)):
        assert read(content, most_rows=2).height == 2
        assert "2 rows in 자료; expected at most 1" in refused(content, most_rows=1).sentence("en")
        assert "expected at most 20 B" in refused(content, most_bytes=20).sentence("en")
    assert read(CSV, most_bytes=len(CSV.encode())).height == 2
    refused(CSV, most_bytes=len(CSV.encode()) - 1)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b" \r\n\n", "an empty file"),
        (gzip.compress(CSV.encode()), "a gzip archive"),
        (lzma.compress(CSV.encode()), "an xz archive"),
        (zipped(CSV.encode()), "a ZIP archive or an Excel workbook"),
        (pickle.dumps([1], protocol=2), "a pickle, which may run code"),
        (pickle.dumps([1], protocol=5), "a pickle, which may run code"),
        (CSV.encode("utf-16"), "UTF-16 text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Hangul file"),
        (b"\xef\xbb\xbf <!DOCTYPE html><table>", "an HTML or XML document"),
        (b"ARROW1\x00\x00", "an Arrow (Feather) file"),
        (b"PARE" * 5, "an encrypted Parquet file"),
    ],
)
def test_what_is_no_table_is_named_and_left_unopened(content: bytes, what: str) -> None:
    fault = refused(content)

    assert fault.sentence("en").startswith(f"Found {what}")
    assert "Parquet" in fault.sentence("ko")


@pytest.mark.parametrize("content", [b"id\x80,x\n", b"\x80\n", b"\x80\x06a\n"])
def test_other_bytes_beyond_ascii_are_not_taken_for_a_pickle(content: bytes) -> None:
    assert "no UTF-8 in line 1" in refused(content).sentence("en")


def test_no_sentence_repeats_a_value() -> None:
    """A canary in every field in turn, in every form, and in a file without a header."""
    canary = "김비밀-741"
    lines = CSV.splitlines()
    contents = [CSV.replace(CSV.splitlines()[0] + "\n", "").replace("p1", canary)]
    for line in (1, 2):
        fields = lines[line].split(",")
        for place in range(6):
            for value in (canary, f"{canary},{canary}", f'"{canary}', f"{canary}\x00"):
                changed = ",".join([*fields[:place], value, *fields[place + 1 :]])
                contents.append("\n".join([*lines[:line], changed, *lines[line + 1 :], changed]))
    sentences = []
    for content in contents:
        for encoding in ("utf-8", "cp949"):
            try:
                read(content.encode(encoding))
            except TableError as fault:
                sentences += [fault.sentence("ko"), fault.sentence("en"), repr(fault.args)]

    assert len(sentences) > 200
    assert not [each for each in sentences if "김비밀" in each or "741" in each]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
rows = st.lists(st.tuples(cells, cells, cells), max_size=12)


@given(
    rows,
    # Python 3.11 leaves a lone carriage return unquoted where lines end otherwise.
    st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
)
def test_whatever_the_standard_library_writes_is_read_back(
    table: list[tuple[str, str, str]], style: tuple[Any, str]
) -> None:
    """Quotes, commas, line ends and Hangul in any field; an empty one comes back as missing."""
    quoting, end = style
    file = io.StringIO()
    writer = csv.writer(file, quoting=quoting, lineterminator=end)
    writer.writerows([("a", "나", "c"), *table])
    columns = [Column(name=name, kind="text", nullable=True) for name in ("a", "나", "c")]

    came = read_table(file.getvalue().encode(), columns=columns, name="t")

    assert came.rows() == [tuple(cell or None for cell in row) for row in table]


numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.lists(
        st.tuples(numbers, st.integers(-(2**63), 2**63 - 1), st.booleans(), cells), max_size=12
    )
)
@settings(max_examples=50)
def test_what_is_written_as_parquet_is_read_back(table: list[tuple[Any, ...]]) -> None:
    schema = {"x": pl.Float64, "n": pl.Int64, "b": pl.Boolean, "t": pl.String}
    frame = pl.DataFrame(table, schema=schema, orient="row")
    columns = [
        Column(name="x", kind="number"),
        Column(name="n", kind="integer"),
        Column(name="b", kind="boolean"),
        Column(name="t", kind="text", nullable=True),
    ]

    came = read_table(write_table(frame), columns=columns, name="t")

    assert came.rows() == [(*row[:3], row[3] or None) for row in table]


def test_numbers_are_read_to_the_last_bit() -> None:
    """Python's own shortest form of a float, read back by another parser."""
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2**53 + 2.0, 1e22, 123456789.123]
    content = "x\n" + "\n".join(map(repr, values))
    columns = [Column(name="x", kind="number")]

    came = read_table(content.encode(), columns=columns, name="t")["x"].to_list()

    assert [value.hex() for value in came] == [value.hex() for value in values]


def test_equal_tables_give_equal_bytes_however_they_were_put_together() -> None:
    rows = pl.DataFrame(
        {"x": [float(n) for n in range(1000)], "t": [f"줄 {n % 7}" for n in range(1000)]}
    )
    pieces = pl.concat([rows[:1], rows[1:400], rows[400:]], rechunk=False)
    sliced = pl.concat([rows, rows])[1000:]
    categories = rows.with_columns(pl.col("t").cast(pl.Categorical))

    assert pieces["x"].n_chunks() == 3
    assert len({write_table(each) for each in (rows, pieces, sliced, categories)}) == 1
    assert write_table(rows) != write_table(rows.reverse())
    assert write_table(rows) != write_table(rows.select("t", "x"))


def test_equal_long_tables_give_equal_bytes_wherever_they_were_joined() -> None:
    numbers = pl.int_range(600_000, eager=True)
    rows = pl.DataFrame({"n": numbers, "t": (numbers % 1000).cast(pl.String)})
    pieces = pl.concat([rows[:1], rows[1:333_333], rows[333_333:]], rechunk=False)

    assert write_table(pieces) == write_table(rows)


def test_equal_tables_give_equal_bytes_in_every_process() -> None:
    source = (
        "import hashlib, polars as pl\n"
        "from madang.kernel.store.tables import write_table\n"
        "n = pl.int_range(300_000, eager=True)\n"
        "table = pl.DataFrame({'n': n, 't': (n % 1000).cast(pl.String), 'x': n / 7})\n"
        "print(hashlib.sha256(write_table(table)).hexdigest())"
    )

    digests = {
        house.run(sys.executable, "-c", source, POLARS_MAX_THREADS=threads).stdout
        for threads in ("1", "2", str(4 * (os.cpu_count() or 1)))
    }

    assert len(digests) == 1
    assert len(digests.pop()) == 65


def test_reading_changes_nothing_that_a_second_reading_sees() -> None:
    once = read(CSV)

    assert read(write_table(once)).equals(once)
    assert write_table(read(write_table(once))) == write_table(once)


def test_a_table_that_nobody_declared_is_read_as_it_lies():
    csv_table = as_it_lies(CSV.encode(), name="자료").table
    quoted = as_it_lies(CSV.replace("p1", '"p1"').encode(), name="자료").table
    file = io.BytesIO()
    EXPECTED.write_parquet(file)

    assert csv_table.columns == EXPECTED.columns
    assert set(csv_table.dtypes) == {pl.String}
    assert csv_table["결절"].to_list() == ["3", None]
    assert quoted.equals(csv_table)
    assert as_it_lies(file.getvalue(), name="자료").table.equals(EXPECTED)


def test_korean_of_a_declared_encoding_is_read_as_it_lies():
    assert as_it_lies("이름\n가\n".encode("cp949"), name="t", encoding="cp949").table.rows() == [
        ("가",)
    ]
    with pytest.raises(TableError, match="CP949"):
        as_it_lies("이름\n가\n".encode("cp949"), name="t")


@pytest.mark.parametrize(
    ("first_line", "odd"),
    [("61,주민,3.5", 2), ("a,a,b", 1), (",a,b", 1), ("a,nan,b", 1), ("가,가,7", 2)],
)
def test_a_first_line_that_may_be_a_case_is_refused_and_never_quoted(first_line, odd):
    with pytest.raises(TableError) as caught:
        as_it_lies(f"{first_line}\n1,2,3\n".encode(), name="자료")

    told = caught.value.sentence("en") + caught.value.sentence("ko")
    assert f"({odd} are empty, numbers or repeated)" in told
    assert not [each for each in ("61", "주민", "3.5") if each in told]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"PAR1x", b"a,b\n1\n", b'"a\n'])
def test_what_is_no_table_is_refused_undeclared_too(content):
    with pytest.raises(TableError):
        as_it_lies(content, name="자료")


def test_an_undeclared_table_has_the_same_ceilings():
    with pytest.raises(TableError, match="rows"):
        as_it_lies(b"a\n1\n2\n", name="t", most_rows=1)
    with pytest.raises(TableError, match="at most"):
        as_it_lies(b"a\n1\n2\n", name="t", most_bytes=5)


IGNORED = ("주소", "비고")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_that_are_named_are_left_out_and_no_others(kind):
    columns = (Column(name="x", kind="number"),)
    given = pl.DataFrame({"x": [1.0], "주소": ["가"], "비고": ["나"], "z": [2.0]})

    def content(table):
        return table.write_csv().encode() if kind == "csv" else write_table(table)

    read = read_table(content(given.drop("z")), columns=columns, ignored=IGNORED, name="t")
    assert read.columns == ["x"]
    with pytest.raises(TableError, match="z"):
        read_table(content(given), columns=columns, ignored=IGNORED, name="t")
    with pytest.raises(TableError, match="x"):
        read_table(content(given.drop("x")), columns=columns, ignored=IGNORED, name="t")


def test_an_ignored_name_is_the_same_however_its_hangul_is_written():
    taken_apart = unicodedata.normalize("NFD", "x,주소\n1,가\n").encode()
    columns = (Column(name="x", kind="number"),)

    assert read_table(taken_apart, columns=columns, ignored=IGNORED, name="t").columns == ["x"]
