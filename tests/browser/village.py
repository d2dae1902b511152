"""A site on which something stands on every page, and the people who see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client

from madang.kernel import clock
from madang.portal import tokens
from madang.portal.models import Membership, Organisation, User
from madang.trials.web.forms.adoption import USUAL_PLAN, PlanForm
from madang.trials.web.models import Adoption, Demand
from madang.trials.web.services import (
    adoptions,
    consultations,
    decisions,
    diffusions,
    gates,
    questions,
)
from tests.portal.people import enter, home_of, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@dataclass(frozen=True, kw_only=True)
class Village:
    """Who lives there: role → person."""

    people: dict[str, User]
    open: Demand
    adopted: Demand


def build() -> Village:
    """Trials in every phase, by the services and the real worker."""
    company, evaluator = somebody("company"), somebody("evaluator")
    second = somebody("agency")
    opened = solved.opened(cases=400, rubric=solved.RUBRIC)
    solved.hand_in(opened, by=company)
    demands.worked(opened)
    officer = solved.owner(opened)
    question = questions.ask(
        opened, organisation=home_of(company), by=company, text="결측값이 있습니까?"
    )
    questions.answer(question, by=officer, text="없습니다.")
    adopted = _adopted(company, second)
    draft = demands.with_table(demands.draft(officer, agency=opened.agency))
    demands.worked(draft)
    _programs(company)
    people = {
        "officer": officer,
        "agency": _staff(adopted.agency),
        "second": second,
        "company": company,
        "evaluator": evaluator,
        "operator": somebody("operator"),
        "admin": somebody("admin", home_of(company)),
    }
    return Village(people=people, open=opened, adopted=adopted)


def _staff(agency: Organisation) -> User:
    found = Membership.objects.filter(organisation=agency, role__code="agency").first()
    if found:
        return found.user
    return somebody("agency", agency)


def _adopted(company: User, second: User) -> Demand:
    """A demand that was decided, whose solution stands at its first gate and is spreading."""
    demand = solved.opened(cases=400)
    solved.hand_in(demand, by=company, name="adopted")
    demands.worked(demand)
    demand = solved.announced(solved.compared(demand))
    with clock.stopped_at(demand.objections_until + timedelta(minutes=1)):
        decisions.confirm(demand, by=solved.owner(demand))
    demand = Demand.objects.get(pk=demand.pk)
    agency = _staff(demand.agency)
    adoption = adoptions.begin(demand, by=agency)
    _agree(adoption, agency, company)
    demand = Demand.objects.get(pk=demand.pk)
    diffusions.invite(demand, home_of(second), by=agency)
    return demand


def _agree(adoption: Adoption, agency: User, company: User) -> None:
    form = PlanForm({**USUAL_PLAN})
    assert form.is_valid(), form.errors
    gates.set_plan(adoption, form.content(), by=agency, at=adoption.agency)
    content: dict[str, Any] = {
        "held": "2026-11-20",
        "agenda": "처음 단계와 비용을 논의함",
        "conditions": [
            {"name": "c-1", "text": "영향평가 완료", "bearer": adoption.company.slug},
            {"name": "c-2", "text": "운영 환경 제공", "bearer": adoption.agency.slug},
        ],
        "costs": [
            {
                "name": "cost-1",
                "text": "운영비",
                "amount_krw": 12_000_000,
                "payer": adoption.agency.slug,
                "every": "month",
            }
        ],
        "duties": [{"name": "duty-1", "text": "장애 대응", "bearer": adoption.company.slug}],
    }
    found = consultations.write(adoption, content, by=agency, at=adoption.agency)
    digest = found.minutes.digest
    consultations.sign(adoption, digest=digest, by=agency, at=adoption.agency)
    consultations.sign(adoption, digest=digest, by=company, at=adoption.company)
    consultations.waive(adoption, "c-1", reason="이미 받음", by=agency, at=adoption.agency)
    consultations.waive(adoption, "c-2", reason="이미 있음", by=company, at=adoption.company)
    gates.move(adoption, "open", by=agency, at=adoption.agency)


def _programs(company: User) -> None:
    home = home_of(company)
    tokens.mint(home, name="ci", rights=(), days=90, by=company)


def sign_in(context: BrowserContext, user: User, address: str) -> None:
    """Let the visitor be this person, by a session as the site's own sign-in makes it."""
    client = enter(Client(), user)
    morsel = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": morsel.value, "url": address}]
    )
