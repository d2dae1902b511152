"""Objections come in time from who submitted, get one answer, and then the decision is final."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.trials.engine.errors import ObjectionError
from madang.trials.engine.objection import (
    GROUNDS,
    OUTCOMES,
    STATES,
    Answer,
    Objection,
    Objections,
)
from madang.trials.engine.period import KOREA

NOTICE = datetime(2026, 11, 23, 9, 0, tzinfo=KOREA)
CLOSES = datetime(2026, 12, 1, 0, 0, tzinfo=KOREA)
OPEN = Objections(
    decision="d" * 64, agency="agency", notified=NOTICE, days=7, may_object=("a", "b")
)


def objection(name="o1", organisation="a", ground="data", at=NOTICE, text="근거") -> Objection:
    """An objection."""
    return Objection(
        name=name, by="lee", organisation=organisation, ground=ground, text=text, at=at
    )


def answer(outcome="rejected", at=NOTICE, text="이유") -> Answer:
    """An answer."""
    return Answer(by="kim", at=at, outcome=outcome, text=text)


FILED = OPEN.file(objection())


def test_the_window_ends_with_the_seventh_day():
    assert OPEN.closes == CLOSES


@pytest.mark.parametrize("days", [0, -1])
def test_a_window_has_a_day(days):
    with pytest.raises(ObjectionError):
        Objections(decision="d", agency="x", notified=NOTICE, days=days, may_object=())


def test_one_day_is_a_window():
    window = Objections(decision="d", agency="x", notified=NOTICE, days=1, may_object=())

    assert window.closes == datetime(2026, 11, 25, 0, 0, tzinfo=KOREA)


class TestFiling:
    @pytest.mark.parametrize(
        "late", [NOTICE - timedelta(seconds=1), CLOSES, CLOSES + timedelta(days=1)]
    )
    def test_outside_the_window_it_is_refused_with_its_dates(self, late):
        with pytest.raises(ObjectionError, match="until 2026-12-01 00:00 KST"):
            OPEN.file(objection(at=late))

    def test_in_its_last_second_it_is_taken(self):
        assert OPEN.file(objection(at=CLOSES - timedelta(seconds=1))).objections

    def test_who_did_not_submit_cannot_object(self):
        with pytest.raises(ObjectionError, match="did not submit"):
            OPEN.file(objection(organisation="c"))

    def test_it_says_why(self):
        with pytest.raises(ObjectionError):
            OPEN.file(objection(text=" "))

    def test_it_does_not_come_with_its_own_answer(self):
        with pytest.raises(ObjectionError):
            OPEN.file(FILED.answer("o1", answer(), organisation="agency").objections[0])

    def test_once_on_each_ground(self):
        with pytest.raises(ObjectionError, match="second"):
            FILED.file(objection(name="o2"))
        assert len(FILED.file(objection(name="o2", ground="conflict")).objections) == 2
        assert len(FILED.file(objection(name="o2", organisation="b")).objections) == 2

    def test_what_was_withdrawn_may_be_filed_anew_by_another_name(self):
        withdrawn = FILED.withdraw("o1", organisation="a", at=NOTICE)

        assert len(withdrawn.file(objection(name="o2")).objections) == 2
        with pytest.raises(ObjectionError):
            withdrawn.file(objection(name="o1"))


class TestAnswering:
    def test_once_and_by_the_agency(self):
        answered = FILED.answer("o1", answer(), organisation="agency")

        assert answered.objections[0].answer.outcome == "rejected"
        with pytest.raises(ObjectionError, match="settled"):
            answered.answer("o1", answer("corrected"), organisation="agency")
        with pytest.raises(ObjectionError):
            FILED.answer("o1", answer(), organisation="a")
        with pytest.raises(ObjectionError, match="no objection"):
            FILED.answer("o9", answer(), organisation="agency")

    @pytest.mark.parametrize("bad", [answer(text=" "), answer(at=NOTICE - timedelta(seconds=1))])
    def test_with_reasons_and_after_the_objection(self, bad):
        with pytest.raises(ObjectionError):
            FILED.answer("o1", bad, organisation="agency")

    def test_what_was_withdrawn_needs_none(self):
        withdrawn = FILED.withdraw("o1", organisation="a", at=NOTICE)

        with pytest.raises(ObjectionError):
            withdrawn.answer("o1", answer(), organisation="agency")
        assert withdrawn.state(CLOSES) == "final"

    def test_only_the_own_objection_can_be_withdrawn_and_only_before_its_answer(self):
        answered = FILED.answer("o1", answer(), organisation="agency")

        with pytest.raises(ObjectionError):
            FILED.withdraw("o1", organisation="b", at=NOTICE)
        with pytest.raises(ObjectionError):
            answered.withdraw("o1", organisation="a", at=NOTICE)


class TestFinality:
    def test_without_objections_it_is_final_when_the_window_is_over(self):
        assert OPEN.state(CLOSES - timedelta(seconds=1)) == "open"
        assert OPEN.state(CLOSES) == "final"
        assert OPEN.final_since() == CLOSES

    def test_an_early_answer_does_not_close_the_window(self):
        answered = FILED.answer("o1", answer(), organisation="agency")

        assert answered.state(NOTICE) == "open"
        assert answered.final_since() == CLOSES

    def test_an_open_objection_keeps_it_from_being_final(self):
        late = CLOSES + timedelta(days=5)

        assert FILED.state(late) == "answering"
        assert FILED.final_since() is None
        answered = FILED.answer("o1", answer("corrected", at=late), organisation="agency")
        assert answered.state(late) == "final"
        assert answered.final_since() == late

    def test_a_decision_set_aside_is_never_final(self):
        fallen = FILED.answer("o1", answer("set_aside"), organisation="agency")

        assert fallen.state(NOTICE) == "set_aside"
        assert fallen.state(CLOSES + timedelta(days=99)) == "set_aside"
        assert fallen.final_since() is None

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b"]),
                st.sampled_from(sorted(GROUNDS)),
                st.sampled_from(["", "withdrawn", *sorted(OUTCOMES)]),
            ),
            max_size=6,
            unique_by=lambda each: each[:2],
        ),
        st.integers(0, 20),
    )
    def test_final_means_over_answered_and_standing(self, filed, days):
        objections = OPEN
        for number, (organisation, ground, end) in enumerate(filed):
            name = f"o{number}"
            objections = objections.file(objection(name, organisation, ground))
            if end == "withdrawn":
                objections = objections.withdraw(name, organisation=organisation, at=NOTICE)
            elif end:
                objections = objections.answer(name, answer(end), organisation="agency")

        at = NOTICE + timedelta(days=days)
        ends = [end for *_, end in filed]
        is_final = at >= CLOSES and "" not in ends and "set_aside" not in ends
        assert (objections.state(at) == "final") == is_final
        assert Objections.from_plain(objections.plain()) == objections


def test_every_listed_word_is_there_in_both_languages():
    for each in (*GROUNDS.values(), *OUTCOMES.values(), *STATES.values()):
        assert each.ko
        assert each.en


def test_moments_of_any_zone_serve():
    assert OPEN.file(objection(at=NOTICE.astimezone(UTC))).objections[0].at == NOTICE
