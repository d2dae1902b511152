"""A metric that does not do what it says is refused before anything is sealed by it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.ending import Ending
from madang.kernel.trial import Column
from madang.trials.engine import measuring, metric_proof
from madang.trials.engine.errors import DemandError
from madang.trials.engine.measuring import MetricFailed
from madang.trials.engine.metric_proof import prove
from madang.trials.engine.scoring import Scale
from madang.trials.engine.tasks.classification import Classification
from madang.trials.engine.tasks.question_answering import QuestionAnswering
from madang.trials.engine.tasks.regression import Regression
from tests.trials.engine.own_metrics import LATE, ROOT, own
from tests.trials.toys import Line

pytestmark = pytest.mark.bwrap

RNG = np.random.default_rng(5)
Y = RNG.normal(0, 3, 120)
CASES = pl.DataFrame({"case": [str(row) for row in range(120)], "y": Y})
OUTCOMES = [Column(name="y", kind="number")]
MEDIAN = {"median": np.zeros((120, 1)), "one": np.ones((120, 1))}


def proved(source: str = LATE, **changes) -> None:
    scale = Scale(
        task=Line(), frame={"median": 0.0, "cases": 120}, options={}, own=own(source, **changes)
    )
    prove(scale, CASES, MEDIAN, outcomes=OUTCOMES, seed=7)


def body(line: str) -> str:
    return f"import numpy as np\ndef metric(outcomes, answers):\n    {line}\n"


def test_a_metric_that_does_what_it_says_passes():
    proved()
    proved(ROOT, per="whole")
    proved(body("return -np.abs(outcomes['y'] - answers[:, 0])"), direction="higher",
           bounds={"lowest": -100, "highest": 0})  # fmt: skip


@pytest.mark.parametrize(
    ("line", "changes", "said"),
    [
        ("return answers[:, 0] / 0", {}, "gives no number for a baseline"),
        ("return 1.0", {}, "gives no number for a baseline"),
        ("return np.zeros(3)", {}, "gives no number for a baseline"),
        ("return outcomes['missing']", {}, "gives no number for a baseline"),
        ("return outcomes['y']", {"per": "whole"}, "gives no number for a baseline"),
        ("return outcomes['y'] - 2000", {}, "leaves its bounds on a baseline"),
        ("return answers[:, 0] + 1001", {}, "leaves its bounds on a baseline"),
        ("return np.random.rand(len(answers))", {}, "differs when it is computed twice"),
        ("return np.arange(len(answers)) * 1.0", {}, "depends on the order of the cases"),
        ("return outcomes['y'][0] ** 2", {"per": "whole"}, "depends on the order of the cases"),
        (
            "return np.abs(outcomes['y'] - answers[:, 0])",
            {"direction": "higher"},
            "worse than every",
        ),
        ("import os; os._exit(0)", {}, "was stopped"),
    ],
)
def test_a_metric_that_does_not_is_refused_without_a_value(line, changes, said):
    with pytest.raises(DemandError, match=said) as caught:
        proved(body(line), **changes)

    told = caught.value.sentence("ko") + caught.value.sentence("en")
    assert not [value for value in Y if repr(float(value))[:6] in told]


def test_a_metric_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(measuring, "CALL_S", 1.0)

    with pytest.raises(DemandError, match="was stopped"):
        proved(body("while True: pass"))


def test_a_jail_that_fails_is_no_fault_of_the_metric(monkeypatch):
    def fails(*_):
        raise MetricFailed("own.late", Ending.UNAVAILABLE)

    monkeypatch.setattr(metric_proof, "measured", fails)

    with pytest.raises(Unavailable):
        proved()


def test_a_guard_may_rate_one_baseline_above_the_truth():
    proved(body("return (answers[:, 0] > 0) * 1.0"))


def test_one_score_for_all_does_not_blame_the_direction():
    proved(body("return 0 * answers[:, 0] + 3"))


def test_who_knows_the_class_is_certain_of_it():
    kinds = ["a", "b", "b_c"]
    truth = RNG.choice(kinds, 120)
    cases = pl.DataFrame({"case": CASES["case"], "kind": truth})
    frame = {"classes": kinds, "shares": [1 / 3] * 3}
    answers = {"shares": np.full((120, 3), 1 / 3)}
    source = body("return answers[:, 0] * (outcomes['kind'] == 'a')")

    def tried(direction: str) -> None:
        scale = Scale(
            task=Classification(), frame=frame, options={"outcome": "kind"},
            own=own(source, direction=direction),
        )  # fmt: skip
        column = Column(name="kind", kind="category", levels=tuple(kinds))
        prove(scale, cases, answers, outcomes=[column], seed=7)

    tried("higher")
    with pytest.raises(DemandError, match="worse than every baseline"):
        tried("lower")


def test_who_knows_the_text_says_it():
    task = QuestionAnswering()
    cases = pl.DataFrame({"case": CASES["case"], "answers": ["가|나"] * 60 + ["다"] * 60})
    source = body("return (answers == '가') * 1.0 + (answers == '다')")

    def tried(direction: str) -> None:
        scale = Scale(task=task, frame={}, options={"passage": "p", "question": "q",
                      "outcome": "answers"}, own=own(source, direction=direction))  # fmt: skip
        prove(scale, cases, {"none": ["라"] * 120},
              outcomes=[Column(name="answers", kind="text")], seed=7)  # fmt: skip

    tried("higher")
    with pytest.raises(DemandError, match="worse than every baseline"):
        tried("lower")


def test_who_knows_the_number_gives_it_for_every_quantile():
    frame = {"mean": 0.0, "median": 0.0, "standard_deviation": 3.0}
    options = {"outcome": "y", "quantiles": [0.1, 0.9]}
    source = body("return np.abs(outcomes['y'] - answers[:, 2])")

    def tried(direction: str) -> None:
        scale = Scale(
            task=Regression(), frame=frame, options=options, own=own(source, direction=direction)
        )
        prove(scale, CASES, {"mean": np.zeros((120, 3))}, outcomes=OUTCOMES, seed=7)

    tried("lower")
    with pytest.raises(DemandError, match="worse than every baseline"):
        tried("higher")
