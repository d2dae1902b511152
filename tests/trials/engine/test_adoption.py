"""A solution comes into use gate by gate, and no way leads around a stop or an open condition."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from madang.kernel.stats.sequential import Tally
from madang.kernel.words import words
from madang.trials.engine.adoption import Adoption
from madang.trials.engine.adoption_moves import FROM, MOVES, STATES
from madang.trials.engine.adoption_plan import GATES, AdoptionPlan, Batch, Gate
from madang.trials.engine.errors import ConsultationError, MoveRefused, RecordError
from madang.trials.engine.stop_rule import Measure, StopRule
from tests.trials.engine.pilots import (
    BARE,
    ERRORS,
    MINUTES,
    PLAN,
    READY,
    WAITING,
    at_gate,
    day,
    errors,
    hand,
    pairs,
    settled,
    signature,
    signed,
    well,
)

OPEN = WAITING.open(READY, hand=hand(0))
TRIPPED = OPEN.report(errors("bad", 0, 3, n=300, events=90), hand=hand(3))


def refused(act, match=None):
    """The act is refused with this in its sentence."""
    with pytest.raises(MoveRefused, match=match):
        act()


class TestPlan:
    @pytest.mark.parametrize(
        "shares", [(0.0,), (0.0, 0.5), (0.1, 1.0), (0.0, 0.5, 0.5, 1.0), (0.0, 0.7, 0.2, 1.0)]
    )
    def test_gates_rise_from_the_shadow_to_live(self, shares):
        gates = tuple(
            Gate(name=str(n), title=words("x", "x"), share=share) for n, share in enumerate(shares)
        )

        refused(lambda: replace(PLAN, gates=gates))

    @pytest.mark.parametrize(
        "changed",
        [
            {"rules": ()},
            {"rules": (StopRule(measure="nothing", limit=0.1),)},
            {"rules": (StopRule(measure="errors", limit=1.0),)},
            {"rules": (StopRule(measure="errors", limit=-0.1),)},
            {"measures": (ERRORS, ERRORS)},
            {"gates": (GATES[0], replace(GATES[3], name="shadow"))},
            {"gates": (replace(GATES[0], fewest_days=-1), GATES[3])},
            {"silence_days": 0},
        ],
    )
    def test_a_plan_that_watches_nothing_is_refused(self, changed):
        refused(lambda: replace(PLAN, **changed))

    def test_the_usual_gates_are_a_plan(self):
        assert [gate.share for gate in PLAN.gates] == [0, 0.05, 0.2, 1]


class TestBatch:
    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"events": 3, "mean": 0.1},
            {"worse": 3},
            {"worse": 3, "better": 1, "events": 2},
            {"values": (0.1, 0.2)},
            {"events": 3, "n": 0},
            {"events": 3, "source": "abc"},
            {"events": 3, "observed_until": day(-1)},
        ],
    )
    def test_it_has_one_form(self, form):
        refused(
            lambda: Batch(
                **{
                    "name": "x",
                    "measure": "errors",
                    "observed_from": day(0),
                    "observed_until": day(1),
                    "n": 10,
                    **form,
                }
            )
        )

    @pytest.mark.parametrize("form", [{"events": 11}, {"worse": 1, "better": 1}, {"mean": 1.2}])
    def test_what_does_not_fit_its_measure_is_refused(self, form):
        batch = replace(errors("x", 0, 1, n=10, events=1), **{"events": None, **form})

        refused(lambda: OPEN.report(batch, hand=hand(1)), "does not fit")

    def test_a_mean_alone_serves_every_measure(self):
        for measure in ("errors", "against-practice"):
            batch = replace(
                errors("m", 0, 1, n=10, events=1), measure=measure, events=None, mean=0.1
            )
            tally = OPEN.report(batch, hand=hand(1)).tally(measure)

            assert (tally.n, tally.mean) == (10, pytest.approx(0.1))

    def test_amounts_come_one_by_one(self):
        cost = Measure(name="cost", title=words("비용", "cost"), kind="amount", low=0, high=50)
        plan = AdoptionPlan(measures=(cost,), rules=(StopRule(measure="cost", limit=20),))
        open_ = replace(OPEN, plan=plan)
        batch = replace(
            errors("v", 0, 1, n=3, events=1),
            measure="cost",
            events=None,
            values=(10.0, 20.0, 45.0),
        )

        assert open_.report(batch, hand=hand(1)).tally("cost").mean == pytest.approx(25)
        over = replace(batch, values=(10.0, 20.0, 51.0))
        refused(lambda: open_.report(over, hand=hand(1)), "does not fit")


class TestOpening:
    def test_the_shadow_serves_nobody(self):
        assert (OPEN.gate.name, OPEN.share, OPEN.is_live) == ("shadow", 0.0, False)

    @pytest.mark.parametrize(
        ("consultation", "wants"),
        [
            (BARE, "the signature of agency"),
            (settled(BARE), "the signature of company"),
            (signed(BARE), "접속 기록 1년 보관"),
            (settled(BARE).sign(signature("agency")), "the signature of company"),
            (READY.reopen("room", organisation="company"), "전산실 제공"),
        ],
    )
    def test_it_waits_for_signatures_and_conditions_and_says_which(self, consultation, wants):
        refused(lambda: WAITING.open(consultation, hand=hand(0)), wants)
        running, now = at_gate(1)
        later = well(running, now, now + 7)
        refused(lambda: later.advance(consultation, hand=hand(now + 7)), wants)
        paused = running.pause(hand=hand(now), reason="점검")
        refused(lambda: paused.resume(consultation, hand=hand(now)), wants)

    @pytest.mark.parametrize(
        "other",
        [
            {"demand": "other"},
            {"solution": "6" * 64},
            {"agency": "else"},
            {"company": "else"},
        ],
    )
    def test_the_consultation_is_about_this_adoption(self, other):
        refused(lambda: replace(WAITING, **other).open(READY, hand=_hand_of(other)), "another")

    def test_the_plan_is_the_one_agreed_on(self):
        looser = replace(PLAN, rules=(replace(PLAN.rules[0], limit=0.9), *PLAN.rules[1:]))

        refused(lambda: replace(WAITING, plan=looser).open(READY, hand=hand(0)), "another plan")
        unsaid = settled(signed(replace(BARE, minutes=replace(MINUTES, plan=""))))
        assert replace(WAITING, plan=looser).open(unsaid, hand=hand(0)).state == "running"

    def test_it_opens_once(self):
        refused(lambda: OPEN.open(READY, hand=hand(1)), "while running")


def _hand_of(changed):
    return replace(hand(0), organisation=changed.get("agency", "agency"))


class TestAdvancing:
    def test_through_all_gates_to_live(self):
        shares = [at_gate(place)[0].share for place in range(4)]

        assert shares == [0, 0.05, 0.2, 1]
        assert at_gate(3)[0].is_live
        refused(lambda: at_gate(3)[0].advance(READY, hand=hand(99)), "after live")

    def test_no_rule_is_left_unknown(self):
        one = OPEN.report(errors("e", 0, 7, n=2000, events=60), hand=hand(7))

        refused(lambda: one.advance(READY, hand=hand(7)), "200 more cases of against practice")

    def test_enough_cases_near_the_limit_are_not_enough(self):
        near = OPEN.report(errors("e", 0, 7, n=1000, events=95), hand=hand(7))
        near = near.report(pairs("p", 0, 7, n=1000, worse=10, better=40), hand=hand(7))

        refused(lambda: near.advance(READY, hand=hand(7)), "an upper limit of error rate")

    def test_no_gate_is_hurried_through(self):
        early = well(OPEN, 0, 6.9)

        refused(lambda: early.advance(READY, hand=hand(6.9)), "7 days at this gate")
        assert early.advance(READY, hand=hand(7)).place == 1

    def test_no_gate_opens_on_old_reports(self):
        silent = well(OPEN, 0, 7)

        assert silent.silent(at=day(17)) == ()
        assert len(silent.silent(at=day(17.1))) == 2
        refused(lambda: silent.advance(READY, hand=hand(18)), "a report of error rate within 10")

    def test_each_gate_is_measured_anew(self):
        running, now = at_gate(1)

        assert running.tally("errors").n == 0
        refused(lambda: running.advance(READY, hand=hand(now + 8)), "200 more cases")

    def test_only_the_agency_opens_gates(self):
        good = well(OPEN, 0, 7)

        refused(lambda: good.advance(READY, hand=hand(7, "company")), "request by 'company'")
        refused(lambda: WAITING.open(READY, hand=hand(0, "company")))
        refused(lambda: OPEN.report(errors("e", 0, 1, n=9, events=0), hand=hand(1, "company")))


class TestReporting:
    def test_a_batch_counts_once(self):
        once = OPEN.report(errors("b1", 0, 1, n=10, events=1), hand=hand(1))

        refused(lambda: once.report(errors("b1", 1, 2, n=10, events=1), hand=hand(2)), "once more")

    def test_windows_of_a_measure_do_not_overlap(self):
        once = OPEN.report(errors("b1", 0, 2, n=10, events=1), hand=hand(2))

        refused(lambda: once.report(errors("b2", 1.9, 3, n=10, events=1), hand=hand(3)))
        assert (
            once.report(errors("b2", 2, 3, n=10, events=1), hand=hand(3)).tally("errors").n == 20
        )
        assert once.report(pairs("p1", 0, 2, n=10, worse=1, better=1), hand=hand(3))

    def test_they_lie_between_the_opening_of_the_gate_and_now(self):
        running, now = at_gate(1)

        refused(lambda: running.report(errors("x", now - 1, now, n=9, events=0), hand=hand(now)))
        refused(
            lambda: running.report(errors("x", now, now + 2, n=9, events=0), hand=hand(now + 1))
        )

    def test_an_unknown_measure_is_told(self):
        batch = replace(errors("b", 0, 1, n=9, events=0), measure="speed")

        refused(lambda: OPEN.report(batch, hand=hand(1)), "one of errors, against-practice")

    def test_harm_shown_stops_the_pilot_at_once(self):
        assert (TRIPPED.state, TRIPPED.share) == ("stopped", 0.0)
        assert [event.move for event in TRIPPED.history] == ["open", "report", "trip"]
        assert TRIPPED.history[-1].reason == "errors > 0.1"

    def test_harm_counts_while_paused(self):
        paused = OPEN.pause(hand=hand(3), reason="점검")

        assert paused.report(errors("b", 0, 3, n=300, events=90), hand=hand(4)).state == "stopped"

    def test_live_is_watched_like_any_gate(self):
        live, now = at_gate(3)
        stopped = live.report(errors("b", now, now + 1, n=400, events=120), hand=hand(now + 1))

        assert (stopped.state, stopped.is_live) == ("stopped", False)

    def test_a_tally_that_was_tampered_with_is_told(self):
        broken = replace(OPEN, tallies={"errors": {"low": 0, "high": 1, "counts": {"99": 1}}})

        with pytest.raises(RecordError):
            broken.readings()


class TestStopping:
    def test_a_stopped_pilot_cannot_go_on(self):
        for act in (
            lambda: TRIPPED.advance(READY, hand=hand(9)),
            lambda: TRIPPED.resume(READY, hand=hand(9)),
            lambda: TRIPPED.report(errors("c", 3, 4, n=9, events=0), hand=hand(9)),
            lambda: TRIPPED.open(READY, hand=hand(9)),
            lambda: TRIPPED.pause(hand=hand(9), reason="x"),
        ):
            refused(act, "while stopped")

    def test_the_way_on_leads_through_the_shadow(self):
        running, now = at_gate(2)
        stopped = running.stop(hand=hand(now, "company"), reason="현장 사고")

        refused(lambda: stopped.roll_back("canary-5", hand=hand(now), reason="고침"), "shadow")
        again = stopped.roll_back("shadow", hand=hand(now), reason="고침")
        assert (again.state, again.place, again.attempt, again.share) == ("paused", 0, 2, 0.0)
        assert again.resume(READY, hand=hand(now)).gate.name == "shadow"

    def test_a_new_attempt_starts_from_nothing_and_must_show_more(self):
        again = TRIPPED.roll_back("shadow", hand=hand(4), reason="고침").resume(
            READY, hand=hand(5)
        )

        assert again.tally("errors").n == 0
        assert again.readings()[0].alpha == pytest.approx(OPEN.readings()[0].alpha / 3)
        refused(lambda: again.report(errors("o", 3, 6, n=9, events=0), hand=hand(6)))

    def test_a_pause_does_not_begin_the_gate_anew(self):
        resumed = OPEN.pause(hand=hand(3), reason="점검").resume(READY, hand=hand(4))

        assert resumed.opened == day(0)
        assert well(resumed, 1, 7).advance(READY, hand=hand(7)).place == 1

    def test_after_a_way_back_the_gate_counts_from_where_it_opened_again(self):
        again = TRIPPED.roll_back("shadow", hand=hand(4), reason="고침").resume(
            READY, hand=hand(5)
        )

        assert again.opened == day(5)
        refused(lambda: well(again, 5, 11.5).advance(READY, hand=hand(11.5)), "7 days")
        assert well(again, 5, 12).advance(READY, hand=hand(12)).place == 1

    def test_rolling_back_from_a_running_gate_reaches_any_earlier_one(self):
        running, now = at_gate(2)

        back = running.roll_back("canary-5", hand=hand(now), reason="불안")
        assert (back.state, back.gate.name) == ("paused", "canary-5")
        refused(lambda: running.roll_back("canary-20", hand=hand(now), reason="x"))
        refused(lambda: running.roll_back("live", hand=hand(now), reason="x"))
        refused(lambda: OPEN.roll_back("canary-5", hand=hand(now), reason="x"))
        assert OPEN.roll_back("shadow", hand=hand(now), reason="x").place == 0
        refused(lambda: running.roll_back("shadow", hand=hand(now), reason=" "), "no reason")

    def test_nothing_is_reported_of_a_gate_that_has_not_opened(self):
        back = TRIPPED.roll_back("shadow", hand=hand(4), reason="고침")

        refused(lambda: back.report(errors("x", 4, 5, n=9, events=0), hand=hand(5)), "not opened")
        assert back.wanting(at=day(5))[0].en == "the first gate to be open"

    def test_either_party_may_pause_and_stop_and_nobody_else(self):
        for organisation in ("agency", "company"):
            assert OPEN.pause(hand=hand(1, organisation), reason="x").state == "paused"
            assert OPEN.stop(hand=hand(1, organisation), reason="x").state == "stopped"
        refused(lambda: OPEN.pause(hand=hand(1, "stranger"), reason="x"))
        refused(lambda: OPEN.stop(hand=hand(1), reason=""))

    def test_the_end_is_the_end(self):
        ended = OPEN.end(hand=hand(1), reason="그만둠")

        for move in set(MOVES) - {"trip"}:
            assert "ended" not in FROM[move]
        refused(lambda: ended.resume(READY, hand=hand(2)), "while ended")

    def test_a_reopened_condition_pauses_what_runs(self):
        reopened = READY.reopen("logs", organisation="agency")

        followed = OPEN.follow(reopened, hand=hand(1))
        assert (followed.state, followed.history[-1].reason) == ("paused", "logs")
        assert OPEN.follow(READY, hand=hand(1)) == OPEN
        unsigned = replace(READY, signatures=())
        assert OPEN.follow(unsigned, hand=hand(1)) == OPEN
        assert followed.follow(reopened, hand=hand(1)) == followed


class TestHistory:
    def test_every_move_is_noted_with_who_when_and_under_which_minutes(self):
        event = OPEN.history[0]

        assert (event.by, event.organisation, event.at) == ("kim", "agency", day(0))
        assert (event.move, event.gate, event.minutes) == ("open", "shadow", MINUTES.digest)

    def test_nobody_writes_into_the_past(self):
        refused(lambda: TRIPPED.end(hand=hand(2), reason="x"), "before the last move")

    def test_it_comes_back_from_a_row_as_it_was(self):
        for adoption in (WAITING, TRIPPED, at_gate(3)[0]):
            assert Adoption.from_plain(adoption.plain()) == adoption

    @pytest.mark.parametrize("changed", [{"place": 4}, {"place": -2}, {"place": -1}])
    def test_a_row_of_a_gate_outside_the_plan_is_refused(self, changed):
        with pytest.raises(RecordError):
            Adoption.from_plain(OPEN.plain() | changed)

    def test_it_is_established_when_live_is_shown_to_be_within_the_limits(self):
        live, now = at_gate(3)

        assert not live.is_established
        assert well(live, now, now + 7).is_established
        assert not well(OPEN, 0, 7).is_established

    def test_every_listed_word_is_there_in_both_languages(self):
        assert all(each.ko and each.en for each in (*STATES.values(), *MOVES.values()))


ALPHAS = {rule.measure: rule.alpha for rule in PLAN.rules}
LIMITS = {rule.measure: rule.limit for rule in PLAN.rules}


class AnyPath(RuleBasedStateMachine):
    """Both parties do whatever they like; what was observed is kept a second time beside."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.number = 0

    @initialize(place=st.integers(-1, 3))
    def begin(self, place):
        # Most paths start from a pilot that runs already, or few would come far.
        self.consultation = BARE if place < 0 else READY
        self.adoption, self.now = (WAITING, 0.0) if place < 0 else at_gate(place)
        self.seen = {"errors": Tally.empty(), "against-practice": Tally.empty(-1, 1)}
        self.tripped = False

    def attempt(self, move, *given, **more) -> bool:
        """Make a move if it is allowed, and hold what must hold of it."""
        before = self.adoption
        try:
            after = getattr(before, move)(*given, **more)
        except MoveRefused:
            assert self.adoption is before
            return False
        self.adoption = after
        entered = after.state == "running" and (before.state, before.place) != (
            after.state,
            after.place,
        )
        if entered:
            assert self.consultation.is_ready
            assert not self.tripped
        assert after.place <= before.place or move in ("open", "advance")
        if move == "advance":
            self.hold_what_advancing_needs(before)
        if move in ("open", "advance", "roll_back"):
            self.seen = {"errors": Tally.empty(), "against-practice": Tally.empty(-1, 1)}
        if move == "roll_back":
            assert after.attempt == before.attempt + 1
            assert not self.tripped or after.place == 0
            self.tripped = False
        return True

    def hold_what_advancing_needs(self, before):
        attempt = before.attempt
        assert self.adoption.place == before.place + 1
        for measure, tally in self.seen.items():
            alpha = ALPHAS[measure] / (4 * attempt * (attempt + 1))
            assert tally.n >= 200
            assert tally.upper(alpha) <= LIMITS[measure]

    @rule(party=st.sampled_from(["agency", "company"]))
    def sign(self, party):
        try:
            self.consultation = self.consultation.sign(signature(party, self.consultation.minutes))
        except ConsultationError:
            return

    @rule(name=st.sampled_from(["logs", "room"]), party=st.sampled_from(["agency", "company"]))
    def waive(self, name, party):
        try:
            self.consultation = self.consultation.waive(
                name, by="kim", organisation=party, at=day(0), reason="합의"
            )
        except ConsultationError:
            return

    @rule(name=st.sampled_from(["logs", "room"]))
    def reopen(self, name):
        party = "agency" if name == "logs" else "company"
        try:
            self.consultation = self.consultation.reopen(name, organisation=party)
        except ConsultationError:
            return

    @rule()
    def amend(self):
        self.number += 1
        minutes = self.consultation.minutes
        self.consultation = self.consultation.amend(
            replace(minutes, amends=minutes.digest, agenda=f"안건 {self.number}")
        )

    @rule()
    def agree(self):
        self.consultation = settled(signed(self.consultation))

    @rule(days=st.floats(0.5, 9))
    def wait(self, days):
        self.now += days

    @rule()
    def open(self):
        self.attempt("open", self.consultation, hand=hand(self.now))

    @rule()
    def advance(self):
        self.attempt("advance", self.consultation, hand=hand(self.now))

    @rule()
    def resume(self):
        self.attempt("resume", self.consultation, hand=hand(self.now))

    @precondition(lambda self: self.adoption.opened is not None)
    @rule(
        n=st.integers(1, 3000),
        share=st.floats(0, 0.25),
        measure=st.sampled_from(["errors", "against-practice"]),
        good=st.booleans(),
    )
    def report(self, n, share, measure, good):
        self.number += 1
        events = round(n * share * (0.3 if good else 1.0))
        begin = max(
            (self.adoption.opened - day(0)).total_seconds() / 86400,
            self.now - 0.25,
        )
        self.now += 0.5
        if measure == "errors":
            batch = errors(str(self.number), begin + 0.3, self.now, n=n, events=events)
            more = self.seen[measure].with_counts(n=n, events=events)
        else:
            batch = pairs(str(self.number), begin + 0.3, self.now, n=n, worse=events, better=0)
            more = self.seen[measure].with_pairs(n=n, worse=events, better=0)
        if self.attempt("report", batch, hand=hand(self.now)):
            self.seen[measure] = more
            alpha = ALPHAS[measure] / (4 * self.adoption.attempt * (self.adoption.attempt + 1))
            tripped = more.lower(alpha) > LIMITS[measure]
            assert (self.adoption.state == "stopped") == tripped
            self.tripped = tripped

    @rule()
    def run_well(self):
        """Long enough and plainly within the limits: what an honest pilot does."""
        if self.adoption.state != "running":
            return
        begin = max(self.now, (self.adoption.opened - day(0)).total_seconds() / 86400)
        self.now = begin + 14
        for batch in (
            errors(f"w{self.number}", begin, self.now, n=4000, events=80),
            pairs(f"v{self.number}", begin, self.now, n=4000, worse=40, better=40),
        ):
            if self.attempt("report", batch, hand=hand(self.now)):
                tally = self.seen[batch.measure]
                self.seen[batch.measure] = (
                    tally.with_counts(n=4000, events=80)
                    if batch.measure == "errors"
                    else tally.with_pairs(n=4000, worse=40, better=40)
                )
                self.tripped = self.adoption.state == "stopped"
        self.number += 1
        self.attempt("advance", self.consultation, hand=hand(self.now))

    @rule(party=st.sampled_from(["agency", "company", "stranger"]))
    def pause(self, party):
        self.attempt("pause", hand=hand(self.now, party), reason="점검")

    @rule(party=st.sampled_from(["agency", "company"]))
    def stop(self, party):
        if self.attempt("stop", hand=hand(self.now, party), reason="사고"):
            self.tripped = True

    @rule(to=st.sampled_from([gate.name for gate in PLAN.gates]))
    def roll_back(self, to):
        self.attempt("roll_back", to, hand=hand(self.now), reason="고침")

    @invariant()
    def what_is_stopped_serves_nobody(self):
        if getattr(self, "adoption", None) and self.tripped:
            assert self.adoption.share == 0
            assert not self.adoption.is_live

    @invariant()
    def nobody_is_served_but_at_an_open_gate(self):
        if getattr(self, "adoption", None) and self.adoption.share > 0:
            assert self.adoption.state == "running"
            assert self.adoption.opened is not None

    @invariant()
    def the_row_keeps_it_all(self):
        if getattr(self, "adoption", None):
            assert Adoption.from_plain(self.adoption.plain()) == self.adoption


TestAnyPath = AnyPath.TestCase
TestAnyPath.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
