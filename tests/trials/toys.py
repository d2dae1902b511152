"""Two tiny tasks of different kinds, with solutions that behave and solutions that do not.

`Line` is a table task: y lies near 2x + 1, and an answer is a number. `Search` is a replay task:
find a hidden whole number from 0 to 99 by guessing, told only `higher` or `lower`. Both are
deterministic.

Solutions are Python source as a firm would hand it in (`solution.py`): `fit(inputs, outcomes,
task)` gives a model, `predict(model, inputs, task)` answers, and in a replay
`act(model, observation, memory, task)` acts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Column, Leak, Metric, Outputs, Task, stratified_parts

CANARY = 777_001.5
"""A value that `line_data(canary=True)` plants among the sealed-to-be outcomes."""

LINE_INPUTS = (
    Column(name="x", kind="number", unit="m"),
    Column(name="colour", kind="category", levels=("파랑", "빨강")),
)
LINE_OUTCOMES = (Column(name="y", kind="number", unit="m"),)
SEARCH_INPUTS = (Column(name="hint", kind="integer"),)
SEARCH_OUTCOMES = (Column(name="target", kind="integer"),)

TURNS = 10


def line_data(cases: int = 120, *, canary: bool = False) -> pl.DataFrame:
    """id, site (groups of four), x, colour and y = 2x + 1 + noise; always the same."""
    rng = np.random.default_rng(20250704)
    x = rng.uniform(-5, 5, cases)
    y = 2 * x + 1 + rng.normal(0, 0.5, cases)
    if canary:
        y[:: max(1, cases // 8)] = CANARY
    return pl.DataFrame(
        {
            "id": [f"case-{row:04d}" for row in rng.permutation(cases)],
            "site": [f"site-{row // 4:03d}" for row in range(cases)],
            "x": x,
            "colour": np.where(rng.random(cases) < 0.5, "파랑", "빨강"),
            "y": y,
        }
    )


def search_data(cases: int = 40) -> pl.DataFrame:
    """id, a hint within ten of the target, and the target; always the same."""
    rng = np.random.default_rng(20250705)
    target = rng.integers(0, 100, cases)
    return pl.DataFrame(
        {
            "id": [f"case-{row:04d}" for row in rng.permutation(cases)],
            "hint": np.clip(target + rng.integers(-10, 11, cases), 0, 99),
            "target": target,
        }
    )


def _require(columns: tuple[Column, ...], name: str, kinds: tuple[str, ...]) -> None:
    if not any(column.name == name and column.kind in kinds for column in columns):
        raise InputError(f"no column {name}", f"a column {name} of kind {' or '.join(kinds)}")


def _copies(inputs: pl.DataFrame, truth: pl.Series) -> tuple[Leak, ...]:
    """Numeric columns whose correlation with the outcome is (nearly) one."""
    leaks = []
    for column in inputs.select(pl.selectors.numeric()):
        if column.n_unique() > 1:
            r = abs(float(np.corrcoef(column.to_numpy(), truth.to_numpy())[0, 1]))
            if r > 0.999:
                leaks.append(
                    Leak(
                        column=column.name,
                        measure="correlation of the column alone",
                        value=r,
                        limit=0.999,
                        sentence_ko=f"열 {column.name}만으로 결과를 알 수 있습니다.",
                        sentence_en=f"The column {column.name} alone gives the outcome away.",
                    )
                )
    return tuple(leaks)


class Line(Task):
    """A table toy: one number a case."""

    name = "toys.line"
    version = 1
    title_ko = "직선 맞히기"
    title_en = "Find the line"
    kind = "table"

    def options_schema(self):
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "near": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "default": 1.0,
                    "description": "적중으로 볼 거리 · distance that counts as a hit",
                }
            },
        }

    def check(self, inputs, outcomes, *, options):
        _require(inputs, "x", ("number",))
        _require(outcomes, "y", ("number",))

    def check_outcomes(self, outcomes, *, options):
        wrong = int((~outcomes["y"].is_finite()).fill_null(True).sum())
        if wrong or not outcomes.height:
            raise InputError(f"{wrong} cases without a finite y", "a finite y for every case")

    def split(self, inputs, outcomes, *, groups, shares, rng, options):
        strata = (outcomes["y"] > outcomes["y"].median()).to_numpy()
        return stratified_parts(strata, groups=groups, shares=shares, rng=rng)

    def frame(self, open_inputs, open_outcomes, *, options):
        return {"median": float(open_outcomes["y"].median()), "cases": open_outcomes.height}

    def outputs(self, *, frame, options):
        return Outputs(kind="numbers", columns=("y",), lowest=-1e6, highest=1e6)

    def metrics(self, *, frame, options):
        return (
            Metric(
                name="absolute_loss",
                title_ko="평균 절대오차",
                title_en="Mean absolute error",
                direction="lower",
                lowest=0.0,
                unit="m",
            ),
            Metric(
                name="hit_score",
                title_ko="적중률",
                title_en="Share of hits",
                direction="higher",
                lowest=0.0,
                highest=1.0,
            ),
            Metric(
                name="root_mean_square_loss",
                title_ko="평균 제곱근 오차",
                title_en="Root mean square error",
                direction="lower",
                lowest=0.0,
                unit="m",
            ),
        )

    def losses(self, metric, outcomes, predictions, *, frame, options):
        error = np.abs(outcomes["y"].to_numpy() - predictions[:, 0])
        if metric == "root_mean_square_loss":
            return None
        return {"absolute_loss": error, "hit_score": (error < options.get("near", 1.0)) * 1.0}[
            metric
        ]

    def score(self, metric, outcomes, predictions, *, frame, options):
        if metric == "root_mean_square_loss":
            error = outcomes["y"].to_numpy() - predictions[:, 0]
            return float(np.sqrt(np.mean(error**2)))
        return float(
            self.losses(metric, outcomes, predictions, frame=frame, options=options).mean()
        )

    def baselines(self, *, options):
        def median(open_inputs, open_outcomes, inputs, *, frame, options):
            return np.full((inputs.height, 1), frame["median"])

        return (
            Baseline(
                name="median", title_ko="중앙값", title_en="Median for everybody", predict=median
            ),
        )

    def leaks(self, inputs, outcomes, *, options):
        return _copies(inputs, outcomes["y"])


class Game:
    """One round of `Search`."""

    def __init__(self, target: int, hint: int, turns: int) -> None:
        self.target, self.hint, self.turns = target, hint, turns
        self.guesses: list[int] = []

    def observation(self):
        if len(self.guesses) == self.turns or (self.guesses and self.guesses[-1] == self.target):
            return None
        said = "" if not self.guesses else "higher" if self.guesses[-1] < self.target else "lower"
        return {"turn": len(self.guesses), "said": said, "hint": self.hint}

    def act(self, action: Any) -> None:
        guess = action.get("guess") if isinstance(action, dict) else None
        if isinstance(guess, bool) or not isinstance(guess, int) or not 0 <= guess <= 99:
            raise InputError("an action of another form", 'an action such as {"guess": 42}')
        self.guesses.append(guess)

    def record(self):
        return {"guesses": list(self.guesses), "found": self.target in self.guesses}


def _turns_used(record: Any) -> int:
    return len(record["guesses"]) + (not record["found"])


class Search(Task):
    """A replay toy: a conversation of at most ten turns a case."""

    name = "toys.search"
    version = 1
    title_ko = "숫자 찾기"
    title_en = "Find the number"
    kind = "replay"

    def options_schema(self):
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "turns": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 100,
                    "default": TURNS,
                    "description": "한 사례의 최대 시도 횟수 · most guesses in one case",
                }
            },
        }

    def check(self, inputs, outcomes, *, options):
        _require(inputs, "hint", ("integer",))
        _require(outcomes, "target", ("integer",))

    def check_outcomes(self, outcomes, *, options):
        wrong = int((~outcomes["target"].is_between(0, 99)).fill_null(True).sum())
        if wrong or not outcomes.height:
            raise InputError(f"{wrong} targets out of range", "whole numbers from 0 to 99")

    def split(self, inputs, outcomes, *, groups, shares, rng, options):
        strata = (outcomes["target"] >= 50).to_numpy()
        return stratified_parts(strata, groups=groups, shares=shares, rng=rng)

    def frame(self, open_inputs, open_outcomes, *, options):
        return {"lowest": 0, "highest": 99, "turns": options.get("turns", TURNS)}

    def outputs(self, *, frame, options):
        return Outputs(kind="records")

    def metrics(self, *, frame, options):
        return (
            Metric(
                name="turns_used",
                title_ko="평균 시도 횟수",
                title_en="Mean number of guesses",
                direction="lower",
                lowest=1.0,
                highest=frame["turns"] + 1.0,
            ),
            Metric(
                name="found_score",
                title_ko="찾은 비율",
                title_en="Share found",
                direction="higher",
                lowest=0.0,
                highest=1.0,
            ),
        )

    def losses(self, metric, outcomes, predictions, *, frame, options):
        of_record = {"turns_used": _turns_used, "found_score": lambda record: record["found"]}
        return np.array([of_record[metric](record) for record in predictions], dtype=float)

    def score(self, metric, outcomes, predictions, *, frame, options):
        return float(
            self.losses(metric, outcomes, predictions, frame=frame, options=options).mean()
        )

    def baselines(self, *, options):
        def upwards(observation, memory):
            return {"guess": observation["turn"]}

        return (
            Baseline(
                name="upwards",
                title_ko="0부터 차례로",
                title_en="Count upwards from 0",
                predict=upwards,
            ),
        )

    def leaks(self, inputs, outcomes, *, options):
        return _copies(inputs, outcomes["target"])

    def environment(self, inputs, outcomes, *, row, frame, options):
        return Game(int(outcomes["target"][row]), int(inputs["hint"][row]), frame["turns"])


_FIT_LINE = """
import numpy as np

def fit(inputs, outcomes, task):
    return np.polyfit(inputs["x"].to_numpy(), outcomes["y"].to_numpy(), 1)
"""

LINE_SOLUTIONS: dict[str, str] = {
    "good": _FIT_LINE
    + """
def predict(model, inputs, task):
    return np.polyval(model, inputs["x"].to_numpy())
""",
    # A mean of 1 and the sign of x: clearly better than the median, clearly worse than the line.
    "mediocre": """
import numpy as np

def predict(model, inputs, task):
    return 1 + 4 * np.sign(inputs["x"].to_numpy())
""",
    # The message carries a row: it must not be seen by anybody but the platform.
    "crasher": """
def predict(model, inputs, task):
    raise ValueError("row " + repr(inputs.iloc[0].to_dict()))
""",
    "crasher_in_fit": """
def fit(inputs, outcomes, task):
    return {}["nothing" + str(outcomes["y"].iloc[0])]

def predict(model, inputs, task):
    return [0.0] * len(inputs)
""",
    "crasher_on_import": "def predict(model, inputs, task:\n    return 0\n",
    "no_predict": "x = 1\n",
    "sleeper": """
import time

def predict(model, inputs, task):
    time.sleep(3600)
""",
    "spinner": """
def predict(model, inputs, task):
    while True:
        pass
""",
    # Stops at 8 GiB, so that a jail without a memory limit does not take the machine with it.
    "memory_hog": """
def predict(model, inputs, task):
    kept = []
    for _ in range(512):
        kept.append(bytearray(b"x") * (16 * 1024 * 1024))
    return [0.0] * len(inputs)
""",
    "not_finite": """
import numpy as np

def predict(model, inputs, task):
    answers = np.zeros(len(inputs))
    answers[-1] = np.nan
    return answers
""",
    "wrong_shape": """
import numpy as np

def predict(model, inputs, task):
    return np.zeros((len(inputs) + 1, 1))
""",
    "texts": """
def predict(model, inputs, task):
    return ["a text"] * len(inputs)
""",
    "out_of_bounds": """
import numpy as np

def predict(model, inputs, task):
    return np.full(len(inputs), 1e300)
""",
    "flood": _FIT_LINE
    + """
import sys

def predict(model, inputs, task):
    for _ in range(200_000):
        sys.stdout.write("x" * 1000)
    return np.polyval(model, inputs["x"].to_numpy())
""",
    # Says on every channel what it saw; a good answer otherwise.
    "talker": _FIT_LINE
    + """
import sys
import warnings

def predict(model, inputs, task):
    seen = repr(inputs["x"].tolist())
    print(seen)
    print(seen, file=sys.stderr)
    warnings.warn(seen)
    return np.polyval(model, inputs["x"].to_numpy())
""",
}
"""Name → `solution.py` for `Line`."""

SEARCH_SOLUTIONS: dict[str, str] = {
    "good": """
def act(model, observation, memory, task):
    low, high = memory.get("low", 0), memory.get("high", 99)
    if observation["said"] == "higher":
        low = memory["last"] + 1
    if observation["said"] == "lower":
        high = memory["last"] - 1
    memory.update(low=low, high=high, last=(low + high) // 2)
    return {"guess": memory["last"]}
""",
    # Walks from the hint in the direction it is told: finds what lies within nine steps.
    "mediocre": """
def act(model, observation, memory, task):
    step = {"": 0, "higher": 1, "lower": -1}[observation["said"]]
    memory["last"] = min(99, max(0, memory.get("last", observation["hint"]) + step))
    return {"guess": memory["last"]}
""",
    "crasher": """
def act(model, observation, memory, task):
    if observation["turn"] == 1:
        raise KeyError(observation["hint"])
    return {"guess": 50}
""",
    "sleeper": """
import time

def act(model, observation, memory, task):
    time.sleep(3600)
""",
    "memory_hog": """
def act(model, observation, memory, task):
    kept = [bytearray(b"x") * (16 * 1024 * 1024) for _ in range(512)]
    return {"guess": len(kept) % 100}
""",
    "not_finite": """
def act(model, observation, memory, task):
    return {"guess": float("nan")}
""",
    "wrong_shape": """
def act(model, observation, memory, task):
    return [50]
""",
    # Remembers between cases what it must not be able to remember.
    "rememberer": """
seen = []

def act(model, observation, memory, task):
    seen.append(observation["hint"])
    return {"guess": min(99, len(seen))}
""",
}
"""Name → `solution.py` for `Search`."""
