"""The decision follows the registered rule from the comparison alone."""

from __future__ import annotations

import pytest

from madang.kernel.words import words
from madang.trials.engine.decision import decide, sentence
from madang.trials.engine.demand import DecisionRule

DIRECTIONS = {"loss": "lower", "hit_score": "higher"}


def rule(kind: str = "superiority", **more) -> DecisionRule:
    return DecisionRule(metric="loss", baseline="median", rule=kind, **{"guard": {}, **more})


def comparison(intervals, *, pairs=(), scores=None):
    """Differences from the baseline, turned so that below 0 is better: (low, high) by solution."""
    return {
        "primary": {
            "against_baseline": {
                name: {"difference": (low + high) / 2, "low": low, "high": high}
                for name, (low, high) in intervals.items()
            },
            "pairs": [
                {"first": a, "second": b, "low": low, "high": high} for a, b, low, high in pairs
            ],
        },
        "all": scores or {name: {} for name in intervals},
    }


def decided(found, kind: str = "superiority", solutions=None, **more):
    names = list(found["primary"]["against_baseline"]) if solutions is None else solutions
    return decide(rule(kind, **more), found, solutions=names, directions=DIRECTIONS)


@pytest.mark.parametrize(
    ("high", "margin", "passes"),
    [
        (-0.01, 0.0, True),
        (0.0, 0.0, False),
        (0.01, 0.0, False),
        (-0.11, 0.1, True),
        (-0.1, 0.1, False),
        (-0.09, 0.1, False),
    ],
)
def test_superiority_needs_the_whole_interval_beyond_the_margin(high, margin, passes):
    found = decided(comparison({"a": (-1.0, high)}), margin=margin)

    assert found.passed == (("a",) if passes else ())
    assert found.adopted == ("a" if passes else None)


@pytest.mark.parametrize(
    ("high", "passes"), [(0.09, True), (0.1, False), (0.11, False), (-1.0, True)]
)
def test_non_inferiority_allows_the_margin_and_no_more(high, passes):
    found = decided(comparison({"a": (-2.0, high)}), "non_inferiority", margin=0.1)

    assert found.passed == (("a",) if passes else ())


def test_the_best_that_passes_is_adopted_and_names_break_ties():
    found = decided(comparison({"b": (-2, -1), "a": (-2, -1), "c": (-5, -0.5), "d": (-9, 1)}))

    assert found.passed == ("c", "a", "b")
    assert found.adopted == "c"


def test_the_baseline_is_never_adopted():
    found = decided(comparison({"a": (-1, 1), "baseline:mean": (-9, -8)}), solutions=["a"])

    assert found.adopted is None
    assert found.passed == ()


def test_a_solution_without_a_comparison_cannot_pass():
    assert decided(comparison({"a": (-2, -1)}), solutions=["a", "lost"]).passed == ("a",)


@pytest.mark.parametrize(
    ("guard", "score", "holds"),
    [
        ({"loss": 2.0}, {"loss": 2.0}, True),
        ({"loss": 2.0}, {"loss": 2.1}, False),
        ({"hit_score": 0.5}, {"hit_score": 0.5}, True),
        ({"hit_score": 0.5}, {"hit_score": 0.4}, False),
        ({"hit_score": 0.5}, {"hit_score": None}, False),
        ({"hit_score": 0.5}, {}, False),
        ({"hit_score": 0.5, "loss": 2.0}, {"hit_score": 0.9, "loss": 3.0}, False),
    ],
)
def test_a_guard_is_kept_in_the_metrics_own_direction(guard, score, holds):
    found = decided(comparison({"a": (-2, -1)}, scores={"a": score}), guard=guard)

    assert found.passed == (("a",) if holds else ())
    assert bool(found.failed_guard) is not holds


def test_a_broken_guard_lets_the_next_one_in_and_is_told():
    scores = {"a": {"hit_score": 0.2}, "b": {"hit_score": 0.9}}
    found = decided(
        comparison({"a": (-5, -4), "b": (-2, -1)}, scores=scores), guard={"hit_score": 0.5}
    )

    assert found.adopted == "b"
    assert found.failed_guard == {"a": ("hit_score",)}
    assert found.plain()["failed_guard"] == {"a": ["hit_score"]}


def test_a_guard_of_a_solution_that_failed_the_rule_is_not_held_against_it():
    found = decided(
        comparison({"a": (-5, 4)}, scores={"a": {"hit_score": 0.2}}), guard={"hit_score": 0.5}
    )

    assert found.failed_guard == {}


def test_what_the_data_do_not_tell_apart_is_named():
    pairs = [("a", "b", -0.3, 0.1), ("c", "a", 0.0, 0.5), ("d", "a", 0.1, 0.9), ("b", "c", -1, 1)]
    found = decided(comparison({n: (-3 + i / 9, -1) for i, n in enumerate("abcd")}, pairs=pairs))

    assert found.adopted == "a"
    assert found.equals == ("b", "c")


def test_an_equal_that_did_not_pass_is_no_equal():
    pairs = [("a", "b", -0.3, 0.1)]

    assert decided(comparison({"a": (-3, -1), "b": (-3, 1)}, pairs=pairs)).equals == ()


def test_the_decision_is_a_sentence_in_both_languages():
    titles = {"a": words("나무", "Tree"), "b": words("모형", "Model")}
    none = decided(comparison({"a": (-1, 1)}))
    alone = decided(comparison({"a": (-2, -1)}))
    equal = decided(comparison({"a": (-3, -1), "b": (-2, -1)}, pairs=[("a", "b", -1, 1)]))

    assert sentence(none, rule(), titles).en.startswith("No solution satisfied the rule")
    assert sentence(none, rule(), titles).ko.endswith("채택하지 않습니다.")
    assert sentence(alone, rule(), titles).ko == "미리 정한 규칙에 따라 '나무'를 채택합니다."
    assert sentence(alone, rule(), titles).en == "By the rule fixed in advance, 'Tree' is adopted."
    assert "'모형'과의 차이를 단정할 수 없습니다." in sentence(equal, rule(), titles).ko
    assert "do not tell it apart from 'Model'" in sentence(equal, rule(), titles).en
