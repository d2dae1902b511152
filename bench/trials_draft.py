"""How long does an officer wait for the look at a draft, and what does a metric in a jail cost?

Processor time of a warm process for the look itself, since that is the scorer's state; wall time
where a jail takes part.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bench.table import Measurement, median_cpu_s
from madang.kernel.sandbox.probe import probe
from madang.kernel.words import words
from madang.trials.engine.comparison import compare_all
from madang.trials.engine.draft import check
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.engine.scoring import Scale, Solution
from madang.trials.engine.suggestion import suggest
from madang.trials.engine.tasks.regression import Regression

if TYPE_CHECKING:
    from collections.abc import Callable

CASES, COLUMNS, TIMES = 10_000, 20, 5
MOST_S = 2.0
SOLUTIONS = 8
_COST = """
import numpy as np

def metric(outcomes, answers):
    error = outcomes["y"] - answers[:, 0]
    return np.where(error > 0, 2 * error, -error)
"""
_ROOT = """
import numpy as np

def metric(outcomes, answers):
    return np.sqrt(np.mean((outcomes["y"] - answers[:, 0]) ** 2))
"""


def measure() -> list[Measurement]:
    """The look at tables of each kind, a suggestion, and a metric of the agency's own."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [*_looks(Path(folder))]
    return rows + ([] if probe().refusal_text() else _own_metrics())


def _table() -> pl.DataFrame:
    """An identifier, 12 numbers, 4 whole numbers, 2 categories and the outcome: 20 columns."""
    rng = np.random.default_rng(20261122)
    numbers = {f"n{each}": rng.normal(size=CASES).round(4) for each in range(12)}
    whole = {f"i{each}": rng.integers(0, 1000, CASES) for each in range(4)}
    kinds = {f"c{each}": rng.choice(["가", "나", "다", "라"], CASES) for each in range(2)}
    y = (2 * numbers["n0"] + rng.normal(size=CASES)).round(4)
    return pl.DataFrame(
        {"id": [f"p{row:05d}" for row in range(CASES)], **numbers, **whole, **kinds, "y": y}
    )


def _texts() -> pl.DataFrame:
    """Complaints of some twenty words, of four kinds that they half tell."""
    rng = np.random.default_rng(20261123)
    syllables = [f"{a}{b}" for a in "가나다라마바사아자차" for b in "도로공원수도세금복지"]
    kinds = rng.integers(0, 4, CASES)
    bodies = [" ".join(rng.choice(syllables[kind * 20 : kind * 20 + 40], 20)) for kind in kinds]
    return pl.DataFrame(
        {
            "id": [f"m{row:05d}" for row in range(CASES)],
            "text": [f"{row}번째 {body}" for row, body in enumerate(bodies)],
            "kind": [["도로", "공원", "수도", "복지"][kind] for kind in kinds],
        }
    )


def _demand(data: dict[str, Any], *, task: str, options: dict[str, Any], rule: Any) -> str:
    pair = {"ko": "가", "en": "a"}
    plain = {
        "demand": "speed",
        "title": pair,
        "ministry": pair,
        "problem": pair,
        "task": {"name": task, "options": options},
        "data": data,
        "parts": {"open": 0.3, "board": 0.3, "final": 0.4},
        "seed": 7,
        "decision": {"rule": "superiority", **rule},
    }
    return json.dumps(plain, ensure_ascii=False)


def _looks(folder: Path) -> list[Measurement]:
    numbers, texts = _table(), _texts()
    classes = numbers.with_columns(y=pl.Series(np.where(numbers["y"] > 0, "on", "off")))
    numbers.write_csv(folder / "numbers.csv")
    classes.write_csv(folder / "classes.csv")
    texts.write_csv(folder / "texts.csv")
    rows = [_suggested(folder / "numbers.csv")]
    for name, task, options, rule in (
        ("numbers", "regression", {"outcome": "y"}, {"metric": "mae", "baseline": "best_line"}),
        ("classes", "classification", {"outcome": "y"},
         {"metric": "brier", "baseline": "best_column"}),
        ("classes", "classification", {"outcome": "y"},
         {"metric": "auc", "baseline": "best_column"}),
        ("texts", "text_classification", {"outcome": "kind", "text": "text"},
         {"metric": "accuracy", "baseline": "commonest_class"}),
    ):  # fmt: skip
        table = str(folder / f"{name}.csv")
        data = suggest(table).data
        text = _demand(data, task=f"trials.{task}", options=options, rule=rule)
        rows.append(_looked(text, table, f"{task}, {rule['metric']}"))
    return rows


def _suggested(table: Path) -> Measurement:
    return Measurement(
        what=f"suggest: {CASES:,} × {COLUMNS} CSV",
        figure=f"{median_cpu_s(lambda: suggest(str(table)), times=TIMES):.2f} s CPU",
        how=f"median of {TIMES}, warm",
    )


def _looked(text: str, table: str, what: str) -> Measurement:
    found = check(text, table=table)
    assert found.registrable, found.plain()["findings"]
    taken = median_cpu_s(lambda: check(text, table=table).plain(), times=TIMES)
    return Measurement(
        what=f"check: {CASES:,} × {len(found.survey.columns)} CSV, {what}",
        figure=f"{taken:.2f} s CPU",
        goal=f"at most {MOST_S:g} s CPU",
        kept=taken <= MOST_S,
        how=f"median of {TIMES}, warm",
    )


def _own_metrics() -> list[Measurement]:
    rng = np.random.default_rng(3)
    y = rng.normal(0, 3, 2000)
    cases = pl.DataFrame({"y": y})
    solutions = [
        Solution(name=f"s{each}", answers=(y + rng.normal(0, 1 + each, 2000))[:, None])
        for each in range(SOLUTIONS)
    ]
    rows = []
    for per, source, known in (("case", _COST, "mae"), ("whole", _ROOT, "rmse")):
        scale = _scale(per, source)

        def compared(metric: str, scale: Scale = scale) -> float:
            return _wall(
                lambda: compare_all(
                    scale, metric, cases, solutions, baseline="s0", among=["s1", "s2"],
                    level=0.95, seed=7,
                )
            )  # fmt: skip

        own, task = compared("own.cost"), compared(known)
        rows.append(
            Measurement(
                what=f"final comparison of {SOLUTIONS} solutions, own metric per {per}",
                figure=f"{own:.2f} s",
                peer=f"{task:.2f} s by the task's {known}",
                how=f"2,000 cases, wall, median of {TIMES}, jail warm",
            )
        )
    return rows


def _scale(per: Any, source: str) -> Scale:
    own = OwnMetric(
        name="cost",
        title=words("비용", "Cost"),
        direction="lower",
        per=per,
        lowest=0.0,
        highest=1000.0,
        unit="",
        decimals=3,
        source=source,
        reviewed_by="",
        reviewed_digest="",
    )
    frame = {"mean": 0.0, "median": 0.0, "standard_deviation": 3.0}
    return Scale(task=Regression(), frame=frame, options={"outcome": "y"}, own=own)


def _wall(work: Callable[[], Any]) -> float:
    """Median seconds, after once to warm up."""
    work()
    taken = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
