"""Answers are measured by the task or by the agency's metric, of which only numbers leave."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.ending import Ending
from madang.kernel.words import words
from madang.trials.engine import measuring
from madang.trials.engine.comparison import compare_all
from madang.trials.engine.measuring import MetricFailed, measured, take
from madang.trials.engine.scoring import Scale, Solution, subgroup_scores
from tests.trials.engine.own_metrics import LATE, ROOT, own
from tests.trials.toys import Line

pytestmark = pytest.mark.bwrap

RNG = np.random.default_rng(12)
Y = RNG.normal(0, 3, 300)
CASES = pl.DataFrame(
    {
        "case": [f"board-{row}" for row in range(300)],
        "y": Y,
        "colour": RNG.choice(["파랑", "빨강"], 300),
        "flag": RNG.random(300) < 0.5,
        "gap": [None if row % 3 else 1.5 for row in range(300)],
        "__id": [f"secret-{row}" for row in range(300)],
        "__group": ["g"] * 300,
    }
)
NOTHING = np.zeros((300, 1))


def scale(source: str = LATE, **changes) -> Scale:
    return Scale(
        task=Line(), frame={"median": 0.0, "cases": 300}, options={}, own=own(source, **changes)
    )


def values(body: str, *, answers=NOTHING, rows=None, **changes) -> np.ndarray:
    """What a metric with this body gives, though no registration would take it."""
    source = f"import numpy as np\ndef metric(outcomes, answers):\n    {body}\n"
    return measured(own(source, **changes), CASES, [answers], lambda m: m.values(0, rows))


def test_a_metric_a_case_is_the_mean_of_its_losses():
    cost = np.where(Y > 0, 2 * Y, -Y)

    assert scale().losses("own.late", CASES, NOTHING) == pytest.approx(cost)
    assert scale().score("own.late", CASES, NOTHING) == pytest.approx(cost.mean())


def test_a_metric_over_all_cases_is_that_of_the_task_that_computes_the_same():
    mine = scale(ROOT, per="whole")

    assert mine.score("own.late", CASES, NOTHING) == mine.score(
        "root_mean_square_loss", CASES, NOTHING
    )
    assert mine.losses("own.late", CASES, NOTHING) == pytest.approx(
        mine.losses("root_mean_square_loss", CASES, NOTHING), rel=1e-12
    )


def test_a_comparison_by_the_same_formula_is_the_same_comparison():
    solutions = [
        Solution(name=name, answers=(Y + RNG.normal(0, noise, 300))[:, None])
        for name, noise in (("base", 4.0), ("fair", 2.0), ("good", 1.0))
    ]

    def compared(metric: str, scale: Scale):
        return compare_all(
            scale, metric, CASES, solutions, baseline="base", among=["fair", "good"],
            level=0.95, seed=7,
        )  # fmt: skip

    def groups(metric: str, scale: Scale):
        return subgroup_scores(
            scale, metric, CASES, CASES, solutions, columns=["colour"], minimum_cell=5
        )

    mine = scale(ROOT, per="whole")
    found, known = compared("own.late", mine), compared("root_mean_square_loss", mine)
    assert {**found, "metric": ""} == {**known, "metric": ""}
    assert groups("own.late", mine) == groups("root_mean_square_loss", mine)
    each = scale("import numpy as np\ndef metric(outcomes, answers):\n"
                 "    return np.abs(outcomes['y'] - answers[:, 0])\n")  # fmt: skip
    found, known = compared("own.late", each), compared("absolute_loss", each)
    assert {**found, "metric": ""} == {**known, "metric": ""}
    assert each.covariance("own.late", CASES, solutions) is None


def test_higher_is_better_is_turned():
    mine = scale("def metric(outcomes, answers):\n    return answers[:, 0]\n",
                 direction="higher", bounds={"lowest": -9, "highest": 9})  # fmt: skip

    assert mine.sign("own.late") == -1
    assert mine.losses("own.late", CASES, NOTHING + 2).mean() == -2
    assert mine.score("own.late", CASES, NOTHING + 2) == 2


def test_a_metric_sees_the_columns_that_it_names_and_none_of_the_platforms():
    names = "len([name for name in ('y', 'colour', 'flag') if name in outcomes])"
    hidden = "len([name for name in ('case', '__id', '__group') if name in outcomes])"

    assert values(f"return {names}", per="whole") == 3
    assert values(f"return {hidden}", per="whole") == 0
    assert values("return len(outcomes)", per="whole") == 0


def test_columns_come_as_numbers_and_texts():
    assert values('return float((outcomes["colour"] == "파랑").sum())', per="whole") == float(
        (CASES["colour"] == "파랑").sum()
    )
    assert values('return float(outcomes["flag"].sum())', per="whole") == CASES["flag"].sum()
    assert values('return float(np.isnan(outcomes["gap"]).sum())', per="whole") == 200


def test_text_answers_are_measured_too():
    texts = ["파랑"] * 300

    found = values('return (outcomes["colour"] != answers) * 1.0', answers=texts)

    assert found.tolist() == (CASES["colour"] != "파랑").cast(float).to_list()


def test_some_rows_are_measured_alone():
    rows = np.array([5, 3, 3])

    assert values('return outcomes["y"]', rows=rows).tolist() == Y[rows].tolist()
    assert take(NOTHING, rows).shape == (3, 1)


@pytest.mark.parametrize(
    "body",
    [
        "return answers[:5, 0]",
        "return np.zeros((300, 2))",
        "return 1.0",
        "return 'text'",
        "return None",
        "return {}['nothing']",
        "return [1, 'a']",
        "raise ValueError(str(outcomes))",
        "raise SystemError",
        "return answers[:, 0] / 0",
        "return np.log(-1 - answers[:, 0])",
    ],
)
def test_what_is_no_number_a_case_counts_as_the_worst(body):
    source = f"import numpy as np\ndef metric(outcomes, answers):\n    {body}\n"
    mine = scale(source, bounds={"lowest": 0, "highest": 50})

    assert np.isnan(values(body)).all()
    assert mine.losses("own.late", CASES, NOTHING).tolist() == [50.0] * 300
    assert scale(source, direction="higher", bounds={"lowest": -4, "highest": 50}).score(
        "own.late", CASES, NOTHING
    ) == -4  # fmt: skip


def test_what_leaves_the_bounds_counts_as_the_bound():
    mine = scale("def metric(outcomes, answers):\n    return outcomes['y'] * 100\n",
                 bounds={"lowest": -1, "highest": 2})  # fmt: skip

    losses = mine.losses("own.late", CASES, NOTHING)
    assert losses == pytest.approx(np.clip(100 * Y, -1, 2))
    assert (losses == 2).sum() > 100


def test_on_some_rows_alone_a_score_may_be_undefined():
    source = "def metric(outcomes, answers):\n    return [].index(1)\n"

    found = measured(
        own(source, per="whole"), CASES, [NOTHING],
        lambda m: (m.score(0), m.score(0, np.array([1, 2]))),
    )  # fmt: skip

    assert found[0] == 1000
    assert np.isnan(found[1])


def test_no_call_leaves_anything_to_the_next():
    source = (
        "import numpy as np\nSEEN = []\ndef metric(outcomes, answers):\n"
        "    SEEN.append(1)\n    answers[:] = 5\n    outcomes['y'][:] = 7\n"
        "    return np.array(len(SEEN) + 0.0)\n"
    )
    after = "def metric(outcomes, answers):\n    return answers[:, 0] + 0 * outcomes['y']\n"

    counted = measured(
        own(source, per="whole"), CASES, [NOTHING], lambda m: [m.score(0), m.score(0)]
    )

    assert counted == [1.0, 1.0]
    assert measured(own(after), CASES, [NOTHING], lambda m: m.score(0)) == 0


TALKER = """
import sys, os, warnings
def metric(outcomes, answers):
    said = repr(outcomes["y"].tolist())
    print(said)
    print(said, file=sys.stderr)
    warnings.warn(said)
    import jail
    jail.report({"y": said[:3000]})
    for name in ("values.npy", "predictions.npy", said[1:20]):
        with open("/job/out/" + name, "w") as file:
            file.write(said)
    raise ValueError(said)
"""


def test_nothing_but_numbers_leaves_the_jail_whatever_the_metric_says(capfd, caplog):
    found = measured(own(TALKER), CASES, [NOTHING], lambda m: m.values(0))

    said = "".join(capfd.readouterr()) + caplog.text
    assert np.isnan(found).all()
    assert not [value for value in Y if repr(float(value)) in said]


def test_a_metric_that_answers_in_the_harness_place_gives_no_number_either():
    forger = (
        "def metric(outcomes, answers):\n    import jail\n"
        "    jail.send(repr(outcomes['y'].tolist()).encode()[:5000])\n    return outcomes['y']\n"
    )

    found = measured(own(forger), CASES, [NOTHING], lambda m: m.values(0))

    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        ("import os; os._exit(3)", Ending.CRASH),
        ("while True: pass", Ending.TIMEOUT),
        ("x = [bytearray(b'x') * (1 << 24) for _ in range(512)]", Ending.MEMORY),
        ("import socket; socket.socket()", None),
        ("open('/etc/hostname').read(); return answers[:, 0]", None),
    ],
)
def test_a_metric_that_gets_out_of_hand_is_stopped_or_gives_nothing(monkeypatch, body, ending):
    monkeypatch.setattr(measuring, "CALL_S", 2.0 if ending == Ending.TIMEOUT else 60.0)

    if ending is None:
        assert np.isnan(values(body)).all()
        return
    with pytest.raises(MetricFailed) as caught:
        values(body)
    assert caught.value.ending == ending
    assert not caught.value.is_platforms
    assert "the agency's own metric own.late" in caught.value.sentence("en")


def test_a_fault_of_whoever_asks_is_raised_and_ends_the_jail():
    def asks_wrongly(measure):
        measure.score(0)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        measured(own(), CASES, [NOTHING], asks_wrongly)


def test_where_no_jail_works_nothing_is_measured(monkeypatch):
    from madang.kernel.sandbox import jail

    def refuses(**_):
        raise Unavailable(words("격리", "The jail"), reason="forbidden here")

    measuring._pool.cache_clear()
    monkeypatch.setattr(jail, "WarmPool", refuses)
    try:
        with pytest.raises(Unavailable, match="forbidden here"):
            scale().score("own.late", CASES, NOTHING)
    finally:
        measuring._pool.cache_clear()


def test_a_jail_that_does_not_start_is_the_platforms_matter(monkeypatch):
    from madang.kernel.sandbox.ending import Result

    class Broken:
        def run(self, *_, **__):
            return Result(ending=Ending.UNAVAILABLE, cgroup="rlimits")

    monkeypatch.setattr(measuring, "_pool", Broken)

    with pytest.raises(MetricFailed) as caught:
        scale().score("own.late", CASES, NOTHING)
    assert caught.value.is_platforms


def test_the_answer_to_a_wish_of_no_rows_is_no_score():
    found = measured(own(), CASES, [NOTHING], lambda m: m.score(0, np.array([], dtype=np.int64)))

    assert np.isnan(found)
