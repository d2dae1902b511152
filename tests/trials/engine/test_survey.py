"""An officer sees everything in which a table is not the declared one, and no value of it."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.survey import Survey, encoding_of, kind_of, present_values, survey
from tests.trials.acts import LINE_DEMAND
from tests.trials.toys import line_data

pytestmark = pytest.mark.usefixtures("toys")

DATA = line_data(200)


def seen(table: pl.DataFrame | bytes, text: str = LINE_DEMAND) -> Survey:
    content = table if isinstance(table, bytes) else table.write_csv().encode()
    return survey(content, name="자료.csv", demand=read_demand(text.encode()))


def told(found: Survey) -> list[tuple[str, str]]:
    return [(fault.place, fault.error.sentence("en")) for fault in found.faults]


def doubts(found: Survey) -> list[tuple[str, str]]:
    return [(column, text.en) for column, text in found.doubts]


def test_a_table_that_fits_is_read_as_registration_reads_it():
    found = seen(DATA)

    assert (found.rows, found.faults, found.doubts) == (200, [], [])
    assert found.table is not None
    assert found.table.columns == ["id", "site", "x", "colour", "y"]
    assert found.table["x"].to_list() == DATA["x"].to_list()
    assert [(each.name, each.role, each.declared, each.kind) for each in found.columns] == [
        ("id", "id", "text", "text"),
        ("site", "group", "text", "text"),
        ("x", "input", "number", "number"),
        ("colour", "input", "category", "category"),
        ("y", "outcome", "number", "number"),
    ]
    assert all(each.fits and each.present for each in found.columns)
    assert [each.distinct for each in found.columns] == [200, 50, 200, 2, 200]


def test_every_fault_is_told_at_once_each_at_its_place():
    table = DATA.with_columns(
        id=pl.when(pl.int_range(200) < 2).then(pl.lit("same")).otherwise("id"),
        x=pl.when(pl.int_range(200) < 3).then(pl.lit("열")).otherwise(pl.col("x").cast(str)),
        colour=pl.when(pl.int_range(200) < 5).then(pl.lit("초록")).otherwise("colour"),
        y=pl.when(pl.int_range(200) < 7).then(None).otherwise("y"),
        more=pl.lit(1),
    )

    found = seen(table)

    faults = dict(told(found))
    assert set(faults) == {"data", "data.id", "data.inputs.0", "data.inputs.1", "data.outcomes.0"}
    assert "undeclared columns" in faults["data"]
    assert "several rows" in faults["data.id"]
    assert (
        "no number in column 'x' of 자료.csv (3; the first in line 2)" in faults["data.inputs.0"]
    )
    assert (
        "outside the declared levels in column 'colour' of 자료.csv (5;"
        in (faults["data.inputs.1"])
    )
    assert "missing values or NaN in column 'y' of 자료.csv (7;" in faults["data.outcomes.0"]
    for value in ("same", "열", "초록"):
        assert not [said for said in faults.values() if f"'{value}'" in said]
    assert found.table is None
    columns = {each.name: each for each in found.columns}
    assert not any(columns[name].fits for name in ("id", "x", "colour", "y", "more"))
    assert (columns["site"].fits, columns["y"].missing) == (True, 7)
    assert (columns["more"].role, columns["more"].declared) == ("undeclared", "")


def test_a_missing_column_is_listed_with_what_resembles_it():
    found = seen(DATA.rename({"colour": "color"}))

    assert [place for place, _ in told(found)] == ["data", "data"]
    assert "Similar columns: 'colour' ← 'color'?" in told(found)[0][1]
    (missing,) = [each for each in found.columns if not each.present]
    assert (missing.name, missing.role, missing.fits) == ("colour", "input", False)


def test_a_table_without_a_header_has_none_of_its_cases_quoted():
    rows = DATA.with_columns(x=pl.lit("가나다라")).write_csv(include_header=False).encode()

    found = seen(rows)

    ((place, said),) = told(found)
    assert place == "data"
    assert "case-" not in said
    assert "가나다라" not in said
    assert found.columns == []


def test_a_header_of_words_that_nobody_declared_is_not_quoted_either():
    found = seen(b"kim,park\nlee,choi\n")

    assert "kim" not in str(told(found))
    assert found.columns == []


@pytest.mark.parametrize("content", [b"", b"PAR1 no", b"\xff\xfe\x00", b"a,b\n1\n"])
def test_what_is_no_table_is_one_fault(content):
    found = seen(content)

    assert [place for place, _ in told(found)] == ["data"]
    assert found.table is None


def test_hangul_that_macos_took_apart_is_the_same_column():
    import unicodedata

    text = LINE_DEMAND.replace("colour", "빛깔")
    table = DATA.rename({"colour": unicodedata.normalize("NFD", "빛깔")})

    found = seen(table, text)

    assert found.faults == []
    assert found.table is not None
    assert "빛깔" in found.table.columns


def test_what_may_be_a_mistake_is_a_doubt():
    text = LINE_DEMAND.replace(
        "    - {name: x, kind: number, unit: m}",
        "    - {name: x, kind: number, nullable: true}\n    - {name: code, kind: text}\n"
        "    - {name: one, kind: integer}",
    ).replace("[파랑, 빨강]", "[파랑, 빨강, 초록, 노랑]")
    table = DATA.with_columns(
        x=pl.when(pl.int_range(200) < 150).then(None).otherwise("x"),
        code=pl.format("A{}", pl.int_range(200)),
        one=pl.lit(4),
    )

    found = seen(table, text)

    assert found.faults == []
    assert doubts(found) == [
        ("x", "75 % of it is missing."),
        ("code", "Every row has a value of its own. See that it names no person or case."),
        ("one", "It holds one value alone."),
        ("colour", "Levels that never occur: '초록', '노랑'."),
    ]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("문의 900101-1234567 바랍니다", "resident registration numbers"),
        ("010-1234-5678로 연락", "mobile phone numbers"),
        ("01012345678", "mobile phone numbers"),
        ("kim.lee@example.go.kr", "e-mail addresses"),
    ],
)
def test_what_looks_personal_is_counted_and_not_quoted(value, what):
    text = LINE_DEMAND.replace(
        "{name: x, kind: number, unit: m}",
        "{name: x, kind: number}\n    - {name: memo, kind: text, nullable: true}",
    )
    memo = (
        pl.when(pl.int_range(200) < 3).then(pl.lit(value)).otherwise(pl.lit("9-1234567 없음 12"))
    )

    found = doubts(seen(DATA.with_columns(memo=memo), text))

    assert found == [("memo", f"3 values look like {what}.")]


def test_rows_that_are_alike_and_a_group_too_large_are_doubts():
    table = pl.concat(
        [DATA.head(100), DATA.head(100).with_columns(id=pl.format("again-{}", pl.int_range(100)))]
    ).with_columns(site=pl.lit("one"))

    found = doubts(seen(table))

    assert found == [
        ("", "200 rows are alike in all but the identifier."),
        ("site", "One group holds more than half of the cases, which cannot be parted."),
    ]


def test_without_a_readable_demand_the_columns_are_seen_all_the_same():
    found = survey(DATA.write_csv().encode(), name="t", demand=None)

    assert [(each.name, each.role, each.kind) for each in found.columns] == [
        ("id", "undeclared", "text"),
        ("site", "undeclared", "text"),
        ("x", "undeclared", "number"),
        ("colour", "undeclared", "category"),
        ("y", "undeclared", "number"),
    ]
    assert found.table is None
    assert found.faults == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", "10"], "integer"),
        (["-1", " 2", "+3"], "integer"),
        (["1.5", "2"], "number"),
        (["1e3", "2"], "number"),
        (["1.5", "nan"], "text"),
        (["1.5", "inf"], "text"),
        (["001", "012"], "text"),
        (["0", "1"], "boolean"),
        (["0", "0"], "integer"),
        (["True", "false"], "boolean"),
        (["0", "1", "2"], "integer"),
        (["0.5", "1"], "number"),
        (["서울", "부산"] * 10, "category"),
        (["서울", "부산"], "text"),
        ([], "text"),
        ([1, 2], "integer"),
        ([0, 1], "boolean"),
        ([0.5, None], "number"),
        ([True, None], "boolean"),
        ([None, None], "text"),
    ],
)
def test_the_kind_is_told_from_the_values(values, kind):
    kept = present_values(pl.Series("v", values, strict=False))

    assert kind_of(kept, rows=len(values)) == kind


def test_a_few_texts_are_levels_and_many_are_not():
    def kind(levels: int, rows: int) -> str:
        values = pl.Series("v", [f"수준 {row % levels}" for row in range(rows)])
        return kind_of(values, rows=rows)

    assert kind(30, 150) == "category"
    assert kind(31, 1000) == "text"
    assert kind(30, 149) == "text"


def test_missing_is_nothing_empty_text_and_nan():
    assert present_values(pl.Series(["a", "", None])).to_list() == ["a"]
    assert present_values(pl.Series([1.0, float("nan"), None])).to_list() == [1.0]
    assert present_values(pl.Series(["a", None], dtype=pl.Categorical)).to_list() == ["a"]


def test_the_encoding_is_that_which_makes_korean_of_the_file():
    file = io.BytesIO()
    DATA.write_parquet(file)

    assert encoding_of("이름\n가\n".encode()) == "utf-8"
    assert encoding_of("이름\n가\n".encode("cp949")) == "cp949"
    assert encoding_of(b"a\n\xff\xff\n") == "utf-8"
    assert encoding_of(file.getvalue()) == "utf-8"
    assert encoding_of(b"PAR1" + "가".encode("cp949")) == "utf-8"


def test_a_parquet_file_is_surveyed_too():
    file = io.BytesIO()
    DATA.with_columns(y=pl.Series(np.where(np.arange(200) < 4, np.nan, DATA["y"]))).write_parquet(
        file
    )

    found = seen(file.getvalue())

    assert told(found)[0][0] == "data.outcomes.0"
    assert found.columns[-1].missing == 4


def test_what_is_ignored_is_no_fault_and_stands_in_no_list():
    noted = DATA.with_columns(pl.lit("x").alias("memo"), pl.lit("y").alias("extra"))
    ignoring = LINE_DEMAND.replace("  id: id\n", "  id: id\n  ignored: [memo]\n")

    assert seen(noted.drop("extra"), ignoring).faults == []
    assert "memo" not in [each.name for each in seen(noted.drop("extra"), ignoring).columns]
    ((place, sentence),) = told(seen(noted, ignoring))
    assert place == "data"
    assert "extra" in sentence
    assert "memo" not in sentence
