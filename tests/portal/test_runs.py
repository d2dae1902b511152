"""Everybody sees their own runs; operators see all, and mend what the platform failed."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.portal import jobs, runs
from madang.portal.log import log
from madang.portal.models import JobEnding, JobRun, SeenWorker
from madang.portal.queue import enqueue, leases
from tests.portal import chores
from tests.portal.people import enter, home_of, somebody

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chores_of_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "JOBS", chores.JOBS)
    monkeypatch.setattr(jobs, "SETTLE", {})


@pytest.fixture
def operator() -> Client:
    return enter(Client(), somebody("operator"))


def failed(name: str, cause: str, *, job: str = "portal.echo", **more: Any) -> JobRun:
    """A run that failed so."""
    enqueue(name, job, {"n": 7}, attempts=1, **more)
    lease = leases().claim("host:1", lease_s=10, jobs=[job])
    assert lease
    leases().fail(lease, cause, retry=False)
    return JobRun.objects.get(id=name)


def shown(client: Client, **asked: Any) -> list[str]:
    page = client.get("/runs/", asked)
    assert page.status_code == 200
    return [each["run"].id for each in page.context["rows"]]


def test_all_runs_are_for_operators_alone() -> None:
    assert Client().get("/runs/").status_code == 302
    for role in ("company", "officer", "auditor", "admin"):
        assert enter(Client(), somebody(role)).get("/runs/").status_code == 403


def test_a_run_is_seen_by_its_owners_and_by_operators(operator: Client) -> None:
    member, other = somebody("company"), somebody("company")
    enqueue("own", "portal.echo", {}, owner=home_of(member))
    enqueue("sites", "portal.echo", {})
    mine, others = enter(Client(), member), enter(Client(), other)

    assert mine.get("/runs/own").status_code == operator.get("/runs/own").status_code == 200
    for address in ("/runs/own", "/runs/own/progress", "/runs/sites", "/runs/none"):
        assert others.get(address).status_code == 404
    for address in ("/runs/own/cancel", "/runs/sites/cancel"):
        assert others.post(address).status_code == 404
    assert mine.post("/runs/own/again").status_code == 403
    assert leases().get("own").state == "queued"


def test_runs_are_found_by_state_cause_job_and_name(operator: Client) -> None:
    failed("a-lost", "worker_lost")
    failed("b-mem", "memory", job="trials.run")
    enqueue("c", "portal.echo", {})

    assert shown(operator) == ["c", "b-mem", "a-lost"]
    assert shown(operator, state="failed") == ["b-mem", "a-lost"]
    assert shown(operator, cause="memory") == shown(operator, job="trials.run") == ["b-mem"]
    assert shown(operator, id="a-") == ["a-lost"]
    assert len(shown(operator, state="' OR 1=1")) == 3


def test_what_could_not_be_settled_is_shown_with_its_reason(operator: Client) -> None:
    failed("a", "memory")
    failed("b", "memory")
    JobEnding.objects.filter(run_id="a").update(tries=3, fault="ZeroDivisionError")

    assert shown(operator, unsettled="on") == ["a"]
    page = operator.get("/runs/a").content.decode()
    assert "ZeroDivisionError" in page


def test_a_list_asks_as_much_for_many_runs_as_for_few(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    member = somebody("company")
    failed("r", "memory", owner=home_of(member))
    operator.get("/runs/")
    with django_assert_max_num_queries(10) as few:
        operator.get("/runs/")
    for number in range(60):
        failed(f"r{number}", "memory", owner=home_of(member))
    with django_assert_max_num_queries(10) as many:
        operator.get("/runs/")

    assert len(few) == len(many)


def test_files_carry_every_run_of_the_view(operator: Client) -> None:
    for number in range(70):
        enqueue(f"r{number}", "portal.echo", {})
    found = json.loads(operator.get("/runs/?format=json").getvalue())["runs"]
    text = operator.get("/runs/?format=csv&id=r1").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert len(found) == 70
    assert found[0]["enqueued"].endswith("Z")
    assert {row["id"] for row in rows} == {"r1", *(f"r1{n}" for n in range(10))}


def test_a_page_follows_a_run_to_its_end() -> None:
    member = somebody("company")
    enqueue("r1", "portal.echo", {}, owner=home_of(member))
    client = enter(Client(), member)
    part = {"HX-Request": "true"}
    waiting = client.get("/runs/r1/progress", headers=part)
    lease = leases().claim("host:1", lease_s=10)
    assert lease
    JobRun.objects.filter(id="r1").update(share=0.25, saying_ko="자료를 읽습니다.")
    working = client.get("/runs/r1/progress", headers=part).content.decode()
    leases().finish(lease, {})
    over = client.get("/runs/r1/progress", headers=part)

    assert "every 2s" in waiting.content.decode()
    assert "<html" not in waiting.content.decode()
    assert "25%" in working
    assert "자료를 읽습니다." in working
    assert over["HX-Refresh"] == "true"
    assert "every 2s" not in over.content.decode()
    assert client.get("/runs/r1/progress").status_code == 302
    assert "host:1" not in client.get("/runs/r1").content.decode()


def test_an_owner_calls_a_run_off_once() -> None:
    member = somebody("company")
    enqueue("r1", "portal.echo", {}, owner=home_of(member))
    client = enter(Client(), member)
    first = client.post("/runs/r1/cancel", follow=True).content.decode()
    client.post("/runs/r1/cancel")

    assert "취소를 요청했습니다" in first
    assert leases().get("r1").state == "cancelled"
    assert [entry.statement.predicate["thing"] for entry in log().entries()] == ["run/r1"]
    assert client.get("/runs/r1/cancel").status_code == 405


def test_what_the_platform_failed_is_done_anew(operator: Client) -> None:
    member = somebody("company")
    first = failed("check-1", "worker_lost", owner=home_of(member))
    answer = operator.post("/runs/check-1/again")
    again = JobRun.objects.get(id="check-1~2")
    with pytest.raises(InputError):
        runs.repeat(again, by=somebody("operator"))

    assert answer["Location"] == "/runs/check-1~2"
    assert (again.job, again.parameters, again.owner) == (first.job, {"n": 7}, first.owner)
    assert leases().get("check-1").state == "failed", "the first stays as it ended"
    lease = leases().claim("w", lease_s=10)
    assert lease
    leases().fail(lease, "unavailable", retry=False)
    assert operator.post("/runs/check-1~2/again")["Location"] == "/runs/check-1~3"


@pytest.mark.parametrize(
    ("cause", "job"),
    [("input", "portal.echo"), ("memory", "portal.echo"), ("worker_lost", "nobody.knows")],
)
def test_what_the_platform_did_not_fail_is_not_done_anew(
    operator: Client, cause: str, job: str
) -> None:
    failed("r1", cause, job=job)

    assert operator.post("/runs/r1/again").status_code == 422
    assert JobRun.objects.count() == 1
    assert "다시 실행하기" not in operator.get("/runs/r1").content.decode()


def test_who_repeats_a_platforms_failure_twice_gets_one_run(operator: Client) -> None:
    failed("r1", "worker_lost")
    operator.post("/runs/r1/again")
    operator.post("/runs/r1/again")

    assert sorted(JobRun.objects.values_list("id", flat=True)) == ["r1", "r1~2"]


def test_a_queue_without_a_worker_says_so(operator: Client) -> None:
    assert "작업자가 없습니다" in operator.get("/runs/").content.decode()
    SeenWorker.objects.create(name="host:1", since_s=0, seen_s=0)

    page = operator.get("/runs/").content.decode()
    assert "작업자가 없습니다" not in page
    assert "host:1" in page


def test_causes_of_systems_are_told_in_their_words() -> None:
    assert runs.cause_words("worker_lost").en == "worker lost (platform)"
    assert runs.cause_words("unheard-of").en == "unheard-of"
    for system in systems.installed():
        if system.causes:
            assert systems.load(system.causes)("unheard-of") is None


def test_the_menu_leads_there_whom_it_concerns(operator: Client) -> None:
    auditor, company = (enter(Client(), somebody(role)) for role in ("auditor", "company"))

    def leads(client: Client, address: str) -> bool:
        return f'href="{address}"' in client.get("/work").content.decode()

    assert leads(operator, "/runs/")
    assert leads(operator, "/audit/")
    assert leads(auditor, "/audit/")
    assert not leads(auditor, "/runs/")
    assert not leads(company, "/runs/")
    assert not leads(company, "/audit/")
