"""An application is screened, examined, voted on and decided; each step stays, and is logged."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.pipeline import diligence
from madang.fund.web.models import Application, Company
from madang.fund.web.services import pipeline
from madang.kernel import clock
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.log import append
from madang.portal.models import LogEntry
from madang.programme.web.services import awards
from tests.fund.web import hands
from tests.portal.people import enter
from tests.programme.web import hands as programme

pytestmark = pytest.mark.django_db
SHA = "ab" * 32


@pytest.fixture
def house() -> hands.House:
    """A fund with a company that may apply."""
    found = hands.house()
    hands.company(found)
    return found


def received(house: hands.House, **facts: str) -> Application:
    """The company's application."""
    return pipeline.receive(house.fund, Company.objects.get(), by=house.maker, **facts)


def examined(house: hands.House) -> Application:
    """An application before the committee, every item of the checklist looked at."""
    row = received(house)
    for state in ("screening", "due-diligence"):
        pipeline.move(row, state, by=house.maker)
    for item in diligence.checklist():
        pipeline.check(row, item.code, "done", by=house.maker, evidence=(SHA,))
    pipeline.move(row, "committee", by=house.maker)
    return row


def test_an_application_goes_its_way_and_every_step_is_in_the_log(house: hands.House) -> None:
    row = examined(house)
    for user in (house.maker, house.checker):
        pipeline.vote(row, "for", by=user)
    minutes = pipeline.decide(row, "좋은 회사", by=house.checker)
    pipeline.move(row, "term-sheet", by=house.maker)

    assert minutes.facts["result"] == "approved"
    assert pipeline.value(row).state == "term-sheet"
    places = list(row.steps.values_list("log_entry", flat=True))
    assert LogEntry.objects.filter(index__in=places).count() == len(places) == len(set(places))


def test_nothing_is_left_out_on_the_way(house: hands.House) -> None:
    row = received(house)
    with pytest.raises(PortfolioRefused):
        pipeline.move(row, "committee", by=house.maker)
    with pytest.raises(PortfolioRefused, match="without a reason"):
        pipeline.move(row, "declined", by=house.maker)
    with pytest.raises(PortfolioRefused, match="one at 'Due diligence'"):
        pipeline.check(row, "B1", "done", by=house.maker, evidence=(SHA,))
    for state in ("screening", "due-diligence"):
        pipeline.move(row, state, by=house.maker)
    with pytest.raises(PortfolioRefused, match="open"):
        pipeline.move(row, "committee", by=house.maker)
    with pytest.raises(PortfolioRefused, match="B1"):
        pipeline.check(row, "B1", "done", by=house.maker)


def test_without_an_approval_there_is_no_contract(house: hands.House) -> None:
    row = examined(house)
    with pytest.raises(PortfolioRefused, match="without votes"):
        pipeline.decide(row, "", by=house.maker)
    pipeline.vote(row, "against", by=house.maker)
    with pytest.raises(PortfolioRefused, match="one vote of each member"):
        pipeline.vote(row, "for", by=house.maker)
    pipeline.vote(row, "against", by=house.checker)
    pipeline.decide(row, "", by=house.maker)

    with pytest.raises(PortfolioRefused, match="without an approval"):
        pipeline.move(row, "term-sheet", by=house.maker)


def test_who_has_an_interest_is_recused(house: hands.House) -> None:
    row = examined(house)
    with pytest.raises(PortfolioRefused, match="with an interest"):
        pipeline.vote(row, "for", by=house.maker, has_interest=True)
    pipeline.vote(row, "recused", by=house.maker, has_interest=True)
    pipeline.vote(row, "for", by=house.checker)

    assert pipeline.decide(row, "", by=house.checker).facts["result"] == "approved"


def test_results_of_trials_stand_beside_the_pitch(house: hands.House) -> None:
    append(
        [
            Statement(
                subjects={"submission/s": "0" * 64},
                predicate_type=predicate_type("submission"),
                predicate={"firm": "acme", "demand": "d-1", "name": "solver"},
            )
        ]
    )
    row = received(house, applicant="acme")
    page = enter(Client(), house.maker).get(row.get_absolute_url()).content.decode()

    assert "d-1" in page
    assert [each.demand for each in pipeline.tried(row)] == ["d-1"]


def test_support_of_the_programme_is_found_by_name_and_shown(house: hands.House) -> None:
    maker, _ = programme.two()
    with clock.stopped_at(programme.AUTUMN):
        awards.sign(
            "rpki",
            by=maker,
            recipient="주식회사 에이크미",
            nature="firm",
            region="",
            title="협약",
            amount_krw=5_000,
            signed_on=date(2025, 9, 1),
        )
    (found,) = pipeline.supported(received(house))

    assert found.party.name == "주식회사 에이크미"
    assert "rpki, 2025-09-01, 5,000" in found.reason.en


def test_a_relation_in_the_terms_is_found_and_shown() -> None:
    related = [
        {
            "name": "(주) 에이크미",
            "kind": "related-party",
            "relation": {"ko": "운용사의 자회사", "en": "subsidiary of the manager"},
        }
    ]
    house = hands.house(related_parties=related)
    hands.company(house)
    row = received(house)
    (found,) = pipeline.related(row)
    page = enter(Client(), house.maker).get(row.get_absolute_url()).content.decode()

    assert found.kind == "related-party"
    assert "운용사의 자회사" in page


def test_it_is_done_on_pages(house: hands.House) -> None:
    maker = enter(Client(), house.maker)
    assert maker.get("/fund/small/pipeline/").status_code == 200
    maker.post("/fund/small/pipeline/receive", {"company": "acme", "pitch": "AI", "applicant": ""})
    row = Application.objects.get()
    url = row.get_absolute_url()
    for state in ("screening", "due-diligence"):
        assert maker.post(f"{url}/move", {"to": state, "reason": ""}).status_code == 302
    paper = SimpleUploadedFile("매출.pdf", b"revenue")
    checked = {"code": "B1", "outcome": "done", "evidence": paper, "reason": ""}
    assert maker.post(f"{url}/check", checked).status_code == 302
    refused = maker.post(f"{url}/move", {"to": "committee", "reason": ""})
    assert refused.status_code == 422
    assert "실사 항목" in refused.content.decode()
    assert maker.post(f"{url}/dance", {}).status_code == 404
    assert enter(Client(), house.partner).get(url).status_code == 404
    assert maker.get(url, HTTP_ACCEPT_LANGUAGE="en").status_code == 200
