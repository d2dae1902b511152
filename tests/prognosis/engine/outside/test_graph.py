"""A model published as an ONNX graph is reckoned with, and only with arithmetic."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from onnx import TensorProto, helper, numpy_helper

from madang.kernel.errors import InputError
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.onnx_export import weibull_onnx
from madang.prognosis.engine.models.weibull import fit_weibull
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.outside.model import predict
from madang.prognosis.engine.outside.reading import read_outside
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration

if TYPE_CHECKING:
    from pathlib import Path

TIMES = [1.0, 2.0, 4.0]
COLUMNS: list[dict[str, Any]] = [
    {"name": "age", "kind": "number", "unit": "years", "range": [20, 90]},
    {"name": "grade", "kind": "category", "levels": ["I", "II", "III"], "reference": "I"},
]
RNG = np.random.default_rng(2)
TABLE = {
    "age": RNG.uniform(30, 80, 200),
    "grade": np.array(["I", "II", "III"], dtype=object)[RNG.integers(0, 3, 200)],
}


def weibull() -> tuple[Any, Any, bytes]:
    """A Weibull model of the house, written as a graph."""
    declared = [
        {"name": "age", "kind": "number"},
        {"name": "grade", "kind": "category", "levels": ["I", "II", "III"]},
    ]
    encoding = fit_encoding(TABLE, declared)
    time = RNG.exponential(3 * np.exp(-0.02 * (TABLE["age"] - 50)))
    outcomes = Outcomes(np.minimum(time, 6.0), time <= 6.0)
    model = fit_weibull(encoding.matrix(TABLE), outcomes, penalty=0.01)
    return model, encoding, weibull_onnx(model, encoding, declared, TIMES)


def written(folder: Path, content: bytes, **changes: Any) -> Path:
    """The written model that names the graph."""
    (folder / "m.onnx").write_bytes(content)
    told: dict[str, Any] = {
        **{"format": "madang-outside-model", "version": 1, "name": "W", "outcome": "death"},
        **{"time_unit": "years", "horizon": 4, "source": "Author 2020", "population": "patients"},
        "columns": COLUMNS,
        "graph": {
            "file": "m.onnx",
            "sha256": hashlib.sha256(content).hexdigest(),
            "times": TIMES,
        },
    }
    path = folder / "m.yaml"
    path.write_text(yaml.safe_dump(told | changes, allow_unicode=True))
    return path


def test_it_answers_as_the_model_that_was_published(tmp_path: Path) -> None:
    model, encoding, content = weibull()
    found = read_outside(written(tmp_path, content))
    expected = model.survival(encoding.matrix(TABLE), np.array(TIMES))

    np.testing.assert_allclose(found.survival(TABLE, TIMES), expected, atol=2e-6)
    assert found.facts["baseline_times"] == TIMES
    between = found.survival(TABLE, [1.5])[:, 0]
    np.testing.assert_allclose(between, np.sqrt(expected[:, 0] * expected[:, 1]), atol=2e-6)
    assert (found.survival(TABLE, [0.0]) == 1).all()


def test_gaps_and_strangers_are_refused_before_the_graph_sees_them(tmp_path: Path) -> None:
    found = read_outside(written(tmp_path, weibull()[2]))
    table = {
        "age": np.array([50.0, np.nan, 99.0, 50.0]),
        "grade": np.array(["I", "I", "I", "IV"], dtype=object),
    }
    told = predict(found, table, [2.0])

    assert [each is None for each in told.refusals] == [True, False, False, False]
    assert np.isfinite(told.survival[0, 0])
    assert np.isnan(told.survival[1:]).all()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"graph": {"file": "../m.onnx", "sha256": "0", "times": TIMES}}, "beside the YAML"),
        ({"graph": {"file": "no.onnx", "sha256": "0", "times": TIMES}}, "not there"),
        ({"graph": {"file": "m.onnx", "sha256": "0" * 64, "times": TIMES}}, "digest"),
        ({"graph": {"file": "m.onnx", "sha256": "0", "times": [2.0, 1.0]}}, "graph.times"),
        ({"graph": {"file": "m.onnx", "sha256": "0", "times": [1.0, 2.0]}}, "horizon"),
        ({"graph": {"file": "m.onnx"}}, "sha256"),
        ({"coefficients": {"age": 0.1}}, "coefficients"),
        ({"columns": [COLUMNS[0] | {"transform": "log"}, COLUMNS[1]]}, "transformed"),
        ({"columns": COLUMNS[:1]}, "patients"),
    ],
)
def test_a_fault_of_the_written_part_is_named(
    tmp_path: Path, changes: dict[str, Any], word: str
) -> None:
    with pytest.raises(InputError, match=word):
        read_outside(written(tmp_path, weibull()[2], **changes))


def graph(*nodes: Any, opset: int = 17, domain: str = "", output: str = "survival") -> bytes:
    """A file of these nodes over two columns and three times."""
    held = numpy_helper.from_array(np.full((2, 3), -0.01, dtype=np.float32), "w")
    whole = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("patients", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 3])],
        initializer=[held],
    )
    imports = [helper.make_opsetid("", opset)]
    imports += [helper.make_opsetid(domain, 1)] if domain else []
    return helper.make_model(whole, ir_version=8, opset_imports=imports).SerializeToString()


MATMUL = helper.make_node("MatMul", ["patients", "w"], ["eta"])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "no ONNX"),
        (b"not a graph at all", "no ONNX"),
        (graph(MATMUL, helper.make_node("Tile", ["eta", "w"], ["survival"])), "Tile"),
        (graph(MATMUL, helper.make_node("Exp", ["eta"], ["survival"]), opset=11), "opset"),
        (graph(MATMUL, helper.make_node("Exp", ["eta"], ["other"]), output="other"), "other"),
        (
            graph(MATMUL, helper.make_node("Run", ["eta"], ["survival"], domain="x"), domain="x"),
            "functions|no ONNX",
        ),
    ],
)
def test_anything_but_arithmetic_is_refused(tmp_path: Path, content: bytes, word: str) -> None:
    with pytest.raises(InputError, match=word):
        read_outside(written(tmp_path, content))


def test_answers_that_are_no_survival_are_refused(tmp_path: Path) -> None:
    negative = graph(MATMUL, helper.make_node("Identity", ["eta"], ["survival"]))
    found = read_outside(written(tmp_path, negative))

    with pytest.raises(InputError, match="survival curves"):
        found.survival(TABLE, TIMES)


def test_a_site_can_recalibrate_it_too(tmp_path: Path) -> None:
    found = read_outside(written(tmp_path, weibull()[2]))
    moved = Correction(
        time=2.0, knots=np.zeros(3), slopes=np.empty(0), share=1.0, constant=np.log(2.0)
    )
    doubled = replace(found, recalibration=Recalibration(corrections=(moved,)))

    np.testing.assert_allclose(
        doubled.survival(TABLE, [2.0]), found.survival(TABLE, [2.0]) ** 2, atol=1e-6
    )
