"""How does a fitted model travel? As one ONNX file that needs no code of ours to be run.

The graph takes one matrix of float32, a row a patient, a column each declared input that is no
text, in the order of the demand: numbers as they are, truth values as 0/1, a category as the
position of its level. It returns the survival probabilities at the times of the grid. Only plain
arithmetic is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.encoding import Category, Number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.models.encoding import Encoding
    from madang.prognosis.engine.models.weibull import Weibull

    Floats: TypeAlias = NDArray[np.float64]

OPSET, IR_VERSION = 17, 8
_FLOAT = 1  # onnx.TensorProto.FLOAT, without importing onnx


class _Graph:
    """Nodes and constants in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, values: ArrayLike, *, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name


def weibull_onnx(
    model: Weibull,
    encoding: Encoding,
    columns: Sequence[Mapping[str, Any]],
    grid: ArrayLike,
) -> bytes:
    """The file of a Weibull model.

    Args:
        model: Fitted on the encoding's matrix.
        encoding: Fitted on the same columns; missing numbers become its medians.
        columns: The declared inputs: `name`, `kind`, `levels`, in the demand's order.
        grid: (k) times above 0, ascending.
    """
    shown = [column for column in columns if column["kind"] != "text"]
    place = {column["name"]: position for position, column in enumerate(shown)}
    levels = {column["name"]: tuple(column.get("levels", ())) for column in shown}
    graph = _Graph()
    parts = [
        _number(graph, column, place[column.name])
        if isinstance(column, Number)
        else _category(graph, column, place[column.name], levels[column.name])
        for column in encoding.columns
    ]
    matrix = graph.add("Concat", *parts, axis=1)
    weights = graph.constant(model.coefficients[:, None] / model.scale)
    moved = graph.add("MatMul", matrix, weights)
    times = graph.constant((np.log(grid) - model.location)[None, :] / model.scale)
    hazard = graph.add("Exp", graph.add("Sub", times, moved))
    graph.add("Exp", graph.add("Neg", hazard), output="survival")
    return _file(graph, len(shown), np.size(grid))


def _input(graph: _Graph, place: int) -> str:
    return graph.add("Gather", "patients", graph.constant([place], kind=np.int64), axis=1)


def _number(graph: _Graph, column: Number, place: int) -> str:
    value = _input(graph, place)
    known = graph.add("Where", graph.add("IsNaN", value), graph.constant(column.median), value)
    centred = graph.add("Sub", known, graph.constant(column.mean))
    return graph.add("Div", centred, graph.constant(column.deviation))


def _category(graph: _Graph, column: Category, place: int, levels: Sequence[str]) -> str:
    """Indicators of all declared levels and of a gap, then what the encoding makes of each."""
    value = _input(graph, place)
    codes = graph.constant(np.arange(len(levels))[None, :])
    shown = graph.add("Cast", graph.add("Equal", value, codes), to=_FLOAT)
    gap = graph.add("Cast", graph.add("IsNaN", value), to=_FLOAT)
    every = graph.add("Concat", shown, gap, axis=1)
    meaning = column.columns(np.array([*levels, None], dtype=object))
    return graph.add("MatMul", every, graph.constant(meaning))


def _file(graph: _Graph, inputs: int, times: int) -> bytes:
    from onnx import checker, helper

    whole = helper.make_graph(
        graph.nodes,
        "weibull",
        [helper.make_tensor_value_info("patients", _FLOAT, ["n", inputs])],
        [helper.make_tensor_value_info("survival", _FLOAT, ["n", times])],
        initializer=graph.constants,
    )
    model = helper.make_model(
        whole,
        producer_name="",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
