"""One small example of data and demand for every task that a system offers to the trials.

A new task needs an entry in `EXAMPLES`; the contract suite fails without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from madang.kernel.trial import Column
from tests.contract.korean_texts import complaints, notices, questions

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Example:
    """Clean data with a demand's columns and options."""

    table: Callable[[], pl.DataFrame]
    inputs: tuple[Column, ...]
    outcomes: tuple[Column, ...]
    options: dict[str, Any]
    group: str
    """A column whose equal values must stay in one part."""
    planted: str
    """The outcome that, copied into an input column, must be flagged."""
    shares: dict[str, float] = field(
        default_factory=lambda: {"open": 0.4, "develop": 0.2, "board": 0.2, "final": 0.2}
    )


def patients(cases: int = 300) -> pl.DataFrame:
    """Breast-cancer-like cases: hazards by nodes, grade and hormone therapy, a fifth censored."""
    rng = np.random.default_rng(21)
    nodes, grade = rng.poisson(4, cases) + 1, rng.integers(1, 4, cases)
    therapy, age = rng.random(cases) < 0.4, rng.normal(53, 10, cases).round()
    rate = np.exp(0.06 * nodes + 0.3 * grade - 0.4 * therapy) / 3000
    died, left = rng.exponential(1 / rate), rng.uniform(300, 2600, cases)
    return pl.DataFrame(
        {
            "clinic": [f"c{number:03d}" for number in rng.integers(0, cases // 3, cases)],
            "age": age,
            "nodes": nodes,
            "grade": [("I", "II", "III")[each - 1] for each in grade],
            "therapy": therapy,
            "days": np.maximum(1, np.minimum(died, left).round()),
            "relapse": (died <= left).astype(np.int64),
        }
    )


def measured(cases: int = 300) -> pl.DataFrame:
    """Two numbers and a colour that tell something of a grade (three classes) and of a price."""
    rng = np.random.default_rng(22)
    width, depth = rng.normal(10, 2, cases), rng.normal(5, 1, cases)
    colour = rng.choice(["흰색", "회색", "검정"], cases)
    price = 3 * width + 4 * depth + 5 * (colour == "검정") + rng.normal(0, 5, cases)
    grade = np.digitize(price + rng.normal(0, 4, cases), [46, 56])
    return pl.DataFrame(
        {
            "site": [f"s{number:03d}" for number in rng.integers(0, cases // 3, cases)],
            "width": width,
            "depth": pl.Series(np.where(rng.random(cases) < 0.05, np.nan, depth)).fill_nan(None),
            "colour": colour,
            "price": price,
            "grade": [("하", "중", "상")[each] for each in grade],
        }
    )


def loads(days: int = 80) -> pl.DataFrame:
    """Daily load of three sites: weekly rhythm, trend and noise, with a forecast temperature."""
    rng = np.random.default_rng(23)
    at = np.arange(days)
    tables = []
    for number, site in enumerate(("북", "중", "남")):
        warm = 15 + 8 * np.sin(at / 20) + rng.normal(0, 2, days)
        load = 100 * (number + 1) + at * 0.3 + 20 * (at % 7 >= 5) + 0.8 * warm
        tables.append(
            pl.DataFrame(
                {
                    "site": [site] * days,
                    "day": [str(np.datetime64("2025-03-01") + int(each)) for each in at],
                    "warm": warm,
                    "load": load + rng.normal(0, 6, days),
                }
            )
        )
    return pl.concat(tables).sample(fraction=1.0, shuffle=True, seed=5)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind="number", nullable=True) for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind="text", nullable=True) for name in names)


_COLOUR = Column(name="colour", kind="category", levels=("흰색", "회색", "검정"))

EXAMPLES: dict[str, Example] = {
    "prognosis.survival": Example(
        table=patients,
        inputs=(
            *_numbers("age", "nodes"),
            Column(name="grade", kind="category", levels=("I", "II", "III")),
            Column(name="therapy", kind="boolean"),
        ),
        outcomes=(
            Column(name="days", kind="number", unit="day"),
            Column(name="relapse", kind="integer"),
        ),
        options={"time": "days", "event": "relapse"},
        group="clinic",
        planted="days",
    ),
    "trials.classification": Example(
        table=measured,
        inputs=(*_numbers("width", "depth"), _COLOUR),
        outcomes=(Column(name="grade", kind="category", levels=("하", "중", "상")),),
        options={"outcome": "grade", "classes": ["하", "중", "상"]},
        group="site",
        planted="grade",
    ),
    "trials.regression": Example(
        table=measured,
        inputs=(*_numbers("width", "depth"), _COLOUR),
        outcomes=(Column(name="price", kind="number", unit="만원"),),
        options={"outcome": "price", "quantiles": [0.1, 0.9], "unit": "만원"},
        group="site",
        planted="price",
    ),
    "trials.forecasting": Example(
        table=loads,
        inputs=(*_texts("site", "day"), *_numbers("warm")),
        outcomes=(Column(name="load", kind="number", unit="MWh"),),
        options={
            "outcome": "load",
            "time": "day",
            "series": "site",
            "season": 7,
            "quantiles": [0.1, 0.9],
        },
        group="day",
        planted="load",
    ),
    "trials.text_classification": Example(
        table=complaints,
        inputs=_texts("text", "channel"),
        outcomes=(Column(name="kind", kind="category", levels=("교통", "환경", "복지", "세금")),),
        options={"text": "text", "outcome": "kind"},
        group="id",
        planted="kind",
    ),
    "trials.extraction": Example(
        table=notices,
        inputs=_texts("text"),
        outcomes=_texts("agency", "amount", "closes"),
        options={"text": "text", "fields": ["agency", "amount", "closes"]},
        group="id",
        planted="closes",
    ),
    "trials.question_answering": Example(
        table=questions,
        inputs=_texts("passage", "question"),
        outcomes=_texts("answers"),
        options={
            "question": "question",
            "context": "passage",
            "outcome": "answers",
            "separator": "|",
        },
        group="passage",
        planted="answers",
    ),
}
