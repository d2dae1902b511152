"""An auditor finds what was recorded, sees who did it, and proves it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.evidence import note
from madang.kernel.evidence.verify import verify_file
from madang.portal import acting, worker
from madang.portal.log import log, remember, signing_key
from madang.portal.models import ErasableValue, JobRun, LogEntry
from tests.portal.people import enter, somebody

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from madang.portal.models import User

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def auditor() -> Client:
    return enter(Client(), somebody("auditor"))


def recorded(number: int, *, by: User | None = None, noun: str = "tried") -> None:
    for n in range(number):
        with acting.as_(user=by.pk if by else None):
            remember(noun, f"thing/{n}", by=by, after={"이름": f"값{n}"}, person=by, n=n)


def shown(client: Client, **asked: Any) -> list[int]:
    """Numbers of the entries on the page."""
    page = client.get("/audit/", asked)
    assert page.status_code == 200
    return [each.index for each in page.context["rows"]]


def test_only_who_may_audit_sees_the_log() -> None:
    recorded(1)
    for address in ("/audit/", "/audit/0", "/audit/0/proof.json", "/audit/checkpoint"):
        assert Client().get(address).status_code == 302
        for role in ("company", "officer", "admin", "evaluator"):
            assert enter(Client(), somebody(role)).get(address).status_code == 403
        for role in ("auditor", "operator"):
            assert enter(Client(), somebody(role)).get(address).status_code == 200


def test_entries_stand_newest_first_page_by_page(auditor: Client) -> None:
    recorded(120)

    assert shown(auditor) == list(range(119, 69, -1))
    assert shown(auditor, page=3) == list(range(19, -1, -1))
    assert shown(auditor, page=99) == list(range(19, -1, -1))
    assert shown(auditor, kind=LogEntry.objects.first().predicate_type, page=2)[0] == 69


def test_filters_stand_in_the_address(auditor: Client) -> None:
    person = somebody("company")
    with clock.stopped_at(START):
        recorded(12)
    with clock.stopped_at(START + timedelta(days=2)):
        recorded(3, by=person, noun="told")
    kind = "https://madang.kr/evidence/told/v1"

    assert shown(auditor, kind=kind) == [14, 13, 12]
    assert shown(auditor, thing="thing/1") == [13, 11, 10, 1]
    assert shown(auditor, person=person.email.upper()) == [14, 13, 12]
    assert shown(auditor, person="company per") == [14, 13, 12]
    assert shown(auditor, since="2026-11-23") == [14, 13, 12]
    assert shown(auditor, until="2026-11-22", thing="thing/11") == [11]
    assert shown(auditor, until="2026-11-21") == []
    assert shown(auditor, thing="thing/%") == shown(auditor, thing="x' OR 1=1 --") == []
    assert len(shown(auditor, since="gestern")) == 15


def test_an_entry_shows_who_acted_and_the_value_until_it_is_erased(auditor: Client) -> None:
    person = somebody("company")
    recorded(1, by=person)
    before = auditor.get("/audit/0").content.decode()
    ErasableValue.objects.filter(person=person).delete()
    after = auditor.get("/audit/0").content.decode()

    assert str(person) in before
    assert "값0" in before
    assert "값0" not in after
    assert "지워졌습니다" in after
    assert auditor.get("/audit/1").status_code == 404


def test_a_downloaded_proof_is_checked_offline(auditor: Client) -> None:
    recorded(9)
    for index in (0, 4, 8):
        answer = auditor.get(f"/audit/{index}/proof.json")
        assert answer["Content-Disposition"] == f'attachment; filename="entry-{index}.json"'
        assert verify_file(answer.content, key=signing_key().verifier).ok
    head = note.open_signed(auditor.get("/audit/checkpoint").content, signing_key().verifier)

    assert note.Checkpoint.parse(head).root == log().head().root
    assert auditor.get("/audit/9/proof.json").status_code == 404


def test_a_page_asks_as_much_for_many_entries_as_for_few(
    auditor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = somebody("company")
    recorded(2, by=person)
    auditor.get("/audit/")
    with django_assert_max_num_queries(12) as few:
        auditor.get("/audit/")
    recorded(60, by=person)
    with django_assert_max_num_queries(12) as many:
        auditor.get("/audit/")

    assert len(few) == len(many)


def test_files_carry_every_entry_of_the_view(auditor: Client) -> None:
    person = somebody("company")
    recorded(600, by=person)
    remember("told", "=thing", by=None, x="=1+1")
    found = auditor.get("/audit/", {"format": "json"})
    entries = json.loads(found.getvalue())["entries"]
    table = auditor.get("/audit/", {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(table.getvalue().decode("utf-8-sig"))))

    assert [each["index"] for each in entries] == list(range(600, -1, -1))
    assert entries[1]["by"] == person.email
    assert entries[1]["after"] == {"이름": "값599"}
    assert len(rows) == 601
    assert rows[0]["thing"] == "'=thing"
    assert rows[1]["after"] == '{"이름": "값599"}'
    assert (
        len(json.loads(auditor.get("/audit/?format=json&thing=thing/59").getvalue())["entries"])
        == 11
    )


def test_the_whole_log_is_checked_by_a_job(auditor: Client) -> None:
    recorded(30)
    asked = auditor.post("/audit/check", follow=True)
    run = JobRun.objects.get()
    waiting = auditor.get(reverse("log-check", args=[run.id]), headers={"HX-Request": "true"})
    worker.work(until_idle=True, lease_s=30, poll_s=0.01)
    verdict = auditor.get(reverse("log-check", args=[run.id]))

    assert asked.status_code == 200
    assert "every 2s" in waiting.content.decode()
    assert "모두 서명된 체크포인트와 같습니다" in verdict.content.decode()
    assert "hx-get" not in verdict.content.decode()
    assert enter(Client(), somebody("company")).get(f"/audit/checks/{run.id}").status_code == 403


@pytest.mark.parametrize(
    ("damage", "place"),
    [({"content": b"{}"}, "entry 3"), ({"subject": "thing/other"}, "columns")],
)
def test_a_check_names_what_was_altered(
    auditor: Client, damage: dict[str, Any], place: str
) -> None:
    recorded(8)
    LogEntry.objects.filter(index=3).update(**damage)
    auditor.post("/audit/check")
    worker.work(until_idle=True, lease_s=30, poll_s=0.01)
    run = JobRun.objects.get()

    assert run.state == "done"
    assert run.result["first_broken"] == place
    assert place in auditor.get(f"/audit/checks/{run.id}").content.decode()


def test_what_people_wrote_is_never_markup(auditor: Client) -> None:
    remember("told", "thing/<script>alert(1)</script>", by=None, after="<img src=x>", x="<b>")

    for address in ("/audit/", "/audit/0"):
        page = auditor.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
