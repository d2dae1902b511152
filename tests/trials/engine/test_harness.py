"""What runs beside the firm's code: it feeds, asks, writes, and tells no message."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from madang.kernel.trial import Outputs
from madang.trials.engine import harness
from madang.trials.engine.exchange import decode_answers

NUMBERS = {"outputs": {"kind": "numbers", "columns": ["a", "b"]}}
ONE = {"outputs": {"kind": "numbers", "columns": ["a"]}}
TEXTS = {"outputs": {"kind": "texts", "columns": []}}


@pytest.fixture
def job(tmp_path, monkeypatch):
    for name in ("in", "out", "code"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(harness, "JOB", str(tmp_path))
    return tmp_path


def written(job, answers, task, rows: int):
    harness.write_answers(answers, task, rows)
    files = {path.name: path.read_bytes() for path in (job / "out").iterdir()}
    kind = task["outputs"]["kind"]
    outputs = Outputs(kind=kind, columns=tuple(task["outputs"]["columns"]))
    return decode_answers(files, outputs, rows)


@pytest.mark.parametrize(
    "answers",
    [
        [1, 2.5],
        (1, 2.5),
        np.array([1, 2.5], dtype="float32"),
        np.array([[1], [2.5]]),
        pd.Series([1, 2.5], index=[7, 3]),
        pd.DataFrame({"any": [1, 2.5]}),
        np.asfortranarray([[1.0], [2.5]]),
    ],
)
def test_usual_forms_of_one_number_a_row_are_taken(job, answers):
    assert written(job, answers, ONE, 2).tolist() == [[1.0], [2.5]]


def test_a_table_keeps_rows_and_columns(job):
    table = np.asfortranarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    assert written(job, table, NUMBERS, 3).tolist() == table.tolist()


@pytest.mark.parametrize(
    ("answers", "token"),
    [
        (np.zeros(3), "shape"),
        (np.zeros((2, 3)), "shape"),
        (np.zeros((3, 2)), "shape"),
        (0.0, "shape"),
        (None, "shape"),
        (["a", "b"], "not_numbers"),
        ([object(), 1], "not_numbers"),
        ([[1, 2], [3]], "not_numbers"),
    ],
)
def test_other_forms_have_their_token(job, answers, token):
    with pytest.raises(harness.Disobedient, match=token):
        harness.write_answers(answers, NUMBERS, 2)


@pytest.mark.parametrize(
    "answers",
    [["가", "b"], np.array(["가", "b"]), np.array([["가"], ["b"]]), pd.Series(["가", "b"])],
)
def test_texts_are_written_in_their_order(job, answers):
    assert written(job, answers, TEXTS, 2) == ["가", "b"]


COLUMNS = [
    {"name": "x", "kind": "number", "levels": []},
    {"name": "colour", "kind": "category", "levels": ["파랑", "빨강"]},
    {"name": "note", "kind": "text", "levels": []},
]
INPUTS = pd.DataFrame({"x": [1.5, np.nan], "colour": ["빨강", None], "note": ["가", None]})


def feeds(*wanted):
    session = SimpleNamespace(
        get_inputs=lambda: [SimpleNamespace(name=n, type=f"tensor({t})") for n, t in wanted]
    )
    return harness.onnx_feeds(session, INPUTS, {"columns": COLUMNS})


def test_a_model_with_one_foreign_input_gets_the_matrix_without_texts():
    (matrix,) = feeds(("input", "float")).values()

    assert matrix.dtype == np.float32
    assert matrix[0].tolist() == [1.5, 1.0]  # levels by their position
    assert np.isnan(matrix[1]).all()


def test_a_model_gets_each_column_by_its_name():
    found = feeds(("x", "double"), ("note", "string"), ("colour", "float"))

    assert {name: value.shape for name, value in found.items()} == dict.fromkeys(
        ("x", "note", "colour"), (2, 1)
    )
    assert found["note"][:, 0].tolist() == ["가", ""]
    assert found["x"].dtype == np.float64


def test_inputs_that_nobody_declared_have_their_token():
    with pytest.raises(harness.Disobedient, match="unknown_input"):
        feeds(("x", "float"), ("weight", "float"))
    with pytest.raises(harness.Disobedient, match="input_type"):
        feeds(("x", "float16"), ("colour", "float"))


def test_only_the_firms_own_last_line_is_told(job, monkeypatch):
    (job / "code" / "solution.py").write_text(
        "import json\n\ndef predict(text):\n    return json.loads(text)\n"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "solution", raising=False)
    try:
        harness.load_solution().predict("{secret")
    except ValueError as fault:
        assert harness.own_line(fault) == ("solution.py", 4)
        assert harness.known_type(fault) == "ValueError"
    finally:
        sys.modules.pop("solution", None)


def test_a_class_of_the_firms_own_is_told_by_its_known_ancestor():
    assert harness.known_type(type("E_3_25", (KeyError,), {})()) == "KeyError"
    assert harness.known_type(type("E_3_25", (Exception,), {})()) == "Exception"
    assert harness.own_line(ValueError()) == ("", 0)


def test_the_report_of_a_crash_holds_no_message(job, monkeypatch):
    told = []
    monkeypatch.setitem(sys.modules, "jail", SimpleNamespace(report=told.append))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "solution", raising=False)
    (job / "in" / "task.json").write_text(json.dumps({"tier": "python", "kind": "table"}))
    (job / "code" / "solution.py").write_text("raise ValueError('secret')\n")

    with pytest.raises(ValueError, match="secret"):
        harness.main()

    sys.modules.pop("solution", None)
    assert told == [
        {"phase": "import", "exception": "ValueError", "file": "solution.py", "line": 1}
    ]


def test_the_harness_imports_nothing_of_the_product():
    source = Path(harness.__file__).read_text("utf-8")

    assert "import madang" not in source
    assert "from madang" not in source
