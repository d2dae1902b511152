"""A token acts for one organisation with a part of its maker's rights, until it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.portal import tokens
from madang.portal.access import Access
from madang.portal.models import ApiToken, LogEntry, Membership, Role
from tests.portal.people import enter, home_of, organisation, somebody
from tests.portal.programs import Program, stranger

pytestmark = pytest.mark.django_db


def mint(**changes):
    user = changes.pop("by", None) or somebody("company")
    values = {"name": "build server", "rights": [], "days": 90, "by": user} | changes
    return tokens.mint(values.pop("organisation", None) or home_of(user), **values)


def test_the_text_is_not_kept_only_its_digest() -> None:
    made = mint()
    secret = made.text.split("_")[2]

    row = ApiToken.objects.get(pk=made.token.pk)
    assert secret not in repr(row.__dict__)
    assert len(secret) * 5 >= 256, "52 signs of base 32 hold 260 random bits"


def test_the_holder_is_found_by_the_text_alone() -> None:
    made, other = mint(), mint()

    assert tokens.holder(made.text) == made.token
    assert tokens.holder(other.text) == other.token


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.upper(),
        lambda text: text + "0",
        lambda text: text.replace("mdg_", "mdg-"),
        lambda text: "",
        lambda text: "mdg_" + "0" * 10 + "_" + text.split("_")[2],
    ],
)
def test_another_text_has_no_holder(change) -> None:
    assert tokens.holder(change(mint().text)) is None


def test_a_prefix_with_another_tokens_secret_has_no_holder() -> None:
    one, other = mint().text.split("_"), mint().text.split("_")

    assert tokens.holder(f"mdg_{one[1]}_{other[2]}") is None


def test_a_token_ends_on_its_day() -> None:
    made = mint(days=30)

    with clock.stopped_at(made.token.created + timedelta(days=30, seconds=-1)):
        assert tokens.holder(made.text)
    with clock.stopped_at(made.token.created + timedelta(days=30)):
        assert tokens.holder(made.text) is None


def test_a_revoked_token_is_none_at_once_and_the_log_says_who() -> None:
    made = mint()
    before = LogEntry.objects.count()

    tokens.revoke(made.token, by=made.token.user)
    tokens.revoke(made.token, by=made.token.user)

    assert tokens.holder(made.text) is None
    assert LogEntry.objects.count() == before + 1, "the second time changed nothing"


def test_a_token_ends_with_its_maker_and_with_its_organisation() -> None:
    made, other = mint(), mint()
    type(made.token.user).objects.filter(pk=made.token.user_id).update(is_active=False)
    type(other.token.organisation).objects.filter(pk=other.token.organisation_id).update(
        is_active=False
    )

    assert tokens.holder(made.text) is None
    assert tokens.holder(other.text) is None


def test_a_token_loses_the_rights_that_its_maker_loses() -> None:
    made = mint()
    Membership.objects.filter(user=made.token.user).delete()
    held = tokens.holder(made.text)

    assert held is not None
    assert not Access(held.user, held).may("trials.submit")


def test_a_token_has_no_right_beside_those_it_was_given() -> None:
    made = mint(rights=["portal.tokens"])
    access = Access(made.token.user, made.token)

    assert access.may("portal.tokens")
    assert not access.may("trials.submit")
    assert Access(made.token.user).may("trials.submit"), "its maker has it"


def test_a_token_acts_for_its_own_organisation_alone() -> None:
    user = somebody("company")
    second = organisation()
    Membership.objects.create(user=user, organisation=second, role=Role.objects.get(code="admin"))
    made = mint(by=user, organisation=second)
    access = Access(made.token.user, made.token)

    assert [each.pk for each in access.organisations] == [second.pk]
    assert not access.may("trials.submit", home_of_first(user, second))


def home_of_first(user, second):
    return user.memberships.exclude(organisation=second).get().organisation


@pytest.mark.parametrize(
    "change",
    [
        {"rights": ["trials.decide"]},
        {"rights": ["no.such"]},
        {"days": 31},
        {"days": 100_000},
        {"name": " "},
        {"name": "x" * 61},
        {"name": "a\nb"},
    ],
)
def test_what_cannot_be_given_is_refused(change) -> None:
    with pytest.raises(InputError):
        mint(**change)
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_others() -> None:
    with pytest.raises(InputError):
        mint(organisation=organisation())


def test_an_evaluator_who_may_not_manage_tokens_makes_none() -> None:
    with pytest.raises(InputError):
        mint(by=somebody("evaluator"))


def test_there_is_an_end_to_how_many() -> None:
    user = somebody("company")
    for _ in range(tokens.MOST):
        mint(by=user)

    with pytest.raises(InputError):
        mint(by=user)


def test_its_last_use_is_written_down_once_a_minute() -> None:
    made = mint()
    first = clock.now()
    with clock.stopped_at(first):
        tokens.holder(made.text)
    with clock.stopped_at(first + timedelta(seconds=59)):
        tokens.holder(made.text)
    made.token.refresh_from_db()
    assert made.token.last_used == first

    with clock.stopped_at(first + timedelta(seconds=60)):
        tokens.holder(made.text)
    made.token.refresh_from_db()
    assert made.token.last_used == first + timedelta(seconds=60)


def test_a_program_learns_whose_token_it_has() -> None:
    program = Program(rights=["trials.submit"])
    told = program.get("/me").json()

    assert told["organisation"]["slug"] == program.organisation.slug
    assert told["rights"] == ["trials.submit"]
    assert told["token"] == program.token.name


def test_a_program_can_end_its_own_token() -> None:
    program = Program()

    assert program.delete("/token").status_code == 204
    assert program.get("/me").status_code == 401


def test_a_session_is_no_token(client) -> None:
    user = somebody("company")
    enter(client, user)

    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/webhooks").status_code == 401
    assert stranger("/me").status_code == 401
