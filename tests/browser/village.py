"""A site on which something stands on every page, and the people who see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client

from madang.fund.engine import acts as asked_acts
from madang.fund.web.services import acts as fund_acts
from madang.fund.web.services import book as fund_book
from madang.fund.web.services import pipeline as fund_pipeline
from madang.fund.web.services import roster as fund_roster
from madang.kernel import clock
from madang.portal import tokens, webhooks
from madang.portal.models import Membership, Organisation, User
from madang.portal.queue import enqueue
from madang.portal.views.audit import CHECK
from madang.portal.worker import work
from madang.prognosis.web.models import Alarm
from madang.prognosis.web.services import answers as prognosis_answers
from madang.prognosis.web.services import intake as prognosis_intake
from madang.prognosis.web.services import people as prognosis_people
from madang.prognosis.web.services import servers as prognosis_servers
from madang.programme.web.services import acts, awards, indicators, plans, settling
from madang.rpki.web.services import drafts as rpki_drafts
from madang.rpki.web.services import watching as rpki_watching
from madang.trials.web.forms.adoption import USUAL_PLAN, PlanForm
from madang.trials.web.models import Adoption, Demand, Profile
from madang.trials.web.services import (
    adoptions,
    consultations,
    decisions,
    diffusions,
    gates,
    objections,
    questions,
    rubrics,
    submissions,
)
from tests.fund.web import hands as fund_hands
from tests.portal.people import enter, home_of, somebody
from tests.prognosis.web import records, ward
from tests.programme.web import hands
from tests.rpki.web import country as rpki_land
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
    rubrics.invite(opened, evaluator.email, by=officer)
    _judged(company, evaluator, officer)
    _decided(company, officer, adopted.agency)
    _written(_staff(adopted.agency))
    _checked()
    _rehearsed(opened, company)
    _at_home(company)
    maker, checker = _programme()
    fund = _fund()
    hospital = _hospital()
    registry = _registry()
    people = {
        "clinician": hospital.doctor,
        "network": registry.person,
        "lead": hospital.agency,
        "manager": fund.checker,
        "partner": fund.partner,
        "programme": checker,
        "officer": officer,
        "agency": _staff(adopted.agency),
        "second": second,
        "company": company,
        "evaluator": evaluator,
        "operator": somebody("operator"),
        "admin": somebody("admin", home_of(company)),
    }
    _with_password(people["operator"])
    _with_second_step(people["admin"])
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


def _judged(company: User, evaluator: User, officer: User) -> None:
    """A demand that was compared and waits for its panel."""
    demand = solved.opened(cases=400, by=officer, rubric=solved.RUBRIC)
    solved.hand_in(demand, by=company, name="judged")
    rubrics.invite(demand, evaluator.email, by=officer)
    demands.worked(demand)
    solved.compared(demand)


def _decided(company: User, officer: User, agency: Organisation) -> None:
    """One that was objected to, one whose decision has become final, one whose adoption begins."""
    for name in ("objected", "final", "begun"):
        demand = solved.opened(cases=400, by=officer, agency=agency)
        solved.hand_in(demand, by=company, name=name)
        demands.worked(demand)
        demand = solved.announced(solved.compared(demand))
        if name == "objected":
            given = {"ground": "calculation", "text": "계산을 다시 살펴 주십시오."}
            with clock.stopped_at(solved.after_closing(demand)):
                objections.file(demand, home_of(company), by=company, **given)
            continue
        with clock.stopped_at(demand.objections_until + timedelta(minutes=1)):
            decisions.confirm(demand, by=officer)
        if name == "begun":
            adoptions.begin(Demand.objects.get(pk=demand.pk), by=_staff(agency))


def _checked() -> None:
    """The log, checked entry by entry."""
    enqueue("check-village", CHECK, {}, attempts=2)
    work(until_idle=True, lease_s=30)


def _written(agency: User) -> None:
    """A draft with its table, and a demand that was sealed and not yet posted."""
    draft = demands.with_table(demands.draft(agency))
    demands.worked(draft)
    demands.sealed(agency)


def _rehearsed(demand: Demand, company: User) -> None:
    submissions.rehearse(
        demand,
        home_of(company),
        by=company,
        tier="python",
        files={"solution.py": solved.LINE},
    )
    demands.worked(demand)


def _at_home(company: User) -> None:
    """What a company has besides its submissions: a page, a token, a webhook."""
    home = home_of(company)
    tokens.mint(home, name="ci", rights=(), days=90, by=company)
    webhooks.register(home, url="https://example.org/hook", wanted=(), by=company)
    Profile.objects.create(company=home, tasks=["trials.regression"], keywords="회귀")


def _fund() -> fund_hands.House:
    """A published fund with every kind of page, and one act of each hand that waits."""
    found = fund_hands.house("village-fund")
    fund_hands.funded(found)
    fund_hands.company(found)
    paper = fund_roster.paper(found.fund, b"deed", name="deed.pdf", by=found.maker)
    fund_hands.done(
        found,
        {
            "act": "invest",
            "on": "2025-02-01",
            "company": "acme",
            "amount_krw": 20_000_000,
            "evidence": [paper],
        },
    )
    fund_hands.done(found, {"act": "distribute", "on": "2025-03-01", "amount_krw": 10_000_001})
    for end in ("2025-03-31", "2025-06-30", "2025-09-30"):
        fund_hands.done(found, {"act": "close", "through": end})
    later = {"act": "expense", "account": "audit", "amount_krw": 1_000, "memo": "감사"}
    fund_hands.asked(found, later | {"on": "2025-10-02"})
    own = found._replace(maker=found.checker)
    fund_hands.asked(own, later | {"on": "2025-10-03"})
    company = found.fund.companies.get()
    applied = fund_pipeline.receive(found.fund, company, by=found.maker, pitch="AI 진단")
    fund_pipeline.move(applied, "screening", by=found.maker)
    fund_roster.publish(found.fund, by=found.maker, is_published=True)
    _imported(found)
    return found


def _hospital() -> ward.Ward:
    """A hospital whose model answers for one patient and refuses another; one has died."""
    place = ward.ward()
    row = ward.model(place)
    ward.model(place, "second", live=False)
    known = [
        ward.patient(place, "V-1", bilirubin=(1.1, 5.2)),
        ward.patient(place, "V-2", bilirubin=(1.1, 900.0)),
        ward.patient(place, "V-3"),
    ]
    for each in known:
        prognosis_answers.prognose(each, row, by=None)
        for person in (place.doctor, place.agency):
            prognosis_people.look(each, by=person, purpose="care")
    prognosis_people.end(known[2], ward.day(0), 1, by=place.doctor)
    lines = records.lines(
        records.person(),
        records.value(1, ward.day(30), 1.4),
        records.value(2, ward.day(10), 2.0, status="foo"),
    )
    found = prognosis_intake.read(lines.read(), "records.ndjson")
    prognosis_intake.take(found, owner=place.hospital, by=place.doctor, name="records.ndjson")
    prognosis_servers.add(
        place.hospital,
        by=place.agency,
        title="EHR",
        address="https://fhir.hospital.example/r4",
        client="madang",
    )
    Alarm.objects.create(
        model=row, facts={"alarm": "level", "ratio": 1.4, "observed": 14}, log_entry=1
    )
    return place


def _registry() -> rpki_land.Country:
    """A registry whose member has signed, drafts more, and is being hijacked."""
    found = rpki_land.country()
    rpki_land.sign(found, rpki_land.ROA)
    line = ["roa", "192.0.2.128/25", 25, 64496]
    rpki_drafts.change(found.member, by=found.person, add=[line])
    rpki_watching.tick()
    return found


def _imported(found: fund_hands.House) -> None:
    """Books that came in as a file, and could be taken back."""
    asked = {"act": "expense", "on": "2025-10-06", "account": "audit", "amount_krw": 1_000}
    drafts = asked_acts.drafts(fund_book.book(found.fund), asked | {"memo": "감사"})
    act = fund_acts.put_forward(
        found.fund, drafts, kind="books", by=found.maker, title="books.csv", batch="village"
    )
    fund_acts.approve(act, by=found.checker)


def _programme() -> tuple[User, User]:
    """A year of the programme: booked, closed for a month, and something that waits."""
    maker, checker = hands.two()
    hands.booked(hands.spent(maker, prefix="import-village"), maker, checker)
    with clock.stopped_at(hands.AUTUMN):
        acts.approve(acts.put_close_forward(date(2025, 7, 1), by=maker), by=checker)
        imported = acts.put_forward(
            [hands.entry("import-v-1", 1_000_000)],
            kind="import",
            title="9월.xlsx",
            by=maker,
            batch="import-v",
        )
        acts.approve(imported, by=checker)
        acts.put_forward([hands.entry("later", 2_000_000)], kind="booking", title="교부", by=maker)
        plans.add_milestone(
            "rpki", by=maker, title_ko="공고", title_en="", due=date(2025, 10, 1), signs=True
        )
        plans.say_why(
            "rpki", by=maker, cause="late_procedure", reason="재공고", act_until=date(2025, 11, 30)
        )
        awards.announce(
            "rpki",
            by=maker,
            title="1차 공고",
            amount_krw=10**9,
            announced_on=date(2025, 8, 1),
        )
    acts.put_forward([hands.entry("own", 3_000_000)], kind="booking", title="직접", by=checker)
    settling.note_interest(
        "rpki",
        recipient="",
        amount_krw=1_000,
        paper=SimpleUploadedFile("은행.pdf", b"interest"),
        by=maker,
    )
    indicators.look()
    return maker, checker


def _with_password(user: User) -> None:
    user.set_password("오래된 소나무 아래 우물 셋")
    user.save()


def _with_second_step(user: User) -> None:
    _with_password(user)
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def sign_in(context: BrowserContext, user: User, address: str) -> None:
    """Let the visitor be this person, by a session as the site's own sign-in makes it."""
    client = enter(Client(), user)
    if Authenticator.objects.filter(user=user).exists():
        # Whoever has just shown a second step is let to the pages about it.
        request = HttpRequest()
        request.user, request.session = user, client.session
        record_authentication(request, user, method="mfa", type="totp", reauthenticated=True)
        request.session.save()
    morsel = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": morsel.value, "url": address}]
    )
