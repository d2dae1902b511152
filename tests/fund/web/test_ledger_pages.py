"""The ledger is narrowed, leaves as a file, and shows a partner its own postings alone."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.test import Client

from madang.fund.engine.reports import quarterly
from madang.fund.web.services import book, roster
from madang.fund.web.services.sheets import tables
from tests.fund.web import hands
from tests.portal.people import enter

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db


def client(user: User) -> Client:
    """Signed in."""
    return enter(Client(), user)


@pytest.fixture
def house() -> hands.House:
    """A fund with a call, an investment and an expense."""
    found = hands.house()
    hands.funded(found)
    hands.company(found)
    asked = {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 20_000_000}
    hands.done(found, asked)
    asked = {"act": "expense", "on": "2025-02-03", "account": "audit", "amount_krw": 1_000_000}
    hands.done(found, asked | {"memo": "감사 계약"})
    return found


def numbers(found: hands.House, query: str) -> list[int]:
    """The entries that the page lists."""
    page = client(found.maker).get(f"/fund/small/ledger?{query}").content.decode()
    return [int(each) for each in re.findall(r'href="/fund/small/entries/(\d+)"', page)]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("kind=expense", [5]),
        ("account=cash", [5, 4, 3]),
        ("partner=2", [3, 2, 1]),
        ("company=acme", [4]),
        ("account=cash&company=acme", []),
        ("since=2025-02-01", [5, 4]),
        ("since=2025-01-03&until=2025-02-01", [4, 3]),
        ("kind=nonsense", [5, 4, 3, 2, 1]),
    ],
)
def test_entries_are_narrowed(house: hands.House, query: str, shown: list[int]) -> None:
    assert numbers(house, query) == shown


def test_the_ledger_leaves_as_rows_that_add_up(house: hands.House) -> None:
    reader = client(house.maker)
    answer = reader.get("/fund/small/ledger?format=csv&account=cash")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    cash = sum(
        int(each["amount_krw"]) * ((each["debit"] == "cash") - (each["credit"] == "cash"))
        for each in rows
    )
    assert cash == book.book(house.fund).cash() == 29_000_000
    assert {each["kind"] for each in rows} == {"payment", "investment", "expense"}
    answer = reader.get("/fund/small/ledger?format=json")
    whole = json.loads(b"".join(answer.streaming_content))["small-ledger"]
    held = book.book(house.fund).journal
    assert len(whole) == sum(len(each.postings) for each in held.entries)
    assert whole[-1]["digest"] == held.head


def test_a_long_list_is_asked_for_by_number_or_name(house: hands.House) -> None:
    for place in range(60):
        hands.company(house, f"company-{place}")
    page = client(house.maker).get("/fund/small/ledger").content.decode()

    assert 'value="company-7"' not in page
    assert 'type="text" name="company"' in page
    assert numbers(house, "company=acme") == [4]
    assert numbers(house, "company=nobody") == []


def links(page: str) -> list[tuple[str, str]]:
    """Where figures of a partner's page lead, and the figures."""
    found = re.findall(r'href="(/fund/small/[^"]*ledger\?part=[^"]+)">([\d,\-−]+)<', page)
    return [(unescape(url), shown) for url, shown in found]


def test_a_partner_follows_its_figures_to_its_own_postings(house: hands.House) -> None:
    reader = client(house.partner)
    page = reader.get("/fund/small/partners/2").content.decode()
    found = links(page)

    assert len(found) >= 5
    for url, shown in found:
        assert url.startswith("/fund/small/partners/2/ledger?")
        answer = reader.get(url).content.decode()
        assert f"<strong>{shown}</strong>" in answer
        assert "/fund/small/entries/" not in answer
        assert "정부" not in answer
        assert "감사 계약" not in answer
        assert reader.get(url.replace("partners/2", "partners/1")).status_code == 404
        assert reader.get(url.replace("partner%3D2", "partner%3D1")).status_code == 404
        assert reader.get(url.replace("partner%3D2%26", "")).status_code == 404
    assert reader.get("/fund/small/partners/2/ledger").status_code == 404
    manager = links(client(house.maker).get("/fund/small/partners/2").content.decode())
    assert all(url.startswith("/fund/small/ledger?") for url, _ in manager)


def test_another_partner_is_not_named_to_a_partner(house: hands.House) -> None:
    asked = {"act": "transfer", "on": "2025-02-04", "giver": 1, "taker": 2, "share": "1/2"}
    hands.done(house, asked)
    url = "/fund/small/partners/2/ledger?part=accounts%3Dpaid-in%26partner%3D2%26sign%3D-1"
    own = client(house.partner).get(url).content.decode()
    manager = client(house.maker).get(url).content.decode()

    assert "다른 조합원" in own
    assert "정부" not in own
    # The note of a transfer says from whom to whom.
    assert "1 → 2" not in own
    assert "다른 조합원" in manager


def test_a_figure_of_the_whole_fund_leads_a_partner_nowhere(house: hands.House) -> None:
    held = book.book(house.fund)
    until = date(2025, 3, 31)
    report = quarterly.quarterly(held.terms(until), held.journal, until=until, companies={})
    cells = [
        cell["url"]
        for table in tables(report, house.fund, partner=2)
        for row in table["rows"]
        for cell in row["cells"]
    ]
    every = [
        cell["url"]
        for table in tables(report, house.fund)
        for row in table["rows"]
        for cell in row["cells"]
    ]

    assert sum(map(bool, every)) > 5
    # The private class is this partner alone: what leads anywhere leads to its own postings.
    for url in filter(None, cells):
        assert url.startswith("/fund/small/partners/2/ledger?")
        assert unquote(url).count("&partner=2&") == unquote(url).count("part=")
    assert sum(map(bool, cells)) < sum(map(bool, every)) / 2


def test_a_paper_is_reached_through_its_own_fund_alone(house: hands.House) -> None:
    other = hands.house("other")
    sha = roster.paper(other.fund, b"secret deed", name="deed.pdf", by=other.maker)

    assert client(other.maker).get(f"/fund/other/papers/{sha}").status_code == 200
    assert client(other.maker).get(f"/fund/small/papers/{sha}").status_code == 404
    assert client(house.maker).get(f"/fund/small/papers/{sha}").status_code == 404
