"""What the record knows is answered, what the team tells is added, the rest is not reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from madang.kernel.words import words
from madang.prognosis.engine.dossier import known_methods, known_results, tripod
from madang.prognosis.engine.dossier.answers import answers, counted
from tests.prognosis.engine.dossier.records import bare, tried

TOLD = words("연구팀의 글", "The team's words")


def found(record, about=None) -> dict:
    return {each.number: each for each in answers(record, about or {})}


def test_every_item_is_answered_once() -> None:
    given = answers(tried(), {})

    assert [each.number for each in given] == [item.number for item in tripod.ITEMS]


def test_what_neither_knows_is_not_reported() -> None:
    given = found(tried())

    for number in ("1", "2", "3a", "3c", "6b", "8b", "17", "18a", "18f", "19", "25"):
        assert given[number].status == "not reported"
        assert given[number].answered_in == "nobody"
        assert given[number].text.ko.startswith("보고되지 않음")
        assert given[number].text.en.startswith("Not reported")


@pytest.mark.parametrize("item", [item for item in tripod.ITEMS if item.about])
def test_the_team_s_words_make_an_item_reported_and_come_first(item) -> None:
    given = found(bare(), {item.about: TOLD})[item.number]

    assert given.status == "reported"
    assert given.text.ko.startswith(TOLD.ko)
    assert given.text.en.startswith(TOLD.en)
    assert given.answered_in in ("team", "record and team")


def test_the_team_s_words_change_no_other_item() -> None:
    before, after = found(bare()), found(bare(), {"ethics": TOLD})

    assert {number for number in before if before[number] != after[number]} == {"17"}


def test_without_a_trial_the_items_of_evaluation_are_not_reported() -> None:
    given = found(bare())

    for item in tripod.ITEMS:
        if item.applies == "E":
            assert given[item.number].status == "not reported"
            assert "no evaluation" in given[item.number].text.en


def test_with_a_trial_the_items_of_evaluation_are_reported() -> None:
    given = found(tried())

    for item in tripod.ITEMS:
        if item.applies == "E":
            assert given[item.number].status == "reported"


def test_performance_is_whole_only_on_others_and_with_intervals() -> None:
    scores = tuple(
        replace(each, low=None, high=None) for each in tried().evaluation.quality.scores
    )
    unsure = replace(tried().evaluation.quality, scores=scores)
    record = replace(tried(), evaluation=replace(tried().evaluation, quality=unsure))
    sure = tuple(replace(each, low=0.0, high=1.0) for each in bare().inside.scores)
    inside = replace(bare(), inside=replace(bare().inside, scores=sure))

    assert found(bare())["23a"].status == "partly"
    assert found(inside)["23a"].status == "partly"
    assert found(record)["23a"].status == "partly"
    assert found(tried())["23a"].status == "reported"


def test_a_record_without_facts_answers_less_and_invents_nothing() -> None:
    record = replace(
        bare(),
        development=replace(bare().development, columns=(), data_sha256=None),
        inside=None,
        outcome=(),
        hints=None,
        not_used=None,
        groups=None,
        warnings=(),
    )
    given = found(record)

    for number in ("5a", "6a", "7", "8a", "9a", "12e", "20b", "23a", "26"):
        assert given[number].status == "not reported"
    assert given["11"].status == "partly"


def test_figures_of_the_record_stand_in_the_text() -> None:
    given = found(tried())
    record = tried()

    assert f"{record.development.patients} patients" in given["10"].text.en
    rate = record.development.events[0] / record.method.parameters
    assert f"{rate:.1f}" in given["10"].text.ko
    assert "'site'" in given["12d"].text.en
    assert "noise" in given["9a"].text.ko
    assert f"{record.evaluation.refused}" in given["11"].text.en
    assert "'died'" in given["8a"].text.en


def test_counts_add_up_to_all_items() -> None:
    counts = counted(answers(bare(), {"ethics": TOLD}))

    assert sum(counts.values()) == 52
    before = counted(answers(bare(), {}))
    assert counts["reported"] == before["reported"] + 1
    assert counts["not reported"] == before["not reported"] - 1


def test_the_record_answers_only_items_that_exist() -> None:
    numbers = {item.number for item in tripod.ITEMS}

    assert not known_methods.KNOWN.keys() & known_results.KNOWN.keys()
    assert known_methods.KNOWN.keys() | known_results.KNOWN.keys() <= numbers
