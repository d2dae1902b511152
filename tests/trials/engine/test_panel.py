"""Evaluators score without a conflict and unseen by each other; their part stands beside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madang.trials.engine.errors import RubricError
from madang.trials.engine.panel import Declaration, Panel, Sheet
from madang.trials.engine.rubric import Mixture
from tests.trials.engine.test_rubric import rubric

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PANEL = Panel(rubric=rubric(), evaluators=("e1", "e2", "e3"), teams=("t1", "t2"))


def declared(panel: Panel, evaluator: str, team: str, *, conflicted: bool = False) -> Panel:
    """The panel with a declaration."""
    return panel.declare(
        Declaration(evaluator=evaluator, team=team, conflicted=conflicted, at=NOW, reason="전직")
    )


def sheet(evaluator: str, team: str, use: int, care: int) -> Sheet:
    """Scores of one team."""
    return Sheet(evaluator=evaluator, team=team, levels={"use": use, "care": care}, at=NOW)


def scored(panel: Panel, evaluator: str, team: str, use: int, care: int) -> Panel:
    """The panel with a declaration of no conflict and a sheet."""
    return declared(panel, evaluator, team).score(sheet(evaluator, team, use, care))


def whole() -> Panel:
    """Everybody has scored both teams."""
    panel = PANEL
    for evaluator, use in (("e1", 5), ("e2", 4), ("e3", 1)):
        panel = scored(panel, evaluator, "t1", use, 1)
        panel = scored(panel, evaluator, "t2", 2, 0)
    return panel


class TestScoring:
    def test_nobody_scores_before_declaring(self):
        with pytest.raises(RubricError, match="before the declaration"):
            PANEL.score(sheet("e1", "t1", 3, 1))

    def test_nobody_scores_where_there_is_a_conflict(self):
        with pytest.raises(RubricError, match="with a conflict of interest"):
            declared(PANEL, "e1", "t1", conflicted=True).score(sheet("e1", "t1", 3, 1))

    def test_a_conflict_with_one_team_leaves_the_others(self):
        panel = scored(declared(PANEL, "e1", "t1", conflicted=True), "e1", "t2", 3, 1)

        assert [each.team for each in panel.sheets] == ["t2"]

    def test_a_conflict_declared_late_voids_the_scores(self):
        panel = declared(scored(PANEL, "e1", "t1", 3, 1), "e1", "t1", conflicted=True)

        assert panel.sheets == ()
        assert panel.standings()[0].conflicted == 1

    def test_a_later_sheet_replaces_the_earlier(self):
        panel = scored(scored(PANEL, "e1", "t1", 3, 1), "e1", "t1", 4, 0)

        assert [each.levels["use"] for each in panel.sheets] == [4]

    @pytest.mark.parametrize(
        "levels",
        [
            {"use": 3},
            {"use": 3, "care": 1, "more": 1},
            {"use": 6, "care": 1},
            {"use": 3, "care": 2},
        ],
    )
    def test_levels_that_the_rubric_does_not_have_are_refused(self, levels):
        with pytest.raises(RubricError):
            declared(PANEL, "e1", "t1").score(
                Sheet(evaluator="e1", team="t1", levels=levels, at=NOW)
            )

    @pytest.mark.parametrize(("evaluator", "team"), [("stranger", "t1"), ("e1", "t9")])
    def test_strangers_neither_declare_nor_score(self, evaluator, team):
        with pytest.raises(RubricError):
            declared(PANEL, evaluator, team)

    def test_more_evaluators_may_be_appointed(self):
        assert PANEL.appoint("e4").evaluators == ("e1", "e2", "e3", "e4")
        assert PANEL.appoint("e1") == PANEL


class TestEnd:
    def test_it_waits_for_every_sheet(self):
        panel = scored(PANEL, "e1", "t1", 3, 1)

        assert len(panel.missing) == 5
        assert ("e1", "t1") not in panel.missing
        with pytest.raises(RubricError, match="5 sheets missing"):
            panel.close(at=NOW)

    def test_each_team_needs_enough_evaluators_without_a_conflict(self):
        panel = declared(whole(), "e1", "t1", conflicted=True)

        with pytest.raises(RubricError, match="Appoint more"):
            panel.close(at=NOW)
        more = scored(scored(panel.appoint("e4"), "e4", "t1", 3, 1), "e4", "t2", 3, 1)
        assert more.close(at=NOW).closed == NOW

    def test_then_nothing_changes(self):
        closed = whole().close(at=NOW)

        for act in (
            lambda: closed.score(sheet("e1", "t1", 3, 1)),
            lambda: declared(closed, "e1", "t1", conflicted=True),
            lambda: closed.close(at=NOW),
            lambda: closed.appoint("e9"),
        ):
            with pytest.raises(RubricError, match="scoring has ended"):
                act()

    def test_until_then_each_sees_the_own_sheets_alone(self):
        panel = whole()

        assert {each.evaluator for each in panel.visible_to("e1")} == {"e1"}
        assert panel.visible_to("stranger") == ()
        assert len(panel.close(at=NOW).visible_to("e1")) == 6


class TestStanding:
    def test_it_shows_the_middle_and_the_spread(self):
        first, second = whole().standings()

        # use: median 4 of 1..5 is 75 points and weighs three quarters; care: 100 points.
        assert first.points == pytest.approx(0.75 * 75 + 0.25 * 100)
        assert (first.lowest, first.highest) == (25, 100)
        assert first.spreads[0].levels == (1, 4, 5)
        assert (first.spreads[0].lowest, first.spreads[0].highest) == (1, 5)
        assert second.points == pytest.approx(0.75 * 25)

    def test_teams_keep_their_order_whatever_they_got(self):
        assert [each.team for each in whole().standings()] == ["t1", "t2"]

    def test_too_few_evaluators_give_no_points(self):
        standing = scored(PANEL, "e1", "t1", 3, 1).standings()[0]

        assert (standing.points, standing.lowest, standing.evaluators) == (None, None, 1)
        assert PANEL.standings()[0].spreads == ()

    def test_agreement_is_told_by_criterion(self):
        # care: three judges agree that t1 has it and t2 has not.
        assert whole().agreement()["care"] == 1
        assert whole().agreement()["use"] < 1
        assert PANEL.agreement() == {"use": None, "care": None}

    def test_it_is_mixed_with_measures_only_as_declared_before(self):
        mixture = Mixture(measured_share=0.5, zero=0.2, full=0.1)
        plain, mixed = whole(), whole().plain()
        mixed["rubric"]["mixture"] = mixture.plain()

        assert plain.mixed("t1", 0.15) is None
        assert Panel.from_plain(mixed).mixed("t1", 0.15) == pytest.approx(
            0.5 * 50 + 0.5 * whole().standings()[0].points
        )
        early = Panel(rubric=rubric(mixture=mixture), evaluators=("e1",), teams=("t1",))
        assert early.mixed("t1", 0.15) is None


def test_it_comes_back_from_a_row_as_it_was():
    panel = whole().close(at=NOW)

    assert Panel.from_plain(panel.plain()) == panel
