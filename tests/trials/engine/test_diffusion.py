"""Agencies confirm by the same protocol, and the next one hears what is known and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scipy import stats

from madang.kernel.stats.pooling import pool
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.diffusion import Confirmation, Diffusion, Protocol
from madang.trials.engine.errors import ProtocolDiffers
from madang.trials.engine.outlook import STANDINGS, USEFUL_FROM, outlook
from tests.trials.engine.test_demand import CLASSIFICATION

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PROTOCOL = Protocol(
    task="trials.classification",
    task_version=2,
    options={"outcome": "y"},
    columns=("age: number", "y: category"),
    frame={"classes": ["no", "yes"]},
    metric="brier",
    baseline="prevalence",
    rule="superiority",
    margin=0.01,
    solution="5" * 64,
    environment="e" * 64,
)


def confirmation(agency: str, difference: float, error: float = 0.01) -> Confirmation:
    """A result; below 0 is better than the baseline."""
    return Confirmation(
        agency=agency, cases=500, difference=difference, standard_error=error, at=NOW
    )


def diffusion(*differences: float, error: float = 0.01, **more) -> Diffusion:
    """The first agency `a0`, then `a1` and so on."""
    found = Diffusion(protocol=PROTOCOL, origin="a0", **more)
    for number, difference in enumerate(differences):
        found = found.confirm(confirmation(f"a{number}", difference, error), PROTOCOL)
    return found


class TestProtocol:
    @pytest.mark.parametrize(
        ("changed", "title"),
        [
            ({"task": "trials.regression"}, "the task"),
            ({"task_version": 3}, "the version of the task"),
            ({"options": {"outcome": "z"}}, "the task's options"),
            ({"columns": ("age: integer", "y: category")}, "the columns of the data"),
            ({"frame": {"classes": ["yes", "no"]}}, "the frame"),
            ({"metric": "auc"}, "the metric"),
            ({"baseline": "other"}, "the baseline"),
            ({"rule": "non_inferiority"}, "the decision rule"),
            ({"margin": 0.0}, "the margin"),
            ({"solution": "6" * 64}, "the digest of the solution"),
            ({"environment": "f" * 64}, "the runtime"),
        ],
    )
    def test_whatever_differs_is_refused_by_its_name(self, changed, title):
        with pytest.raises(ProtocolDiffers, match=title):
            diffusion().confirm(confirmation("a1", -0.1), replace(PROTOCOL, **changed))

    def test_no_part_of_it_goes_unchecked(self):
        for name, value in PROTOCOL.plain().items():
            other = PROTOCOL.plain() | {name: _another(name, value)}
            with pytest.raises(ProtocolDiffers):
                PROTOCOL.require_same(Protocol.from_plain(other))

    def test_the_same_is_the_same_after_a_row(self):
        PROTOCOL.require_same(Protocol.from_plain(PROTOCOL.plain()))

    def test_it_is_read_from_a_demand(self):
        demand = read_demand(CLASSIFICATION.encode())
        protocol = Protocol.of(demand, frame={"grid": [1.0]}, solution="5" * 64)

        assert protocol.columns == (
            "나이: number, 세",
            "가입: category, yes|no",
            "결과: category, on|off",
        )
        assert (protocol.metric, protocol.baseline) == ("log_loss", "class_shares")
        assert Protocol.from_plain(protocol.plain()) == protocol

    def test_the_bound_is_that_of_the_rule(self):
        assert PROTOCOL.bound == -0.01
        assert replace(PROTOCOL, rule="non_inferiority").bound == 0.01


def _another(name, value):
    if name == "rule":
        return "non_inferiority"
    if isinstance(value, dict):
        return {**value, "more": 1}
    return [*value, "x: text"] if isinstance(value, list) else value * 2


class TestConfirming:
    def test_an_agency_confirms_once(self):
        with pytest.raises(ProtocolDiffers, match="second result of 'a1'"):
            diffusion(0, -0.1).confirm(confirmation("a1", -0.2), PROTOCOL)

    @pytest.mark.parametrize(("cases", "error"), [(0, 0.1), (10, 0.0), (10, -1.0)])
    def test_a_result_has_cases_and_an_error(self, cases, error):
        with pytest.raises(ProtocolDiffers):
            Confirmation(agency="a", cases=cases, difference=0.0, standard_error=error, at=NOW)

    def test_it_is_read_from_a_comparison(self):
        row = {"difference": -0.02, "standard_error": 0.004, "low": -0.03, "high": -0.01}

        assert Confirmation.of(row, agency="a1", cases=500, at=NOW) == confirmation(
            "a1", -0.02, 0.004
        )

    def test_it_comes_back_from_a_row_as_it_was(self):
        found = diffusion(-0.05, -0.04, -0.06)

        assert Diffusion.from_plain(found.plain()) == found


class TestPooling:
    def test_the_agency_that_chose_the_solution_is_shown_and_not_pooled(self):
        found = diffusion(-0.5, -0.04, -0.06)

        assert found.pooled().k == 2
        assert found.pooled().estimate == pytest.approx(-0.05)
        assert [row.share for row in found.rows()] == [None, 0.5, 0.5]

    def test_it_is_pooled_where_the_demand_said_so(self):
        assert diffusion(-0.5, -0.04, -0.06, pool_origin=True).pooled().k == 3

    def test_before_another_agency_there_is_nothing_to_pool(self):
        assert diffusion().pooled() is None
        assert diffusion(-0.05).pooled() is None
        assert diffusion(-0.05).rows()[0].share is None

    def test_rows_tell_improvements_with_each_agencys_own_interval(self):
        row = diffusion(0, -0.04).rows()[1]

        half = stats.norm.ppf(0.975) * 0.01
        assert (row.agency, row.cases, row.improvement) == ("a1", 500, 0.04)
        assert (row.low, row.high) == pytest.approx((0.04 - half, 0.04 + half))


class TestOutlook:
    @pytest.mark.parametrize(
        ("differences", "standing"),
        [
            ((), "too_few"),
            ((-0.5,), "too_few"),
            ((-0.5, -0.06), "too_few"),
            ((-0.5, -0.06, -0.06), "too_few"),
            ((0.5, -0.10, -0.11, -0.09, -0.10), "expected"),
            ((0.5, -0.30, -0.10, -0.20, -0.12, -0.25), "on_average"),
            ((0.5, -0.30, 0.20, -0.10, 0.10), "unclear"),
            ((-0.5, 0.10, 0.11, 0.09, 0.10), "not_expected"),
            ((-0.5, 0.30, 0.02, 0.20, 0.03, 0.25), "not_expected"),
        ],
    )
    def test_what_may_be_expected(self, differences, standing):
        found = diffusion(*differences).outlook()

        assert found.standing == standing
        assert all(each.ko and each.en for each in found.sentences)

    def test_superiority_must_clear_its_margin(self):
        # Better by .005 everywhere, where .01 was asked for.
        small = diffusion(0, -0.005, -0.0051, -0.0049, -0.005, error=0.0001)

        assert small.outlook().standing == "not_expected"
        assert small.outlook().chance < 0.01

    def test_non_inferiority_may_use_its_margin(self):
        spared = replace(PROTOCOL, rule="non_inferiority")
        found = Diffusion(protocol=spared, origin="a0")
        for number in range(1, 5):
            found = found.confirm(confirmation(f"a{number}", 0.002, 0.0005), spared)

        assert found.outlook().standing == "expected"

    def test_one_agency_is_said_to_tell_neither_differences_nor_an_interval(self):
        said = " ".join(each.en for each in diffusion(0, -0.06).outlook().sentences)

        assert "One agency alone tells neither" in said
        assert "interval for the next" not in said

    def test_two_are_said_to_lack_one(self):
        said = diffusion(0, -0.06, -0.05).outlook().sentences

        assert any("1 more needed" in each.en for each in said)
        assert any("1곳이 더 필요합니다" in each.ko for each in said)
        assert diffusion(0, -0.06, -0.05).outlook().chance is None

    def test_few_are_said_to_leave_it_wide(self):
        values = (0, *(-0.3 + 0.02 * n for n in range(USEFUL_FROM)))
        few, enough = diffusion(*values[:-1]), diffusion(*values)

        assert any("still wide" in each.en for each in few.outlook().sentences)
        assert not any("still wide" in each.en for each in enough.outlook().sentences)

    def test_useful_is_where_the_stretch_falls_below_1_6(self):
        stretch = [
            stats.t.ppf(0.975, k - 1) * (1 + 1 / k) ** 0.5 / 1.96
            for k in range(3, USEFUL_FROM + 1)
        ]

        assert stretch[0] == pytest.approx(2.53, abs=0.01)
        assert stretch[-1] < 1.6 < stretch[-2]

    def test_the_chance_is_that_of_the_prediction_and_is_never_told_as_certain(self):
        found = diffusion(0, -0.10, -0.11, -0.09, -0.10).outlook()

        assert found.chance == found.pooled.predictive.below(-0.01)
        assert any("99 %" in each.en for each in found.sentences)
        assert not any("100 %" in each.en for each in found.sentences)

    def test_the_figures_told_are_improvements(self):
        found = diffusion(0, -0.10, -0.11, -0.09, -0.10).outlook()
        said = " ".join(each.ko for each in found.sentences)

        assert "평균 개선폭은 0.1입니다" in said
        prediction = found.pooled.prediction
        assert f"{-prediction.high:.4g}~{-prediction.low:.4g}" in said

    def test_how_many_agencies_would_decide_is_told_where_it_is_open(self):
        open_ = diffusion(0, -0.10, -0.05, -0.12).outlook()

        assert open_.standing in ("on_average", "unclear")
        assert open_.needed > 3
        assert any(f"약 {open_.needed}곳에서" in each.ko for each in open_.sentences)

    def test_it_says_that_the_first_agency_is_not_pooled(self):
        said = diffusion(-0.5, -0.06).outlook().sentences[0]

        assert "tends to look too good" in said.en
        assert "합산하지 않습니다" in said.ko
        pooled = diffusion(-0.5, -0.06, pool_origin=True).outlook().sentences[0]
        assert "too good" not in pooled.en

    def test_every_standing_has_its_words_and_its_advice(self):
        for standing, title in STANDINGS.items():
            assert title.ko
            assert title.en
            assert standing

    def test_no_agency_at_all_is_told_too(self):
        said = outlook(None, bound=0.0, confirmed=0).sentences

        assert said[0].en == "0 agencies have run the same sealed protocol."


def test_a_level_may_be_chosen():
    narrow, wide = diffusion(0, -0.1, -0.2, -0.15), pool([-0.1, -0.2, -0.15], [0.01] * 3)

    assert narrow.pooled(level=0.8).prediction.high < wide.prediction.high
    assert narrow.pooled().prediction == wide.prediction
