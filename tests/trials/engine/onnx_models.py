"""ONNX models as firms hand them in: sound ones, and one for each way to do harm."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = [helper.make_opsetid("", 17)]


def of(nodes, inputs, outputs, *, initializers=(), opsets=OPSET, **more) -> onnx.ModelProto:
    """A model; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        list(nodes),
        "model",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        list(initializers),
    )
    return helper.make_model(graph, opset_imports=list(opsets), ir_version=8, **more)


X = ("x", TensorProto.FLOAT, [None, 1])
Y = ("predictions", TensorProto.FLOAT, [None, 1])


def line(*, name: str = "x", kind: int = TensorProto.FLOAT) -> onnx.ModelProto:
    """y = 2x + 1."""
    two, one = (
        numpy_helper.from_array(np.array([[v]], dtype=helper.tensor_dtype_to_np_dtype(kind)), n)
        for n, v in (("two", 2), ("one", 1))
    )
    return of(
        [
            helper.make_node("Mul", [name, "two"], ["doubled"]),
            helper.make_node("Add", ["doubled", "one"], ["predictions"]),
        ],
        [(name, kind, [None, 1])],
        [("predictions", kind, [None, 1])],
        initializers=[two, one],
    )


def matrix() -> onnx.ModelProto:
    """The same from one matrix of both columns."""
    weights = numpy_helper.from_array(np.array([[2.0], [0.0]], dtype="float32"), "weights")
    one = numpy_helper.from_array(np.array([1.0], dtype="float32"), "one")
    return of(
        [helper.make_node("Gemm", ["table", "weights", "one"], ["predictions"])],
        [("table", TensorProto.FLOAT, [None, 2])],
        [Y],
        initializers=[weights, one],
    )


def mixing() -> onnx.ModelProto:
    """Each answer knows all rows: x less the mean of x."""
    return of(
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1),
            helper.make_node("Sub", ["x", "mean"], ["predictions"]),
        ],
        [X],
        [Y],
    )


def one_answer() -> onnx.ModelProto:
    """One number, however many rows."""
    return of(
        [helper.make_node("ReduceMean", ["x"], ["predictions"], axes=[0], keepdims=1)], [X], [Y]
    )


def operator(name: str, domain: str = "", **attributes) -> onnx.ModelProto:
    """A model of one operator."""
    opsets = [*OPSET, *([helper.make_opsetid(domain, 1)] if domain else [])]
    node = helper.make_node(name, ["x"], ["predictions"], domain=domain, **attributes)
    return of([node], [X], [Y], opsets=opsets)


def sub_graph() -> onnx.ModelProto:
    """A loop that need not end, hidden in an operator with a sub-graph."""
    yes = numpy_helper.from_array(np.array(True), "yes")
    branch = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["out"])],
        "branch",
        [],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, 1])],
    )
    node = helper.make_node("If", ["yes"], ["predictions"], then_branch=branch, else_branch=branch)
    return of([node], [X], [Y], initializers=[yes])


def external(path: str = "../../../../etc/passwd") -> onnx.ModelProto:
    """A tensor whose bytes lie in a file of the machine."""
    model = line()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    return model


def external_constant() -> onnx.ModelProto:
    """The same in a node's attribute."""
    model = external()
    tensor = model.graph.initializer[0]
    node = helper.make_node("Constant", [], ["two"], value=tensor)
    model.graph.node.insert(0, node)
    del model.graph.initializer[0]
    return model


def with_function() -> onnx.ModelProto:
    """An operator that the file defines itself."""
    function = helper.make_function(
        "own", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], OPSET
    )
    node = helper.make_node("Twice", ["x"], ["predictions"], domain="own")
    return of(
        [node], [X], [Y], opsets=[*OPSET, helper.make_opsetid("own", 1)], functions=[function]
    )


def training() -> onnx.ModelProto:
    """A sound model with a training graph beside."""
    model = line()
    model.training_info.add().algorithm.CopyFrom(helper.make_graph([], "train", [], []))
    return model


def many_nodes(count: int) -> onnx.ModelProto:
    """A chain of identities."""
    names = ["x", *(f"n{n}" for n in range(count - 1)), "predictions"]
    return of(
        [helper.make_node("Identity", [a], [b]) for a, b in zip(names, names[1:], strict=False)],
        [X],
        [Y],
    )


def bomb() -> onnx.ModelProto:
    """Some hundred bytes that ask for 8 GB: ConstantOfShape of 2^31 numbers."""
    shape = numpy_helper.from_array(np.array([1 << 31], dtype="int64"), "shape")
    return of(
        [
            helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
            helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
            helper.make_node("Add", ["x", "sum"], ["predictions"]),
        ],
        [X],
        [Y],
        initializers=[shape],
    )


def tiled() -> onnx.ModelProto:
    """The same with operators of the allow-list alone: an outer product of the rows, again."""
    wide = numpy_helper.from_array(np.ones((1, 1 << 15), dtype="float32"), "wide")
    return of(
        [
            helper.make_node("MatMul", ["x", "wide"], ["first"]),
            helper.make_node("Transpose", ["first"], ["turned"]),
            helper.make_node("MatMul", ["turned", "first"], ["huge"]),
            helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
            helper.make_node("Add", ["x", "sum"], ["predictions"]),
        ],
        [X],
        [Y],
        initializers=[wide],
    )
