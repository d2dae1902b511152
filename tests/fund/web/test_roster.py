"""Companies are named with their consent, partners are connected and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from madang.fund.web.models import Company, Stake
from madang.kernel.evidence.statement import Statement
from madang.portal.models import LogEntry
from tests.fund.web import hands
from tests.portal.people import enter

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db


def client(user: User) -> Client:
    """Signed in."""
    return enter(Client(), user)


def last() -> dict[str, object]:
    """What the newest entry of the evidence log says."""
    row = LogEntry.objects.order_by("-index")[0]
    return dict(Statement.decode(bytes(row.content)).predicate)


def test_a_company_is_named_to_everybody_and_no_longer() -> None:
    house = hands.house()
    hands.funded(house)
    hands.company(house)
    asked = {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 20_000_000}
    hands.done(house, asked)
    maker, url = client(house.maker), "/fund/small/companies/acme/publish"
    maker.post("/fund/small/publish")

    assert "에이크미" not in Client().get("/fund/told/small").content.decode()
    assert maker.get(url).status_code == 200
    assert not Company.objects.get().is_published
    for shown in (True, False):
        assert maker.post(url).status_code == 302
        assert ("에이크미" in Client().get("/fund/told/small").content.decode()) is shown
        assert last()["is_published"] is shown
    assert client(house.partner).post(url).status_code == 404
    assert maker.post("/fund/small/companies/nobody/publish").status_code == 404


def test_an_organisation_is_disconnected_and_sees_nothing_more() -> None:
    house = hands.house()
    partner, url = client(house.partner), "/fund/small/partners/2"
    assert partner.get(url).status_code == 200
    assert partner.post(f"{url}/stake/end").status_code == 404
    maker = client(house.maker)
    assert maker.get(f"{url}/stake/end").status_code == 200
    assert Stake.objects.count() == 1
    maker.post(f"{url}/stake/end")

    assert Stake.objects.count() == 0
    assert partner.get(url).status_code == 404
    assert maker.get(f"{url}/stake/end").status_code == 404
    assert LogEntry.objects.order_by("-index")[0].subject == "fund/small/2"
