"""A consultation and an adoption as tests need them: who, when, on which terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from madang.kernel.words import words
from madang.trials.engine.adoption import Adoption
from madang.trials.engine.adoption_moves import Hand
from madang.trials.engine.adoption_plan import AdoptionPlan, Batch
from madang.trials.engine.consultation import Consultation, Signature
from madang.trials.engine.minutes import Condition, Cost, Duty, Minutes
from madang.trials.engine.stop_rule import Measure, StopRule

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
SOLUTION, EVIDENCE = "5" * 64, ("e" * 64,)
ERRORS = Measure(name="errors", title=words("오류율", "error rate"))
PAIRED = Measure(
    name="against-practice",
    title=words("현행 대비", "against practice"),
    kind="paired",
    low=-1.0,
    high=1.0,
)
PLAN = AdoptionPlan(
    measures=(ERRORS, PAIRED),
    rules=(
        StopRule(measure="errors", limit=0.1, fewest=200),
        StopRule(measure="against-practice", limit=0.05, fewest=200),
    ),
    silence_days=10,
)
MINUTES = Minutes(
    demand="gbsg2",
    agency="agency",
    company="company",
    solution=SOLUTION,
    plan=PLAN.digest,
    held=date(2026, 11, 2),
    agenda="도입 조건",
    conditions=(
        Condition(name="logs", text="접속 기록 1년 보관", bearer="company"),
        Condition(name="room", text="전산실 제공", bearer="agency", due=date(2026, 12, 1)),
    ),
    costs=(
        Cost(name="setup", text="설치비", amount_krw=30_000_000, payer="agency"),
        Cost(name="care", text="유지 보수", amount_krw=2_000_000, payer="agency", every="month"),
    ),
    duties=(Duty(name="watch", text="매주 오류 점검", bearer="company"),),
)


def day(number: float) -> datetime:
    """A moment so many days after the start."""
    return START + timedelta(days=number)


def hand(number: float, organisation: str = "agency") -> Hand:
    """Somebody of an organisation, on a day."""
    return Hand(by="kim", organisation=organisation, at=day(number))


def signature(organisation: str, minutes: Minutes = MINUTES) -> Signature:
    """A party's signature over minutes."""
    return Signature(by="kim", organisation=organisation, at=START, minutes=minutes.digest)


def signed(consultation: Consultation) -> Consultation:
    """Both parties have signed the minutes in force."""
    for party in consultation.unsigned:
        consultation = consultation.sign(signature(party, consultation.minutes))
    return consultation


def settled(consultation: Consultation) -> Consultation:
    """The other side has found every condition met."""
    for condition in consultation.unsettled:
        consultation = consultation.meet(
            condition.name,
            by="kim",
            organisation=consultation.minutes.other(condition.bearer),
            at=START,
            evidence=EVIDENCE,
        )
    return consultation


BARE = Consultation(minutes=MINUTES)
READY = settled(signed(BARE))
WAITING = Adoption(
    demand="gbsg2", agency="agency", company="company", solution=SOLUTION, plan=PLAN
)


def errors(name: str, begin: float, end: float, *, n: int, events: int) -> Batch:
    """A report of errors seen between two days."""
    return Batch(
        name=name,
        measure="errors",
        observed_from=day(begin),
        observed_until=day(end),
        n=n,
        events=events,
    )


def pairs(name: str, begin: float, end: float, *, n: int, worse: int, better: int) -> Batch:
    """A report of paired observations between two days."""
    return Batch(
        name=name,
        measure="against-practice",
        observed_from=day(begin),
        observed_until=day(end),
        n=n,
        worse=worse,
        better=better,
    )


def well(adoption: Adoption, begin: float, end: float) -> Adoption:
    """The adoption after a period in which both measures were plainly within their limits."""
    stem = f"{adoption.attempt}-{adoption.place}-{begin}"
    adoption = adoption.report(errors(f"{stem}-e", begin, end, n=2000, events=60), hand=hand(end))
    return adoption.report(
        pairs(f"{stem}-p", begin, end, n=2000, worse=60, better=90), hand=hand(end)
    )


def at_gate(place: int) -> tuple[Adoption, float]:
    """An adoption that runs at this gate, just opened, and the day on which it opened."""
    adoption, now = WAITING.open(READY, hand=hand(0)), 0.0
    for gate in PLAN.gates[:place]:
        end = now + max(gate.fewest_days, 1)
        adoption = well(adoption, now, end).advance(READY, hand=hand(end))
        now = end
    return adoption, now
