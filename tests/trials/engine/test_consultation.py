"""Minutes bind when both have signed them, and conditions count when the other side says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from madang.kernel.evidence.keys import SigningKey
from madang.trials.engine.consultation import Consultation, is_signed_by_key, sign_with_key
from madang.trials.engine.errors import ConsultationError
from madang.trials.engine.minutes import Condition, Cost, Minutes
from tests.trials.engine.pilots import (
    BARE,
    EVIDENCE,
    MINUTES,
    READY,
    START,
    settled,
    signature,
    signed,
)


def meet(consultation, condition="logs", organisation="agency", evidence=EVIDENCE):
    """The condition found met."""
    return consultation.meet(
        condition, by="kim", organisation=organisation, at=START, evidence=evidence
    )


def waive(consultation, condition="logs", organisation="agency", reason="필요 없어짐"):
    """The condition waived."""
    return consultation.waive(
        condition, by="kim", organisation=organisation, at=START, reason=reason
    )


def amended(consultation, **changed) -> Minutes:
    """Minutes that amend those in force."""
    return replace(consultation.minutes, amends=consultation.minutes.digest, **changed)


class TestMinutes:
    @pytest.mark.parametrize(
        "changed",
        [
            {"company": "agency"},
            {"conditions": MINUTES.conditions + MINUTES.conditions[:1]},
            {"costs": MINUTES.costs * 2},
            {"duties": MINUTES.duties * 2},
            {"conditions": (Condition(name="x", text="x", bearer="stranger"),)},
            {"costs": (Cost(name="x", text="x", amount_krw=1, payer="stranger"),)},
            {"duties": (replace(MINUTES.duties[0], bearer="stranger"),)},
        ],
    )
    def test_they_name_two_parties_and_each_item_once(self, changed):
        with pytest.raises(ConsultationError):
            replace(MINUTES, **changed)

    def test_no_cost_is_negative(self):
        with pytest.raises(ConsultationError):
            Cost(name="x", text="x", amount_krw=-1, payer="agency")

    def test_every_word_of_them_is_in_the_digest(self):
        changed = [
            replace(MINUTES, agenda="다른 안건"),
            replace(MINUTES, costs=(replace(MINUTES.costs[0], amount_krw=30_000_001),)),
            replace(MINUTES, conditions=MINUTES.conditions[::-1]),
            replace(MINUTES, plan=""),
            replace(MINUTES, held=MINUTES.held + timedelta(days=1)),
        ]

        assert len({each.digest for each in [MINUTES, *changed]}) == len(changed) + 1
        assert Minutes.from_plain(MINUTES.plain()).digest == MINUTES.digest


class TestSigning:
    def test_it_takes_both_parties(self):
        half = BARE.sign(signature("agency"))

        assert half.unsigned == ("company",)
        assert half.sign(signature("company")).unsigned == ()

    def test_nobody_else_signs_and_nobody_twice(self):
        with pytest.raises(ConsultationError, match="stranger"):
            BARE.sign(signature("stranger"))
        with pytest.raises(ConsultationError, match="second signature"):
            BARE.sign(signature("agency")).sign(signature("agency"))

    def test_a_signature_is_over_the_minutes_that_were_read(self):
        other = replace(MINUTES, agenda="바뀐 안건")

        with pytest.raises(ConsultationError, match="Read the minutes again"):
            BARE.sign(signature("agency", other))

    def test_a_key_may_bear_it_out(self):
        key = SigningKey(name="company.kr", seed=bytes(range(32)))
        mark = sign_with_key(MINUTES, key, by="lee", organisation="company", at=START)

        assert is_signed_by_key(mark, key.verifier)
        assert BARE.sign(mark).unsigned == ("agency",)

    def test_a_mark_of_another_key_or_over_other_minutes_is_refused(self):
        key = SigningKey(name="company.kr", seed=bytes(range(32)))
        other = SigningKey(name="company.kr", seed=bytes(range(1, 33)))
        mark = sign_with_key(MINUTES, key, by="lee", organisation="company", at=START)
        elsewhere = sign_with_key(
            replace(MINUTES, agenda="다른 안건"), key, by="lee", organisation="company", at=START
        )

        assert not is_signed_by_key(mark, other.verifier)
        assert not is_signed_by_key(replace(mark, mark="zz"))
        assert not is_signed_by_key(replace(mark, mark="abc"))
        assert not is_signed_by_key(signature("company"))
        for forged in (
            replace(mark, key=other.verifier.text),
            replace(elsewhere, minutes=MINUTES.digest),
        ):
            with pytest.raises(ConsultationError, match="does not fit"):
                BARE.sign(forged)

    def test_the_signature_means_nothing_elsewhere(self):
        key = SigningKey(name="company.kr", seed=bytes(range(32)))
        mark = sign_with_key(MINUTES, key, by="lee", organisation="company", at=START)

        assert not key.verifier.accepts(bytes.fromhex(mark.mark), MINUTES.digest.encode())


class TestConditions:
    def test_the_side_that_a_condition_protects_settles_it(self):
        assert meet(BARE).state("logs") == "met"
        assert waive(BARE).state("logs") == "waived"
        assert meet(BARE, "room", "company").state("room") == "met"

    @pytest.mark.parametrize("organisation", ["company", "stranger"])
    def test_nobody_certifies_a_condition_of_ones_own(self, organisation):
        for settle in (meet, waive):
            with pytest.raises(ConsultationError, match="Nobody certifies"):
                settle(BARE, "logs", organisation)

    @pytest.mark.parametrize("evidence", [(), ("abc",), ("E" * 64,), (*EVIDENCE, "")])
    def test_met_is_met_by_evidence(self, evidence):
        with pytest.raises(ConsultationError, match="evidence"):
            meet(BARE, evidence=evidence)

    def test_a_waiver_says_why(self):
        with pytest.raises(ConsultationError, match="reason"):
            waive(BARE, reason=" ")

    def test_settled_is_settled_until_it_is_reopened(self):
        met = meet(BARE)

        with pytest.raises(ConsultationError, match="settled already"):
            waive(met)
        with pytest.raises(ConsultationError):
            met.reopen("logs", organisation="company")
        with pytest.raises(ConsultationError):
            BARE.reopen("logs", organisation="agency")
        assert met.reopen("logs", organisation="agency").state("logs") == "open"

    def test_an_unknown_condition_is_told(self):
        with pytest.raises(ConsultationError, match="nowhere"):
            meet(BARE, "nowhere")


class TestAmending:
    def test_amended_minutes_need_both_signatures_anew(self):
        consultation = READY.amend(amended(READY, agenda="새 안건"))

        assert consultation.unsigned == ("agency", "company")
        assert consultation.earlier == (MINUTES.digest,)
        assert not consultation.is_ready
        assert signed(consultation).is_ready

    def test_old_signatures_do_not_come_back(self):
        consultation = READY.amend(amended(READY, agenda="새 안건"))

        with pytest.raises(ConsultationError):
            consultation.sign(signature("agency", MINUTES))

    def test_unchanged_conditions_stay_settled_and_changed_ones_open_again(self):
        harder = replace(MINUTES.conditions[0], text="접속 기록 3년 보관")
        consultation = READY.amend(amended(READY, conditions=(harder, MINUTES.conditions[1])))

        assert consultation.state("logs") == "open"
        assert consultation.state("room") == "met"

    def test_a_new_condition_is_open(self):
        more = (*MINUTES.conditions, Condition(name="new", text="새 조건", bearer="company"))
        consultation = READY.amend(amended(READY, conditions=more))

        assert [each.name for each in consultation.unsettled] == ["new"]

    def test_only_the_minutes_in_force_can_be_amended(self):
        with pytest.raises(ConsultationError, match="in force"):
            READY.amend(replace(MINUTES, agenda="새 안건"))
        once = READY.amend(amended(READY, agenda="새 안건"))
        with pytest.raises(ConsultationError, match="in force"):
            once.amend(amended(READY, agenda="또 새 안건"))

    @pytest.mark.parametrize(
        "changed", [{"solution": "6" * 64}, {"demand": "other"}, {"company": "other"}]
    )
    def test_another_solution_is_another_consultation(self, changed):
        if "company" in changed:
            changed |= {"conditions": (), "costs": (), "duties": ()}

        with pytest.raises(ConsultationError, match="new consultation"):
            READY.amend(amended(READY, **changed))


class TestReadiness:
    def test_it_takes_both_signatures_and_every_condition(self):
        assert not BARE.is_ready
        assert not signed(BARE).is_ready
        assert not settled(BARE).is_ready
        assert READY.is_ready
        assert waive(signed(meet(BARE, "room", "company"))).is_ready

    def test_it_says_what_is_wanting(self):
        wanting = meet(BARE.sign(signature("agency"))).wanting

        assert [each.en for each in wanting] == [
            "the signature of company",
            "the condition '전산실 제공'",
        ]
        assert READY.wanting == ()

    def test_a_row_whose_minutes_were_changed_has_no_signature_any_more(self):
        plain = READY.plain()
        plain["minutes"]["costs"][0]["amount_krw"] = 1
        plain["minutes"]["conditions"][0]["text"] = "아무것도 없음"
        changed = Consultation.from_plain(plain)

        assert changed.unsigned == ("agency", "company")
        assert [each.name for each in changed.unsettled] == ["logs"]

    def test_it_comes_back_from_a_row_as_it_was(self):
        consultation = READY.amend(amended(READY, agenda="새 안건"))

        assert Consultation.from_plain(consultation.plain()) == consultation
        assert Consultation.from_plain(READY.plain()) == READY
