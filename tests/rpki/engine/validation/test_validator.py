"""What remembers judges as what remembers nothing: after every step of a random history."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.rpki.engine.payloads import change
from madang.rpki.engine.validation.policy import PROFILE_2026
from madang.rpki.engine.validation.validator import Validator
from tests.rpki.engine.validation.histories import START, World

if TYPE_CHECKING:
    from madang.rpki.engine.validation.outcome import Outcome

STEP = st.tuples(st.integers(0, 13), st.integers(0, 3), st.integers(0, 5_000))


def follow(steps: list[tuple[int, int, int]]) -> int:
    """Live through a history; how many points were judged less than a forgetful one would."""
    world, spared = World(), 0
    validator = Validator(world.store, [world.tal], PROFILE_2026)
    before: Outcome | None = None
    for step in [(11, 0, 0), *steps]:
        world.change(*step)
        apart = world.store.copy()
        warm = validator.run(world.at)
        cold = Validator(apart, [world.tal], PROFILE_2026).run(world.at)

        assert warm.visits == cold.visits
        assert warm.payloads == cold.payloads
        assert list(warm.refused()) == list(cold.refused())
        assert (warm.turned, warm.anchors) == (cold.turned, cold.anchors)
        assert world.store.kept() == apart.kept()
        if before:
            assert warm.change == change(before.payloads, warm.payloads)
        before = warm
        spared += cold.judged - warm.judged
    return spared


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=2, max_size=8))
def test_a_history_is_judged_as_if_each_moment_were_the_first(
    steps: list[tuple[int, int, int]],
) -> None:
    follow(steps)


def _seeded(seed: int) -> list[tuple[int, int, int]]:
    rng = random.Random(seed)
    return [
        (rng.randrange(14), rng.randrange(4), rng.randrange(5_000))
        for _ in range(rng.randrange(3, 9))
    ]


def test_a_hundred_seeded_histories_are_judged_alike_and_spare_work() -> None:
    spared = [follow(_seeded(seed)) for seed in range(100)]

    assert sum(each > 0 for each in spared) > 90


@pytest.mark.slow
def test_a_thousand_seeded_histories_are_judged_alike() -> None:
    for seed in range(1_000, 2_000):
        follow(_seeded(seed))


def test_an_unchanged_world_is_not_judged_again() -> None:
    world = World()
    validator = Validator(world.store, [world.tal], PROFILE_2026)
    # The first run keeps what was found whole, and the second has seen that it did.
    for _ in range(2):
        validator.run(world.at)
    third = validator.run(world.at + 1)

    assert third.judged == 0
    assert len(third.payloads) > 0
    assert (third.come, third.gone, len(third.change)) == ((), (), 0)


def test_a_clock_before_every_object_believes_nothing_and_comes_back() -> None:
    world = World()
    validator = Validator(world.store, [world.tal], PROFILE_2026)
    now = validator.run(world.at)
    early = validator.run(START - 1)
    again = validator.run(world.at)

    assert len(early.payloads) == 0
    assert early.change.withdrawn == now.payloads
    assert again.payloads == now.payloads
    assert again.change.announced == now.payloads


def test_a_point_that_vanishes_speaks_on_from_what_was_last_good() -> None:
    world = World()
    validator = Validator(world.store, [world.tal], PROFILE_2026)
    now = validator.run(world.at)
    world.change(8, 1, 0)
    after = validator.run(world.at)

    assert after.payloads == now.payloads
    assert [fault.code for _, fault in after.refused()] == ["point-missing"]
    assert [v.verdict.from_last_good for v in after.visits] == [False, True, False, False]


def test_two_aspas_of_one_customer_become_one() -> None:
    world = World()
    found = Validator(world.store, [world.tal], PROFILE_2026).run(world.at)

    customers = [aspa.customer for aspa in found.payloads.aspas]
    assert len(customers) == len(set(customers)) == 2
    assert {aspa.providers for aspa in found.payloads.aspas} == {(5, 6)}


def test_what_inherits_is_judged_anew_when_its_parent_is_given_less() -> None:
    world = World()
    validator = Validator(world.store, [world.tal], PROFILE_2026)
    validator.run(world.at)
    names = sorted(world.members[0].pool)
    world.change(0, 0, 7 * 15 + next(c for c in range(7) if names[(105 + c) % 2] == "one.cer"))
    apart = world.store.copy()
    warm = validator.run(world.at)
    cold = Validator(apart, [world.tal], PROFILE_2026).run(world.at)

    assert ("rsync://localhost/repo/below/a.roa", "overclaim") in [
        (uri, fault.code) for uri, fault in warm.refused()
    ]
    assert warm.visits == cold.visits
