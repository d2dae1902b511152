"""What belongs to somebody on the site, made once for tests of who may see it.

`Belongings` makes a company, an agency and everything that they have here: each text that is
nobody else's holds the word of `CANARY`. A new kind of thing that belongs to somebody is made here
too, and its number stands in `values` under the name that addresses have for it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.serializers import serialize

from madang.fund.web import models as fund
from madang.fund.web.services import pipeline as fund_pipeline
from madang.fund.web.services import records as fund_records
from madang.fund.web.services import roster as fund_roster
from madang.kernel import clock, ids
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal import objects, webhooks
from madang.portal.log import append
from madang.portal.models import (
    ApiToken,
    Invitation,
    JobRun,
    Membership,
    Role,
    StoredObject,
    Webhook,
    WebhookDelivery,
)
from madang.portal.queue import enqueue
from madang.prognosis.web import models as prognosis
from madang.prognosis.web.services import people as prognosis_people
from madang.programme.web.models import Act, Booking, CauseNote, Interest, Paper
from madang.programme.web.services import acts, indicators, papers
from madang.rpki.web import models as rpki
from madang.trials.web.models import (
    Adoption,
    Confirmation,
    Decision,
    Demand,
    Evaluation,
    Evaluator,
    Objection,
    Observation,
    Profile,
    Question,
    Rehearsal,
    Submission,
    Team,
    TeamMember,
)
from tests.fund.web import hands as fund_hands
from tests.portal.people import home_of, organisation, somebody
from tests.portal.programs import Program
from tests.prognosis.web import ward
from tests.programme.web import hands
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.db.models import Model

    from madang.portal.models import Organisation, User

CANARY = "canary"
"""Stands, whatever its case, in every text that only its owner may read, and in nothing else."""


class Belongings:
    """A company and an agency with all that they have.

    Attributes:
        company, agency: Programs that act for them; their users too.
        values: Name of a parameter in an address → what it is for their things.
        rows: Everything that was made for them.
    """

    def __init__(self) -> None:
        self.company = Program(somebody("company"))
        self.agency = Program(somebody("agency"))
        self.evaluator = somebody("evaluator")
        self.rows: list[Model] = []
        self.values: dict[str, Any] = {}
        self._portal(self.company.user, self.company.organisation)
        self.demand = self._demand()
        self.draft = self._draft()
        self._trial(self.demand, self.company.organisation, self.company.user)
        self._evidence(self.demand)
        self._adoption(self.demand, self.company.organisation)
        self._fund()
        self._prognosis()
        self._rpki(self.company.organisation, self.company.user)
        self.officer, self.checker = hands.two()
        self._programme(self.officer, self.checker)

    def _made(self, name: str, row: Any, value: Any = None) -> Any:
        """Remember a row, and by what addresses name it."""
        self.rows.append(row)
        if name:
            self.values[name] = value if value is not None else row.pk
        return row

    def _portal(self, user: User, body: Organisation) -> None:
        """What the portal keeps for an organisation."""
        hook = webhooks.register(body, url="https://canary.example/hook", wanted=[], by=user)
        self._made("webhook", hook)
        ApiToken.objects.filter(pk=self.company.token.pk).update(name="canary token")
        self._made("token", ApiToken.objects.get(pk=self.company.token.pk))
        told = {"id": ids.new("event"), "event": webhooks.PING, "facts": {"a": "canary fact"}}
        message = WebhookDelivery(webhook=hook, event=webhooks.PING, body=told, tries=1)
        message.save()
        self._made("delivery", message)
        colleague = somebody("company", body)
        colleague.name, colleague.email = "canary colleague", "canary@example.org"
        colleague.save()
        self._made("membership", Membership.objects.get(user=colleague))
        self._made(
            "invitation",
            Invitation.objects.create(
                organisation=body,
                role=Role.objects.get(code="company"),
                email="canary-invited@example.org",
                secret="0" * 64,
                expires=clock.now() + timedelta(days=1),
            ),
        )
        kept = objects.keep(
            b"canary content", name="canary.bin", media_type="text/plain", owner=body, by=user
        )
        self._made("digest", kept, kept.digest)
        run = ids.new("run")
        enqueue(run, "trials.rehearse", {"demand": "canary-x"}, owner=body)
        JobRun.objects.filter(id=run).update(saying_ko="canary saying", saying_en="canary saying")
        self._made("id", JobRun.objects.get(id=run), run)
        self.values["slug"] = body.slug

    def _demand(self) -> Demand:
        """A demand whose decision is out and whose winner is being adopted."""
        agency = self.agency.organisation
        row = demands.row(
            "adopting",
            agency=agency,
            by=self.agency.user,
            objections_until=clock.now() + timedelta(days=3),
            digest=ids.digest(b"demand"),
            findings={"check": {"note": "canary finding"}},
            text="# canary text",
            plain={"decision": {"metric": "mae", "baseline": "median", "rule": "superiority"}},
            rubric={},
        )
        self._made("demand", row, row.name)
        return row

    def _draft(self) -> Demand:
        """A demand that its agency still writes."""
        agency = self.agency.organisation
        row = demands.row(
            "draft",
            agency=agency,
            by=self.agency.user,
            title_ko="canary 초안",
            title_en="canary draft",
            text="# canary",
        )
        self._made("draft", row, row.name)
        return row

    def _trial(self, demand: Demand, body: Organisation, user: User) -> None:
        """What a company has in a demand."""
        team = Team.objects.create(demand=demand, lead=body, name=f"team of {body.slug}")
        TeamMember.objects.create(team=team, company=body, agreed=clock.now())
        self._made("team", team)
        asked = Question.objects.create(demand=demand, organisation=body, by=user, text="?")
        self._made("question", asked)
        run = ids.new("rehearsal")
        enqueue(run, "trials.rehearse", {"demand": demand.name}, owner=body)
        told = {"log": "canary log", "cases": 3, "wall_s": 1.0, "memory_peak_bytes": 1}
        rehearsal = Rehearsal.objects.create(
            demand=demand,
            company=body,
            by=user,
            tier="python",
            files={"canary.py": "0" * 64},
            run=run,
            result={**told, "scores": {}},
        )
        self._made("run", rehearsal, run)
        self._made("rehearsal", rehearsal, run)
        self.submission = self._submission(demand, team, body, user)
        objection = Objection.objects.create(
            demand=demand,
            company=body,
            by=user,
            text="canary objection",
            ground="other",
            filed=clock.now(),
        )
        self._made("objection", objection)
        self._judged(demand)
        Profile.objects.create(
            company=body, keywords="canary", references="canary", sought="canary", is_public=False
        )

    def _submission(
        self, demand: Demand, team: Team, body: Organisation, user: User
    ) -> Submission:
        run = ids.new("run")
        parameters = {"demand": demand.name, "submission": "x", "part": "board", "firm": team.name}
        enqueue(run, "trials.run", parameters, owner=body)
        row = Submission.objects.create(
            id=ids.new("submission"),
            demand=demand,
            team=team,
            company=body,
            by=user,
            name="canary_solution",
            title_ko="채택된 해법",  # the public register tells it
            title_en="An adopted solution",
            tier="python",
            digest=ids.digest(b"solution"),
            files={"canary.py": "0" * 64},
            run=run,
            state="failed",
            cause="crashed",
            detail={"telltale": {"phase": "fit", "exception": "CanaryError"}, "counts": True},
            final_run=ids.new("run"),
            final_state="done",
            ended=clock.now(),
        )
        self._made("submission", row)
        return row

    def _evidence(self, demand: Demand) -> None:
        """What the log holds of a run: the submission's statement names the firm and its files."""
        kept = {"canary.py": objects.objects().put(b"canary source")}
        public = {"demand": demand.name}
        ended = {**public, "submission": "s-1", "state": "done", "run": "canary run"}
        handed = {**public, "firm": "canary", "files": kept, "digest": "0" * 64}
        facts = {
            ("demand", f"demand/{demand.name}"): public,
            ("submission", "submission/s-1"): handed,
            ("run", "run/s-1"): ended,
        }
        statements = [
            Statement(
                subjects={subject: "0" * 64},
                predicate_type=predicate_type(noun),
                predicate=predicate,
            )
            for (noun, subject), predicate in facts.items()
        ]
        self.values["entries"] = [entry.index for entry in append(statements)]
        indicators.look()

    def _programme(self, maker: User, checker: User) -> None:
        """What officers of the programme keep: acts, bookings, papers, interest."""
        paper = papers.receipts(maker).attach(b"canary invoice", name="canary.pdf", by="?")
        self._made("sha256", Paper.objects.get(pk=paper.sha256), paper.sha256)
        booked = hands.booked(
            [
                *hands.spent(maker, prefix="canary-entry")[:2],
                hands.entry(
                    "canary-entry-4",
                    1_000,
                    hands.Kind.SPENDING,
                    voucher="canary-voucher",
                    recipient="canary recipient",
                    note="canary note",
                    evidence=(paper.sha256,),
                ),
            ],
            maker,
            checker,
        )
        self._made("", booked)
        self._made("entry", Booking.objects.get(id="canary-entry-4"), "canary-entry-4")
        with clock.stopped_at(hands.AUTUMN):
            waiting = acts.put_forward(
                [hands.entry("canary-later", 1_000, note="canary note")],
                kind="booking",
                title="canary act",
                by=maker,
            )
        self._made("act", waiting)
        row = Interest.objects.create(
            line="rpki", recipient="canary body", amount_krw=1, evidence=paper.sha256
        )
        self._made("interest", row)
        # What an officer says of a line is said to everybody.
        note = CauseNote.objects.create(line="rpki", cause="none", reason="설명", by=maker)
        self._made("", note)
        self.values["line"] = "rpki"

    def _fund(self) -> None:
        """A fund with its terms, a company, a paper, a stake and an act that waits."""
        found = fund_hands.house("held-fund", title={"ko": "canary 펀드", "en": "canary fund"})
        fund_hands.company(found, "canary-co", name_ko="canary 기업", name_en="Canary Inc")
        paper = fund_roster.paper(found.fund, b"canary deed", name="canary.pdf", by=found.maker)
        waits = fund_hands.asked(
            found,
            {
                "act": "call",
                "on": "2025-01-02",
                "due": "2025-01-03",
                "purposes": {"investment": 1_000},
            },
        )
        self.manager = found.maker
        self._made("fund", found.fund)
        self._made("fund_act", waits)
        self._made("fund_paper", fund.Paper.objects.get(sha256=paper), paper)
        kept = fund_records.keep(
            fund.Company.objects.get(),
            b"cap_table: [{event: founded, on: '2023-05-01', shares: {canary: 5}}]",
            by=found.maker,
        )
        self._made("", kept)
        made = fund_pipeline.receive(
            found.fund, fund.Company.objects.get(), by=found.maker, pitch="canary pitch"
        )
        self._made("application", made)
        self._made("", fund.Step.objects.get())
        for kind in (fund.Terms, fund.Entry, fund.Posting, fund.Stake, fund.Company):
            self._made("", kind.objects.first())

    def _prognosis(self) -> None:
        """A hospital with a patient, records that came in, and a model that nobody uses yet."""
        place = ward.ward()
        self.doctor = place.doctor
        told = {"title_ko": "canary 모형", "title_en": "canary model", "outcome_en": "canary"}
        model = ward.model(place, "held-model", live=False, **told)
        self._made("model", model)
        one = ward.patient(place, "canary-number", name="canary patient")
        self._made("patient", one)
        self._made("", one.visits.first())
        prognosis_people.look(one, by=place.doctor, purpose="research", note="canary study")
        self._made("", one.looks.first())
        row = prognosis.Intake.objects.create(
            owner=place.hospital,
            by=place.doctor,
            name="canary.ndjson",
            counts={"read": {}, "patients": {}, "issues": 0},
        )
        self._made("intake", row)
        server = prognosis.FhirServer.objects.create(
            owner=place.hospital,
            title="canary EHR",
            address="https://canary.example",
            by=place.agency,
        )
        self._made("server", server)
        card = prognosis.Card(uuid=uuid4(), owner=place.hospital, model=model, comment="canary")
        card.save()
        self._made("", card)

    def _rpki(self, body: Organisation, user: User) -> None:
        """A member of the registry with a draft, an alarm and routes that were handed in."""
        row = rpki.Member.objects.create(handle="held-member", organisation=body)
        self._made("member", row)
        line = ["roa", "192.0.2.0/24", 24, 64500]
        self._made("", rpki.Draft.objects.create(member=row, add=[line], by=user))
        alarm = rpki.Alarm.objects.create(
            kind="hijack", scope="canary", member=row, ko="canary 경보", en="canary alarm"
        )
        self._made("", alarm)
        kept = objects.keep(
            b"canary", name="canary.csv", media_type="text/csv", owner=None, by=user
        )
        routes = rpki.RouteSet.objects.create(run="canary", name="canary.csv", source=kept)
        self._made("", routes)

    def _judged(self, demand: Demand) -> None:
        """What an evaluator wrote of the company's solution."""
        asked = Evaluator.objects.create(demand=demand, user=self.evaluator)
        self._made("evaluator", asked)
        judged = Evaluation.objects.create(
            demand=demand,
            submission=self.submission,
            evaluator=self.evaluator,
            remark="canary remark",
            scores={"fit": {"level": 1, "remark": "canary"}},
            signed=clock.now(),
        )
        self._made("", judged)

    def _adoption(self, demand: Demand, body: Organisation) -> None:
        """The way of the company's solution into the agency's work."""
        decision = Decision.objects.create(
            demand=demand,
            comparison={
                "cases": 10,
                "primary": {"scores": {}, "against_baseline": {}},
                "all": {},
            },
            facts={"passed": [], "adopted": None, "equals": [], "failed_guard": {}},
            announced=clock.now(),
        )
        self._made("", decision)
        adoption = Adoption.objects.create(
            demand=demand,
            submission=self.submission,
            agency=self.agency.organisation,
            company=body,
        )
        self._made("", adoption)
        seen = Observation.objects.create(
            adoption=adoption, gate="shadow", measure="canary", values={"name": "canary"}
        )
        self._made("", seen)
        confirming = Confirmation.objects.create(origin=demand, agency=organisation("agency"))
        self._made("confirmation", confirming)

    def state(self) -> str:
        """Every row as it now is, to be compared."""
        fresh = [
            type(each)._default_manager.filter(pk=each.pk).first() or each for each in self.rows
        ]
        gone = [
            each.pk for each in self.rows if not type(each)._default_manager.filter(pk=each.pk)
        ]
        return serialize("json", fresh) + str(gone)


def kinds() -> set[type[Model]]:
    """The models of which a row is made here."""
    return {
        *(ApiToken, Webhook, WebhookDelivery, Membership, Invitation, StoredObject, JobRun),
        *(Demand, Question, Team, TeamMember, Rehearsal, Submission, Evaluation, Evaluator),
        *(Decision, Objection, Adoption, Observation, Confirmation, Profile),
        *(Act, Paper, CauseNote),
        *(prognosis.Registered, prognosis.Patient, prognosis.Visit, prognosis.Look),
        *(prognosis.Intake, prognosis.Card, prognosis.FhirServer),
        *(rpki.Member, rpki.Draft, rpki.RouteSet),
        *(fund.Fund, fund.Act, fund.Paper, fund.Stake, fund.Step, fund.CompanyRecord),
    }


def home(program: Program) -> Organisation:
    """The organisation for which a program acts."""
    return home_of(program.user)
