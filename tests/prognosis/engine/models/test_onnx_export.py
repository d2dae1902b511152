"""The ONNX file answers as the model does, for whatever a jail may feed it."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.onnx_export import weibull_onnx
from madang.prognosis.engine.models.weibull import fit_weibull
from tests.prognosis.conftest import invented

COLUMNS = (
    {"name": "grade", "kind": "category", "levels": ["I", "II", "III", "never"]},
    {"name": "note", "kind": "text"},
    {"name": "age", "kind": "number"},
    {"name": "smokes", "kind": "boolean"},
)
GRID = np.array([0.1, 0.5, 1.0, 2.0])


@pytest.fixture(scope="module")
def exported() -> tuple:
    matrix, outcomes = invented(200)
    table = {
        "grade": np.array([["I", "II", "III"][i % 3] for i in range(200)], dtype=object),
        "note": np.array(["x"] * 200, dtype=object),
        "age": np.where(np.arange(200) % 9 == 0, np.nan, matrix[:, 0] * 10 + 50),
        "smokes": matrix[:, 1] > 0,
    }
    table["grade"][:12] = None
    encoding = fit_encoding(table, COLUMNS)
    model = fit_weibull(encoding.matrix(table), outcomes, penalty=0.001)
    return table, encoding, model, weibull_onnx(model, encoding, COLUMNS, GRID)


def fed(table) -> np.ndarray:
    """One matrix in the order of the columns, text left out, levels as their positions."""
    codes = {level: place for place, level in enumerate(COLUMNS[0]["levels"])}
    grade = [codes.get(level, np.nan) for level in table["grade"]]
    return np.column_stack([grade, table["age"], table["smokes"]]).astype(np.float32)


def run(content: bytes, matrix: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: matrix})[0]


def test_it_answers_as_the_model_does(exported) -> None:
    table, encoding, model, content = exported

    found = run(content, fed(table))

    assert found.dtype == np.float32
    assert found == pytest.approx(model.survival(encoding.matrix(table), GRID), abs=1e-5)


def test_gaps_and_levels_never_seen_are_understood(exported) -> None:
    _, encoding, model, content = exported
    rows = {
        "grade": np.array(["never", None, "II"], dtype=object),
        "age": np.array([50.0, np.nan, 61.0]),
        "smokes": np.array([True, False, True]),
    }

    expected = model.survival(encoding.matrix(rows | {"note": rows["grade"]}), GRID)

    assert run(content, fed(rows)) == pytest.approx(expected, abs=1e-5)


def test_no_row_and_one_row_keep_the_shape(exported) -> None:
    *_, content = exported

    assert run(content, np.empty((0, 3), dtype=np.float32)).shape == (0, 4)
    assert run(content, np.zeros((1, 3), dtype=np.float32)).shape == (1, 4)


def test_curves_obey_the_task_in_single_precision(exported) -> None:
    *_, content = exported
    wild = np.random.default_rng(0).normal(scale=1e3, size=(500, 3)).astype(np.float32)

    curves = run(content, wild)

    assert np.isfinite(curves).all()
    assert curves.min() >= 0
    assert curves.max() <= 1
    assert (np.diff(curves, axis=1) <= 0).all()


def test_only_plain_arithmetic_of_the_standard_domain_is_used(exported) -> None:
    import onnx

    model = onnx.load_from_string(exported[-1])

    assert {node.op_type for node in model.graph.node} == {
        *("Gather", "IsNaN", "Where", "Sub", "Div", "Equal", "Cast", "Concat"),
        *("MatMul", "Exp", "Neg"),
    }
    assert {opset.domain for opset in model.opset_import} == {""}
    assert [entry.name for entry in model.graph.input] == ["patients"]


def test_the_same_model_gives_the_same_bytes(exported) -> None:
    _, encoding, model, content = exported

    assert weibull_onnx(model, encoding, COLUMNS, GRID) == content
