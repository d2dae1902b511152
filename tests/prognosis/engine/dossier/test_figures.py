"""Figures are written with their interval, their unit, or "not reported"."""

from __future__ import annotations

import pytest

from madang.kernel.words import words
from madang.prognosis.engine.dossier.figures import listed, most_missing, seen, when, written
from madang.prognosis.engine.dossier.record import Column, Patients, Score


def test_a_score_is_written_with_its_interval_if_it_has_one() -> None:
    assert written(Score(name="ibs", value=0.1723)).en == "0.172"
    assert (
        written(Score(name="ibs", value=0.1723, low=0.15, high=0.19)).ko == "0.172 (0.150–0.190)"
    )
    assert written(None).en == "not reported"


def test_a_time_carries_the_team_s_unit() -> None:
    assert when(1825.0, {"time_unit": words("일", "days")}).ko == "1,825일"
    assert when(1825.0, {"time_unit": words("일", "days")}).en == "1,825 days"
    assert when(1825.0, {}).en == "1,825"
    assert when(None, {}).en == "not known"


@pytest.mark.parametrize(
    ("shares", "most"), [((0.1, 0.3), 0.3), ((0.1, None), None), ((), None), ((0.0,), 0.0)]
)
def test_the_most_gaps_are_known_only_if_all_columns_were_counted(shares, most) -> None:
    columns = tuple(Column(name=str(share), kind="number", missing=share) for share in shares)

    assert most_missing(Patients(patients=9, events=(1,), columns=columns)) == most


def test_what_was_seen_of_a_column_is_told_or_not_reported() -> None:
    level = Column(name="a", kind="category", levels=(("I", 40),), pooled=(3, 12))

    assert seen(level).en == "I 40, 3 levels pooled 12"
    assert seen(Column(name="a", kind="number", quartiles=(1.0, 2.0, 4.0))).en == "2 (1–4)"
    assert seen(Column(name="a", kind="number")).en == "not reported"


def test_long_lists_are_cut_and_say_so() -> None:
    assert listed(["a", "b", "c"], 2).en == "a, b and 1 more"
    assert listed(["a", "b"], 2).ko == "a, b"
