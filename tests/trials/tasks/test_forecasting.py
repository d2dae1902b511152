"""Forecasting from the agency's series to the score."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import mean_absolute_error, mean_pinball_loss

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.trials.tasks import Forecasting

TASK = Forecasting()
OPTIONS = {"outcome": "y", "time": "at", "series": "site", "season": 4}
SHARES = {"open": 0.5, "develop": 0.1, "board": 0.2, "final": 0.2}
RNG = np.random.default_rng(51)


def panel(lengths: dict[str, int], *, start: dict[str, int] | None = None) -> pl.DataFrame:
    """Quarterly rhythm with noise; times are numbers."""
    tables = []
    for name, length in lengths.items():
        at = np.arange(length) + (start or {}).get(name, 0)
        y = 10 * (1 + len(tables)) * (1 + (at % 4)) + RNG.normal(0, 2, length)
        tables.append(pl.DataFrame({"site": [name] * length, "at": at, "y": y}))
    return pl.concat(tables).sample(fraction=1.0, shuffle=True, seed=1)


TABLE = panel({"가": 40, "나": 40})


def parts_of(table, **options):
    return TASK.split(
        table.drop("y"),
        table.select("y"),
        groups=options.pop("groups", None),
        shares=SHARES,
        rng=np.random.default_rng(0),
        options={**OPTIONS, **options},
    )


PARTS = parts_of(TABLE)
OPEN, FINAL = TABLE.filter(PARTS == 0), TABLE.filter(PARTS == 3)


def framed(table=OPEN, *, carried=("site", "at"), **options):
    return TASK.frame(table.drop("y"), table.select("y", *carried), options={**OPTIONS, **options})


FRAME = framed()


def score(metric, answers, *, frame=FRAME, table=FINAL, **options):
    return TASK.score(metric, table, answers, frame=frame, options={**OPTIONS, **options})


def predicted(name, *, frame=FRAME, asked=FINAL, **options):
    options = {**OPTIONS, **options}
    baselines = {each.name: each.predict for each in TASK.baselines(options=options)}
    return baselines[name](
        OPEN.drop("y"), OPEN.select("y"), asked.drop("y"), frame=frame, options=options
    )


def scale_by_hand(site: str) -> float:
    values = OPEN.filter(pl.col("site") == site).sort("at")["y"].to_numpy()
    return float(np.abs(values[4:] - values[:-4]).mean())


def test_every_sealed_case_lies_after_the_open_ones_and_final_last():
    for site in ("가", "나"):
        rows = TABLE["site"].to_numpy() == site
        at = TABLE["at"].to_numpy()
        for earlier in range(3):
            assert at[rows & (PARTS == earlier)].max() < at[rows & (PARTS == earlier + 1)].min()


def test_by_the_calendar_all_series_are_cut_at_the_same_times():
    table = panel({"가": 40, "나": 30}, start={"나": 10})
    parts, at = parts_of(table), table["at"].to_numpy()

    assert all(at[parts == e].max() < at[parts == e + 1].min() for e in range(3))


def test_by_series_each_keeps_the_shares():
    table = panel({"가": 40, "나": 20}, start={"나": 100})
    parts = parts_of(table, cut="series")

    for site, length in (("가", 40), ("나", 20)):
        mine = np.bincount(parts[table["site"].to_numpy() == site], minlength=4)
        assert mine.tolist() == [length // 2, length // 10, length // 5, length // 5]


def test_the_same_time_twice_and_groups_across_a_cut_are_refused():
    with pytest.raises(InputError, match="at a time that their series already has"):
        parts_of(pl.concat([TABLE, TABLE[:1]]))
    with pytest.raises(InputError, match="2 groups on both sides"):
        parts_of(TABLE, groups=TABLE["site"].to_numpy())
    assert (parts_of(TABLE, groups=TABLE["at"].to_numpy()) == PARTS).all()


def test_the_frame_fixes_scale_and_origin_from_the_open_past():
    assert FRAME["unit"] == "number"
    assert FRAME["step"] == 1.0
    for site in ("가", "나"):
        assert FRAME["series"][site] == {
            "origin": 19.0,
            "scale": pytest.approx(scale_by_hand(site)),
        }


def test_mase_divides_each_error_by_its_own_series_scale():
    answers = predicted("last_value")
    scales = np.array([scale_by_hand(site) for site in FINAL["site"]])
    errors = np.abs(FINAL["y"].to_numpy() - answers[:, 0])

    assert score("mase", answers) == pytest.approx((errors / scales).mean())
    assert score("rmsse", answers) == pytest.approx(((errors / scales) ** 2).mean() ** 0.5)
    assert score("mae", answers) == pytest.approx(mean_absolute_error(FINAL["y"], answers[:, 0]))


def test_where_the_series_is_not_carried_the_mean_scale_serves_all():
    frame = framed(carried=())
    answers = predicted("last_value")
    pooled = (scale_by_hand("가") + scale_by_hand("나")) / 2

    assert score("mase", answers, frame=frame, table=FINAL.select("y")) == pytest.approx(
        score("mae", answers) / pooled
    )


def test_perfect_forecasts_score_zero():
    perfect = FINAL["y"].to_numpy()[:, None]

    assert [score(name, perfect) for name in ("mase", "mae", "rmsse")] == [0.0, 0.0, 0.0]


def test_the_baselines_say_what_their_names_say():
    """Two steps of each rule, by hand from the open past of one series."""
    past = OPEN.filter(pl.col("site") == "가").sort("at")["y"].to_numpy()
    asked = pl.DataFrame({"site": ["가"] * 3, "at": [20, 21, 24], "y": [0.0] * 3})
    slope = (past[-1] - past[0]) / 19

    assert predicted("last_value", asked=asked)[:, 0].tolist() == [past[-1]] * 3
    assert predicted("season_earlier", asked=asked)[:, 0].tolist() == [
        past[-4],
        past[-3],
        past[-4],
    ]
    np.testing.assert_allclose(
        predicted("drift", asked=asked)[:, 0], past[-1] + slope * np.array([1, 2, 5])
    )


def test_without_a_season_one_season_earlier_is_the_last_value():
    options = {key: value for key, value in OPTIONS.items() if key != "season"}
    frame = TASK.frame(OPEN.drop("y"), OPEN, options=options)
    one, other = (
        each.predict(OPEN.drop("y"), OPEN, FINAL.drop("y"), frame=frame, options=options)
        for each in TASK.baselines(options=options)[:2]
    )

    np.testing.assert_array_equal(one, other)


def test_a_gap_in_the_past_is_bridged_by_the_last_value():
    gapped = OPEN.filter(pl.col("at") != 16)
    past = gapped.filter(pl.col("site") == "가").sort("at")["y"].to_numpy()
    asked = pl.DataFrame({"site": ["가"], "at": [20]})
    answer = TASK.baselines(options=OPTIONS)[1].predict(
        gapped.drop("y"), gapped, asked, frame=framed(gapped), options=OPTIONS
    )

    assert answer.tolist() == [[past[-1]]]


def test_months_are_steps_whatever_their_length():
    months = [f"{2020 + at // 12}-{at % 12 + 1:02d}" for at in range(36)]
    table = pl.DataFrame({"at": months, "y": np.arange(36.0) % 12})
    options = {"outcome": "y", "time": "at", "season": 12}
    frame = TASK.frame(table[:24].drop("y"), table[:24], options={**options, "season": 1})
    answers = TASK.baselines(options=options)[1].predict(
        table[:24].drop("y"), table[:24], table[24:].drop("y"), frame=frame, options=options
    )

    assert (frame["unit"], frame["step"]) == ("month", 1.0)
    assert answers[:, 0].tolist() == list(range(12))


def test_quantiles_are_scored_raw_and_scaled():
    levels = [0.1, 0.9]
    answers = predicted("season_earlier", quantiles=levels)
    judge = np.mean(
        [mean_pinball_loss(FINAL["y"], answers[:, 1 + at], alpha=q) for at, q in enumerate(levels)]
    )

    assert answers.shape == (FINAL.height, 3)
    assert score("pinball_loss", answers, quantiles=levels) == pytest.approx(judge)
    alone = FINAL["site"].to_numpy() == "가"
    assert score(
        "scaled_pinball_loss", answers[alone], table=FINAL.filter(alone), quantiles=levels
    ) == pytest.approx(
        score("pinball_loss", answers[alone], table=FINAL.filter(alone), quantiles=levels)
        / scale_by_hand("가")
    )


def test_horizons_score_their_steps_alone():
    horizons = [[13, 14], [15, 20], [90, 99]]
    answers = predicted("last_value")
    steps = FINAL["at"].to_numpy() - 19
    near = (steps >= 13) & (steps <= 14)

    assert near.any()
    assert score("mase_13_14", answers, horizons=horizons) == pytest.approx(
        score("mase", answers[near], table=FINAL.filter(near))
    )
    assert score("mae_13_14", answers, horizons=horizons) == pytest.approx(
        score("mae", answers[near], table=FINAL.filter(near))
    )
    assert math.isnan(score("mase_90_99", answers, horizons=horizons))


def test_days_are_steps_whatever_their_seconds():
    """From the fourth of January on every day costs one more: step s ahead is off by s."""
    days = [f"2025-01-{day:02d}" for day in range(1, 11)]
    values = [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    table = pl.DataFrame({"at": days, "y": values})
    options = {"outcome": "y", "time": "at", "horizons": [[1, 1], [5, 6]]}
    frame = TASK.frame(table[:4].drop("y"), table[:4], options=options)
    last = np.ones((6, 1))

    assert (frame["unit"], frame["step"], frame["series"][""]["scale"]) == ("second", 86400.0, 1.0)
    for metric, by_hand in (("mae_1_1", 1.0), ("mase_5_6", 5.5)):
        assert TASK.score(metric, table[4:], last, frame=frame, options=options) == by_hand


def test_the_baselines_quantiles_are_those_of_the_pasts_seasonal_changes():
    answers = predicted("season_earlier", quantiles=[0.1, 0.9])
    for site in ("가", "나"):
        past = OPEN.filter(pl.col("site") == site).sort("at")["y"].to_numpy()
        mine = answers[FINAL["site"].to_numpy() == site]
        low, high = np.quantile(past[4:] - past[:-4], [0.1, 0.9])

        np.testing.assert_allclose(mine[:, 1] - mine[:, 0], low)
        np.testing.assert_allclose(mine[:, 2] - mine[:, 0], high)


def test_horizons_need_the_time_and_the_right_order():
    with pytest.raises(InputError, match="carry no time"):
        framed(carried=("site",), horizons=[[1, 2]])
    with pytest.raises(InputError, match="reversed"):
        framed(horizons=[[2, 1]])


def test_a_series_that_gives_no_scale_or_has_no_past_is_refused():
    flat = OPEN.with_columns(y=pl.when(pl.col("site") == "가").then(1.0).otherwise("y"))
    short = OPEN.filter((pl.col("site") != "가") | (pl.col("at") < 4))
    for broken in (flat, short):
        with pytest.raises(InputError, match="1 series whose open past gives no scale"):
            framed(broken)
    stranger = FINAL.with_columns(site=pl.lit("다"))
    with pytest.raises(InputError, match="1 series without an open past"):
        score("mase", np.zeros((FINAL.height, 1)), table=stranger)


@pytest.mark.parametrize(
    ("inputs", "outcomes"),
    [
        ((Column(name="site", kind="text"),), (Column(name="y", kind="number"),)),
        (
            (Column(name="site", kind="number"), Column(name="at", kind="number")),
            (Column(name="y", kind="number"),),
        ),
        (
            (Column(name="site", kind="text"), Column(name="at", kind="boolean")),
            (Column(name="y", kind="number"),),
        ),
        (
            (Column(name="site", kind="text"), Column(name="at", kind="text")),
            (Column(name="y", kind="text"),),
        ),
    ],
)
def test_columns_that_make_no_series_are_refused(inputs, outcomes):
    with pytest.raises(InputError):
        TASK.check(inputs, outcomes, options=OPTIONS)


@pytest.mark.parametrize("values", [[1.0, 1.0], [1.0, None], [1.0, float("nan")], []])
def test_outcomes_that_are_nothing_to_forecast_are_refused(values):
    with pytest.raises(InputError):
        TASK.check_outcomes(pl.DataFrame({"y": values}), options=OPTIONS)


def with_column(values) -> tuple[str, ...]:
    table = TABLE.sort("site", "at").with_columns(x=pl.Series(values))
    leaks = TASK.leaks(table.drop("y"), table.select("y"), options=OPTIONS)
    return tuple(leak.column for leak in leaks)


def test_columns_that_know_the_future_are_flagged():
    y = TABLE.sort("site", "at")["y"].to_numpy()

    assert with_column(y) == ("x",)
    assert with_column(np.exp(y / 20)) == ("x",)
    assert with_column(y * 3 + RNG.normal(0, 0.1, len(y))) == ("x",)
    for steps in (-5, -1, 1, 7):
        assert with_column(np.roll(y, steps)) == ("x",), steps


def test_weather_calendars_and_trends_raise_no_alarm():
    at = TABLE.sort("site", "at")["at"].to_numpy()

    assert with_column(RNG.normal(size=80)) == ()
    assert with_column(at % 4 + 0.0) == ()
    assert with_column(at * 1.0) == ()
    assert with_column(["맑음", "비"] * 40) == ()


def columns_flagged(**columns) -> list[str]:
    table = pl.DataFrame({"at": np.arange(600), **columns})
    options = {"outcome": "y", "time": "at"}
    leaks = TASK.leaks(table.drop("y"), table.select("y"), options=options)
    return [leak.column for leak in leaks]


def test_counts_full_of_zeros_raise_no_alarm():
    rng = np.random.default_rng(3)
    y, x = ((rng.random(600) < 0.05) * rng.integers(1, 9, 600).astype(float) for _ in range(2))

    assert (y != 0).sum() > 20
    assert columns_flagged(y=y, x=x) == []


def test_two_meters_that_only_rise_raise_no_alarm():
    rng = np.random.default_rng(4)
    y, x = (np.cumsum(rng.exponential(size=600)) for _ in range(2))

    assert columns_flagged(y=y, x=x) == []
    assert columns_flagged(y=y, x=x, copy=y * 2) == ["copy"]
