"""Roles are data: operators change them, and a change holds at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError
from madang.portal import roles
from madang.portal.access import Access, rights
from madang.portal.models import LogEntry, Role
from tests.portal.people import enter, somebody

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

REVIEWER = {
    "code": "reviewer",
    "title_ko": "검토자",
    "title_en": "Reviewer",
    "kinds": ["agency"],
    "rights": ["trials.see"],
    "rights_everywhere": [],
}


def as_form(role: Role, **changes: object) -> dict[str, object]:
    """What the page of a role sends."""
    return {name: getattr(role, name) for name in roles.FIELDS} | changes


def test_a_changed_role_holds_at_once_for_who_has_it(client: Client) -> None:
    member, operator = somebody("company"), somebody("operator")
    role = Role.objects.get(code="company")
    enter(client, operator).post(
        "/roles/company", as_form(role, rights=[*role.rights, "portal.people"])
    )

    assert Access(member).may("portal.people")
    assert LogEntry.objects.last().predicate_type.endswith("/role-changed/v1")


def test_an_operator_makes_a_role(client: Client) -> None:
    enter(client, somebody("operator")).post("/roles/new", REVIEWER)
    made = Role.objects.get(code="reviewer")

    assert (made.kinds, made.rights, made.rights_everywhere) == (["agency"], ["trials.see"], [])


@pytest.mark.parametrize(
    "change",
    [
        {"code": "operator"},
        {"code": "Has Space"},
        {"code": "../x"},
        {"rights": ["no.such.right"]},
        {"rights_everywhere": ["portal.people; --"]},
        {"kinds": ["planet"]},
        {"title_ko": ""},
        {"title_en": "x" * 61},
    ],
    ids=str,
)
def test_what_cannot_be_a_role_is_refused(client: Client, change: dict[str, object]) -> None:
    before = Role.objects.count()
    answer = enter(client, somebody("operator")).post("/roles/new", REVIEWER | change)

    assert answer.status_code == 422
    assert Role.objects.count() == before


@pytest.mark.parametrize("role", ["officer", "agency", "company", "evaluator", "admin", "auditor"])
def test_only_operators_see_or_change_roles(client: Client, role: str) -> None:
    enter(client, somebody(role))
    before = list(Role.objects.values())
    for path in ("/roles/", "/roles/new", "/roles/company"):
        assert client.get(path).status_code == 403
        assert client.post(path, REVIEWER).status_code == 403

    assert list(Role.objects.values()) == before


def test_a_right_held_for_one_organisation_does_not_reach_the_roles(client: Client) -> None:
    member = somebody("company")
    role = Role.objects.get(code="company")
    role.rights = [*role.rights, "portal.roles", "portal.organisations"]
    role.save()
    enter(client, member)

    assert client.get("/roles/").status_code == 403
    assert client.get("/organisations/new").status_code == 403


def test_operators_cannot_lock_themselves_out() -> None:
    operator = somebody("operator")
    role = Role.objects.get(code="operator")
    with pytest.raises(InputError, match="nobody left"):
        roles.save(as_form(role, rights_everywhere=["portal.audit"]), code="operator", by=operator)

    assert "portal.roles" in Role.objects.get(code="operator").rights_everywhere


def test_every_right_stands_on_the_page_in_words(client: Client) -> None:
    page = enter(client, somebody("operator")).get("/roles/operator").content.decode()

    assert all(said.ko in page for said in rights().values())


def test_the_list_counts_rights_and_holders(client: Client) -> None:
    operator = somebody("operator")
    somebody("company")
    page = enter(client, operator).get("/roles/").content.decode()

    def numbers(code: str) -> list[str]:
        row = page[page.index(f"/roles/{code}") :].partition("</tr>")[0]
        return re.findall(r'class="num">(\d+)<', row)

    company, keeper = (Role.objects.get(code=each) for each in ("company", "operator"))
    assert numbers("company") == [str(len(company.rights)), "0", "1"]
    # What is held everywhere is not counted a second time at home.
    assert numbers("operator") == ["0", str(len(keeper.rights_everywhere)), "1"]


def test_no_role_of_a_new_site_names_a_right_that_does_not_exist() -> None:
    known = set(rights())

    assert all(
        set(each.rights) | set(each.rights_everywhere) <= known for each in Role.objects.all()
    )


def test_a_site_that_has_its_roles_keeps_them_as_they_are() -> None:
    Role.objects.filter(code="company").update(rights=[])
    Role.objects.filter(code="auditor").delete()
    roles.create_missing()

    assert Role.objects.get(code="company").rights == []
    assert Role.objects.filter(code="auditor").exists()
