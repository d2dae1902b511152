"""Workers and scorers may be killed at any moment: every run ends, once, and costs nobody else."""

from __future__ import annotations

import pytest

from bench.trial_storm import Plan, storm_apart
from madang.kernel.jobs.errors import Fenced
from madang.kernel.jobs.worker import Claimed
from madang.trials.engine.board import Ledger
from tests.trials.acts import hand_in, register_line, runs_by_name

pytestmark = pytest.mark.bwrap


def test_every_run_ends_once_though_a_worker_and_a_scorer_are_killed():
    seen = storm_apart(Plan(good=25, python=3, crasher=2, blows=3, seed=2, deadline_s=120))

    assert seen.blows == {"worker": 2, "scorer": 1}
    assert seen.ended == seen.runs == 30
    assert seen.as_expected + seen.platform == seen.runs
    assert seen.unknown == 0
    assert seen.most_ends == 1
    assert seen.stale_tokens == 0
    assert seen.releases_off == seen.statements_off == 0
    assert seen.quota_off == 0
    assert seen.log_verifies
    assert seen.left_processes == ()
    assert seen.left_groups == 0
    assert seen.defects == 0
    assert seen.is_clean


def test_a_worker_lost_between_its_release_and_its_report_is_not_released_twice(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    queue = office.proceedings.runs

    lost = queue.claim("lost", lease_s=0.001)
    first = office.runner.execute(Claimed(lost)).result
    taken_over = queue.claim("second", lease_s=60)
    second = office.runner.execute(Claimed(taken_over)).result
    queue.finish(taken_over, second)

    (release,) = Ledger(office.workspace).releases(demand)
    assert first["release"] == second["release"] == release.facts
    assert first["answers"] == second["answers"] == release.answers
    with pytest.raises(Fenced):
        queue.finish(lost, first)
    assert runs_by_name(office, demand)["good"].token == 2
    assert office.proceedings.used(demand, "firm_good") == 1
