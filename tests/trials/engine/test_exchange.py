"""Tables cross the wall of the jail exactly; what comes back is checked to the last byte."""

from __future__ import annotations

import io
import json
import pickle
import struct

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.trial import Column, Outputs
from madang.trials.engine import harness
from madang.trials.engine.cause import Cause
from madang.trials.engine.exchange import (
    BadOutput,
    check_numbers,
    check_texts,
    decode_answers,
    encode_numbers,
    encode_table,
)

NUMBERS = Outputs(kind="numbers", columns=("a", "b"))
TEXTS = Outputs(kind="texts", longest=5)


def npy(array, **extra) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **extra)
    return file.getvalue()


def bad(content: bytes, outputs: Outputs = NUMBERS, rows: int = 3) -> str:
    name = "predictions.npy" if outputs.kind == "numbers" else "predictions.json"
    with pytest.raises(BadOutput) as caught:
        decode_answers({name: content}, outputs, rows)
    assert caught.value.cause == Cause.OUTPUT_INVALID
    return caught.value.detail


def crossed(tmp_path, monkeypatch, table: pl.DataFrame, columns) -> object:
    """The table as the harness in the jail reads it."""
    (tmp_path / "in").mkdir(exist_ok=True)
    (tmp_path / "in" / "inputs.json").write_bytes(encode_table(table, columns))
    monkeypatch.setattr(harness, "JOB", str(tmp_path))
    return harness.read_table("inputs.json")


def test_numbers_cross_bit_for_bit_and_nulls_become_nan(tmp_path, monkeypatch):
    values = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, None, float("inf")]
    table = pl.DataFrame({"x": values})

    found = crossed(tmp_path, monkeypatch, table, [Column(name="x", kind="number")])["x"]

    assert found.dtype == np.float64
    assert [struct.pack("<d", v) for v in found[[0, 1, 2, 3, 4, 6]]] == [
        struct.pack("<d", v) for v in values if v is not None
    ]
    assert np.isnan(found[5])


def test_integers_booleans_categories_and_korean_texts_cross(tmp_path, monkeypatch):
    table = pl.DataFrame(
        {
            "수": [1, None, 2**53],
            "참": [True, False, None],
            "색": ["파랑", None, "빨강"],
            "글": ["'\"\\\n\u2028", "", "한글 👩‍⚕️\x00"],
        }
    )
    columns = [
        Column(name="글", kind="text"),
        Column(name="색", kind="category", levels=("파랑", "빨강")),
        Column(name="수", kind="integer"),
        Column(name="참", kind="boolean"),
    ]

    found = crossed(tmp_path, monkeypatch, table, columns)

    assert list(found.columns) == ["글", "색", "수", "참"]
    assert found["글"].tolist() == table["글"].to_list()
    assert found["색"].tolist() == ["파랑", None, "빨강"]
    assert found["수"].tolist()[::2] == [1.0, float(2**53)]
    assert np.isnan(found["수"][1])
    assert found["참"].tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found["참"][2])


def test_no_case_name_and_no_undeclared_column_crosses(tmp_path, monkeypatch):
    table = pl.DataFrame({"case": ["board-000001"], "x": [1.0], "secret": [9.0]})

    found = crossed(tmp_path, monkeypatch, table, [Column(name="x", kind="number")])

    assert list(found.columns) == ["x"]


def test_a_table_without_rows_crosses(tmp_path, monkeypatch):
    table = pl.DataFrame({"x": [], "t": []}, schema={"x": pl.Float64, "t": pl.String})

    found = crossed(
        tmp_path,
        monkeypatch,
        table,
        [Column(name="x", kind="number"), Column(name="t", kind="text")],
    )

    assert found.shape == (0, 2)


@given(
    st.lists(
        st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1, max_size=5
    )
)
def test_numbers_come_back_as_they_were_written(rows):
    answers = np.array(rows, dtype="<f8")

    found = decode_answers({"predictions.npy": encode_numbers(answers)}, NUMBERS, len(rows))

    assert found.tobytes() == answers.tobytes()


GOOD = np.arange(6, dtype="<f8").reshape(3, 2)


@pytest.mark.parametrize(
    "content",
    [
        npy(GOOD.T.copy()),
        npy(GOOD[:2]),
        npy(np.zeros((4, 2))),
        npy(GOOD.reshape(6)),
        npy(GOOD[:, :, None]),
        npy(np.asfortranarray(GOOD)),
        npy(GOOD.astype("<f4")),
        npy(GOOD.astype(">f8")),
        npy(GOOD.astype("<i8")),
        npy(GOOD.astype("<c8")),
        npy(GOOD, version=(2, 0)),
        npy(GOOD, version=(3, 0)),
        npy(GOOD.astype(object)),
        npy(np.array([(1, 2.0)] * 3, dtype=[("a", "<i8"), ("b", "<f8")])),
        npy(GOOD) + b"x",
        npy(GOOD)[:-1],
        b"",
        b"\x93NUMPY",
        pickle.dumps(GOOD),
        npy(GOOD).replace(b"(3, 2)", b"(2, 3)"),
        npy(GOOD).replace(b"'<f8'", b"'|O8'"),
        npy(GOOD).replace(b"\x01\x00", b"\x01\x01", 1),
    ],
)
def test_a_file_whose_header_is_not_the_expected_one_is_never_parsed(content):
    assert bad(content) == "shape"


@pytest.mark.parametrize(
    "bits",
    [0x7FF8000000000000, 0xFFF8000000000001, 0x7FF0000000000001, 0x7FF0 << 48, 0xFFF0 << 48],
)
def test_every_form_of_nan_and_infinity_is_noticed(bits):
    content = encode_numbers(GOOD)[:-8] + struct.pack("<Q", bits)

    assert bad(content) == "not_finite"


def test_missing_answers_are_told_apart_from_wrong_ones():
    for outputs in (NUMBERS, TEXTS):
        with pytest.raises(BadOutput) as caught:
            decode_answers({"other.npy": b""}, outputs, 3)
        assert caught.value.cause == Cause.OUTPUT_MISSING


def test_values_within_rounding_of_a_bound_are_put_right_and_others_refused():
    outputs = Outputs(kind="numbers", columns=("p",), lowest=0.0, highest=1.0)

    near = check_numbers(np.array([[1 + 9e-7], [-9e-7], [0.5]]), outputs)

    assert near.tolist() == [[1.0], [0.0], [0.5]]
    for value in (1 + 2e-6, -2e-6, 1e300):
        with pytest.raises(BadOutput, match="out_of_bounds"):
            check_numbers(np.array([[0.5], [value]]), outputs)


def test_one_open_bound_leaves_the_other():
    for outputs, value in (
        (Outputs(kind="numbers", columns=("p",), lowest=0.0), -1.0),
        (Outputs(kind="numbers", columns=("p",), highest=0.0), 1.0),
    ):
        assert check_numbers(np.array([[-1e9 * value]]), outputs).tolist() == [[-1e9 * value]]
        with pytest.raises(BadOutput, match="out_of_bounds"):
            check_numbers(np.array([[value]]), outputs)


def test_rows_that_must_fall_may_not_rise():
    outputs = Outputs(kind="numbers", columns=("a", "b", "c"), row_rule="nonincreasing")

    found = check_numbers(np.array([[3.0, 1.0, 1.0 + 5e-7]]), outputs)

    assert found.tolist() == [[3.0, 1.0, 1.0]]
    with pytest.raises(BadOutput, match="nonincreasing"):
        check_numbers(np.array([[3.0, 2.0, 1.0], [1.0, 1.1, 0.0]]), outputs)


def test_rows_that_must_sum_to_one_are_normed_within_rounding():
    outputs = Outputs(
        kind="numbers", columns=("a", "b"), lowest=0.0, highest=1.0, row_rule="sums_to_one"
    )

    found = check_numbers(np.array([[0.25, 0.75005]]), outputs)

    assert found.sum() == pytest.approx(1.0, abs=1e-15)
    with pytest.raises(BadOutput, match="sums_to_one"):
        check_numbers(np.array([[0.5, 0.5], [0.5, 0.4998]]), outputs)
    with pytest.raises(BadOutput, match="sums_to_one"):
        check_numbers(np.zeros((1, 2)), outputs)


def as_json(value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def test_texts_come_back_as_they_were_written():
    found = decode_answers({"predictions.json": as_json(["가", "", "abcde"])}, TEXTS, 3)

    assert found == ["가", "", "abcde"]


@pytest.mark.parametrize(
    ("content", "token"),
    [
        (as_json(["a", "b"]), "shape"),
        (as_json(["a", "b", "c", "d"]), "shape"),
        (as_json({"0": "a", "1": "b", "2": "c"}), "shape"),
        (as_json("abc"), "shape"),
        (as_json(["a", "b", 3]), "not_text"),
        (as_json(["a", "b", None]), "not_text"),
        (as_json(["a", "b", ["c"]]), "not_text"),
        (b'["a", "b", "\\ud800"]', "not_text"),
        (as_json(["a", "b", "abcdef"]), "too_long"),
        (b'["a", "b", "c"', "not_json"),
        (b'["a", "b", "c"] x', "not_json"),
        (b"", "not_json"),
        (b'["\xff", "b", "c"]', "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"[" + b"9" * 10_000 + b"]", "not_json"),
        (b"[" + b'"a",' * 500_000 + b'"a"]', "shape"),
    ],
)
def test_texts_of_another_form_are_refused(content, token):
    assert bad(content, TEXTS) == token


def test_only_declared_levels_are_answers():
    outputs = Outputs(kind="texts", levels=("예", "아니요"))

    assert check_texts(["예", "예"], outputs, 2) == ["예", "예"]
    with pytest.raises(BadOutput, match="unknown_level"):
        check_texts(["예", "아마"], outputs, 2)
