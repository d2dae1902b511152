"""A solution confirmed at a second agency by the same sealed protocol, and the public register."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.portal.worker import work
from madang.trials.engine.register_ocds import check_release
from madang.trials.web.models import Adoption, Confirmation, Demand
from madang.trials.web.services import (
    adoptions,
    decisions,
    demands,
    diffusions,
    intake,
    protocols,
)
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import adopted, solved
from tests.trials.web.demands import csv, worked

if TYPE_CHECKING:
    from django.test import Client

    from madang.portal.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.bwrap]


@pytest.fixture
def origin() -> Demand:
    """A demand whose adopted solution is on its way into use."""
    demand = solved.opened()
    solved.hand_in(demand)
    worked(demand)
    demand = solved.compared(demand)
    demand = solved.announced(demand)
    with clock.stopped_at(demand.objections_until + timedelta(minutes=1)):
        decisions.confirm(demand, by=solved.owner(demand))
        adoptions.begin(demand, by=solved.owner(demand))
    demand.refresh_from_db()
    return demand


def other_table(cases: int = 500) -> pl.DataFrame:
    """What a second agency has: the same columns, other cases."""
    rng = np.random.default_rng(20250822)
    x = rng.uniform(-5, 5, cases)
    return pl.DataFrame(
        {
            "id": [f"other-{row:04d}" for row in range(cases)],
            "x": x.round(3),
            "colour": np.where(rng.random(cases) < 0.5, "파랑", "빨강"),
            "y": (2 * x + 1 + rng.normal(0, 4, cases)).round(3),
        }
    )


def sealed(draft: Demand, by: User) -> Demand:
    """The second agency's own data, uploaded, checked and sealed."""
    table = intake.take([csv(other_table())], name="other.csv")
    draft = demands.give_table(draft, table, by=by)
    demands.check(draft, by=by)
    work(until_idle=True, lease_s=30)
    draft.refresh_from_db()
    demands.seal(draft, by=by)
    work(until_idle=True, lease_s=30)
    draft.refresh_from_db()
    assert draft.state == "sealed", draft.findings
    return draft


def test_a_second_agency_confirms_the_solution_on_its_own_data(
    client: Client, origin: Demand
) -> None:
    second = somebody("agency")
    enter(client, solved.owner(origin)).post(
        reverse("trials:invite", args=[origin.name]), {"agency": home_of(second).pk}
    )
    row = Confirmation.objects.get()
    accepted = enter(client, second).post(
        reverse("trials:confirm-answer", args=[row.pk]), {"answer": "accept"}
    )
    row.refresh_from_db()
    assert accepted.status_code == 302
    draft = Demand.objects.get(pk=row.demand_id)
    own = sealed(draft, second)
    begun = enter(client, second).post(reverse("trials:confirm-run", args=[row.pk]))
    assert begun.status_code == 302, begun.content.decode()
    work(until_idle=True, lease_s=30)

    row.refresh_from_db()
    assert (row.state, row.reason) == ("measured", {})
    assert row.difference < 0
    assert row.error > 0
    found = protocols.diffusion(Demand.objects.get(pk=origin.pk))
    assert [each.agency for each in found.confirmations] == [
        origin.agency.slug,
        home_of(second).slug,
    ]
    assert found.pooled().k == 1
    page = client.get(reverse("trials:diffusion", args=[origin.name])).content.decode()
    assert home_of(second).name_ko in page
    assert "<svg" in page
    own.refresh_from_db()
    assert adoptions.begin(own, by=second).agency == home_of(second)


def test_an_agency_is_asked_once_and_answers_once(origin: Demand) -> None:
    second, owner = somebody("agency"), solved.owner(origin)
    row = diffusions.invite(origin, home_of(second), by=owner)
    with pytest.raises(InputError):
        diffusions.invite(origin, home_of(second), by=owner)
    diffusions.decline(row, by=second)

    with pytest.raises(InputError):
        diffusions.accept(row, by=second)
    with pytest.raises(InputError):
        diffusions.invite(origin, home_of(somebody("company")), by=owner)
    assert Confirmation.objects.count() == 1


def test_a_confirmation_that_asks_something_else_is_not_sealed(origin: Demand) -> None:
    second = somebody("agency")
    row = diffusions.invite(origin, home_of(second), by=solved.owner(origin))
    draft = diffusions.accept(row, by=second)
    changed = {**draft.plain, "decision": {**draft.plain["decision"], "margin": 0.5}}
    demands.change(draft, by=second, plain=changed)
    table = intake.take([csv(other_table())], name="other.csv")
    draft = demands.give_table(draft, table, by=second)
    demands.check(draft, by=second)
    work(until_idle=True, lease_s=30)
    draft.refresh_from_db()

    with pytest.raises(InputError, match="margin|여유"):
        demands.seal(draft, by=second)


def test_a_request_belongs_to_the_agency_that_was_asked(client: Client, origin: Demand) -> None:
    second = somebody("agency")
    row = diffusions.invite(origin, home_of(second), by=solved.owner(origin))
    address = reverse("trials:confirm-answer", args=[row.pk])

    for role in ("agency", "company", "officer"):
        stranger = enter(client, somebody(role))
        assert stranger.post(address, {"answer": "accept"}).status_code in (403, 404)
        assert stranger.post(
            reverse("trials:invite", args=[origin.name]), {"agency": home_of(second).pk}
        ).status_code in (403, 404)
    row.refresh_from_db()
    assert row.state == "invited"


def test_the_register_and_its_open_contracting_data(client: Client, origin: Demand) -> None:
    page = client.get(reverse("trials:adopted")).content.decode()
    listed = client.get(reverse("trials:adopted"), {"format": "json"}).json()["adopted"]
    with clock.stopped_at(origin.objections_until + timedelta(hours=1)):
        one = client.get(reverse("trials:ocds", args=[origin.name])).json()
        every = client.get(reverse("trials:ocds-all")).json()

    assert origin.title_ko in page
    assert [each["demand"] for each in listed] == [origin.name]
    (made,) = one["releases"]
    check_release(made)
    assert made["ocid"].endswith(origin.name)
    assert made["awards"][0]["status"] == "active"
    assert [each["ocid"] for each in every["releases"]] == [made["ocid"]]


def test_the_register_asks_as_often_for_many_as_for_few(
    client: Client, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("trials:adopted")).status_code == 200
        return len(queries)

    adopted.adoption()
    few = asked()
    for _ in range(6):
        adopted.adoption()

    assert Adoption.objects.count() == 7
    assert asked() == few
