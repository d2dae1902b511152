"""A signalling question is answered by its rule, and by nothing kinder."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from madang.kernel.words import words
from madang.prognosis.engine.dossier.judging import SIGNALS, counted, judged
from madang.prognosis.engine.dossier.probast import DOMAINS, QUESTIONS
from madang.prognosis.engine.dossier.record import Benefit, Column, Hint
from tests.prognosis.engine.dossier.records import bare, tried


def signals(record, part: str) -> dict[str, str]:
    return {each.number: each.signal for each in judged(record) if each.part == part}


def making(**method) -> dict[str, str]:
    """Answers of the making where the method is another."""
    return signals(replace(bare(), method=replace(bare().method, **method)), "development")


def trying(*, refused=0, same=False, **scored) -> dict[str, str]:
    """Answers of the evaluation where its patients are others."""
    patients = replace(tried().evaluation.scored, **scored)
    if same:
        patients = replace(patients, data_sha256=tried().development.data_sha256)
    evaluation = replace(tried().evaluation, scored=patients, refused=refused)
    return signals(replace(tried(), evaluation=evaluation), "evaluation")


def gaps(share: float, kind="number") -> tuple[Column, ...]:
    return (Column(name="a", kind=kind, missing=0.0), Column(name="b", kind=kind, missing=share))


def test_there_are_16_and_18_questions_over_four_domains() -> None:
    # The article's abstract: 16 for development, 18 for evaluation, four domains each.
    assert Counter(each.part for each in QUESTIONS) == {"development": 16, "evaluation": 18}
    for part in ("development", "evaluation"):
        own = [each for each in QUESTIONS if each.part == part]
        assert [each.number for each in own] == sorted(each.number for each in own)
        assert len({each.number for each in own}) == len(own)
        assert {each.domain for each in own} == set(DOMAINS)


def test_without_a_trial_all_its_questions_wait() -> None:
    given = signals(bare(), "evaluation")

    assert set(given.values()) == {"NI"}
    assert len(given) == 18


def test_what_no_rule_covers_is_left_to_somebody() -> None:
    for part in ("development", "evaluation"):
        given = signals(tried(), part)
        for number in (
            "1.1",
            "1.2",
            "1.3",
            "2.1",
            "2.2",
            "2.3",
            "2.4",
            "3.1",
            "3.2",
            "3.3",
            "3.4",
        ):
            assert given[number] == "NI"


@pytest.mark.parametrize(
    ("rate", "trees", "answer"),
    [
        (9.9, True, "N"),
        (10, True, "PN"),
        (19.9, False, "PN"),
        (20, False, "PY"),
        (20, True, "NI"),
        (199.9, True, "NI"),
        (200, True, "PY"),
        (9.9, False, "N"),
    ],
)
def test_events_a_parameter_decide_on_the_size(rate, trees, answer) -> None:
    record = replace(
        bare(),
        development=replace(bare().development, events=(round(rate * 10),)),
        method=replace(bare().method, parameters=10, uses_trees=trees),
    )

    assert signals(record, "development")["4.1"] == answer


def test_a_size_that_nobody_counted_is_left_to_somebody() -> None:
    assert making(parameters=None)["4.1"] == "NI"


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ({"keeps_numbers": False}, "N"),
        ({"bends": False}, "PN"),
        ({"bends": True}, "Y"),
        ({"keeps_numbers": None}, "NI"),
    ],
)
def test_numbers_cut_into_classes_are_no_and_straight_lines_probably_no(method, answer) -> None:
    assert making(**method)["4.2"] == answer


@pytest.mark.parametrize(
    ("share", "method", "answer"),
    [
        (0.0, {}, "Y"),
        (0.05, {}, "PY"),
        (0.051, {}, "PN"),
        (0.3, {"imputation": "multiple"}, "Y"),
        (0.01, {"imputation": "none"}, "PN"),
        (0.0, {"handles_censoring": False}, "N"),
        (0.0, {"handles_censoring": None}, "NI"),
        (None, {}, "NI"),
    ],
)
def test_gaps_and_censoring_are_judged_by_share_and_filling(share, method, answer) -> None:
    record = replace(
        bare(),
        development=replace(bare().development, columns=gaps(share)),
        method=replace(bare().method, **method),
    )

    assert signals(record, "development")["4.3"] == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ({"balances_classes": False}, "NA"),
        ({"balances_classes": True, "is_recalibrated": True}, "Y"),
        ({"balances_classes": True, "is_recalibrated": False}, "N"),
        ({"balances_classes": None}, "NI"),
    ],
)
def test_balanced_classes_ask_for_recalibration(method, answer) -> None:
    assert making(**method)["4.4"] == answer


@pytest.mark.parametrize(("restrains", "answer"), [(True, "Y"), (False, "N"), (None, "NI")])
def test_overfitting_is_judged_by_what_was_done(restrains, answer) -> None:
    assert making(restrains=restrains)["4.5"] == answer


@pytest.mark.parametrize("part", ["development", "evaluation"])
def test_a_column_that_knows_the_outcome_turns_three_answers(part) -> None:
    hint = Hint(column="late", sentence=words("가", "a"), is_outcome=True)
    given = signals(replace(tried(), hints=(hint,)), part)
    timed = signals(replace(tried(), hints=(replace(hint, is_outcome=False),)), part)

    assert (given["2.4"], given["3.3"]) == ("PN", "PN")
    assert (timed["2.4"], timed["3.3"]) == ("PN", "NI")
    if part == "evaluation":
        assert given["4.5"] == "PN"


def test_a_trial_on_the_training_file_is_apparent_and_leaks() -> None:
    assert trying()["4.1"] == "PY"
    assert trying(same=True)["4.1"] == "N"
    assert trying(same=True)["4.5"] == "N"
    assert trying(data_sha256=None)["4.1"] == "NI"


@pytest.mark.parametrize(("events", "answer"), [(99, "N"), (100, "PY"), (199, "PY"), (200, "Y")])
def test_events_decide_on_the_size_of_a_trial(events, answer) -> None:
    assert trying(events=(events,))["4.2"] == answer


def test_many_refused_patients_turn_two_answers() -> None:
    few = trying(patients=95, refused=5, columns=gaps(0.0))
    many = trying(patients=94, refused=6, columns=gaps(0.0))

    assert (few["1.3"], few["4.3"]) == ("NI", "PY")
    assert (many["1.3"], many["4.3"]) == ("PN", "PN")
    assert trying(refused=0, columns=gaps(0.0))["4.3"] == "Y"


def test_balancing_of_the_making_is_asked_of_the_trial_too() -> None:
    for used, answer in ((False, "NA"), (True, "NI"), (None, "NI")):
        record = replace(tried(), method=replace(tried().method, balances_classes=used))
        assert signals(record, "evaluation")["4.4"] == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ({}, "PN"),
        ({"not_repeated": ()}, "Y"),
        ({"not_repeated": None}, "NI"),
        ({"folds": None}, "NA"),
    ],
)
def test_steps_outside_of_the_folds_are_told(method, answer) -> None:
    record = replace(tried(), method=replace(tried().method, **method))

    assert signals(record, "evaluation")["4.6"] == answer


@pytest.mark.parametrize(
    ("names", "benefit", "answer"),
    [
        ({"uno_c", "slope"}, True, "Y"),
        ({"uno_c", "slope"}, False, "PY"),
        ({"uno_c"}, True, "N"),
        ({"slope"}, True, "N"),
    ],
)
def test_a_trial_needs_order_calibration_and_benefit(names, benefit, answer) -> None:
    quality = tried().evaluation.quality
    quality = replace(
        quality,
        scores=tuple(each for each in quality.scores if each.name in names),
        benefit=(Benefit(threshold=0.2, model=0.1, everybody=0.0),) if benefit else (),
    )
    record = replace(tried(), evaluation=replace(tried().evaluation, quality=quality))

    assert signals(record, "evaluation")["4.7"] == answer


def test_counts_of_a_part_add_up_to_its_questions() -> None:
    found = judged(tried())

    assert sum(counted(found, "development").values()) == 16
    assert sum(counted(found, "evaluation").values()) == 18
    assert {each.signal for each in found} <= set(SIGNALS)
