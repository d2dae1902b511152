"""One clock in UTC that a test may stop."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from madang.kernel import clock

MOMENT = datetime(2026, 11, 22, 9, 0, 0, 987654, tzinfo=UTC)
SEOUL = timezone(timedelta(hours=9))


def test_the_clock_runs_with_the_machine_and_in_utc() -> None:
    before = time.time()
    moment, seconds = clock.now(), clock.epoch_s()
    after = time.time()

    assert before <= moment.timestamp() <= after
    assert before <= seconds <= after
    assert moment.utcoffset() == timedelta(0)


def test_a_stopped_clock_stands_still_for_everything_that_asks() -> None:
    with clock.stopped_at(MOMENT):
        assert clock.now() == MOMENT
        assert clock.epoch_s() == MOMENT.timestamp()
        assert clock.stamp() == "2026-11-22T09:00:00Z"
    assert clock.now() != MOMENT


def test_a_clock_stops_within_a_stopped_one() -> None:
    with clock.stopped_at(MOMENT):
        with clock.stopped_at(MOMENT + timedelta(days=1)):
            assert clock.now() == MOMENT + timedelta(days=1)
        assert clock.now() == MOMENT


def test_other_threads_keep_the_time() -> None:
    seen: list[datetime] = []

    with clock.stopped_at(MOMENT - timedelta(days=3650)):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()

    assert seen[0].year > 2016


def test_a_stamp_is_utc_whatever_the_moment_came_in() -> None:
    assert clock.stamp(MOMENT.astimezone(SEOUL)) == "2026-11-22T09:00:00Z"


def test_a_stamp_is_read_back_to_the_second() -> None:
    assert clock.read_stamp(clock.stamp(MOMENT)) == MOMENT.replace(microsecond=0)


def test_a_stamp_from_elsewhere_may_carry_its_own_offset() -> None:
    assert clock.read_stamp("2026-11-22T18:00:00+09:00") == MOMENT.replace(microsecond=0)


@pytest.mark.parametrize("text", ["2026-11-22T09:00:00", "yesterday", ""])
def test_a_time_that_could_mean_several_moments_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        clock.read_stamp(text)


def test_a_moment_without_offset_is_refused_rather_than_taken_for_local_time() -> None:
    naive = MOMENT.replace(tzinfo=None)

    with pytest.raises(ValueError):
        clock.stamp(naive)
    with pytest.raises(ValueError), clock.stopped_at(naive):
        pass


def test_a_clock_that_goes_ahead_is_set_right_again() -> None:
    before, before_s = clock.now(), clock.epoch_s()
    clock.go_ahead(2)
    try:
        ahead, ahead_s = clock.now() - before, clock.epoch_s() - before_s
    finally:
        clock.go_ahead(0)

    assert timedelta(days=2) <= ahead < timedelta(days=2, minutes=1)
    assert 2 * 86_400 <= ahead_s < 2 * 86_400 + 60
    assert clock.now() - before < timedelta(minutes=1)
