"""The whole life of a public AX project, by five people in front of a browser.

An officer writes, seals and posts a demand; a company asks, rehearses and hands in; evaluators
judge blind; the officer announces and confirms; agency and company agree; the solution goes
through its gates to live, and a second agency confirms it on its own data. Days pass by the site's
clock.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from madang.kernel import clock
from madang.portal.worker import work
from madang.trials.web.models import Demand
from tests.browser.village import sign_in
from tests.portal.people import home_of, somebody
from tests.trials.web import demands, solved
from tests.trials.web.test_diffusion import other_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page
    from pytest_django.live_server_helper import LiveServer

    from madang.portal.models import User

pytestmark = [
    pytest.mark.browser,
    pytest.mark.bwrap,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _right_clock() -> Iterator[None]:
    """The clock is set right again, however far it went ahead."""
    yield
    clock.go_ahead(0)


class Visit:
    """Somebody in front of the site."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._context, self._address = context, address
        self.page: Page = context.new_page()

    def become(self, user: User) -> None:
        """Sign out, and in as somebody else."""
        self._context.clear_cookies()
        sign_in(self._context, user, self._address)

    def go(self, path: str) -> None:
        """Open a page; it answers well."""
        answer = self.page.goto(f"{self._address}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def fill(self, **values: Any) -> None:
        """Fill fields by their names."""
        for name, value in values.items():
            field = self.page.locator(f'main [name="{name}"]').first
            kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
            if kind == "select":
                field.select_option(value)
            elif kind == "file":
                field.set_input_files(value)
            elif kind == "radio":
                self.page.locator(f'main [name="{name}"][value="{value}"]').check(force=True)
            elif kind == "checkbox":
                field.set_checked(bool(value), force=True)
            else:
                field.fill(str(value))

    def press(self, text: str) -> None:
        """Press the button of that name and wait for what comes."""
        button = self.page.locator("main").get_by_role("button", name=re.compile(text)).first
        with self.page.expect_navigation():
            button.click()
        faults = self.page.locator("main .error-summary, main .notice.danger")
        assert not faults.count(), faults.first.inner_text()

    def says(self, text: str) -> bool:
        """Whether the page shows this."""
        return text in self.page.locator("main").inner_text()


def as_typed(moment: Any) -> str:
    """A moment as a browser's field takes it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def worked() -> None:
    """The worker does what is queued."""
    work(until_idle=True, lease_s=30)


def test_a_project_from_demand_to_diffusion(
    live_server: LiveServer, visitor: BrowserContext, tmp_path: Path
) -> None:
    people = {
        "officer": somebody("officer"),
        "agency": somebody("agency"),
        "company": somebody("company"),
        "second": somebody("agency"),
    }
    judges = [somebody("evaluator") for _ in range(3)]
    visit, name = Visit(visitor, live_server.url), demands.name("journey")
    post(visit, people, name, tmp_path)
    hand_in(visit, people, name, tmp_path)
    judge(visit, people, judges, name)
    decide(visit, people, name)
    agree(visit, people, name)
    go_live(visit, people, name)
    spread(visit, people, name, tmp_path)


def post(visit: Visit, people: dict[str, User], name: str, folder: Path) -> None:
    """The officer writes, checks, seals and posts."""
    table = folder / "table.csv"
    table.write_bytes(demands.csv(demands.table(400)))
    base = f"/trials/demands/{name}"
    visit.become(people["officer"])
    visit.go("/trials/new")
    visit.fill(
        agency=str(home_of(people["agency"]).pk),
        name=name,
        title_ko="직선 맞히기",
        title_en="Find the line",
        problem_ko="x에서 y를 맞힙니다.",
        problem_en="Tell y from x.",
        sector="health",
    )
    visit.press("저장하고 다음")
    visit.fill(table=str(table))
    visit.press("올리기")
    worked()
    visit.go(f"{base}/edit/data")
    visit.press("저장하고 다음")
    visit.fill(task="trials.regression")
    visit.press("이 유형의 항목")
    visit.fill(option_outcome="y", baseline="median")
    visit.press("이 유형의 항목")
    worked()
    visit.go(f"{base}/edit/task")
    visit.fill(metric="mae", rule="superiority", alpha="0.05")
    visit.press("저장하고 다음")
    visit.press("저장하고 다음")
    now = clock.now()
    visit.fill(
        opens=as_typed(now + timedelta(days=2)),
        questions_until=as_typed(now + timedelta(days=5)),
        closes=as_typed(now + timedelta(days=10)),
        decide_by=as_typed(now + timedelta(days=20)),
    )
    visit.fill(**{"r0-title_ko": "적합성", "r0-title_en": "Fit", "r0-weight": "1"})
    visit.fill(**{"r0-anchors": "부족 / poor\n보통 / fair\n뛰어남 / good"})
    visit.press("저장하고 다음")
    visit.press("점검")
    worked()
    visit.go(f"{base}/edit/check")
    visit.press("다음")
    visit.press("봉인")
    worked()
    visit.go(f"{base}/post")
    visit.press("공고")

    assert Demand.objects.get(name=name).state == "posted"


def hand_in(visit: Visit, people: dict[str, User], name: str, folder: Path) -> None:
    """The company asks, the officer answers; it rehearses and hands in."""
    base = f"/trials/demands/{name}"
    visit.become(people["company"])
    visit.go(f"{base}/questions")
    visit.fill(text="결측값이 있습니까?")
    visit.press("질문")
    visit.become(people["officer"])
    visit.go("/work")
    assert visit.says("직선 맞히기")
    visit.go(f"{base}/questions")
    visit.page.get_by_role("link", name=re.compile("답변하기")).first.click()
    visit.fill(text="없습니다.")
    visit.press("답변")
    clock.go_ahead(3)
    solution = folder / "solution.py"
    solution.write_bytes(solved.LINE)
    visit.become(people["company"])
    for button in ("시험 실행", "제출하기"):
        visit.go(f"{base}/submit")
        visit.fill(
            name="line",
            title_ko="직선 해법",
            title_en="A line",
            tier="python",
            files=str(solution),
        )
        visit.press(button)
        worked()
    visit.go(f"{base}/submissions")
    assert visit.says("채점 완료")
    visit.go(f"{base}/board")
    assert visit.page.locator("svg").count()


def judge(visit: Visit, people: dict[str, User], judges: list[User], name: str) -> None:
    """Submissions close; three evaluators declare, score and sign without knowing the figures."""
    base = f"/trials/demands/{name}"
    visit.become(people["officer"])
    visit.go(f"{base}/rubric")
    for each in judges:
        visit.fill(email=each.email)
        visit.press("위촉")
    clock.go_ahead(11)
    visit.go(f"{base}/decision")
    visit.press("최종 비교 시작")
    worked()
    for each in judges:
        visit.become(each)
        visit.go(f"{base}/rubric")
        visit.page.locator("main table a").first.click()
        sheet(visit)
        assert visit.says("서명")


def sheet(visit: Visit) -> None:
    """One evaluator's sheet: no conflict, a level for the criterion, signed."""
    visit.fill(conflict="no")
    visit.press("신고하기")
    visit.page.locator('main input[type="radio"][value="3"]').first.check(force=True)
    visit.press("서명하기")


def decide(visit: Visit, people: dict[str, User], name: str) -> None:
    """The officer announces; nobody objects; the decision is final and its report is signed."""
    base = f"/trials/demands/{name}"
    visit.become(people["officer"])
    visit.go(f"{base}/decision")
    visit.press("판정 공개")
    worked()
    clock.go_ahead(30)
    visit.go(f"{base}/decision")
    assert visit.page.locator('a[href$="report.pdf"]').count()
    visit.press("판정 확정")

    assert Demand.objects.get(name=name).state == "final"


def agree(visit: Visit, people: dict[str, User], name: str) -> None:
    """Agency and company write and sign the minutes."""
    base = f"/trials/demands/{name}"
    visit.become(people["agency"])
    visit.go(f"{base}/adopt")
    visit.press("협의 시작")
    visit.go(f"{base}/adoption/plan")
    visit.fill(canaries="10", fewest_days="1", fewest="10", limit="0.2")
    visit.press("계획 확정")
    visit.go(f"{base}/consultation/edit")
    visit.fill(agenda="처음 단계와 비용을 논의함")
    visit.fill(
        **{
            "condition-0-text": "영향평가 완료",
            "condition-0-party": home_of(people["company"]).slug,
            "cost-0-text": "운영비",
            "cost-0-amount_krw": "12000000",
        }
    )
    visit.press("회의록 저장")
    visit.press("서명하기")
    visit.become(people["company"])
    visit.go(f"{base}/consultation")
    visit.press("서명하기")
    visit.become(people["agency"])
    visit.go(f"{base}/consultation")
    visit.page.get_by_text("충족 확인 또는 면제").first.click()
    visit.fill(reason="이미 받은 평가서로 갈음")
    visit.press("면제하기")

    assert visit.says("협의가 끝났습니다")


def go_live(visit: Visit, people: dict[str, User], name: str) -> None:
    """Gate by gate: observed, within the limit, advanced."""
    base = f"/trials/demands/{name}"
    visit.become(people["agency"])
    visit.go(f"{base}/adoption/open")
    visit.press("첫 단계 열기")
    for days, batch in ((32, "shadow"), (34, "canary")):
        clock.go_ahead(days)
        visit.go(f"{base}/adoption/observe")
        visit.fill(name=batch, n="2000", events="0")
        visit.press("보고하기")
        visit.go(f"{base}/adoption/advance")
        visit.press("다음 단계 열기")

    assert Demand.objects.get(name=name).state == "live"
    visit.go("/trials/register")
    assert visit.says("직선 해법")


def spread(visit: Visit, people: dict[str, User], name: str, folder: Path) -> None:
    """A second agency is asked, seals its own data and confirms the solution."""
    base = f"/trials/demands/{name}"
    table = folder / "other.csv"
    table.write_bytes(demands.csv(other_table()))
    visit.become(people["agency"])
    visit.go(f"{base}/diffusion")
    visit.fill(agency=str(home_of(people["second"]).pk))
    visit.press("확인 요청")
    visit.become(people["second"])
    visit.go(f"{base}/diffusion")
    visit.press("참여하기")
    child = Demand.objects.get(origin__name=name).name
    visit.go(f"/trials/demands/{child}/edit/data")
    visit.fill(table=str(table))
    visit.press("올리기")
    worked()
    visit.go(f"/trials/demands/{child}/edit/check")
    visit.press("점검")
    worked()
    visit.go(f"/trials/demands/{child}/edit/preview")
    visit.press("봉인")
    worked()
    visit.go(f"{base}/diffusion")
    visit.press("해법 실행")
    worked()
    visit.go(f"{base}/diffusion")

    assert visit.says("측정 완료")
    assert visit.page.locator("svg").count()
