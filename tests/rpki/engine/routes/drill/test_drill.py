from __future__ import annotations

import json

import pytest

from madang.kernel.words import speaking
from madang.rpki.engine.routes.drill.drill import Drill, Shares, drill, told
from madang.rpki.engine.routes.drill.scenes import SCENES, Adoption, Roles, play
from madang.rpki.engine.routes.drill.topology import drawn
from tests.rpki.engine.routes.drill.test_propagation import small

NOBODY = Adoption(frozenset(), frozenset(), frozenset(), authorised=True)
CAST = Roles(victim=3, attacker=6, leaker=5)
ALL = frozenset(range(1, 7))
FULL = Adoption(ALL, ALL, ALL, authorised=True)


@pytest.fixture(scope="module")
def found() -> Drill:
    return drill(drawn(3, count=200), seed=3, trials=3)


def test_without_validation_a_part_is_taken_everywhere() -> None:
    """Longest match: whoever hears of the part sends its traffic there."""
    assert play("sub-prefix", small(), CAST, NOBODY).taken == {1, 2, 4}


def test_without_validation_a_hijack_takes_those_who_hear_it_first() -> None:
    """4 hears the attacker as its customer; 1 has a shorter way to the victim."""
    outcome = play("hijack", small(), CAST, NOBODY)

    assert (outcome.taken, outcome.safe) == ({4}, {1, 2})


@pytest.mark.parametrize("scene", ["hijack", "sub-prefix", "forged-origin", "leak"])
def test_full_validation_saves_everybody(scene: str) -> None:
    outcome = play(scene, small(), CAST, FULL)

    assert (outcome.taken, outcome.cut) == (frozenset(), frozenset())


def test_a_forged_origin_passes_those_who_only_validate_origins() -> None:
    origins_only = Adoption(ALL, frozenset(), frozenset(), authorised=True)

    assert play("forged-origin", small(), CAST, origins_only).taken == {4}


def test_a_leak_draws_traffic_through_the_leaker() -> None:
    """5 tells its provider 2 what its peer 3 told it; 2 prefers a customer to its peer 1."""
    outcome = play("leak", small(), CAST, NOBODY)

    assert (outcome.taken, outcome.safe) == ({2}, {1, 4})


def test_lost_validators_let_everything_pass() -> None:
    assert play("validator-lost", small(), CAST, FULL) == play("sub-prefix", small(), CAST, NOBODY)


def test_expired_payloads_let_a_hijack_pass_and_cut_who_has_a_foreign_one_around() -> None:
    assert play("point-silent", small(), CAST, FULL) == play("hijack", small(), CAST, NOBODY)
    assert play("point-silent-own", small(), CAST, FULL).cut == {1, 2, 4}
    assert play("point-silent-own", small(), CAST, NOBODY).safe == {1, 2, 4}


def test_the_same_seed_gives_the_same_result(found: Drill) -> None:
    assert drill(drawn(3, count=200), seed=3, trials=3) == found
    assert drill(drawn(3, count=200), seed=4, trials=3) != found


def test_shares_add_up_and_full_validation_is_never_worse(found: Drill) -> None:
    for line in found.lines:
        assert sum(line.now) == pytest.approx(1)
        assert sum(line.full) == pytest.approx(1)
    by_scene = {line.scene: line for line in found.lines}
    for scene in ("hijack", "sub-prefix", "forged-origin", "leak"):
        assert by_scene[scene].full[1] <= by_scene[scene].now[1]
        assert by_scene[scene].full[1] == 0
    assert by_scene["sub-prefix"].now[1] > 0


def test_saved_are_those_whom_full_validation_helps_in_every_trial(found: Drill) -> None:
    by_scene = {line.scene: line for line in found.lines}

    assert by_scene["validator-lost"].saved == ()
    assert by_scene["sub-prefix"].saved


def test_more_validation_saves_more() -> None:
    topology = drawn(3, count=200)

    taken = [
        drill(topology, seed=3, trials=3, shares=Shares(validating=share)).lines[1].now[1]
        for share in (0.0, 0.3, 1.0)
    ]

    assert taken[0] > taken[1] > taken[2] == 0


def test_tells_people_and_programs(found: Drill) -> None:
    with speaking("en"):
        lines = str(told(found)).splitlines()

    assert lines[0] == "200 ASes, 3 trials a scene, seed 3"
    assert len(lines) == 1 + len(SCENES)
    plain = json.loads(json.dumps(found.plain()))
    assert [each["scene"] for each in plain["scenes"]] == list(SCENES)
    assert plain["scenes"][0]["first_trial"]["victim"]
