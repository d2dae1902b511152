"""A company's record is checked as a whole, kept by versions, and shown with what it means."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio import record
from madang.fund.web.models import Company, CompanyRecord
from madang.fund.web.services import records
from tests.fund.web import hands
from tests.portal.people import enter

pytestmark = pytest.mark.django_db
TEXT = """
cap_table:
  - {event: founded, on: "2023-05-01", shares: {founder: 8000, angel: 2000}}
  - event: round
    on: "2025-02-01"
    share_class: series-a
    terms: {instrument: rcps, issue_price_krw: 1000, preference: 1, anti_dilution: full-ratchet}
    paid: {fund: 2500000}
milestones:
  - {kind: employees, value: 12, on: "2025-06-01", evidence: "%s"}
support:
  - {programme: "바우처", amount_krw: 30000000, on: "2024-04-01"}
""" % ("ab" * 32)


def test_a_record_becomes_a_cap_table() -> None:
    found = record.read(TEXT.encode(), company="acme")
    shown = records.shown(found)

    assert found.table().outstanding == 12_500
    assert [(each["holder"], each["shares"]) for each in shown["holders"]] == [
        ("angel", 2_000),
        ("founder", 8_000),
        ("fund", 2_500),
    ]
    assert shown["rounds"][0]["post"] == 12_500_000
    # The preference of 2.5 million comes first; the other half million is the common shares'.
    assert records.sold(found, 3_000_000) == [
        {"holder": "angel", "krw": 100_000},
        {"holder": "founder", "krw": 400_000},
        {"holder": "fund", "krw": 2_500_000},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no company's record"),
        ("cap_table: [{event: wedding}]", "row 1 of cap_table: event 'wedding'"),
        ("cap_table: [{event: split, on: '2025-01-01', new: 2.5}]", "the float 2.5"),
        ("support: [{programme: a}]", "row 1 of support"),
        ("cap_table: [{event: pool, on: '2025-02-30', shares: 5}]", "row 1 of cap_table"),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_its_row(text: str, said: str) -> None:
    with pytest.raises(PortfolioRefused) as refused:
        record.read(text.encode(), company="acme")

    assert said in refused.value.sentence("en")


def test_it_is_handed_in_and_shown_on_pages() -> None:
    house = hands.house()
    hands.company(house)
    maker = enter(Client(), house.maker)
    url = "/fund/small/companies/acme"
    file = SimpleUploadedFile("acme.yaml", TEXT.encode())
    assert maker.post(f"{url}/record", {"record": file}).status_code == 302
    bad = SimpleUploadedFile("acme.yaml", b"[]")
    assert maker.post(f"{url}/record", {"record": bad}).status_code == 409
    page = maker.get(f"{url}?price=300만").content.decode()

    assert "series-a" in page and "2,500,000" in page and "바우처" in page
    assert CompanyRecord.objects.filter(company=Company.objects.get()).count() == 1
    assert enter(Client(), house.partner).get(f"{url}/record").status_code == 404
