"""Workers and database may be killed at any moment: every run ends, and is remembered, once."""

from __future__ import annotations

import pytest

from bench.site_storm import Storm, storm
from bench.sites import site


@pytest.mark.parametrize(
    "kind", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)]
)
def test_every_run_ends_once_whoever_is_killed(kind: str) -> None:
    restarts = 1 if kind == "PostgreSQL" else 0
    with site(kind) as made:
        seen = storm(made, Storm(runs=60, blows=6, seed=3, restarts=restarts, deadline_s=120))

    assert seen.ended == seen.runs == 60
    assert sum(seen.blows.values()) >= 3
    assert seen.blows.get("restart", 0) == restarts
    assert (seen.untyped, seen.unknown, seen.unsettled) == (0, 0, 0)
    assert seen.most_ends == 1
    assert seen.settled == (1, 1)
    assert seen.log_verifies
    assert seen.is_clean
