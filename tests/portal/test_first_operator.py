"""A new site gets its first operator by an invitation, once."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from madang.kernel.errors import InputError
from madang.kernel.words import speaking
from madang.portal.access import Access
from madang.portal.models import Organisation, User
from tests.portal.people import enter, somebody

pytestmark = pytest.mark.django_db


def invited(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    with speaking("ko"):
        call_command("first_operator", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_operator_accepts_and_makes_everybody_else(client: Client) -> None:
    said = invited("boss@example.org", "--name-ko", "마당운영단")
    path = said.split("http://testserver")[1].strip()
    user = User.objects.create_user("boss@example.org", name="첫 운영자")
    enter(client, user).post(path)

    assert Access(user).everywhere("portal.roles")
    assert Organisation.objects.get().name_ko == "마당운영단"
    assert client.get("/organisations/new").status_code == 200


def test_a_lost_invitation_is_made_again_for_the_same_body() -> None:
    invited("boss@example.org")
    invited("boss@example.org")

    assert Organisation.objects.count() == 1


def test_a_site_with_an_operator_needs_no_first() -> None:
    somebody("operator")
    with pytest.raises(InputError, match="an operator already"):
        call_command("first_operator", "boss@example.org")


@pytest.mark.parametrize(
    "email", ["boss", "a@b", "a b@example.org", "x@example.org\r\nBcc: y@z.org"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InputError, match="expected one such as"):
        call_command("first_operator", email)

    assert not Organisation.objects.exists()
