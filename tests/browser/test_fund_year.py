"""A fund's full year in a browser: called, invested, valued, distributed and reported.

The manager's two persons put forward and approve; a partner reads its notice and its account; the
ministry looks over all funds, and everybody sees what was published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from madang.fund.web.models import Act
from madang.fund.web.services import book
from tests.browser.chromium import overflows, violations
from tests.browser.test_life import Visit
from tests.fund.web import hands
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FUND = "/fund/year-fund"


class Desk:
    """The manager's two persons at one desk."""

    def __init__(self, visit: Visit, house: hands.House) -> None:
        self.visit, self.house = visit, house

    def do(self, kind: str, *, seen: str = "", **values: object) -> None:
        """The maker asks and sees what it would post; the checker approves."""
        visit = self.visit
        visit.become(self.house.maker)
        visit.go(f"{FUND}/do/{kind}")
        visit.fill(**values)
        visit.press("확인하기")
        assert visit.says("기록할 분개") or kind in ("close",)
        assert not seen or visit.says(seen)
        visit.press("승인 요청하기")
        act = Act.objects.filter(state="waiting").latest("at")
        visit.become(self.house.checker)
        visit.go(f"{FUND}/acts/{act.pk}/approve")
        visit.press("승인하기")
        act.refresh_from_db()
        assert act.state == "posted"


def test_a_year_of_a_fund(
    live_server: LiveServer, visitor: BrowserContext, tmp_path: Path
) -> None:
    house = hands.house("year-fund")
    visit = Visit(visitor, live_server.url)
    desk = Desk(visit, house)
    deed = tmp_path / "투자계약서.pdf"
    deed.write_bytes(b"deed")

    desk.do("call", on="2025-01-06", due="2025-01-20", purpose_investment="5,000만")
    desk.do("pay", on="2025-01-20", seen="납입 출자금")
    visit.become(house.maker)
    visit.go(f"{FUND}/companies/add")
    visit.fill(
        code="acme",
        name_ko="에이크미",
        name_en="Acme",
        founded_on="2023-05-01",
        region="26",
        field="ai",
    )
    visit.press("등록하기")
    desk.do(
        "invest",
        on="2025-02-03",
        company="acme",
        amount_krw="3,000만",
        instrument="rcps",
        evidence=str(deed),
    )
    desk.do("fee", on="2025-04-01", seen="493,151")
    desk.do(
        "value",
        on="2025-06-30",
        company="acme",
        fair_value_krw="4,500만",
        method="multiples",
        evidence=str(deed),
    )
    desk.do("income", on="2025-07-01", company="acme", amount_krw="100만")
    desk.do("exit", on="2025-10-01", company="acme", proceeds_krw="6,000만", part="50%")
    desk.do("distribute", on="2025-10-10", amount_krw="6,000만", seen="기준수익")
    desk.do("close", through="2025-12-31")
    _reported(visit, house)
    _partner(visit, house)
    _others(visit, house)


def _reported(visit: Visit, house: hands.House) -> None:
    """A figure of the report leads to its postings, a posting to its entry: two clicks."""
    visit.become(house.maker)
    visit.go(f"{FUND}/reports/ilpa?until=2025-12-31")
    held = book.book(house.fund)
    figure = f"{held.nav():,}"
    link = visit.page.locator("main td a", has_text=figure).first
    with visit.page.expect_navigation():
        link.click()
    assert visit.says(figure)
    with visit.page.expect_navigation():
        visit.page.locator("main tbody th a").first.click()
    assert re.search(r"/entries/\d+$", visit.page.url)
    assert visit.says("앞 기록의 지문")


def _partner(visit: Visit, house: hands.House) -> None:
    """The bank sees its own account and notices, and nothing of the others."""
    visit.become(house.partner)
    visit.go("/fund/")
    with visit.page.expect_navigation():
        visit.page.locator("main tbody th a").first.click()
    assert visit.says("자본계정 명세")
    account = book.book(house.fund).capital_account(2)
    assert visit.says(f"{account:,}")
    address = visit.page.locator('main a[href$=".pdf"]').first.get_attribute("href")
    answer = visit.page.request.get(f"{visit._address}{address}")
    assert answer.body()[:4] == b"%PDF"
    assert visit.page.request.get(f"{visit._address}{FUND}/").status == 404


def _others(visit: Visit, house: hands.House) -> None:
    """What is published is everybody's; the ministry sees every fund."""
    visit.become(house.maker)
    visit.go(f"{FUND}/publish")
    visit.press("공개하기")
    visit.become(somebody("programme", organisation("ministry")))
    visit.go("/fund/oversight")
    assert visit.says("작은 조합")
    visit._context.clear_cookies()
    visit.go("/fund/told/year-fund")
    assert visit.says("함께 투자되었습니다")


PAGES = (
    *("", "acts/", "ledger", "portfolio", "companies/acme", "companies/add", "pipeline/"),
    *("pipeline/receive", "partners/", "partners/2", "partners/2/stake", "terms", "measures"),
    *("what-if?place=distribution.tiers.1.rate&value=5%25", "plan", "reports/", "import"),
    *("reports/ilpa", "reports/quarterly", "reports/performance", "reports/partners"),
    *("do/call", "do/invest", "do/pay", "do/distribute", "entries/4", "publish"),
)


def test_every_page_of_a_fund_is_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str
) -> None:
    """axe finds nothing and nothing scrolls sideways, at 320 CSS pixels."""
    house = hands.house("year-fund")
    hands.funded(house)
    hands.company(house)
    asked = {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 20_000_000}
    hands.done(house, asked)
    hands.done(house, {"act": "distribute", "on": "2025-03-01", "amount_krw": 10_000_001})
    for end in ("2025-03-31", "2025-06-30", "2025-09-30"):
        hands.done(house, {"act": "close", "through": end})
    waits = hands.asked(house, asked | {"on": "2025-10-02", "amount_krw": 1_000})
    visit = Visit(visitor, live_server.url)
    visit.page.set_viewport_size({"width": 320, "height": 800})
    visit.become(house.checker)
    faults = []
    own = (
        f"{FUND}/acts/{waits.pk}",
        f"{FUND}/acts/{waits.pk}/approve",
        "/fund/",
        "/fund/register",
    )
    for path in (*(f"{FUND}/{each}" for each in PAGES), *own):
        visit.go(path)
        faults += [f"{path}: {each}" for each in violations(visit.page, axe)]
        if wider := overflows(visit.page):
            faults.append(f"{path}: {wider} pixels wider than the window")

    assert not faults, "\n".join(faults)
