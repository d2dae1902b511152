"""Organisations come, are changed, suspended and go; and no company reaches another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import organisations, people
from madang.portal.access import Access
from madang.portal.models import (
    ErasableValue,
    Invitation,
    LogEntry,
    Membership,
    Organisation,
    Role,
)
from tests.portal.people import enter, home_of, organisation, somebody

if TYPE_CHECKING:
    from django.test import Client

    from madang.kernel.words import Words

pytestmark = pytest.mark.django_db

COMPANY = {
    "name_ko": "새 회사",
    "name_en": "New company",
    "slug": "new-company",
    "registration_number": "123-45-67890",
    "website": "",
    "about_ko": "",
    "about_en": "",
}
AGENCY = COMPANY | {"kind": "agency"}


def last() -> str:
    return LogEntry.objects.last().predicate_type.split("/")[-2]


def kept(of: Organisation) -> list[Words]:
    """What a system says that needs every organisation."""
    return [words(f"진행 중인 일 1건 {of.slug}", f"1 thing under way at {of.slug}")]


def test_a_company_registers_itself_and_has_no_right_before_an_operator_agrees(
    client: Client,
) -> None:
    founder, operator = somebody("evaluator"), somebody("operator")
    founder.memberships.all().delete()
    answer = enter(client, founder).post("/account/company", COMPANY, follow=True)
    company = Organisation.objects.get(slug="new-company")

    assert "확인 대기" in answer.content.decode()
    assert (company.kind, organisations.state(company)) == ("company", "waiting")
    assert not Access(founder).may("trials.submit", company)
    assert not Access(founder).may("portal.people", company)
    assert client.post(f"/organisations/{company.slug}/activate").status_code == 403

    assert "새 회사은(는) 운영자의 확인을 기다립니다." in client.get("/work").content.decode()

    work = enter(client, operator).get("/work").content.decode()
    assert "새 회사" in work
    client.post(f"/organisations/{company.slug}/activate")
    assert Access(founder).may("trials.submit", company)
    assert Access(founder).may("portal.people", company)
    client.get("/work")  # where what was done is told once
    assert "새 회사" not in client.get("/work").content.decode()
    assert last() == "organisation-activated"


def test_a_website_needs_no_https_before_it(client: Client) -> None:
    enter(client, somebody("evaluator")).post(
        "/account/company", COMPANY | {"website": "example.org"}
    )

    assert Organisation.objects.get(slug="new-company").website == "https://example.org"


def test_a_person_has_one_company_waiting_at_most(client: Client) -> None:
    founder = somebody("evaluator")
    enter(client, founder).post("/account/company", COMPANY)
    answer = client.post("/account/company", COMPANY | {"slug": "second"})

    assert answer.status_code == 422
    assert "한 번에 한 기업" in answer.content.decode()
    assert Organisation.objects.filter(kind="company").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "has space"),
        ("slug", "../etc"),
        ("slug", "한글"),
        ("slug", "-x"),
        ("slug", "x"),
        ("slug", "taken"),
        ("registration_number", ""),
        ("registration_number", "1" * 21),
        ("name_ko", ""),
        ("name_ko", "가" * 101),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://example.org"),
        ("about_ko", "가" * 4001),
        ("name_en", "a\0b"),
    ],
)
def test_what_cannot_be_a_company_is_refused_and_nothing_is_kept(
    client: Client, field: str, value: str
) -> None:
    Organisation.objects.create(slug="taken", name_ko="x", name_en="x", kind="company")
    before = (Organisation.objects.count(), LogEntry.objects.count())
    answer = enter(client, somebody("evaluator")).post(
        "/account/company", COMPANY | {field: value}
    )

    assert answer.status_code == 422
    assert (Organisation.objects.count(), LogEntry.objects.count()) == (before[0] + 1, before[1])


def test_an_operator_makes_an_organisation(client: Client) -> None:
    enter(client, somebody("operator"))
    answer = client.post("/organisations/new", AGENCY)

    assert answer.headers["Location"] == "/organisations/new-company/"
    made = Organisation.objects.get(slug="new-company")
    assert (made.kind, organisations.state(made)) == ("agency", "active")
    assert last() == "organisation-created"


def test_suspended_members_have_no_right_until_it_is_activated(client: Client) -> None:
    member, operator = somebody("company"), somebody("operator")
    company = home_of(member)
    enter(client, operator)
    answer = client.post(f"/organisations/{company.slug}/suspend", {"reason": "폐업"})

    assert answer.status_code == 302
    assert not Access(member).may("trials.submit")
    company.refresh_from_db()
    assert organisations.state(company) == "suspended"
    assert "폐업" not in bytes(LogEntry.objects.last().content).decode()
    assert {"reason": "폐업"} in list(ErasableValue.objects.values_list("value", flat=True))
    client.post(f"/organisations/{company.slug}/activate")
    company.refresh_from_db()
    assert company.suspended is None
    assert Access(member).may("trials.submit")


@pytest.mark.parametrize("act", ["suspend", "delete"])
def test_an_organisation_that_a_system_needs_stays_and_the_reason_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    monkeypatch.setattr(organisations, "holds", kept)
    company = organisation()
    enter(client, somebody("operator"))
    path = f"/organisations/{company.slug}/{act}"
    answers = [client.get(path), client.post(path, {"reason": "x"})]

    assert [each.status_code for each in answers] == [422, 422]
    assert f"진행 중인 일 1건 {company.slug}" in answers[0].content.decode()
    company.refresh_from_db()
    assert company.is_active


def test_a_service_refuses_what_a_system_needs_whoever_calls_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(organisations, "holds", kept)
    company, operator = organisation(), somebody("operator")
    with pytest.raises(InputError, match="1 thing under way"):
        organisations.suspend(company, reason="x", by=operator)
    with pytest.raises(InputError, match="1 thing under way"):
        organisations.delete(company, by=operator)

    assert organisations.state(Organisation.objects.get(pk=company.pk)) == "active"


def test_every_system_that_has_pages_is_asked_whether_it_needs_the_organisation() -> None:
    named = [each.holds for each in systems.installed() if each.holds]

    assert "madang.trials.web.services.holds:holds" in named
    assert organisations.holds(organisation()) == []


def test_an_organisation_that_did_nothing_is_deleted(client: Client) -> None:
    company = organisation()
    somebody("company", company)
    enter(client, somebody("operator"))
    assert client.post(f"/organisations/{company.slug}/delete").status_code == 302

    assert not Organisation.objects.filter(pk=company.pk).exists()
    assert last() == "organisation-deleted"


def test_an_organisation_that_left_records_is_suspended_instead() -> None:
    from madang.portal.models import StoredObject

    company = organisation()
    somebody("company", company)
    StoredObject.objects.create(digest="0" * 64, name="x", media_type="x/y", size=1, owner=company)
    with pytest.raises(InputError, match="Suspend it instead"):
        organisations.delete(company, by=somebody("operator"))

    assert Membership.objects.filter(organisation_id=company.pk).exists()


def test_the_house_of_the_last_operator_is_not_suspended() -> None:
    operator = somebody("operator")
    with pytest.raises(InputError, match="nobody left"):
        organisations.suspend(home_of(operator), reason="x", by=operator)

    assert Organisation.objects.get(pk=home_of(operator).pk).is_active


def routes(company: Organisation, membership: int, invitation: int = 1) -> list[str]:
    """Every address below an organisation."""
    slug = company.slug
    return [
        reverse("organisation", args=[slug]),
        reverse("change-organisation", args=[slug]),
        reverse("activate", args=[slug]),
        reverse("suspend", args=[slug]),
        reverse("delete-organisation", args=[slug]),
        reverse("invite", args=[slug]),
        reverse("withdraw-invitation", args=[slug, invitation]),
        reverse("remove-member", args=[slug, membership]),
    ]


@pytest.mark.parametrize("role", ["company", "admin", "evaluator", "agency", "officer"])
def test_nobody_reaches_another_organisation(client: Client, role: str) -> None:
    other = somebody("admin")
    membership = Membership.objects.get(user=other).pk
    enter(client, somebody(role))
    for path in routes(home_of(other), membership):
        for answer in (client.get(path), client.post(path, {"email": "a@b.org", "role": "admin"})):
            assert answer.status_code in (403, 404), path

    assert Membership.objects.filter(pk=membership).exists()


def test_a_stranger_is_asked_to_sign_in_everywhere(client: Client) -> None:
    member = somebody("company")
    for path in routes(home_of(member), Membership.objects.get(user=member).pk):
        assert client.get(path).headers["Location"].startswith("/account/login/?next=")
        assert client.post(path).status_code == 302


def test_an_address_cannot_mix_two_organisations(client: Client) -> None:
    """The membership of one, below the name of another that the reader manages."""
    admin, victim = somebody("admin"), somebody("company")
    theirs = Membership.objects.get(user=victim).pk
    enter(client, admin)
    path = reverse("remove-member", args=[home_of(admin).slug, theirs])

    assert client.post(path).status_code == 404
    assert Membership.objects.filter(pk=theirs).exists()


def test_nobody_withdraws_the_invitation_of_another(client: Client) -> None:
    admin, other = somebody("admin"), somebody("admin")
    people.invite(home_of(other), "new@example.org", Role.objects.get(code="company"), by=other)
    theirs = Invitation.objects.get().pk
    enter(client, admin)
    path = reverse("withdraw-invitation", args=[home_of(admin).slug, theirs])

    assert client.post(path).status_code == 404
    assert Invitation.objects.filter(pk=theirs).exists()
    enter(client, other)
    client.post(reverse("withdraw-invitation", args=[home_of(other).slug, theirs]))
    assert not Invitation.objects.exists()


def test_a_member_sees_the_members_and_no_button(client: Client) -> None:
    member = somebody("company")
    admin = somebody("admin", home_of(member))
    page = enter(client, member).get(f"/organisations/{home_of(member).slug}/").content.decode()

    assert admin.email in page
    assert "구성원 초대" not in page
    assert "정지하기" not in page


def test_the_list_shows_what_one_belongs_to_and_operators_all(client: Client) -> None:
    member = somebody("company")
    other = organisation(name="다른 곳")
    mine = enter(client, member).get("/organisations/").content.decode()
    every = enter(client, somebody("operator")).get("/organisations/").content.decode()

    assert (home_of(member).name_ko in mine, other.name_ko in mine) == (True, False)
    assert home_of(member).name_ko in every
    assert other.name_ko in every


SQL = ["'", "' OR 1=1 --", '"; DROP TABLE portal_user; --', "%", "_", "\\", "a\0b", "가" * 101]


@pytest.mark.parametrize("text", SQL)
def test_a_filter_takes_any_text_as_text(client: Client, text: str) -> None:
    organisation(name="찾을 곳")
    enter(client, somebody("operator"))
    for query in ({"q": text}, {"kind": text}, {"state": text}, {"page": text}):
        answer = client.get("/organisations/", query)
        assert answer.status_code == 200
    page = client.get("/organisations/", {"q": text}).content.decode()

    # A text of more than 100 signs, or with a NUL, is no filter and finds all.
    finds_all = len(text) > 100 or "\0" in text
    assert ("찾을 곳" in page) is finds_all


def test_a_filter_finds_by_name_number_kind_and_state(client: Client) -> None:
    enter(client, somebody("operator"))
    company = organisation("company", "찾을 곳")
    company.registration_number = "777-88-99999"
    company.save()
    organisation("agency", "다른 곳")

    def found(**query: Any) -> set[str]:
        page = client.get("/organisations/", query).content.decode()
        return {name for name in ("찾을 곳", "다른 곳") if name in page}

    assert found(q="찾을") == {"찾을 곳"}
    assert found(q="777-88") == {"찾을 곳"}
    assert found(kind="agency") == {"다른 곳"}
    assert found(state="suspended") == set()
    assert found(state="active") == {"찾을 곳", "다른 곳"}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name_ko", ["가 기관", "나 기관"]),
        ("-name_ko", ["나 기관", "가 기관"]),
        ("created", ["나 기관", "가 기관"]),
        ("password", ["가 기관", "나 기관"]),
        ("memberships__user__password", ["가 기관", "나 기관"]),
        ("' --", ["가 기관", "나 기관"]),
    ],
)
def test_a_list_is_sorted_by_what_it_shows_alone(
    client: Client, sort: str, expected: list[str]
) -> None:
    organisation("company", "나")
    organisation("company", "가")
    enter(client, somebody("operator"))
    page = client.get("/organisations/", {"kind": "company", "sort": sort}).content.decode()

    assert sorted(expected, key=page.index) == expected


def test_a_list_leaves_as_a_file_with_what_the_reader_may_see(client: Client) -> None:
    member = somebody("company")
    other = organisation("company", "=cmd|x")
    enter(client, member)
    mine = client.get("/organisations/", {"format": "json"})
    rows = json.loads(mine.getvalue())["organisations"]
    assert [each["slug"] for each in rows] == [home_of(member).slug]

    enter(client, somebody("operator"))
    every = client.get("/organisations/", {"format": "csv", "kind": "company"})
    lines = every.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[:4] == ["slug", "state", "created", "name_ko"]
    assert len(lines) == 3
    line = next(each for each in lines if other.slug in each)
    assert "'=cmd|x" in line
