"""Everybody may ask why; a member sees its own; the office runs the registry."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.kernel import clock
from madang.portal import webhooks
from madang.portal.access import Access
from madang.portal.models import Organisation, WebhookDelivery
from madang.portal.worker import work
from madang.rpki.web import menu
from madang.rpki.web.models import Alarm, Member, RoutesDay, RouteSet
from madang.rpki.web.services import authority, members, observed, watching, world
from tests.portal.people import enter, home_of, organisation, somebody
from tests.rpki.web import country as land

pytestmark = pytest.mark.django_db


def read(path: str, who: Client | None = None) -> str:
    """A page that answers."""
    answer = (who or Client()).get(path)
    assert answer.status_code == 200, path
    found: str = answer.content.decode()
    return found


def test_before_there_is_a_registry_each_public_page_says_what_will_stand_there() -> None:
    assert "아직 검증하지 않았습니다" in read("/rpki/")
    assert "맞는 발행 지점이 없습니다." in read("/rpki/points/")
    assert "아직 검증한 저장소가 없습니다." in read("/rpki/repositories/")
    assert "미확인" in read("/rpki/why?prefix=192.0.2.0/24&asn=64496")
    assert Client().get("/rpki/point").status_code == 404
    assert Client().get("/rpki/object?uri=rsync://a/b/c.roa").status_code == 404


def test_the_dashboard_tells_coverage_and_payloads() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    watching.tick()
    page = read("/rpki/")

    assert "회원이 보유한 IPv4 주소의 100.0%가 인가되었습니다." in page
    assert "<svg" in page
    whole = RoutesDay.objects.get(name="")
    # Two of the three seen routes lie within what the member holds.
    assert (whole.announced, whole.valid, whole.invalid) == (2, 1, 1)


@pytest.mark.parametrize(
    ("asked", "state", "reason"),
    [
        ("prefix=192.0.2.0/24&asn=64496", "valid", ""),
        ("prefix=192.0.2.128/25&asn=64666", "invalid", "both"),
        ("prefix=192.0.2.0/24&asn=64666", "invalid", "wrong-as"),
        ("prefix=192.0.2.0/25&asn=AS64496", "invalid", "too-long"),
        ("prefix=203.0.113.0/24&asn=1", "not-found", ""),
    ],
)
def test_an_announcement_has_its_state_and_its_reason(asked: str, state: str, reason: str) -> None:
    land.sign(land.country(), land.ROA)
    told = json.loads(read(f"/rpki/why?{asked}&format=json"))

    assert (told["state"], told["reason"]) == (state, reason)


def test_the_proof_leads_from_the_trust_anchor_to_the_object() -> None:
    land.sign(land.country(), land.ROA)
    page = read("/rpki/why?prefix=192.0.2.0/24&asn=64496")
    uri = "rsync://rpki.example.org/repo/carrier/anchor-0/as64496-c0000200-24-24.roa"

    assert uri in page
    assert page.index("/repo/anchor/0/</a>") < page.index("/repo/carrier/anchor-0/</a>")
    assert "들어옴" in page
    assert "AS64496 192.0.2.0/24-24" in read(f"/rpki/object?uri={quote(uri, safe='')}")


def test_a_damaged_object_is_named_with_its_norm_where_its_holder_is_asked_about() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    tree = (authority.published() / "rsync" / "current").resolve()
    (broken,) = tree.rglob("*.roa")
    content = broken.read_bytes()
    broken.unlink()
    broken.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with members.looking.watched():
        pass
    point = next(each for each in world.in_trouble() if "/carrier/" in each.repository)
    page = read("/rpki/why?prefix=192.0.2.0/24&asn=64496")

    assert world.meta()["vrps"] == 0
    assert point.code or point.refused
    assert "보유자의 객체 가운데 믿지 않은 것" in page
    assert "RFC 9286" in page
    assert "일부 거부" in read("/rpki/points/") or "쓸 수 없음" in read("/rpki/points/")


@pytest.mark.parametrize("asked", ["prefix=x&asn=1", "prefix=192.0.2.0/24&asn=y", "prefix=&asn="])
def test_what_is_no_announcement_is_said(asked: str) -> None:
    assert Client().get(f"/rpki/why?{asked}").status_code == 422


def test_lists_leave_as_files_with_what_narrows_them() -> None:
    land.country()
    every = Client().get("/rpki/points/?format=csv").getvalue().decode()
    some = Client().get("/rpki/points/?format=json&q=carrier").getvalue().decode()

    assert every.count(".mft") == 2
    assert some.count(".mft") == 1


def test_the_console_suggests_what_seen_routes_lack() -> None:
    found = land.country()
    page = read("/rpki/members/carrier/", enter(Client(), found.person))

    assert "AS64496 192.0.2.0/24-24 인가 필요" in page
    assert "보유하지 않은 AS" in page  # AS64666's, which may be a hijacker


def test_the_office_is_the_operators() -> None:
    found = land.country()
    for path in ("/rpki/office/", "/rpki/office/due", "/rpki/office/alarms"):
        read(path, enter(Client(), found.operator))
        assert enter(Client(), found.person).get(path).status_code == 403
    auditor = enter(Client(), somebody("auditor"))
    assert "회원 등록하기" not in read("/rpki/office/", auditor)
    assert auditor.get("/rpki/office/add").status_code == 403


def test_an_operator_founds_the_registry_and_certifies_a_member() -> None:
    client = enter(Client(), somebody("operator"))
    body = organisation("company")
    told = {"resources": land.RESOURCES, "module": land.PLACE.module, "web": land.PLACE.web}

    assert client.post("/rpki/office/found", told).status_code == 302
    sent = {"organisation": body.pk, "handle": "one", "resources": "192.0.2.0/25"}
    assert client.post("/rpki/office/add", sent).status_code == 302
    assert Member.objects.get().organisation == body
    assert str(authority.holdings()["one"]) == "192.0.2.0/25"
    again = client.post("/rpki/office/add", sent | {"handle": "two"})
    assert again.status_code == 422
    assert "one에 배정된 192.0.2.0/25" in again.content.decode()
    assert Member.objects.count() == 1


def test_resources_that_are_taken_away_take_what_was_signed_for_them() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.operator)
    sent = {"resources": "AS64496"}

    assert client.post("/rpki/office/members/carrier/resources", sent).status_code == 302
    assert world.meta()["vrps"] == 0


def test_a_member_that_goes_leaves_nothing_that_is_believed() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.operator)

    assert client.post("/rpki/office/members/carrier/remove").status_code == 302
    assert (world.meta()["vrps"], world.meta()["points"]) == (0, 1)
    assert not Member.objects.exists()
    assert Organisation.objects.filter(pk=home_of(found.person).pk).exists()


def test_a_key_is_changed_step_by_step() -> None:
    found = land.country()
    land.sign(found, land.ROA)
    client = enter(Client(), found.operator)
    path = "/rpki/office/members/carrier/key"

    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 409  # validators have not seen the new one yet
    with clock.stopped_at(clock.now() + timedelta(hours=25)):
        members.renew()
        assert client.post(path).status_code == 302
        assert world.meta()["vrps"] == 1
        assert client.post(path).status_code == 302
        assert world.meta()["vrps"] == 1


def test_routes_are_read_by_a_worker_and_those_that_are_none_are_said() -> None:
    found = land.country()
    client = enter(Client(), found.operator)
    for name, text in (("good.csv", land.ROUTES), ("bad.csv", "192.0.2.0/24,64496\nx,1\n")):
        file = SimpleUploadedFile(name, text.encode())
        assert client.post("/rpki/office/routes", {"table": file}).status_code == 302
    work(until_idle=True, lease_s=30)
    good, bad = RouteSet.objects.get(name="good.csv"), RouteSet.objects.get(name="bad.csv")

    assert (good.state, good.routes) == ("read", 3)
    assert bad.state == "failed"
    assert "bad.csv:2" in read("/rpki/office/routes", client)
    assert observed.newest() == good


def test_a_hijack_is_told_once_to_its_member_and_closed_when_it_is_gone() -> None:
    found = land.country()
    told = [home_of(found.person), home_of(found.operator)]
    for body in (*told, home_of(somebody("company"))):
        webhooks.register(body, url="https://example.org/hook", wanted=(), by=found.person)
    land.sign(found, land.ROA)
    watching.tick()
    watching.tick()
    alarm = Alarm.objects.get()

    assert (alarm.kind, alarm.member) == ("sub-prefix-hijack", found.member)
    opened = WebhookDelivery.objects.filter(event="rpki.alarm.opened")
    assert {each.webhook.organisation for each in opened} == set(told)
    assert opened.count() == 2
    assert [each.url for each in menu.worklist(Access(found.person))] == ["/rpki/members/carrier/"]
    for _ in range(2):
        land.seen("192.0.2.0/24,64496,64510 64496\n")
        watching.tick()
    alarm.refresh_from_db()
    assert alarm.closed_at is not None
    operator = enter(Client(), found.operator)
    assert "세부 대역 탈취 의심" in read("/rpki/office/alarms", operator)
    assert "세부 대역 탈취 의심" not in read("/rpki/office/alarms?state=open", operator)
    assert WebhookDelivery.objects.filter(event="rpki.alarm.closed").count() == 2


def test_the_clock_renews_what_ends_soon() -> None:
    land.sign(land.country(), land.ROA)
    with clock.stopped_at(clock.now() + timedelta(hours=20)):
        watching.tick()
        soonest = members.due(most=1)[0]

        assert soonest.ends > clock.now() + timedelta(hours=16)
        assert world.meta()["vrps"] == 1
    with clock.stopped_at(clock.now() + timedelta(hours=40)):
        watching.tick()

        assert world.meta()["vrps"] == 1


def test_search_finds_authorisations_by_prefix_and_by_as_and_members_for_who_may_see_them() -> (
    None
):
    found = land.country()
    land.sign(found, land.ROA)
    nobody, member = Access(None), Access(found.person)

    assert [each.title for each in menu.search("192.0.2.0/25", nobody)] == [
        "192.0.2.0/25 · AS64496"
    ]
    assert [each.title for each in menu.search("AS64496", nobody)] == ["192.0.2.0/24 · AS64496"]
    assert menu.search("carrier", nobody) == []
    assert len(menu.search("carrier", member)) == 1
    assert menu.home().figure == "1"
