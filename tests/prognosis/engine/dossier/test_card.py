"""The card tells what a user must know, and says where nobody told."""

from __future__ import annotations

from dataclasses import replace

from madang.kernel.words import words
from madang.prognosis.engine.dossier.card import card, key_figures
from madang.prognosis.engine.dossier.record import Hint
from tests.prognosis.engine.dossier.records import bare, tried


def shown(record, about=None) -> dict[str, str]:
    return {title.en: text.en for title, text in card(record, about or {})}


def test_what_nobody_told_is_not_reported() -> None:
    found = shown(tried())

    assert found["For whom, and what for"] == "not reported"
    assert "Others: not reported" in found["Not for"]


def test_the_team_s_purpose_and_unit_are_used() -> None:
    about = {"purpose": words("여성", "Women"), "time_unit": words("일", "days")}
    found = shown(tried(), about)

    assert found["For whom, and what for"] == "Women"
    assert "days" in found["What it foretells"]


def test_an_outcome_without_a_name_is_the_event() -> None:
    assert "the event" in shown(replace(bare(), outcome=()))["What it foretells"]
    assert "'died'" in shown(bare())["What it foretells"]


def test_the_subgroup_with_the_largest_gap_is_named() -> None:
    groups = tried().evaluation.quality.groups
    worst = max(groups, key=lambda each: abs(each.predicted - each.observed))

    assert f"{worst.column} {worst.value} (" in shown(tried())["Subgroups"]
    assert shown(bare())["Subgroups"] == "not evaluated"


def test_refusals_of_the_trial_and_key_columns_are_told() -> None:
    found = shown(tried())

    assert f"{tried().evaluation.refused} refused" in found["When it refuses"]
    for limit in tried().limits:
        assert limit.column in found["What it must know"]


def test_a_column_that_knows_the_outcome_is_a_limit() -> None:
    hint = Hint(column="late", sentence=words("알림", "It tells"), is_outcome=True)

    assert "late: It tells" in shown(replace(bare(), hints=(hint,)))["Limits"]


def test_key_figures_say_on_whom_they_were_found() -> None:
    inside = [label.en for label, _ in key_figures(bare(), {})]
    outside = [label.en for label, _ in key_figures(tried(), {})]

    assert "Uno's C, out of fold" in inside
    assert "Uno's C, other patients" in outside
