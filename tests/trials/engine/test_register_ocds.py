"""A demand stands in the public register as OCDS, and says no more than anybody may know."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest

from madang.kernel.words import words
from madang.trials.engine.errors import RegisterError
from madang.trials.engine.phases import Phase, Timetable
from madang.trials.engine.register_facts import (
    AwardFacts,
    ContractFacts,
    Paper,
    Party,
    RegisterFacts,
)
from madang.trials.engine.register_ocds import (
    check_release,
    ocid,
    package,
    record,
    release,
    tag_for,
)
from tests.trials.engine.pilots import BARE, READY, WAITING, at_gate, day, hand, signed

AGENCY = Party(name="agency", title=words("시험청", "Test Agency"))
FIRM = Party(name="company", title=words("봄", "Bom"), scheme="KR-BRN", number="1234567890")
RIVAL = Party(name="rival", title=words("가을", "Gaeul"))
NOTICE = Paper(
    name="notice",
    kind="tenderNotice",
    title=words("공고문", "Notice"),
    url="https://agency.go.kr/notice",
    published=day(0),
    sha256="a" * 64,
)
TIMETABLE = Timetable(
    posted=day(0),
    questions_from=day(1),
    questions_until=day(6),
    opens=day(4),
    closes=day(20),
    decision_by=day(28),
)
AWARD = AwardFacts(
    decided=day(25),
    grounds=words("규칙을 만족했습니다.", "It satisfied the rule."),
    suppliers=(FIRM,),
    value_krw=90_000_000,
)
FACTS = RegisterFacts(
    prefix="ocds-abc123",
    demand="gbsg2",
    title=words("재발 예측", "Predict recurrence"),
    problem=words("언제 재발하는지 예측합니다.", "Predict the time to recurrence."),
    rule=words("기준보다 0.01 이상 나을 것", "Better than the baseline by .01"),
    agency=AGENCY,
    timetable=TIMETABLE,
    phase=Phase.DIFFUSION,
    budget_krw=100_000_000,
    has_questions=True,
    tenderers=(FIRM, RIVAL),
    papers=(NOTICE,),
    award=AWARD,
    contract=ContractFacts.of(READY, at_gate(2)[0], papers=(NOTICE,)),
    related=("ocds-abc123-first",),
)


def made(**changed):
    """The release of these facts, on day 40."""
    return release(replace(FACTS, **changed), at=day(40), tags=["implementation"])


def test_it_says_who_takes_part_each_once_with_all_roles():
    assert [(each["id"], each["roles"]) for each in made()["parties"]] == [
        ("agency", ["buyer", "procuringEntity"]),
        ("company", ["tenderer", "supplier"]),
        ("rival", ["tenderer"]),
    ]
    assert made()["parties"][1]["identifier"] == {"scheme": "KR-BRN", "id": "1234567890"}
    assert made()["buyer"] == {"id": "agency", "name": "시험청"}


def test_texts_stand_in_korean_and_in_english():
    tender = made()["tender"]

    assert (tender["title"], tender["title_en"]) == ("재발 예측", "Predict recurrence")
    assert made()["language"] == "ko"


def test_dates_and_money_are_those_of_the_demand():
    tender = made()["tender"]

    assert tender["tenderPeriod"] == {
        "startDate": "2026-11-06T00:00:00Z",
        "endDate": "2026-11-22T00:00:00Z",
    }
    assert tender["value"] == {"amount": 100_000_000, "currency": "KRW"}
    assert "value" not in made(budget_krw=None)["tender"]
    assert "budget" not in made(budget_krw=None)["planning"]


def test_a_date_put_off_is_an_amendment():
    later = TIMETABLE.put_off("closes", day(22), by="kim", reason="명절", at=day(19))
    amendment = made(timetable=later)["tender"]["amendments"][0]

    assert amendment["rationale"] == "명절"
    assert "2026-11-22T00:00:00Z → 2026-11-24T00:00:00Z" in amendment["description"]


@pytest.mark.parametrize("phase", [Phase.POSTED, Phase.QUESTIONS, Phase.OPEN])
def test_nobody_learns_who_submitted_before_the_closing(phase):
    early = made(phase=phase, award=None, contract=None)

    assert "rival" not in json.dumps(early)
    assert "numberOfTenderers" not in early["tender"]
    closed = made(phase=Phase.CLOSED, award=None, contract=None)
    assert closed["tender"]["numberOfTenderers"] == 2


@pytest.mark.parametrize(
    ("phase", "tender", "award"),
    [
        (Phase.POSTED, "planned", "pending"),
        (Phase.OPEN, "active", "pending"),
        (Phase.EVALUATING, "active", "pending"),
        (Phase.DECIDED, "active", "pending"),
        (Phase.OBJECTIONS, "active", "pending"),
        (Phase.FINAL, "complete", "active"),
        (Phase.ADOPTION, "complete", "active"),
        (Phase.CANCELLED, "cancelled", "pending"),
    ],
)
def test_states_follow_the_phase(phase, tender, award):
    found = made(phase=phase)

    assert found["tender"]["status"] == tender
    assert found["awards"][0]["status"] == award


def test_a_decision_that_adopts_nobody_is_unsuccessful():
    nobody = made(phase=Phase.FINAL, award=replace(AWARD, suppliers=()), contract=None)

    assert nobody["tender"]["status"] == "unsuccessful"
    assert nobody["awards"][0]["status"] == "unsuccessful"
    assert nobody["awards"][0]["suppliers"] == []
    # Before it is final nothing is settled.
    assert (
        made(phase=Phase.OBJECTIONS, award=replace(AWARD, suppliers=()))["awards"][0]["status"]
        == "pending"
    )


def test_an_award_that_was_set_aside_is_cancelled():
    assert made(award=replace(AWARD, set_aside=True))["awards"][0]["status"] == "cancelled"


class TestContract:
    def test_it_is_signed_when_both_have_signed(self):
        signed_ = made()["contracts"][0]
        bare = made(contract=ContractFacts.of(BARE))["contracts"][0]

        assert (signed_["status"], signed_["dateSigned"]) == ("active", "2026-11-02T00:00:00Z")
        assert bare["status"] == "pending"
        assert "dateSigned" not in bare

    def test_its_value_is_what_is_paid_once(self):
        assert made()["contracts"][0]["value"]["amount"] == 30_000_000

    def test_conditions_are_milestones(self):
        half = signed(BARE).waive(
            "logs", by="kim", organisation="agency", at=day(1), reason="불필요"
        )
        logs, room = made(contract=ContractFacts.of(half))["contracts"][0]["milestones"]

        assert (logs["status"], logs["description"]) == ("notMet", "면제(waived): 불필요")
        assert (room["status"], room["dueDate"]) == ("scheduled", "2026-12-01T23:59:59+09:00")
        met = made()["contracts"][0]["milestones"][0]
        assert (met["status"], met["dateMet"]) == ("met", "2026-11-02T00:00:00Z")

    def test_gates_are_milestones_of_the_implementation(self):
        gates = made()["contracts"][0]["implementation"]["milestones"]

        assert [gate["status"] for gate in gates] == ["met", "met", "met", "scheduled"]
        assert gates[0]["dateMet"] == "2026-11-02T00:00:00Z"
        assert "dateMet" not in gates[3]

    def test_an_adoption_given_up_terminates_it(self):
        ended = WAITING.open(READY, hand=hand(0)).end(hand=hand(1), reason="그만둠")
        contract = made(contract=ContractFacts.of(READY, ended))["contracts"][0]

        assert contract["status"] == "terminated"
        assert [gate["status"] for gate in contract["implementation"]["milestones"]] == [
            "met",
            "notMet",
            "notMet",
            "notMet",
        ]

    def test_there_is_none_without_an_award(self):
        assert "contracts" not in made(award=None)


class TestNames:
    def test_a_process_is_named_by_the_publishers_prefix(self):
        assert made()["ocid"] == "ocds-abc123-gbsg2"
        assert made()["id"] == "ocds-abc123-gbsg2-20261212T000000Z"

    @pytest.mark.parametrize("prefix", ["", "ocds-ABC123", "ocds-abc12", "abc123", "ocds-abc1234"])
    def test_a_prefix_of_another_form_is_refused(self, prefix):
        with pytest.raises(RegisterError):
            ocid(prefix, "gbsg2")

    @pytest.mark.parametrize(
        ("before", "phase", "tag"),
        [
            (None, Phase.POSTED, "tender"),
            (Phase.POSTED, Phase.OPEN, "tenderUpdate"),
            (Phase.OPEN, Phase.OPEN, "tenderUpdate"),
            (Phase.EVALUATING, Phase.DECIDED, "award"),
            (Phase.OBJECTIONS, Phase.FINAL, "awardUpdate"),
            (Phase.FINAL, Phase.FINAL, "awardUpdate"),
            (Phase.FINAL, Phase.CONSULTATION, "contract"),
            (Phase.CONSULTATION, Phase.CONSULTATION, "contractAmendment"),
            (Phase.CONSULTATION, Phase.ADOPTION, "implementation"),
            (Phase.ADOPTION, Phase.ADOPTION, "implementationUpdate"),
            (Phase.ADOPTION, Phase.DIFFUSION, "implementationUpdate"),
            (Phase.OPEN, Phase.CANCELLED, "tenderCancellation"),
        ],
    )
    def test_a_release_says_what_is_new(self, before, phase, tag):
        assert tag_for(phase, before) == tag


class TestSchema:
    @pytest.mark.parametrize(
        "fault",
        [
            lambda r: r.pop("tender"),
            lambda r: r["tender"].update(status="open"),
            lambda r: r["tender"].update(more=1),
            lambda r: r.update(tag=[]),
            lambda r: r.update(tag=["news"]),
            lambda r: r.update(date="2026-12-12"),
            lambda r: r["parties"].clear(),
            lambda r: r["parties"][0].update(roles=["boss"]),
            lambda r: r["awards"][0]["value"].update(amount=-1),
            lambda r: r["awards"][0].update(status="unsuccessful"),
            lambda r: r["contracts"][0]["milestones"][0].update(status="waived"),
            lambda r: r["tender"]["documents"][0].update(url="javascript:alert(1)"),
            lambda r: r["tender"].update(title=""),
        ],
    )
    def test_what_breaks_it_is_refused(self, fault):
        found = made()
        fault(found)

        with pytest.raises(RegisterError):
            check_release(found)

    def test_facts_that_break_it_are_refused_with_their_place(self):
        with pytest.raises(RegisterError, match=r"tender\.title"):
            made(title=words("", ""))

    @pytest.mark.shared
    @pytest.mark.parametrize("phase", list(Phase))
    def test_the_standards_own_schema_takes_every_release(self, shared, phase):
        # Open Contracting Data Standard, release schema (Apache-2.0).
        schema = json.loads((shared / "programme/ocds/release-schema.json").read_text("utf-8"))

        faults = list(jsonschema.Draft4Validator(schema).iter_errors(made(phase=phase)))
        assert faults == []


class TestRecord:
    def test_it_holds_every_release_and_the_latest_compiled(self):
        first = release(
            replace(FACTS, phase=Phase.OPEN, award=None, contract=None), at=day(4), tags=["tender"]
        )
        found = record([first, made()])

        assert [each["tag"] for each in found["releases"]] == [["tender"], ["implementation"]]
        assert found["compiledRelease"]["tag"] == ["compiled"]
        assert found["compiledRelease"]["contracts"] == made()["contracts"]
        check_release(found["compiledRelease"])

    def test_releases_of_several_processes_or_out_of_order_make_none(self):
        other = release(replace(FACTS, demand="other"), at=day(41), tags=["implementation"])
        early = release(FACTS, at=day(39), tags=["implementation"])

        for releases in ([], [made(), other], [made(), early]):
            with pytest.raises(RegisterError):
                record(releases)

    def test_it_is_offered_as_a_package(self):
        found = package(
            [record([made()])],
            kind="records",
            uri="https://agency.go.kr/ocds",
            publisher="시험청",
            licence="https://www.kogl.or.kr/info/license.do",
            at=datetime(2026, 12, 13, tzinfo=UTC),
        )

        assert (found["version"], len(found["records"])) == ("1.1", 1)
        assert json.loads(json.dumps(found)) == found


def test_facts_come_back_from_a_row_as_they_were():
    assert RegisterFacts.from_plain(FACTS.plain()) == FACTS
