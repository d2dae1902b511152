"""Pages of the funds: who sees what, and a figure's way to its evidence in two clicks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.fund.engine.acts import ACTS
from madang.fund.web.models import Act, Fund
from madang.fund.web.services import acts, book, seed
from tests.fund.web import hands
from tests.portal.people import enter, organisation, somebody

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db
PAGES = (
    "",
    "acts/",
    "ledger",
    "portfolio",
    "partners/",
    "terms",
    "what-if",
    "measures",
    "reports/",
)


def client(user: User) -> Client:
    """Signed in."""
    return enter(Client(), user)


@pytest.fixture
def house() -> hands.House:
    """A fund with money, a company and a distribution."""
    found = hands.house()
    hands.funded(found)
    hands.company(found)
    hands.done(
        found,
        {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 20_000_000},
    )
    hands.done(found, {"act": "distribute", "on": "2025-03-01", "amount_krw": 10_000_001})
    hands.done(found, {"act": "close", "through": "2025-03-31"})
    return found


@pytest.mark.parametrize("path", PAGES)
def test_the_manager_sees_every_page_and_others_none(house: hands.House, path: str) -> None:
    url = f"/fund/small/{path}"
    stranger = somebody("company", organisation("company"))

    for language in ("ko", "en"):
        assert client(house.maker).get(url, HTTP_ACCEPT_LANGUAGE=language).status_code == 200
    assert client(stranger).get(url).status_code == 404
    assert client(house.partner).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert client(somebody("auditor", organisation("public"))).get(url).status_code == 200


@pytest.mark.parametrize("name", ["ilpa", "partners", "performance", "quarterly"])
def test_a_figure_leads_to_its_postings_and_a_posting_to_its_entry(
    house: hands.House, name: str
) -> None:
    reader = client(house.maker)
    page = reader.get(f"/fund/small/reports/{name}?until=2025-03-31").content.decode()
    links = re.findall(r'href="(/fund/small/ledger\?part=[^"]+)">([\d,\-−]+)<', page)

    assert len(links) > 10
    followed = 0
    for url, shown in links[:40]:
        found = reader.get(url.replace("&amp;", "&")).content.decode()
        assert f"<strong>{shown}</strong>" in found
        if entry := re.search(r'href="(/fund/small/entries/\d+)"', found):
            assert reader.get(entry[1]).status_code == 200
            followed += 1
    assert followed


@pytest.mark.parametrize("form", ["pdf", "xlsx", "csv"])
def test_a_report_leaves_as_a_file(house: hands.House, form: str) -> None:
    answer = client(house.maker).get(f"/fund/small/reports/ilpa?until=2025-03-31&format={form}")

    assert answer.status_code == 200
    assert answer.content[:2] in {"pdf": (b"%P",), "xlsx": (b"PK",), "csv": (b"\xef\xbb",)}[form]


def test_a_partner_sees_its_own_figures_and_notices_alone(house: hands.House) -> None:
    reader = client(house.partner)
    page = reader.get("/fund/small/partners/2").content.decode()

    assert "19,500,000" in page
    assert "/fund/small/ledger" not in page
    assert reader.get("/fund/small/partners/1").status_code == 404
    notices = re.findall(r'href="(/fund/small/partners/2/notices/\d+\.pdf)"', page)
    assert len(notices) == 2
    for each in notices:
        assert reader.get(each).content[:4] == b"%PDF"
        assert reader.get(each.replace("partners/2", "partners/1")).status_code == 404
    assert "small" in reader.get("/fund/").content.decode()


def test_an_act_is_asked_for_previewed_and_approved(house: hands.House) -> None:
    maker, checker = client(house.maker), client(house.checker)
    form = {"on": "2025-04-02", "amount_krw": "500만", "recallable_krw": ""}
    shown = maker.post("/fund/small/do/distribute", form)
    text = shown.content.decode()

    assert shown.status_code == 200
    assert "1,950,000" in text
    assert Act.objects.filter(state="waiting").count() == 0
    sent = maker.post("/fund/small/do/distribute", form | {"put": "1"})
    act = Act.objects.get(state="waiting")
    assert sent.headers["Location"] == act.get_absolute_url()
    assert maker.post(f"{act.get_absolute_url()}/approve").status_code == 409
    assert checker.post(f"{act.get_absolute_url()}/approve").status_code == 302
    assert book.book(house.fund).cash() == 50_000_000 - 20_000_000 - 10_000_001 - 5_000_000


def test_an_investment_keeps_its_evidence_from_preview_to_approval(house: hands.House) -> None:
    maker = client(house.maker)
    form = {
        "on": "2025-04-02",
        "company": "acme",
        "amount_krw": "1,000,000",
        "instrument": "rcps",
        "co_invested_krw": "",
    }
    paper = SimpleUploadedFile("계약서.pdf", b"contract")
    shown = maker.post("/fund/small/do/invest", form | {"evidence": paper}).content.decode()
    kept = re.search(r'name="kept" value="([0-9a-f]{64})"', shown)
    assert kept
    maker.post("/fund/small/do/invest", form | {"kept": kept[1], "put": "1"})
    act = Act.objects.get(state="waiting")
    (draft,) = acts.proposed(act)

    assert draft.evidence == (kept[1],)
    assert draft.facts["tags"] == {"field": "ai", "region": "26", "early-stage": "yes"}
    answer = maker.get(f"/fund/small/papers/{kept[1]}")
    assert answer.content == b"contract"
    assert client(house.partner).get(f"/fund/small/papers/{kept[1]}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("call", {"on": "2025-04-02", "due": "2025-04-03", "purpose_investment": "9억"}, 409),
        ("call", {"on": "2025-04-02", "due": "2025-04-03"}, 409),
        ("distribute", {"on": "2025-04-02", "amount_krw": "1.5"}, 422),
        ("distribute", {"on": "2025-03-02", "amount_krw": "100"}, 409),
        ("fee", {"on": "어제"}, 422),
        ("value", {"on": "2025-04-02", "company": "none", "fair_value_krw": "1"}, 422),
    ],
)
def test_what_cannot_be_is_said_on_the_form(
    house: hands.House, kind: str, form: dict[str, str], status: int
) -> None:
    before = Act.objects.count()
    answer = client(house.maker).post(f"/fund/small/do/{kind}", form | {"put": "1"})

    assert answer.status_code == status
    assert Act.objects.count() == before


@pytest.mark.parametrize("kind", list(ACTS))
def test_every_act_has_its_form(house: hands.House, kind: str) -> None:
    assert client(house.maker).get(f"/fund/small/do/{kind}").status_code == 200


def test_everybody_sees_a_published_fund_and_no_other(house: hands.House) -> None:
    assert Client().get("/fund/told/small").status_code == 404
    client(house.maker).post("/fund/small/publish")
    page = Client().get("/fund/told/small").content.decode()

    assert "에이크미" not in page
    assert "0.1억" in page or "0.2억" in page
    assert Client().get("/fund/").status_code == 200


def test_the_ministry_sees_all_funds(house: hands.House) -> None:
    officer = client(somebody("programme", organisation("ministry")))

    assert "small" in officer.get("/fund/oversight").content.decode()
    assert client(house.maker).get("/fund/oversight").status_code == 403


def test_another_rule_is_asked_about_on_a_page(house: hands.House) -> None:
    url = "/fund/small/what-if?place=distribution.tiers.1.rate&value=5%25"
    assert client(house.maker).get(url).status_code == 200
    assert client(house.maker).get("/fund/small/what-if?place=no.where&value=1").status_code == 409


def test_the_example_site_has_funds_up_to_today() -> None:
    from madang.portal import example, roles

    roles.create_missing()
    example.create()
    seed.seed(lambda _: None)
    fund = Fund.objects.get(pk="ai-fund")

    assert fund.is_example
    assert Act.objects.filter(state="waiting").count() == 1
    assert book.book(fund).journal.last_day <= book.today()
