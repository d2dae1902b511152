"""Which facts of a demand stand in the public register?

Only what anybody may know: no submission's content, no evaluator's name, no figure of a company
that was not adopted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Self

from madang.kernel.words import Words, words
from madang.trials.engine.phases import Phase, Timetable
from madang.trials.engine.record import Record

if TYPE_CHECKING:
    from madang.trials.engine.adoption import Adoption
    from madang.trials.engine.consultation import Consultation


@dataclass(frozen=True, kw_only=True)
class Party(Record):
    """An organisation that takes part."""

    name: str
    """Its identifier in this register."""
    title: Words
    scheme: str = ""
    """Of its public number, as org-id.guide lists them, such as `KR-BRN`; empty without one."""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper(Record):
    """A document that anybody may read."""

    name: str
    kind: Literal[
        "tenderNotice",
        "technicalSpecifications",
        "evaluationCriteria",
        "clarifications",
        "evaluationReports",
        "awardNotice",
        "contractSigned",
        "contractAnnexe",
    ]
    title: Words
    url: str
    published: datetime
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Step(Record):
    """A condition or a gate, planned or reached."""

    name: str
    title: Words
    status: Literal["scheduled", "met", "notMet"]
    due: date | None = None
    met: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AwardFacts(Record):
    """What was decided. No supplier means that no solution satisfied the rule."""

    decided: datetime
    grounds: Words
    """The decision in one sentence."""
    suppliers: tuple[Party, ...] = ()
    set_aside: bool = False
    value_krw: int | None = None
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContractFacts(Record):
    """What was agreed, and how far it has come."""

    status: Literal["pending", "active", "terminated"]
    signed: datetime | None
    once_krw: int
    """Costs that are paid once; running ones stand in the minutes."""
    conditions: tuple[Step, ...] = ()
    gates: tuple[Step, ...] = ()
    papers: tuple[Paper, ...] = ()

    @classmethod
    def of(
        cls,
        consultation: Consultation,
        adoption: Adoption | None = None,
        *,
        papers: tuple[Paper, ...] = (),
    ) -> Self:
        """From the consultation and the adoption that follows it."""
        signed = [each.at for each in consultation.signatures]
        ended = adoption is not None and adoption.state == "ended"
        both = not consultation.unsigned
        return cls(
            status="terminated" if ended else "active" if both else "pending",
            signed=max(signed) if both else None,
            once_krw=sum(
                cost.amount_krw for cost in consultation.minutes.costs if cost.every == "once"
            ),
            conditions=_conditions(consultation),
            gates=_gates(adoption) if adoption else (),
            papers=papers,
        )


@dataclass(frozen=True, kw_only=True)
class RegisterFacts(Record):
    """All that is public of one demand at one moment."""

    prefix: str
    """Of the publisher's ocids."""
    demand: str
    title: Words
    problem: Words
    rule: Words
    """The decision rule in one sentence."""
    agency: Party
    timetable: Timetable
    phase: Phase
    budget_krw: int | None = None
    has_questions: bool = False
    tenderers: tuple[Party, ...] = ()
    """Who submitted; public once submissions have closed."""
    papers: tuple[Paper, ...] = ()
    award: AwardFacts | None = None
    contract: ContractFacts | None = None
    related: tuple[str, ...] = ()
    """Ocids of the processes from which this one took the solution over."""


def _conditions(consultation: Consultation) -> tuple[Step, ...]:
    steps = []
    for condition in consultation.minutes.conditions:
        state = consultation.state(condition.name)
        settled = [e for e in consultation.settlements if e.condition == condition.name]
        waived = state == "waived"
        steps.append(
            Step(
                name=f"condition-{condition.name}",
                title=words(condition.text, condition.text),
                status="met" if state == "met" else "notMet" if waived else "scheduled",
                due=condition.due,
                met=settled[-1].at if state == "met" else None,
                note=f"면제(waived): {settled[-1].reason}" if waived else "",
            )
        )
    return tuple(steps)


def _gates(adoption: Adoption) -> tuple[Step, ...]:
    """Each gate with the moment at which it first opened."""
    opened: dict[str, datetime] = {}
    for event in adoption.history:
        if event.move in ("open", "advance", "resume"):
            opened.setdefault(event.gate, event.at)
    ended = adoption.state == "ended"
    return tuple(
        Step(
            name=f"gate-{gate.name}",
            title=gate.title,
            status="met" if gate.name in opened else "notMet" if ended else "scheduled",
            met=opened.get(gate.name),
        )
        for gate in adoption.plan.gates
    )
