"""Invitations, roles given and taken, and what a person may ask of their own."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.portal import people
from madang.portal.access import Access
from madang.portal.log import log
from madang.portal.models import (
    ApiToken,
    ErasableValue,
    Invitation,
    LogEntry,
    Membership,
    Role,
    User,
)
from tests.portal.at_once import at_once
from tests.portal.people import enter, home_of, organisation, somebody

if TYPE_CHECKING:
    from madang.portal.models import Organisation

pytestmark = pytest.mark.django_db


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def invited(company: Organisation, email: str = "new@example.org", code: str = "company") -> str:
    """The secret of an invitation."""
    return people.invite(company, email, role(code), by=somebody("admin", company))[0]


def reader(email: str = "new@example.org") -> User:
    return User.objects.create_user(email, name="새 사람")


def last() -> str:
    """What the record's newest entry says happened."""
    return LogEntry.objects.last().predicate_type.split("/")[-2]


def test_an_invitation_makes_a_member_once() -> None:
    company, user = organisation(), reader()
    secret = invited(company)
    people.accept(secret, by=user)

    assert Access(user).may("trials.submit", company)
    assert last() == "role-given"
    with pytest.raises(InputError):
        people.accept(secret, by=user)


def test_only_the_digest_of_an_invitation_is_kept() -> None:
    secret = invited(organisation())

    assert secret not in str(Invitation.objects.values().get())


def test_an_invitation_is_for_its_address_alone() -> None:
    company = organisation()
    secret = invited(company)
    thief = reader("thief@example.org")
    with pytest.raises(InputError, match="thief@example.org signed in"):
        people.accept(secret, by=thief)

    assert not Access(thief).memberships
    people.accept(secret, by=reader("new@example.org"))


def test_an_invitation_ends_after_two_weeks_or_when_it_is_withdrawn() -> None:
    company, user = organisation(), reader()
    secret = invited(company)
    with clock.stopped_at(clock.now() + timedelta(days=15)), pytest.raises(InputError):
        people.accept(secret, by=user)
    people.withdraw(Invitation.objects.get(), by=user)
    with pytest.raises(InputError):
        people.accept(secret, by=user)

    assert not Membership.objects.filter(user=user).exists()


def test_a_second_invitation_takes_the_place_of_the_first() -> None:
    company, user = organisation(), reader()
    first = invited(company)
    second = invited(company)

    assert people.invitation(first) is None
    people.accept(second, by=user)


def test_who_holds_the_role_is_not_invited_to_it() -> None:
    member = somebody("company")
    with pytest.raises(InputError, match="already"):
        invited(home_of(member), member.email.upper())


def test_an_administrator_gives_roles_of_their_kind_without_reach() -> None:
    """No organisation makes its own operator, auditor, officer or evaluator of others."""
    admin = somebody("admin")
    offered = {each.code for each in people.offered_roles(home_of(admin), Access(admin))}

    assert offered == {"admin", "company"}


def test_an_operator_makes_no_auditor_of_a_company() -> None:
    offered = people.offered_roles(organisation("company"), Access(somebody("operator")))

    assert {each.code for each in offered} == {"admin", "company"}


def test_a_body_of_the_house_makes_no_operator_either() -> None:
    office = organisation("public")
    admin, operator = somebody("admin", office), somebody("operator", office)

    def offered(user: User) -> set[str]:
        return {each.code for each in people.offered_roles(office, Access(user))}

    assert offered(admin) == {"admin", "evaluator"}
    assert offered(operator) == {"admin", "evaluator", "operator", "auditor"}


@pytest.mark.parametrize("code", ["operator", "auditor", "officer", "agency", "no-such-role"])
def test_a_form_that_asks_for_more_than_is_offered_is_refused(client: Client, code: str) -> None:
    admin = somebody("admin")
    path = f"/organisations/{home_of(admin).slug}/invite"
    answer = enter(client, admin).post(path, {"email": "me@example.org", "role": code})

    assert answer.status_code == 422
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_a_member_invites_by_mail_and_the_mail_leads_in(client: Client) -> None:
    admin = somebody("admin")
    company = home_of(admin)
    enter(client, admin).post(
        f"/organisations/{company.slug}/invite", {"email": "New@example.org", "role": "company"}
    )
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert company.name_ko in message.subject
    assert company.name_en in message.subject
    path = str(message.body).partition("http://testserver")[2].split()[0]

    stranger = Client()
    assert company.name_ko in stranger.get(path).content.decode()
    assert stranger.post(path).status_code == 200
    user = reader()
    guest = enter(Client(), user)
    assert guest.get(path).status_code == 200
    assert not Membership.objects.filter(user=user).exists()
    assert guest.post(path).headers["Location"] == "/work"
    assert Access(user).may("trials.submit", company)
    assert guest.get(path).status_code == 410


def test_a_name_with_a_line_break_begins_no_new_header(client: Client) -> None:
    admin = somebody("admin")
    company = home_of(admin)
    company.name_ko = "회사\r\nBcc: everybody@example.org"
    company.save()
    enter(client, admin).post(
        f"/organisations/{company.slug}/invite", {"email": "new@example.org", "role": "company"}
    )

    sent = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=default)
    assert sent["Bcc"] is None
    assert "회사 Bcc: everybody@example.org" in sent["Subject"]


def test_a_role_that_is_taken_ends_at_once_with_the_tokens_of_its_holder() -> None:
    member = somebody("company")
    company = home_of(member)
    token = ApiToken.objects.create(
        organisation=company, user=member, name="CI", prefix="abc", secret="x" * 64
    )
    people.take_role(Membership.objects.get(user=member), by=somebody("admin", company))

    token.refresh_from_db()
    assert token.revoked is not None
    assert not Access(member).may("trials.submit")
    assert last() == "role-taken"


def test_an_administrator_does_not_touch_a_role_with_reach() -> None:
    office = organisation("public")
    admin, operator = somebody("admin", office), somebody("operator", office)
    membership = Membership.objects.get(user=operator)

    assert not people.may_take(membership, Access(admin))
    assert people.may_take(membership, Access(somebody("operator", office)))
    assert people.may_take(membership, Access(operator))


def test_the_last_operator_cannot_go_away() -> None:
    operator = somebody("operator")
    membership = Membership.objects.get(user=operator)
    with pytest.raises(InputError, match="nobody left"):
        people.take_role(membership, by=operator)
    with pytest.raises(InputError, match="nobody left"):
        people.close(operator, by=operator)

    assert Membership.objects.filter(user=operator).exists()
    operator.refresh_from_db()
    assert operator.is_active
    somebody("operator")
    people.take_role(Membership.objects.get(user=operator), by=operator)


@pytest.mark.django_db(transaction=True)
def test_of_the_last_two_operators_who_leave_at_once_one_stays() -> None:
    operators = [somebody("operator"), somebody("operator")]
    found = Membership.objects.select_related("role", "organisation", "user")
    leaving = list(found.filter(user__in=operators))

    def leave(membership: Membership) -> bool:
        try:
            people.take_role(membership, by=membership.user)
        except InputError:
            return False
        return True

    left = at_once(leave, leaving)

    assert sorted(left) == [False, True]
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_is_accepted_twice_at_once_makes_one_member() -> None:
    secret = invited(organisation())
    user = reader()

    def accept(_: int) -> bool:
        try:
            people.accept(secret, by=user)
        except InputError:
            return False
        return True

    assert sorted(at_once(accept, range(2))) == [False, True]
    assert Membership.objects.filter(user=user).count() == 1


def test_a_person_erases_what_is_recorded_of_them_and_the_proofs_stay() -> None:
    user, other = somebody("company"), somebody("company")
    people.change(user, name="홍길동", language="en", by=user)
    people.change(other, name="남의 이름", language="en", by=other)
    before = log().head()
    count = people.erase_values(user, by=user)

    assert count == 3  # of the one change: the value before, the value after, who acted
    assert "홍길동" not in str(list(ErasableValue.objects.values()))
    assert "남의 이름" in str(list(ErasableValue.objects.values()))
    assert log().consistency(before.size, len(log()))
    assert people.recorded_of(user) == 0


def test_a_closed_account_leaves_no_name_and_no_way_in(client: Client) -> None:
    user = somebody("company")
    email = user.email
    enter(client, user)
    client.post("/account/close")

    user.refresh_from_db()
    assert (user.is_active, user.name) == (False, "")
    assert email not in str(User.objects.values_list("email", flat=True))
    assert not Membership.objects.filter(user=user).exists()
    assert not ErasableValue.objects.filter(person=user).exists()
    assert client.get("/account/").status_code == 302


def test_a_person_changes_their_name_and_language(client: Client) -> None:
    user = somebody("company")
    enter(client, user)
    answer = client.post("/account/", {"name": "<b>이름</b>", "language": "en"}, follow=True)

    user.refresh_from_db()
    assert (user.name, user.language) == ("<b>이름</b>", "en")
    page = answer.content.decode()
    assert "<b>이름</b>" not in page
    assert "&lt;b&gt;이름&lt;/b&gt;" in page
    assert "My account" in page
    assert last() == "account-changed"


def test_the_site_speaks_the_language_of_who_is_signed_in(client: Client) -> None:
    user = somebody("company")
    user.language = "en"
    user.save()
    enter(client, user)

    english = client.get("/account/")
    assert '<html lang="en"' in english.content.decode()
    assert english.headers["Content-Language"] == "en"
    client.post("/language", {"language": "ko", "next": "/"})
    assert '<html lang="ko"' in client.get("/account/").content.decode()


def test_a_person_lays_down_a_role_of_their_own_alone(client: Client) -> None:
    user, other = somebody("company"), somebody("company")
    mine, theirs = (Membership.objects.get(user=each) for each in (user, other))
    enter(client, user)

    assert client.post(f"/account/leave/{theirs.pk}").status_code == 404
    assert client.get(f"/account/leave/{mine.pk}").status_code == 200
    assert Membership.objects.count() == 2
    client.post(f"/account/leave/{mine.pk}")
    assert list(Membership.objects.all()) == [theirs]
