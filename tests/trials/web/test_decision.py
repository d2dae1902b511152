"""From the closing of submissions to a final decision: each step due, once, and in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.evidence.keys import VerifyingKey
from madang.kernel.evidence.statement import Statement
from madang.kernel.evidence.verify import verify_path
from madang.portal.models import JobRun, LogEntry, StoredObject
from madang.portal.queue import leases
from madang.portal.worker import settle
from madang.trials.engine.errors import PhaseClosed
from madang.trials.web.models import Decision, Demand, Submission
from madang.trials.web.services import decisions, objections, reports
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bwrap]


def act(client: Client, demand: Demand, name: str, **given: Any) -> Any:
    """Press one of the buttons of the decision's page."""
    return client.post(reverse("trials:decision_act", args=[demand.name, name]), given)


def page(client: Client, demand: Demand) -> Any:
    return client.get(reverse("trials:decision", args=[demand.name]))


def nouns() -> list[str]:
    """The kinds of entries of the log, in order."""
    rows = LogEntry.objects.order_by("index").values_list("predicate_type", flat=True)
    return [each.rpartition("/v")[0].rpartition("/")[2] for each in rows]


def entered(demand: Demand) -> Demand:
    """Three teams hand in: the best, one that is better than nothing, and one that fails."""
    for source, name in ((solved.LINE, "line"), (solved.SIGN, "sign"), (solved.CRASHER, "crash")):
        solved.hand_in(demand, source, name=name)
    return demands.worked(demand)


def test_the_whole_way_from_closing_to_a_final_decision(client: Client, tmp_path: Path) -> None:
    demand = entered(solved.opened())
    officer = solved.owner(demand)
    enter(client, officer)
    later = solved.after_closing(demand)

    with clock.stopped_at(later):
        assert "최종 비교 시작하기" in page(client, demand).content.decode()
        act(client, demand, "close")
    demands.worked(demand)
    with clock.stopped_at(later):
        seen = page(client, demand).content.decode()
        client.logout()
        assert page(client, demand).status_code == 404
        enter(client, officer)
        act(client, demand, "announce", reason="규칙대로 판정합니다.")
    demands.worked(demand)
    client.logout()
    told = page(client, demand).content.decode()

    assert "판정 공개하기" in seen
    assert "규칙대로 판정합니다." in told
    assert "&#x27;line 해법&#x27;을 채택합니다" in told
    decision = Decision.objects.get()
    assert decision.adopted is not None and decision.adopted.name == "line"
    assert decision.announced_by == officer
    names = set(decision.comparison["primary"]["scores"])
    assert {"line", "sign"} < names and "crash" not in names
    assert nouns().count("comparison") == nouns().count("decision") == 1
    for kind in ("html", "pdf", "json"):
        answer = client.get(reverse("trials:report", args=[demand.name, kind]))
        file = tmp_path / f"report.{kind}"
        file.write_bytes(b"".join(answer.streaming_content))
        key = client.get(reverse("trials:key", args=[demand.name])).content.decode()
        assert "attachment" in answer["Content-Disposition"]
        assert verify_path(file, key=VerifyingKey.given(key.strip())).ok

    demand.refresh_from_db()
    assert demand.objections_until is not None
    enter(client, officer)
    with clock.stopped_at(demand.objections_until - timedelta(minutes=1)):
        act(client, demand, "confirm")
        demand.refresh_from_db()
        assert demand.state == "decided"
    with clock.stopped_at(demand.objections_until + timedelta(minutes=1)):
        assert "판정 확정하기" in page(client, demand).content.decode()
        act(client, demand, "confirm")
    demand.refresh_from_db()
    assert demand.state == "final"
    assert Decision.objects.get().confirmed_by == officer


def test_the_report_rests_on_every_entry_of_the_trial_and_on_no_other(tmp_path: Path) -> None:
    demand = solved.announced(entered(solved.opened()))
    other = solved.opened(cases=240)
    solved.hand_in(other)
    runs = leases().list(job="trials.run", matching={"demand": demand.name})

    found = list(reports.entries_of(demand, runs))

    kinds = [e.statement.predicate_type.rpartition("/v")[0].rpartition("/")[2] for e in found]
    # One demand, three submissions, three runs on the board and two final ones, one decision.
    counted = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counted == {"demand": 1, "submission": 3, "run": 5, "comparison": 1, "decision": 1}
    assert all(e.statement.predicate["demand"] == demand.name for e in found)


def test_the_comparison_waits_for_runs_that_are_under_way() -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand)
    with clock.stopped_at(solved.after_closing(demand)):
        decisions.close(demand, by=solved.owner(demand))
        assert not Submission.objects.exclude(final_run="").exists()
        with pytest.raises(PhaseClosed):
            decisions.close(demand, by=solved.owner(demand))
    demands.worked(demand)

    assert demand.state == "evaluated"
    assert Submission.objects.get().final_state == "done"
    assert "line" in Decision.objects.get().comparison["primary"]["scores"]


def test_a_solution_that_fails_by_itself_in_the_final_holds_nobody_up() -> None:
    demand = solved.opened()
    # 900 cases: 270 on the board part, 360 in the final one.
    fails = b"    1 / (len(inputs) < 300)\n    return np.polyval"
    late = solved.LINE.replace(b"    return np.polyval", fails)
    solved.hand_in(demand, late, name="late")
    solved.hand_in(demand, solved.SIGN, name="sign")
    demands.worked(demand)

    decided = solved.compared(demand)

    finals = dict(Submission.objects.values_list("name", "final_cause"))
    assert finals == {"late": "crash", "sign": ""}
    assert "late" not in decided.decision.comparison["primary"]["scores"]
    assert decided.decision.facts["adopted"] == "sign"


def test_nothing_is_compared_before_submissions_have_closed(client: Client) -> None:
    demand = solved.opened(cases=240)
    enter(client, solved.owner(demand))

    answer = act(client, demand, "close")

    demand.refresh_from_db()
    assert demand.state == "open"
    assert "접수가 끝나고" in client.get(demand.get_absolute_url()).content.decode()
    assert answer.status_code == 302
    assert page(client, demand).status_code == 404


def test_a_trial_without_a_scored_solution_ends_in_no_adoption() -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand, solved.CRASHER)
    demands.worked(demand)

    decided = solved.compared(demand)

    assert decided.decision.facts["adopted"] is None
    assert decided.decision.adopted is None
    announced = solved.announced(decided)
    assert announced.state == "decided"
    assert announced.decision.report_html is not None


def test_each_team_has_its_best_released_solution_in_the_final() -> None:
    demand = solved.opened()
    user = somebody("company")
    for source, name in ((solved.SIGN, "sign"), (solved.LINE, "line"), (solved.SIGN, "again")):
        solved.hand_in(demand, source, by=user, name=name)
        demands.worked(demand)
    other = somebody("company")
    for name in ("first", "last"):  # no better than the baseline: nothing is released
        source = b"def predict(model, inputs, task):\n    return [1.0] * len(inputs)\n"
        solved.hand_in(demand, source, by=other, name=name)
        demands.worked(demand)

    chosen = {each.company: each.name for each in decisions.finalists(demand)}

    assert chosen == {home_of(user): "line", home_of(other): "last"}


def test_a_final_run_that_the_platform_lost_is_run_again_before_anything_is_compared(
    client: Client,
) -> None:
    demand = solved.opened()
    row = solved.hand_in(demand)
    solved.hand_in(demand, solved.SIGN, name="sign")
    demands.worked(demand)
    officer = solved.owner(demand)
    enter(client, officer)
    with clock.stopped_at(solved.after_closing(demand)):
        act(client, demand, "close")
    row.refresh_from_db()

    solved.lose(row.final_run)
    demands.worked(demand)
    waiting = page(client, demand).content.decode()
    assert demand.state == "evaluating"
    assert not Decision.objects.exists()
    act(client, demand, "repeat")
    demands.worked(demand)

    assert "다시 실행하기" in waiting
    assert demand.state == "evaluated"
    assert Decision.objects.get().adopted == row
    row.refresh_from_db()
    assert (row.final_state, row.final_cause) == ("done", "")
    runs = JobRun.objects.filter(job="trials.run", parameters__part="final")
    assert sorted(runs.values_list("state", flat=True)) == ["done", "done", "failed"]


def test_a_comparison_that_the_platform_lost_is_made_again() -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand)
    demands.worked(demand)
    with clock.stopped_at(solved.after_closing(demand)):
        decisions.close(demand, by=solved.owner(demand))
    run = Submission.objects.get().final_run
    from madang.kernel.jobs.worker import Claimed
    from madang.portal.worker import execute, settle_ended

    lease = leases().claim("one", lease_s=60, jobs=["trials.run"])
    assert lease is not None and lease.id == run
    leases().finish(lease, execute(Claimed(lease)).result)
    settle_ended()
    demand.refresh_from_db()
    lost = demand.run
    solved.lose(lost)

    assert decisions.comparison_failed(Demand.objects.get(pk=demand.pk))
    decisions.repeat(demand, by=solved.owner(demand))
    with pytest.raises(PhaseClosed):
        decisions.repeat(demand, by=solved.owner(demand))
    demands.worked(demand)

    assert demand.state == "evaluated"
    assert demand.run != lost


def test_a_comparison_settled_twice_or_by_a_worker_that_dies_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand)
    demands.worked(demand)
    with clock.stopped_at(solved.after_closing(demand)):
        decisions.close(demand, by=solved.owner(demand))
    with monkeypatch.context() as patched:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("madang.trials.web.services.decisions.write_whole", dies)
        with pytest.raises(KeyboardInterrupt):
            demands.worked(demand)
    demand.refresh_from_db()
    before = demand.state, Decision.objects.count(), nouns().count("decision")
    demands.worked(demand)

    assert before == ("evaluating", 0, 0)
    assert demand.state == "evaluated"
    assert Decision.objects.count() == nouns().count("decision") == 1
    assert settle(demand.run) is False


def test_only_who_decides_may_press_the_buttons(client: Client) -> None:
    demand = entered(solved.opened(cases=240))
    later = solved.after_closing(demand)
    others = [somebody("company"), somebody("officer"), somebody("agency"), somebody("evaluator")]
    others += [somebody("agency", demand.agency), somebody("operator"), somebody("auditor")]
    for other in others:
        enter(client, other)
        with clock.stopped_at(later):
            for name in ("close", "repeat", "announce", "confirm", "compare-again", "report"):
                assert act(client, demand, name).status_code in (403, 404)
    enter(client, solved.owner(demand))
    with clock.stopped_at(later):
        assert act(client, demand, "dance").status_code == 404
        assert (
            client.get(reverse("trials:decision_act", args=[demand.name, "close"])).status_code
            == 405
        )

    demand.refresh_from_db()
    assert not Submission.objects.exclude(final_run="").exists()
    assert not Decision.objects.exists()


def test_an_agency_without_a_ministry_decides_itself(client: Client) -> None:
    demand = demands.opened()
    solved.hand_in(demand)
    demands.worked(demand)
    enter(client, somebody("agency", demand.agency))

    with clock.stopped_at(solved.after_closing(demand)):
        act(client, demand, "close")
    demands.worked(demand)

    assert demand.ministry is None
    assert demand.state == "evaluated"


def test_an_objection_that_is_upheld_takes_the_decision_back(client: Client) -> None:
    demand = solved.opened(cases=240)
    user = somebody("company")
    solved.hand_in(demand, by=user)
    demands.worked(demand)
    demand = solved.announced(demand)
    first = Decision.objects.get().report_html
    assert first is not None
    at = Decision.objects.get().announced + timedelta(hours=1)
    with clock.stopped_at(at):
        filed = objections.file(demand, home_of(user), by=user, ground="data", text="자료가 다름")
        objections.answer(filed, by=solved.owner(demand), outcome="set_aside", text="맞습니다")

    demand = Demand.objects.get(pk=demand.pk)
    assert demand.state == "evaluated"
    assert reports.report(demand, "html") is None
    assert StoredObject.objects.get(pk=first.pk).is_public is False
    assert client.get(reverse("trials:report", args=[demand.name, "html"])).status_code == 404
    assert page(client, demand).status_code == 404
    decisions.compare_again(demand, by=solved.owner(demand))
    demands.worked(demand)
    with clock.stopped_at(at + timedelta(hours=1)):
        decisions.announce(demand, by=solved.owner(demand))
    demands.worked(demand)
    demand = Demand.objects.get(pk=demand.pk)
    assert demand.state == "decided"
    assert reports.report(demand, "html") is not None
    with clock.stopped_at(at + timedelta(hours=2)):
        assert objections.objections(demand).objections == ()
    assert nouns().count("decision") == 2


def test_a_report_that_could_not_be_made_is_made_again(client: Client) -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand)
    demands.worked(demand)
    demand = solved.compared(demand)
    with clock.stopped_at(solved.after_closing(demand)):
        decisions.announce(demand, by=solved.owner(demand))
    demand = Demand.objects.get(pk=demand.pk)
    with pytest.raises(PhaseClosed):
        decisions.report_again(demand, by=solved.owner(demand))
    solved.lose(demand.run)
    enter(client, solved.owner(demand))
    assert "보고서 다시 만들기" in page(client, demand).content.decode()

    act(client, demand, "report")
    demands.worked(demand)

    assert reports.report(Demand.objects.get(pk=demand.pk), "pdf") is not None
    assert client.get(reverse("trials:report", args=[demand.name, "exe"])).status_code == 404


def test_the_decision_is_in_the_log_with_who_announced_it() -> None:
    demand = solved.opened(cases=240)
    solved.hand_in(demand)
    demands.worked(demand)
    solved.announced(demand)

    entry = LogEntry.objects.get(predicate_type__contains="decision-announced")

    assert entry.by == solved.owner(demand)
    told = Statement.decode(bytes(entry.content)).predicate
    assert told["adopted"] == Decision.objects.get().facts["adopted"]
