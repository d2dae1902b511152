"""Which solutions show a trial? Five honest ones and a cheat, as firms would hand them in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.kernel.trial import Entry
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.models.onnx_export import weibull_onnx
from madang.prognosis.engine.models.weibull import fit_weibull
from madang.prognosis.engine.stack.model import fit_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.prognosis.engine.outcomes import Outcomes

MODELS = Path(__file__).parent / "models"
SOLUTIONS = Path(__file__).parents[1] / "solutions"

CASE = "case"
"""The column by which a predictions file names its rows."""


def entries(
    open_inputs: Mapping[str, Any],
    open_outcomes: Outcomes,
    inputs_by_part: Mapping[Any, Mapping[str, Any]],
    *,
    grid: Sequence[float],
) -> tuple[Entry, ...]:
    """The six solutions of the demonstration.

    Args:
        open_inputs: Name → (n) values of the open sample.
        open_outcomes: Of the open sample.
        inputs_by_part: Sealed part → its inputs, for the file of finished predictions alone.
        grid: (k) times at which survival is asked for.
    """
    return (
        _kaplan_meier(open_outcomes, inputs_by_part, grid),
        _stack(open_inputs, open_outcomes, inputs_by_part, grid),
        _weibull(open_inputs, open_outcomes, grid),
        _python(
            "cox_elastic_net",
            "콕스 탄력망",
            "Cox elastic net",
            "가람의료지능 (가상)",
            ("cox", "encoding"),
        ),
        _python(
            "discrete_boosting",
            "이산시간 부스팅",
            "Discrete-time boosting",
            "나래헬스 (가상)",
            ("boosting", "encoding"),
        ),
        _python(
            "outcome_hunter",
            "정답 사냥꾼",
            "Outcome hunter",
            "엿봄연구소 (가상)",
            (),
        ),
    )


def _kaplan_meier(
    outcomes: Outcomes, inputs_by_part: Mapping[Any, Mapping[str, Any]], grid: Sequence[float]
) -> Entry:
    curve = kaplan_meier(outcomes).at(grid).tolist()
    rows = [(case, curve) for inputs in inputs_by_part.values() for case in inputs[CASE].tolist()]
    return Entry(
        name="kaplan_meier_file",
        title_ko="카플란–마이어 예측 파일",
        title_en="Kaplan–Meier predictions file",
        firm="한결통계 (가상)",
        tier="predictions",
        files={"predictions.csv": _answers(rows)},
    )


def _stack(
    inputs: Mapping[str, Any],
    outcomes: Outcomes,
    inputs_by_part: Mapping[Any, Mapping[str, Any]],
    grid: Sequence[float],
) -> Entry:
    """The house's own stack, as `madang prognosis fit` makes it, by its answers alone."""
    watched = Watched.of(outcomes.time, outcomes.event.astype(np.int64))
    model, _ = fit_model(inputs, demand_columns(), watched)
    rows: list[tuple[Any, list[float]]] = []
    for part in inputs_by_part.values():
        curves = model.stack.survival(part, grid).tolist()
        rows += zip(part[CASE].tolist(), curves, strict=True)
    return Entry(
        name="stack_file",
        title_ko="볼록 혼합 모형 예측 파일",
        title_en="Predictions of the convex stack",
        firm="해오름의학 (가상)",
        tier="predictions",
        files={"predictions.csv": _answers(rows)},
    )


def _answers(rows: Sequence[tuple[Any, Sequence[float]]]) -> bytes:
    """A predictions file: a case a row, its survival at each time of the grid."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([CASE, *(f"s_{number:04d}" for number in range(1, len(rows[0][1]) + 1))])
    writer.writerows([case, *map(repr, curve)] for case, curve in rows)
    return text.getvalue().encode()


def _weibull(inputs: Mapping[str, Any], outcomes: Outcomes, grid: Sequence[float]) -> Entry:
    declared = demand_columns()
    encoding = fit_encoding(inputs, declared)
    model = fit_weibull(encoding.matrix(inputs), outcomes, penalty=0.01)
    return Entry(
        name="weibull_onnx",
        title_ko="와이불 가속수명 모형",
        title_en="Weibull accelerated failure time",
        firm="다온분석 (가상)",
        tier="onnx",
        files={"model.onnx": weibull_onnx(model, encoding, declared, grid)},
    )


def _python(name: str, title_ko: str, title_en: str, firm: str, sources: Sequence[str]) -> Entry:
    """A folder of `solutions/` with copies of the engine's self-contained sources beside."""
    own = {path.name: path.read_bytes() for path in sorted((SOLUTIONS / name).glob("*.py"))}
    copied = {f"{source}.py": (MODELS / f"{source}.py").read_bytes() for source in sources}
    return Entry(
        name=name,
        title_ko=title_ko,
        title_en=title_en,
        firm=firm,
        tier="python",
        files={**copied, **own},
    )


def demand_columns() -> list[dict[str, Any]]:
    """The inputs that the demonstration's demand declares, in its order."""
    import yaml

    demand = yaml.safe_load((SOLUTIONS / "demand.yaml").read_text("utf-8"))
    columns: list[dict[str, Any]] = demand["data"]["inputs"]
    return columns
