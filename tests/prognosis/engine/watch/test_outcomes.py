"""A model that holds is rarely doubted however often one looks; one that does not is found."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.watch.outcomes import Level, Slope, accrued

ALPHA = 0.05


def alarms(rate: float, *, runs: int = 400, looks: int = 250) -> tuple[float, list[int]]:
    """Share of runs in which the level is refuted, and after how many events."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(runs):
        level = Level()
        for _ in range(looks):
            hazard = rng.gamma(2.0, 0.15)
            level = Level(
                observed=level.observed + int(rng.poisson(rate * hazard)),
                expected=level.expected + hazard,
            )
            if level.log_evidence() >= -np.log(ALPHA):
                found.append(level.observed)
                break
    return len(found) / runs, found


def test_a_level_that_holds_is_refuted_at_most_as_often_as_said() -> None:
    share, _ = alarms(1.0)

    # Three standard errors of 400 runs above 5 %.
    assert share <= ALPHA + 3 * (ALPHA * (1 - ALPHA) / 400) ** 0.5


@pytest.mark.parametrize(("rate", "most"), [(2.0, 40), (1.5, 110), (0.5, 40)])
def test_another_level_is_found_soon(rate: float, most: int) -> None:
    share, events = alarms(rate, looks=600)

    assert share >= 0.95
    assert np.median(events) <= most


def test_the_interval_holds_the_truth_at_all_times() -> None:
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(200):
        level = Level()
        outside = False
        for _ in range(40):
            hazard = rng.gamma(2.0, 0.5, size=1)
            happened = rng.random(1) < 1 - np.exp(-1.3 * hazard)
            # At most one event a patient: the hazard ends with it.
            time = np.where(happened, rng.random(1) * hazard, hazard)
            level = level.seen(happened.astype(float), time)
            low, high = level.interval(ALPHA)
            assert low <= level.ratio <= high or level.observed == 0
            outside |= not low <= 1.3 <= high
        missed += outside
    assert missed / 200 <= ALPHA + 0.05


def test_the_interval_is_where_the_evidence_reaches_its_limit() -> None:
    level = Level(observed=30, expected=20.0)
    for alpha in (0.2, 0.05, 0.001):
        low, high = level.interval(alpha)
        for edge in (low, high):
            assert level.log_evidence(edge) == pytest.approx(-np.log(alpha), abs=1e-6)
    assert Level().interval(0.05) == (0.0, float("inf"))
    assert Level(observed=0, expected=0.5).interval(0.05)[0] == 0.0


def test_evidence_is_a_mixture_of_bets() -> None:
    level = Level(observed=7, expected=3.5)
    rates = np.random.default_rng(0).gamma(4.0, 1 / 4.0, size=2_000_000)
    bets = rates**7 * np.exp(-(rates - 1) * 3.5)

    assert np.exp(level.log_evidence()) == pytest.approx(bets.mean(), rel=0.01)


def slopes(factor: float, runs: int = 300) -> tuple[float, float]:
    """Share of runs in which the slope is refuted, and mean of the likeliest bet."""
    rng = np.random.default_rng(8)
    refuted, likeliest = 0, []
    for _ in range(runs):
        slope = Slope(centre=0.0)
        for _ in range(20):
            risk = rng.normal(0, 1, size=25)
            hazard = 0.3 * np.exp(risk)
            watched = rng.exponential(1.0, size=25)
            dies = rng.exponential(1 / (0.3 * np.exp(factor * risk)))
            time = np.minimum(watched, dies)
            slope = slope.seen((dies <= watched).astype(float), hazard * time, risk)
            if slope.log_evidence >= -np.log(ALPHA):
                refuted += 1
                break
        likeliest.append(slope.likeliest)
    return refuted / runs, float(np.mean(likeliest))


def test_a_slope_that_holds_is_rarely_refuted() -> None:
    assert slopes(1.0)[0] <= ALPHA + 3 * (ALPHA * (1 - ALPHA) / 300) ** 0.5


@pytest.mark.parametrize(("factor", "sign"), [(0.5, -1), (1.6, 1)])
def test_risks_too_far_apart_or_too_near_are_found(factor: float, sign: int) -> None:
    share, likeliest = slopes(factor)

    assert share >= 0.9
    assert np.sign(likeliest) == sign


def patients(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When they entered, when they left and whether by the event, at a hazard of 0.2 a year."""
    entered = rng.uniform(0, 3, size=400)
    dies = entered + rng.exponential(5.0, size=400)
    left = np.minimum(dies, entered + 5)
    return entered, left, dies <= entered + 5


def test_a_period_takes_everybody_under_watch() -> None:
    def cumulative(place: np.ndarray, time: np.ndarray) -> np.ndarray:
        return 0.2 * time * (1 + place)

    found = accrued(
        [0.0, 1.0, 3.0, 0.0],
        [np.inf, 1.5, 9.0, 1.0],
        [False, True, False, True],
        cumulative,
        since=1.0,
        until=2.0,
    )

    # The third comes later, the fourth left at the very begin, which is the period before.
    assert found.place.tolist() == [0, 1]
    assert found.observed.tolist() == [0.0, 1.0]
    assert found.expected.tolist() == pytest.approx([0.2, 0.2 * 0.5 * 2])


def test_by_the_calendar_there_is_no_false_alarm_but_by_ended_courses_there_is() -> None:
    rng = np.random.default_rng(2)
    calendar = ended = 0
    for _ in range(100):
        entered, left, event = patients(rng)
        right, wrong = Level(), Level()
        flags = [False, False]
        for until in np.arange(0.25, 8.01, 0.25):
            found = accrued(
                entered, left, event, lambda _, time: 0.2 * time, since=until - 0.25, until=until
            )
            right = right.seen(found.observed, found.expected)
            over = (left > until - 0.25) & (left <= until)
            wrong = wrong.seen(event[over].astype(float), 0.2 * (left - entered)[over])
            flags[0] |= right.log_evidence() >= -np.log(ALPHA)
            flags[1] |= wrong.log_evidence() >= -np.log(ALPHA)
        calendar += flags[0]
        ended += flags[1]

    assert calendar <= 12
    assert ended >= 95


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ([2], [0.1]),
        ([1], [-0.1]),
        ([1], [np.nan]),
        ([1, 0], [0.1]),
        ([0.5], [0.1]),
        ([0], [np.inf]),
    ],
)
def test_what_cannot_be_is_refused(observed: list[float], expected: list[float]) -> None:
    with pytest.raises(InputError, match="outcomes or expectations"):
        Level().seen(observed, expected)
    with pytest.raises(InputError):
        Slope(centre=0.0).seen(observed, expected, [0.0] * len(observed))
