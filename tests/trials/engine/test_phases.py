"""What may be done with a demand follows from its dates and from what has happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.trials.engine.errors import DemandError, PhaseClosed
from madang.trials.engine.period import KOREA
from madang.trials.engine.phases import ALLOWED, Act, Course, Milestones, Phase, Timetable

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
MILESTONES = (
    "evaluating",
    "decided",
    "notified",
    "final",
    "consultation",
    "adoption",
    "diffusion",
)


def day(number: float) -> datetime:
    """A moment so many days after the posting."""
    return START + timedelta(days=number)


def timetable(**changed) -> Timetable:
    """Posted on day 0, questions from 1 to 6, open from 4 to 20, decided by 28."""
    return Timetable(
        **{
            "posted": day(0),
            "questions_from": day(1),
            "questions_until": day(6),
            "opens": day(4),
            "closes": day(20),
            "decision_by": day(28),
            **changed,
        }
    )


def course(*reached: str) -> Course:
    """A course that has reached these milestones, one a day from day 20 on."""
    found = Course(timetable=timetable())
    for number, milestone in enumerate(reached):
        found = found.reach(milestone, at=day(20 + number))
    return found


class TestDates:
    @pytest.mark.parametrize(
        ("at", "phase"),
        [
            (-0.001, None),
            (0, Phase.POSTED),
            (1, Phase.QUESTIONS),
            (3.999, Phase.QUESTIONS),
            (4, Phase.OPEN),
            (19.999, Phase.OPEN),
            (20, Phase.CLOSED),
            (400, Phase.CLOSED),
        ],
    )
    def test_a_dated_phase_begins_with_its_date(self, at, phase):
        assert course().phase(day(at)) is phase

    @pytest.mark.parametrize(
        "changed",
        [
            {"questions_from": day(-1)},
            {"questions_until": day(1)},
            {"questions_until": day(21)},
            {"opens": day(0.5)},
            {"closes": day(4)},
            {"decision_by": day(20)},
            {"objection_days": 0},
        ],
    )
    def test_dates_out_of_order_are_refused(self, changed):
        with pytest.raises(DemandError):
            timetable(**changed)

    def test_questions_and_submissions_may_begin_at_once(self):
        at_once = timetable(questions_from=day(0), opens=day(0))

        assert Course(timetable=at_once).phase(day(0)) is Phase.OPEN

    def test_it_comes_back_from_a_row_as_it_was(self):
        found = course("evaluating").cancel(at=day(22))

        assert Course.from_plain(found.plain()) == found


class TestPuttingOff:
    def test_a_date_to_come_may_be_put_off_and_the_change_is_kept(self):
        later = timetable().put_off("closes", day(25), by="kim", reason="명절", at=day(19))

        assert later.closes == day(25)
        assert (later.amendments[0].before, later.amendments[0].after) == (day(20), day(25))
        assert Timetable.from_plain(later.plain()) == later

    @pytest.mark.parametrize(
        ("to", "at", "reason"),
        [
            (day(19), day(1), "앞당김"),
            (day(20), day(1), "그대로"),
            (day(25), day(20), "이미 마감"),
            (day(25), day(19), " "),
            # The decision is expected on day 28; what would pass it is out of order.
            (day(29), day(19), "너무 늦음"),
        ],
    )
    def test_nothing_else_may_be_changed(self, to, at, reason):
        with pytest.raises(DemandError):
            timetable().put_off("closes", to, by="kim", reason=reason, at=at)

    @given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30)), max_size=6))
    def test_a_closing_date_never_comes_nearer(self, asked):
        table = timetable(decision_by=day(60))
        for at, to in sorted(asked):
            try:
                changed = table.put_off("closes", day(to), by="kim", reason="r", at=day(at))
            except DemandError:
                continue
            assert changed.closes > table.closes > day(at)
            table = changed


class TestMilestones:
    def test_they_come_in_their_order_and_each_begins_its_phase(self):
        found, phases = course(), []
        for number, milestone in enumerate(MILESTONES):
            found = found.reach(milestone, at=day(20 + number))
            phases.append(found.phase(day(20 + number)))

        assert phases == [
            Phase.EVALUATING,
            Phase.DECIDED,
            Phase.OBJECTIONS,
            Phase.FINAL,
            Phase.CONSULTATION,
            Phase.ADOPTION,
            Phase.DIFFUSION,
        ]

    @pytest.mark.parametrize("place", range(len(MILESTONES)))
    def test_none_is_left_out_or_reached_twice(self, place):
        here = course(*MILESTONES[:place])

        for milestone in MILESTONES:
            if milestone != MILESTONES[place]:
                with pytest.raises(PhaseClosed):
                    here.reach(milestone, at=day(40))

    def test_nobody_evaluates_before_submissions_have_closed(self):
        with pytest.raises(PhaseClosed, match="open for submissions"):
            course().reach("evaluating", at=day(19))

    def test_a_decision_set_aside_goes_back_to_the_evaluation(self):
        again = course(*MILESTONES[:3]).set_aside(at=day(24))

        assert again.phase(day(24)) is Phase.EVALUATING
        assert again.milestones == Milestones(evaluating=day(24))

    def test_only_a_decision_in_its_window_can_be_set_aside(self):
        for reached in (MILESTONES[:2], MILESTONES[:4]):
            with pytest.raises(PhaseClosed):
                course(*reached).set_aside(at=day(30))

    def test_the_objection_window_follows_the_notice(self):
        assert course(*MILESTONES[:2]).objections_end is None
        # Day 22 is Tuesday 24 November at nine in Korea; seven days later is a Tuesday.
        assert course(*MILESTONES[:3]).objections_end == datetime(2026, 12, 2, tzinfo=KOREA)


class TestActs:
    @pytest.mark.parametrize("act", list(Act))
    def test_each_act_is_possible_in_some_phase_and_has_its_words(self, act):
        assert any(act in allowed for allowed in ALLOWED.values())
        assert act.words.ko
        assert act.words.en

    @pytest.mark.parametrize("phase", list(Phase))
    def test_each_phase_has_its_acts_and_words(self, phase):
        assert phase in ALLOWED
        assert phase.words.ko
        assert phase.words.en

    @pytest.mark.parametrize(
        ("at", "ask", "submit"),
        [
            (0, False, False),
            (2, True, False),
            (5, True, True),
            (6, False, True),
            (20, False, False),
        ],
    )
    def test_questions_end_before_submissions_do(self, at, ask, submit):
        assert course().allows(Act.ASK, day(at)) is ask
        assert course().allows(Act.SUBMIT, day(at)) is submit

    def test_a_late_submission_hears_when_it_closed(self):
        with pytest.raises(PhaseClosed) as refused:
            course().require(Act.SUBMIT, day(20))

        assert "2026-11-22 09:00에 마감되었습니다" in refused.value.sentence("ko")
        assert "closed at 2026-11-22 09:00 KST" in refused.value.sentence("en")

    def test_an_early_one_hears_when_it_opens(self):
        with pytest.raises(PhaseClosed, match="opens at 2026-11-06 09:00 KST"):
            course().require(Act.SUBMIT, day(2))
        with pytest.raises(PhaseClosed, match="not posted yet"):
            course().require(Act.ASK, day(-1))

    def test_scores_and_decisions_wait_for_the_evaluation(self):
        assert not course().allows(Act.SCORE_RUBRIC, day(20))
        assert course("evaluating").allows(Act.SCORE_RUBRIC, day(20))
        assert not course("evaluating", "decided").allows(Act.DECIDE, day(21))

    def test_gates_open_only_after_the_consultation_began(self):
        for count in range(len(MILESTONES) + 1):
            found = course(*MILESTONES[:count])
            assert found.allows(Act.OPEN_GATE, day(40)) is (count >= 5)

    def test_a_cancelled_demand_allows_nothing(self):
        cancelled = course().cancel(at=day(5))

        assert cancelled.phase(day(4.5)) is Phase.OPEN
        assert cancelled.phase(day(30)) is Phase.CANCELLED
        assert not any(cancelled.allows(act, day(30)) for act in Act)

    def test_what_is_decided_cannot_be_cancelled(self):
        with pytest.raises(PhaseClosed):
            course("evaluating", "decided").cancel(at=day(30))


class TestPlan:
    @given(st.integers(0, 7), st.floats(0, 60))
    def test_exactly_the_present_phase_is_marked(self, count, at):
        found = course(*MILESTONES[:count])
        marked = [stage.phase for stage in found.plan(day(at)) if stage.now]

        assert marked == [found.phase(day(at))]

    def test_a_phase_ends_where_the_next_begins(self):
        stages = course("evaluating").plan(day(20))

        assert [stage.phase for stage in stages] == list(Phase)[:-1]
        for stage, following in zip(stages, stages[1:], strict=False):
            assert stage.ends == following.begins

    def test_a_cancelled_demand_shows_what_it_passed_and_then_its_end(self):
        stages = course().cancel(at=day(5)).plan(day(8))

        assert [stage.phase for stage in stages] == [
            Phase.POSTED,
            Phase.QUESTIONS,
            Phase.OPEN,
            Phase.CANCELLED,
        ]
