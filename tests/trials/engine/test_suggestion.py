"""An officer gets a first draft of the data section that a registration would take."""

from __future__ import annotations

import json
import unicodedata

import polars as pl
import pytest
import yaml

from madang.kernel.errors import InputError
from madang.trials.engine.draft import check
from madang.trials.engine.suggestion import suggest
from tests.trials.acts import LINE_DEMAND
from tests.trials.toys import line_data

pytestmark = pytest.mark.usefixtures("toys")

COMPLAINTS = pl.DataFrame(
    {
        "접수번호": [f"M-{row:03d}" for row in range(100)],
        "부서": ["도로과", "수도과", "공원과", "주택과"] * 25,
        "쪽수": list(range(100)),
        "무게": [row / 7 for row in range(100)],
        "재접수": [row % 2 for row in range(100)],
        "내용": [f"{row}번째 민원은 {row * 7} 글자로 적힌 긴 글입니다." for row in range(100)],
        "우편번호": [f"0{row % 10}123" for row in range(100)],
        "등급": ["상", "중", "하", "중"] * 25,
    }
)


@pytest.fixture
def drafted(tmp_path):
    def draft(table: pl.DataFrame | bytes) -> dict:
        path = tmp_path / "t.csv"
        path.write_bytes(table if isinstance(table, bytes) else table.write_csv().encode())
        found = suggest(str(path)).plain()
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert all(note["ko"] and note["en"] for note in found["notes"])
        return found

    return draft


def test_each_column_is_declared_as_it_looks(drafted):
    found = drafted(COMPLAINTS)

    assert found["rows"] == 100
    assert found["data"] == {
        "id": "접수번호",
        "inputs": [
            {
                "name": "부서",
                "kind": "category",
                "levels": ["공원과", "도로과", "수도과", "주택과"],
            },
            {"name": "쪽수", "kind": "integer"},
            {"name": "무게", "kind": "number"},
            {"name": "재접수", "kind": "boolean"},
            {"name": "내용", "kind": "text"},
            {"name": "우편번호", "kind": "category", "levels": [f"0{n}123" for n in range(10)]},
        ],
        "outcomes": [{"name": "등급", "kind": "category", "levels": ["상", "중", "하"]}],
    }
    assert [note["column"] for note in found["notes"]] == ["접수번호", "등급"]


def test_the_draft_is_taken_by_the_check(drafted, tmp_path):
    found = drafted(line_data(200))
    plain = yaml.safe_load(LINE_DEMAND) | {"data": found["data"]}
    line_data(200).write_csv(tmp_path / "line.csv")

    looked = check(json.dumps(plain), table=str(tmp_path / "line.csv")).plain()

    assert looked["findings"] == []
    assert looked["registrable"]


@pytest.mark.parametrize("name", ["label", "결과", "Target", "등급", "y"])
def test_an_outcome_is_known_by_its_name_wherever_it_stands(drafted, name):
    table = COMPLAINTS.drop("등급").with_columns(끝=pl.lit(1.5)).rename({"무게": name})

    assert [each["name"] for each in drafted(table)["data"]["outcomes"]] == [name]


def test_the_last_column_is_taken_for_the_outcome_where_no_name_tells(drafted):
    found = drafted(COMPLAINTS.drop("등급"))

    assert [each["name"] for each in found["data"]["outcomes"]] == ["우편번호"]


def test_an_identifier_is_known_by_its_name_before_its_place(drafted):
    table = COMPLAINTS.select("쪽수", "부서", "접수번호", "등급")

    assert drafted(table)["data"]["id"] == "접수번호"
    assert drafted(table.drop("접수번호"))["data"]["id"] == "쪽수"


def test_a_table_without_an_identifier_says_so(drafted):
    found = drafted(COMPLAINTS.select("부서", "무게", "내용", "등급"))

    assert found["data"]["id"] == ""
    assert "Add one that names each case" in found["notes"][0]["en"]


def test_a_text_in_few_rows_is_never_named(drafted):
    table = COMPLAINTS.with_columns(
        부서=pl.when(pl.int_range(100) < 4).then(pl.lit("비서실")).otherwise("부서")
    )

    found = drafted(table)

    assert found["data"]["inputs"][0]["levels"] == ["공원과", "도로과", "수도과", "주택과"]
    assert "비서실" not in json.dumps(found, ensure_ascii=False)
    (note,) = [each for each in found["notes"] if each["column"] == "부서"]
    assert note["en"].startswith("1 values in fewer than 5 rows are not named.")


def test_one_text_alone_makes_no_category(drafted):
    found = drafted(COMPLAINTS.with_columns(부서=pl.lit("도로과")))

    assert found["data"]["inputs"][0] == {"name": "부서", "kind": "text"}


def test_gaps_are_declared(drafted):
    table = COMPLAINTS.with_columns(
        무게=pl.when(pl.int_range(100) < 2).then(None).otherwise("무게")
    )

    assert drafted(table)["data"]["inputs"][2] == {
        "name": "무게", "kind": "number", "nullable": True,
    }  # fmt: skip


def test_korean_in_cp949_is_read_and_declared(drafted):
    found = drafted(COMPLAINTS.write_csv().encode("cp949"))

    assert found["data"]["encoding"] == "cp949"
    assert found["data"]["id"] == "접수번호"


def test_names_that_the_platform_uses_and_personal_numbers_are_noted(drafted):
    table = COMPLAINTS.with_columns(
        pl.lit(3).alias("__x"), 연락처=pl.format("010-1234-5{}", pl.int_range(100, 200))
    )

    found = {note["column"]: note["en"] for note in drafted(table)["notes"]}

    assert found["__x"] == "The platform uses this name. Rename the column in the table."
    assert found["연락처"].startswith("It seems to hold mobile phone numbers.")


def test_names_that_macos_took_apart_are_put_together(drafted):
    found = drafted(COMPLAINTS.rename({"부서": unicodedata.normalize("NFD", "부서")}))

    assert found["data"]["inputs"][0]["name"] == "부서"


@pytest.mark.parametrize("content", [b"", b"\x80\x04", b"1,2\n3,4\n", b"a,a\n1,2\n"])
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "x81.csv"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        suggest(str(path), called="민원.csv")

    assert "민원.csv" in caught.value.sentence("ko")
    assert "x81" not in caught.value.sentence("ko")


def test_a_header_alone_is_no_failure(drafted):
    found = drafted(b"id,x,y\n")

    assert found["rows"] == 0
    assert [each["kind"] for each in found["data"]["inputs"]] == ["text", "text"]
