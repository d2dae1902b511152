"""In what form do tables and answers cross the wall of the jail?

Inputs go in as one JSON document whose numbers are exact (base64 of little-endian float64, nulls
as NaN) and whose texts are JSON strings. Answers come out as an `.npy` file of float64 or as a
JSON list. What comes out is hostile: the header must equal the one that this side computes, byte
for byte, so no parser ever reads a shape, a type or a pickle that a firm chose.
"""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

from madang.trials.engine.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from madang.kernel.trial import Column, Floats, Outputs, Predictions

ROW_TOLERANCE = 1e-6
"""How far rounding may carry a row from its rule (float32 models return sums like 1.0000001)."""


class BadOutput(Exception):  # noqa: N818 - a cause, not an error of the product
    """Answers that break the declared form; `detail` is a token, never a value."""

    def __init__(self, detail: str, cause: Cause = Cause.OUTPUT_INVALID) -> None:
        self.detail, self.cause = detail, cause
        super().__init__(detail)


def encode_table(table: pl.DataFrame, columns: Sequence[Column]) -> bytes:
    """A table as the harness in the jail reads it."""
    encoded = [_encode_column(table, column) for column in columns]
    return json.dumps({"rows": table.height, "columns": encoded}).encode()


def _encode_column(table: pl.DataFrame, column: Column) -> dict[str, Any]:
    import numpy as np
    import polars as pl

    series = table[column.name]
    if column.kind in ("category", "text"):
        return {
            "name": column.name,
            "kind": column.kind,
            "values": series.cast(pl.String).to_list(),
        }
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype("<f8")
    packed = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    return {"name": column.name, "kind": column.kind, "base64": packed}


def decode_answers(files: dict[str, bytes], outputs: Outputs, rows: int) -> Predictions:
    """The answers of a run, checked against the declared form.

    Raises:
        BadOutput: Missing, of another shape or type, or against the rules of `outputs`.
    """
    if outputs.kind == "numbers":
        if "predictions.npy" not in files:
            raise BadOutput("no_predictions", Cause.OUTPUT_MISSING)
        return check_numbers(
            _read_npy(files["predictions.npy"], rows, len(outputs.columns)), outputs
        )
    if "predictions.json" not in files:
        raise BadOutput("no_predictions", Cause.OUTPUT_MISSING)
    return check_texts(_read_json(files["predictions.json"]), outputs, rows)


def _read_npy(content: bytes, rows: int, width: int) -> Floats:
    import numpy as np

    expected = encode_numbers(np.zeros((rows, width)))
    head = len(expected) - rows * width * 8
    if len(content) != len(expected) or content[:head] != expected[:head]:
        raise BadOutput("shape")
    return np.frombuffer(content[head:], dtype="<f8").reshape(rows, width).astype(np.float64)


def _read_json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise BadOutput("not_json") from fault


def encode_numbers(answers: Floats) -> bytes:
    """Answers as an `.npy` file of float64 in C order."""
    import numpy as np

    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(answers, dtype="<f8"), version=(1, 0))
    return file.getvalue()


def check_numbers(answers: Floats, outputs: Outputs) -> Floats:
    """Finite, within bounds, rows by their rule; rounding within the tolerance is put right.

    Raises:
        BadOutput: With the token `not_finite`, `out_of_bounds` or the rule's name.
    """
    import numpy as np

    if not np.isfinite(answers).all():
        raise BadOutput("not_finite")
    low = -np.inf if outputs.lowest is None else outputs.lowest
    high = np.inf if outputs.highest is None else outputs.highest
    if ((answers < low - ROW_TOLERANCE) | (answers > high + ROW_TOLERANCE)).any():
        raise BadOutput("out_of_bounds")
    answers = np.clip(answers, low, high)
    if outputs.row_rule == "nonincreasing":
        if (np.diff(answers, axis=1) > ROW_TOLERANCE).any():
            raise BadOutput("nonincreasing")
        return np.minimum.accumulate(answers, axis=1)
    if outputs.row_rule == "sums_to_one":
        sums = answers.sum(axis=1, keepdims=True)
        if (np.abs(sums - 1) > 1e-4).any():
            raise BadOutput("sums_to_one")
        return np.asarray(answers / sums)
    return answers


def check_texts(answers: Any, outputs: Outputs, rows: int) -> list[str]:
    """N strings, each one of the levels where there are any.

    Raises:
        BadOutput: With the token `shape`, `not_text`, `too_long` or `unknown_level`.
    """
    if not isinstance(answers, list) or len(answers) != rows:
        raise BadOutput("shape")
    if not all(isinstance(answer, str) for answer in answers):
        raise BadOutput("not_text")
    if any("\ud800" <= sign <= "\udfff" for answer in answers for sign in answer):
        raise BadOutput("not_text")  # half a character, which no file can hold
    if any(len(answer) > outputs.longest for answer in answers):
        raise BadOutput("too_long")
    if outputs.levels and not set(answers) <= set(outputs.levels):
        raise BadOutput("unknown_level")
    return answers
