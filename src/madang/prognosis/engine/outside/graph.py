"""How does a model answer that was published as an ONNX graph? By arithmetic, and nothing else.

The graph takes `patients` (n, columns), numbers as they are and categories by the number of their
level, and gives `survival` (n, times). It is evaluated by ONNX's own reference in Python, and only
if every operator is on a short list of arithmetic: no loop, no branch, no function, no operator of
another domain, no data outside the file. What the graph itself cannot say (the citation, units,
ranges, times) stands in the written model that names it.

Source: ONNX operators, opset 13 and later.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.outside import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from madang.kernel.words import Words
    from madang.prognosis.engine.outside.columns import Levels, Measure

    Floats: TypeAlias = NDArray[np.float64]

INPUT, OUTPUT = "patients", "survival"
OPERATORS = frozenset(
    {
        *("Abs", "Add", "Cast", "Clip", "Concat", "Constant", "Div", "Equal", "Exp", "Gather"),
        *("Gemm", "Greater", "Identity", "IsNaN", "Less", "Log", "MatMul", "Max", "Min", "Mul"),
        *("Neg", "Not", "Pow", "Reciprocal", "Relu", "Sigmoid", "Softplus", "Sqrt", "Sub"),
        *("Tanh", "Transpose", "Where"),
    }
)
"""Arithmetic whose answers are no larger than what goes in, or than the file's own constants."""
LARGEST_BYTES, MOST_NODES, FIRST_OPSET = 16 * 2**20, 2_000, 13
_SLACK = 1e-4  # graphs reckon with 32 bits


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A checked graph; `times` (k) are those of its answers, ascending, above 0."""

    content: bytes
    times: tuple[float, ...]

    @property
    def last_time(self) -> float:
        """The last time for which it answers."""
        return self.times[-1]

    @cached_property
    def _reference(self) -> Any:
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(self.content)

    def survival(self, matrix: Floats, times: Floats) -> Floats:
        """(n, k) chances of being free; between the graph's times the hazard is constant.

        Args:
            matrix: (n, columns) without gaps.
            times: (k) from 0 to the last of the graph's.

        Raises:
            InputError: The answer has another shape, leaves 0 to 1, or rises.
        """
        (told,) = self._reference.run([OUTPUT], {INPUT: matrix.astype(np.float32)})
        curves = np.asarray(told, dtype=np.float64)
        fits = curves.shape == (len(matrix), len(self.times)) and bool(
            np.isfinite(curves).all()
            and ((curves >= -_SLACK) & (curves <= 1 + _SLACK)).all()
            and (np.diff(curves, axis=1) <= _SLACK).all()
        )
        if not fits:
            raise _odd(
                words("생존 곡선이 아닌 응답", "answers that are no survival curves"),
                words(
                    f"0과 1 사이에서 내려가는 값 {len(self.times)}개",
                    f"{len(self.times)} values from 0 to 1 that only fall",
                ),
            )
        fallen = np.minimum.accumulate(np.clip(curves, 1e-12, 1.0), axis=1)
        hazard = np.hstack([np.zeros((len(fallen), 1)), -np.log(fallen)])
        known = (0.0, *self.times)
        found: Floats = np.exp(-np.stack([np.interp(times, known, row) for row in hazard]))
        return found


def graph_of(
    value: Any, columns: Sequence[Measure | Levels], *, horizon: float, folder: Path | None
) -> Graph:
    """The graph that a written model names.

    Args:
        value: Its `graph`: file, sha256, times.
        columns: Of the model; the graph takes them as they are.
        horizon: To which the graph must answer.
        folder: Where its file lies, beside the written model.

    Raises:
        InputError: A fault in the naming, no such file, or as `read_graph`.
    """
    shaped = next((each.name for each in columns if not each.is_plain), None)
    if shaped is not None:
        raise plain.fault(
            "columns",
            words(f"바꾸어 쓰는 {shaped!r:.40}", f"{shaped!r:.40}, which is transformed"),
            words("있는 그대로의 열(그래프가 바꿈)", "columns as they are: the graph shapes them"),
        )
    given = plain.mapping(value, "graph")
    plain.keys(given, "graph", ("file", "sha256", "times"), ())
    name = plain.text(given["file"], "graph.file")
    times = plain.numbers(given["times"], "graph.times")
    plain.rising((0.0, *times), "graph.times")
    if times[-1] < horizon:
        shown = f"{times[-1]:g}"
        raise plain.fault(
            "graph.times",
            words(shown, shown),
            words(f"{horizon:g}까지의 시각", f"times up to {horizon:g}, the horizon"),
        )
    # A name alone: a model must not name files elsewhere on the reader's machine.
    path = None if folder is None or name != Path(name).name else folder / name
    if path is None or not path.is_file():
        raise plain.fault(
            "graph.file",
            words(f"없는 파일 {name!r:.60}", f"{name!r:.60}, which is not there"),
            words("YAML과 같은 폴더의 ONNX 파일", "an ONNX file beside the YAML"),
        )
    digest = plain.text(given["sha256"], "graph.sha256")
    return read_graph(path.read_bytes(), columns=len(columns), times=times, sha256=digest)


def read_graph(content: bytes, *, columns: int, times: tuple[float, ...], sha256: str) -> Graph:
    """Check a graph before anything of it is reckoned.

    Args:
        content: The ONNX file.
        columns: How many the written model names.
        times: Of the answers.
        sha256: As the written model names it.

    Raises:
        InputError: It is another file, no ONNX, too large, holds more than arithmetic, or has
            other inputs or outputs.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _odd(
            words("다른 해시값", "another digest"),
            words(f"해시값 {sha256}", f"the digest {sha256}"),
        )
    if len(content) > LARGEST_BYTES:
        raise _odd(
            words(f"{len(content)} 바이트", f"{len(content)} bytes"),
            words(f"{LARGEST_BYTES} 바이트 이하", f"at most {LARGEST_BYTES}"),
        )
    model = _parsed(content)
    _refuse_other_than_arithmetic(model)
    _refuse_other_shapes(model.graph, columns, len(times))
    return Graph(content=content, times=times)


def _parsed(content: bytes) -> Any:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except (DecodeError, onnx.checker.ValidationError, ValueError) as fault:
        raise _odd(words("ONNX가 아닌 파일", "what is no ONNX"), _ONNX) from fault
    return model


_ONNX = words("ONNX 13판 이상의 파일", "a file of ONNX, opset 13 or later")


def _refuse_other_than_arithmetic(model: Any) -> None:
    graph, found = model.graph, ""
    if any(each.domain not in ("", "ai.onnx") for each in model.opset_import) or model.functions:
        found = "functions"
    elif not all(each.version >= FIRST_OPSET for each in model.opset_import):
        found = "opset"
    elif len(graph.node) > MOST_NODES:
        found = f"{len(graph.node)} nodes"
    elif any(each.data_location or each.external_data for each in graph.initializer):
        found = "external data"
    elif graph.sparse_initializer:
        found = "sparse data"
    else:
        kinds = {each.op_type for each in graph.node if each.op_type not in OPERATORS}
        kinds |= {each.domain for each in graph.node if each.domain not in ("", "ai.onnx")}
        found = ", ".join(sorted(kinds))
    if found:
        raise _odd(
            words(f"{found:.80} 사용", f"{found:.80} in the graph"),
            words("산술 연산만 있는 그래프", "a graph of arithmetic alone"),
        )


def _refuse_other_shapes(graph: Any, columns: int, times: int) -> None:
    held = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in held]
    shapes = [(each.name, _last(each)) for each in (*inputs, *graph.output)]
    wanted = [(INPUT, columns), (OUTPUT, times)]
    if shapes != wanted:
        shown = ", ".join(f"{name} (n, {size})" for name, size in shapes)
        expected = ", ".join(f"{name} (n, {size})" for name, size in wanted)
        raise _odd(words(shown, shown), words(expected, expected))


def _last(value: Any) -> int:
    """Size of the second of two dimensions; 0 where there are not two, or it is open."""
    sizes = value.type.tensor_type.shape.dim
    return int(sizes[1].dim_value) if len(sizes) == 2 else 0


def _odd(found: Words, expected: Words) -> InputError:
    return InputError(words(f"graph: {found.ko}", f"{found.en} at graph"), expected)
