"""Workers and scorers may be killed at any moment: every run ends, once, and costs nobody else."""

from __future__ import annotations

import pytest

from bench.trial_storm import Plan, storm_apart

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
