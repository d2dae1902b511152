"""Minutes, signatures and gates through the pages, by both sides and by strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.kernel import clock
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.models import LogEntry
from madang.trials.web.forms.adoption import USUAL_PLAN
from madang.trials.web.services import adoptions
from tests.portal.people import somebody
from tests.trials.web import adopted
from tests.trials.web.adopted import Act, fresh, gone_live, minutes, report

if TYPE_CHECKING:
    from tests.trials.web.adopted import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Pair:
    return adopted.adoption()


@pytest.fixture
def act(client: Client, pair: Pair) -> Act:
    return Act(client, pair)


def agree(act: Act, pair: Pair) -> None:
    """Both sides through a whole consultation."""
    act.do(pair.agency, "adoption-plan", **{k: str(v) for k, v in USUAL_PLAN.items()})
    act.do(pair.agency, "consultation-edit", **minutes(pair))
    digest = adoptions.require_consultation(fresh(pair)).minutes.digest
    act.do(pair.agency, "sign", digest=digest)
    act.do(pair.company, "sign", digest=digest)
    proof = SimpleUploadedFile("평가서.pdf", b"%PDF evidence")
    act.do(pair.agency, "settle", "condition-1", act="meet", evidence=proof)


def test_both_sides_agree_and_the_first_gate_opens(act: Act, pair: Pair) -> None:
    agree(act, pair)
    page = act.see(pair.company, "consultation").content.decode()

    assert "협의가 끝났습니다" in page
    assert "12,000,000" in page
    assert adoptions.require_consultation(fresh(pair)).is_ready
    assert act.do(pair.agency, "move", "open").status_code == 302
    assert fresh(pair).gate == "running"
    assert "그림자 운영" in act.see(pair.company, "adoption").content.decode()


def test_no_gate_opens_while_a_condition_is_open(act: Act, pair: Pair) -> None:
    act.do(pair.agency, "adoption-plan", **{k: str(v) for k, v in USUAL_PLAN.items()})
    act.do(pair.agency, "consultation-edit", **minutes(pair))
    digest = adoptions.require_consultation(fresh(pair)).minutes.digest
    for user in (pair.agency, pair.company):
        act.do(user, "sign", digest=digest)
    refused = act.do(pair.agency, "move", "open")

    assert refused.status_code == 422
    assert "개인정보 영향평가 완료" in refused.content.decode()
    assert fresh(pair).progress == {}


def test_no_gate_opens_without_both_signatures(act: Act, pair: Pair) -> None:
    act.do(pair.agency, "adoption-plan", **{k: str(v) for k, v in USUAL_PLAN.items()})
    act.do(pair.agency, "consultation-edit", **minutes(pair, **{"condition-0-text": ""}))
    digest = adoptions.require_consultation(fresh(pair)).minutes.digest
    act.do(pair.agency, "sign", digest=digest)
    refused = act.do(pair.agency, "move", "open")

    assert refused.status_code == 422
    assert pair.adoption.company.name_ko in refused.content.decode()


def test_amended_minutes_are_signed_anew_and_an_old_digest_signs_nothing(
    act: Act, pair: Pair
) -> None:
    agree(act, pair)
    old = adoptions.require_consultation(fresh(pair)).minutes.digest
    act.do(pair.company, "consultation-edit", **minutes(pair, agenda="비용을 다시 논의함"))
    refused = act.do(pair.agency, "sign", digest=old)

    found = adoptions.require_consultation(fresh(pair))
    assert refused.status_code == 422
    assert len(found.unsigned) == 2
    assert not found.unsettled


def test_nobody_certifies_a_condition_of_ones_own(act: Act, pair: Pair) -> None:
    act.do(pair.agency, "consultation-edit", **minutes(pair))
    proof = SimpleUploadedFile("own.txt", b"trust me")
    refused = act.do(pair.company, "settle", "condition-1", act="meet", evidence=proof)

    assert refused.status_code == 422
    assert adoptions.require_consultation(fresh(pair)).unsettled


def test_the_company_may_stop_but_not_open(act: Act, pair: Pair) -> None:
    agree(act, pair)
    refused = act.do(pair.company, "move", "open")

    assert refused.status_code == 422
    assert fresh(pair).progress == {}
    act.do(pair.agency, "move", "open")
    assert act.do(pair.company, "move", "stop", reason="오류 발견").status_code == 302
    assert fresh(pair).gate == "stopped"


@pytest.mark.parametrize("name", ["consultation", "adoption", "consultation-edit", "observe"])
def test_strangers_find_nothing(act: Act, name: str) -> None:
    for role in ("agency", "company", "evaluator"):
        assert act.see(somebody(role), name).status_code == 404


def at(hours: float) -> str:
    return (clock.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")


def test_harm_beyond_the_limit_stops_the_pilot_at_once(act: Act, pair: Pair) -> None:
    agree(act, pair)
    act.do(pair.agency, "move", "open")
    reported = report(act, pair, "week-1", n=500, events=150)

    assert reported.status_code == 302
    assert fresh(pair).gate == "stopped"
    page = act.see(pair.company, "adoption").content.decode()
    assert "한도 초과" in page
    assert act.do(pair.agency, "move", "advance").status_code == 422


def test_a_batch_is_taken_once(act: Act, pair: Pair) -> None:
    agree(act, pair)
    act.do(pair.agency, "move", "open")
    assert report(act, pair, "week-1", n=100, events=1).status_code == 302
    again = report(act, pair, "week-1", n=100, events=1)

    assert again.status_code == 422
    assert fresh(pair).observations.count() == 1


SECOND = {
    "more-TOTAL_FORMS": "1",
    "more-INITIAL_FORMS": "0",
    "more-0-title_ko": "담당자가 고친 건",
    "more-0-title_en": "Serious errors",
    "more-0-kind": "paired",
    "more-0-limit": "0.1",
    "more-0-fewest": "20",
}
"""A further measure, which has the name of the first in English."""


def test_several_measures_are_watched_and_each_has_its_limit(act: Act, pair: Pair) -> None:
    usual = {k: str(v) for k, v in USUAL_PLAN.items()}
    half = act.do(pair.agency, "adoption-plan", **usual, **{**SECOND, "more-0-limit": ""})
    assert half.status_code == 422
    assert fresh(pair).plan == {}
    empty = dict.fromkeys((key for key in SECOND if "-0-" in key), "") | {"more-0-kind": "rate"}
    act.do(pair.agency, "adoption-plan", **usual, **{**SECOND, **empty})
    assert [each["name"] for each in fresh(pair).plan["measures"]] == ["serious-errors"]

    assert act.do(pair.agency, "adoption-plan", **usual, **SECOND).status_code == 302

    kept = fresh(pair).plan
    assert [each["name"] for each in kept["measures"]] == ["serious-errors", "serious-errors-2"]
    assert [each["limit"] for each in kept["rules"]] == [0.05, 0.1]
    assert kept["measures"][1]["low"] == -1.0
    page = act.see(pair.agency, "adoption").content.decode()
    assert page.count("담당자가 고친 건") >= 2


def said_live() -> list[dict[str, Any]]:
    """What the evidence log says of adoptions that went live."""
    found = LogEntry.objects.filter(predicate_type=predicate_type("adoption-live"))
    return [dict(Statement.decode(bytes(each.content)).predicate) for each in found]


def test_a_pilot_goes_live_gate_by_gate(act: Act, pair: Pair) -> None:
    gone_live(act, pair)

    row = fresh(pair)
    assert row.gate == "live"
    assert row.live_since
    assert row.demand.state == "live"
    kinds = set(LogEntry.objects.values_list("predicate_type", flat=True))
    assert {each.rpartition("/v")[0].rpartition("/")[2] for each in kinds} >= {
        "adoption-begun", "plan-set", "minutes-written", "minutes-signed", "gate-open",
        "gate-advance", "observations-reported", "adoption-live",
    }  # fmt: skip


def test_the_log_says_once_that_a_solution_went_live_and_which(act: Act, pair: Pair) -> None:
    agree(act, pair)
    act.do(pair.agency, "move", "open")
    assert said_live() == []

    other = adopted.adoption()
    gone_live(Act(Client(), other), other)
    Act(Client(), other).do(other.agency, "move", "pause", reason="점검")
    Act(Client(), other).do(other.agency, "move", "resume")

    (told,) = said_live()
    solution = other.adoption.submission
    assert fresh(other).gate == "live"
    assert told["demand"] == other.adoption.demand.name
    assert told["submission"] == solution.pk
    assert told["solution"] == solution.digest


def test_evidence_is_for_the_parties_alone(act: Act, pair: Pair) -> None:
    agree(act, pair)
    (settled,) = adoptions.require_consultation(fresh(pair)).settlements
    shown = act.see(pair.company, "evidence", settled.evidence[0])

    assert b"".join(shown) == b"%PDF evidence"
    assert "attachment" in shown["Content-Disposition"]
    assert act.see(somebody("company"), "evidence", settled.evidence[0]).status_code == 404
    assert act.see(pair.company, "evidence", "0" * 64).status_code == 404
