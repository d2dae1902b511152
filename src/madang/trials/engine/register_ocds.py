"""How does a demand stand in the public register, so that other programs can read it? As OCDS 1.1.

One contracting process a demand: `planning` and `tender` from the demand and its timetable, one
award from the decision, one contract from the consultation, its implementation from the gates of
the adoption. Each release states all that is known at its moment; the compiled release of a record
is therefore the latest one. Each text stands in Korean and, as `title_en` and so on, in English.

`ocds_release.schema.json` is the part of the standard that is used here, with closed lists.

Source: Open Contracting Data Standard 1.1 (https://standard.open-contracting.org/1.1/en/).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any, Literal, TypeAlias

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.trials.engine.errors import RegisterError
from madang.trials.engine.phases import Phase
from madang.trials.engine.register_facts import (
    AwardFacts,
    ContractFacts,
    Paper,
    Party,
    RegisterFacts,
    Step,
)

Tag: TypeAlias = Literal[
    "planning",
    "tender",
    "tenderUpdate",
    "tenderCancellation",
    "award",
    "awardUpdate",
    "contract",
    "contractAmendment",
    "implementation",
    "implementationUpdate",
    "contractTermination",
]
VERSION = "1.1"
_PREFIX = re.compile(r"ocds-[a-z0-9]{6}")
_TENDER: Mapping[Phase, str] = {
    Phase.POSTED: "planned",
    Phase.FINAL: "complete",
    Phase.CONSULTATION: "complete",
    Phase.ADOPTION: "complete",
    Phase.DIFFUSION: "complete",
    Phase.CANCELLED: "cancelled",
}
"""The tender's status by phase; all others are active."""
_STEPS: Mapping[Phase, Tag] = {
    Phase.DECIDED: "award",
    Phase.OBJECTIONS: "award",
    Phase.FINAL: "awardUpdate",
    Phase.CONSULTATION: "contract",
    Phase.ADOPTION: "implementation",
    Phase.DIFFUSION: "implementationUpdate",
    Phase.CANCELLED: "tenderCancellation",
}


def ocid(prefix: str, demand: str) -> str:
    """The identifier of the contracting process.

    Args:
        prefix: What the publisher was given by the Open Contracting Partnership: `ocds-` and six
            letters or digits.
        demand: The demand's name.

    Raises:
        RegisterError: The prefix is of another form.
    """
    if not _PREFIX.fullmatch(prefix):
        raise RegisterError(
            words(f"ocid 접두사 {prefix!r}", f"the ocid prefix {prefix!r}"),
            words(
                "ocds-와 영문 소문자나 숫자 여섯 자", "ocds- and six lower-case letters or digits"
            ),
            words(
                "접두사는 Open Contracting Partnership에 등록하면 받습니다.",
                "The Open Contracting Partnership gives a prefix to who registers.",
            ),
        )
    return f"{prefix}-{demand}"


def tag_for(phase: Phase, before: Phase | None = None) -> Tag:
    """What a release says that is new, by the phase and that of the release before."""
    if before is None:
        return "tender"
    if phase in _STEPS and phase is not before:
        return _STEPS[phase]
    same: Mapping[Phase, Tag] = {
        Phase.CONSULTATION: "contractAmendment",
        Phase.ADOPTION: "implementationUpdate",
        Phase.DIFFUSION: "implementationUpdate",
    }
    return same.get(phase, "awardUpdate" if phase in _STEPS else "tenderUpdate")


def release(facts: RegisterFacts, *, at: datetime, tags: Sequence[Tag]) -> dict[str, Any]:
    """One OCDS release.

    Args:
        facts: All that is known and public at this moment.
        at: When it is published.
        tags: What is new in it, as `tag_for` says.

    Raises:
        RegisterError: The facts make no release that obeys the schema.
    """
    name, stamp = ocid(facts.prefix, facts.demand), clock.stamp(at)
    made: dict[str, Any] = {
        "ocid": name,
        "id": f"{name}-{re.sub(r'[-:]', '', stamp)}",
        "date": stamp,
        "tag": list(tags),
        "initiationType": "tender",
        "language": "ko",
        "parties": _parties(facts),
        "buyer": _reference(facts.agency),
        "planning": _planning(facts),
        "tender": _tender(facts),
    }
    if facts.award:
        made["awards"] = [_award(facts, facts.award)]
    if facts.award and facts.contract:
        made["contracts"] = [_contract(facts, facts.contract)]
    if facts.related:
        made["relatedProcesses"] = [
            {"id": str(n), "relationship": ["prior"], "scheme": "ocid", "identifier": each}
            for n, each in enumerate(facts.related, 1)
        ]
    check_release(made)
    return made


def record(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All releases of one process with the compiled one.

    Raises:
        RegisterError: None, of different processes, or not in the order of their dates.
    """
    names = {each["ocid"] for each in releases}
    dates = [each["date"] for each in releases]
    if len(names) != 1 or dates != sorted(dates):
        raise RegisterError(
            words("한 과정의 것이 아니거나 순서가 어긋난 공표", "releases that make no record"),
            words(
                "한 ocid의, 날짜 순서의 공표", "releases of one ocid, in the order of their dates"
            ),
        )
    latest = releases[-1]
    compiled = {**latest, "tag": ["compiled"], "id": f"{latest['ocid']}-{latest['date']}"}
    return {
        "ocid": names.pop(),
        "releases": [dict(each) for each in releases],
        "compiledRelease": compiled,
    }


def package(
    contents: Sequence[Mapping[str, Any]],
    *,
    kind: Literal["releases", "records"],
    uri: str,
    publisher: str,
    licence: str,
    at: datetime,
) -> dict[str, Any]:
    """A release package or a record package, as it is offered for download."""
    return {
        "uri": uri,
        "version": VERSION,
        "publishedDate": clock.stamp(at),
        "publisher": {"name": publisher},
        "license": licence,
        kind: [dict(each) for each in contents],
    }


def check_release(made: Mapping[str, Any]) -> None:
    """Does a release obey the schema?

    Raises:
        RegisterError: It does not; the sentence names the place.
    """
    from jsonschema.exceptions import best_match

    fault = best_match(_validator().iter_errors(made))
    if fault is not None:
        place = ".".join(str(each) for each in fault.absolute_path) or "release"
        raise RegisterError(
            words(f"OCDS 공표의 {place}", f"{place} of the OCDS release"),
            words("OCDS 1.1에 맞는 값", f"a value as OCDS 1.1 has it ({fault.message[:120]})"),
        )


@functools.cache
def _validator() -> Any:
    import jsonschema

    text = resources.files(__package__).joinpath("ocds_release.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(
        json.loads(text), format_checker=jsonschema.FormatChecker()
    )


def _told(name: str, text: Words) -> dict[str, str]:
    """A text in the default language and in English."""
    return {name: text.ko, f"{name}_en": text.en}


def _money(amount_krw: int) -> dict[str, Any]:
    return {"amount": amount_krw, "currency": "KRW"}


def _period(start: datetime, end: datetime) -> dict[str, str]:
    return {"startDate": clock.stamp(start), "endDate": clock.stamp(end)}


def _reference(party: Party) -> dict[str, str]:
    return {"id": party.name, "name": party.title.ko}


def _parties(facts: RegisterFacts) -> list[dict[str, Any]]:
    """Everybody who takes part, each once with all roles."""
    roles: dict[str, list[str]] = {}
    known: dict[str, Party] = {}
    suppliers = facts.award.suppliers if facts.award else ()
    for role, parties in (
        ("buyer", (facts.agency,)),
        ("procuringEntity", (facts.agency,)),
        ("tenderer", _public_tenderers(facts)),
        ("supplier", suppliers),
    ):
        for party in parties:
            known.setdefault(party.name, party)
            roles.setdefault(party.name, []).append(role)
    return [_party(known[name], each) for name, each in roles.items()]


def _party(party: Party, roles: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": party.name, **_told("name", party.title), "roles": roles}
    if party.scheme:
        found["identifier"] = {"scheme": party.scheme, "id": party.number}
    return found


def _planning(facts: RegisterFacts) -> dict[str, Any]:
    found: dict[str, Any] = _told("rationale", facts.problem)
    if facts.budget_krw is not None:
        found["budget"] = {"amount": _money(facts.budget_krw)}
    return found


def _tender(facts: RegisterFacts) -> dict[str, Any]:
    table = facts.timetable
    found: dict[str, Any] = {
        "id": facts.demand,
        **_told("title", facts.title),
        **_told("description", facts.problem),
        "status": _tender_status(facts),
        "procuringEntity": _reference(facts.agency),
        "procurementMethod": "open",
        "procurementMethodDetails": "공공AX 봉인 평가",
        "mainProcurementCategory": "services",
        "awardCriteria": "ratedCriteria",
        **_told("awardCriteriaDetails", facts.rule),
        "submissionMethod": ["electronicSubmission"],
        "tenderPeriod": _period(table.opens, table.closes),
        "enquiryPeriod": _period(table.questions_from, table.questions_until),
        "awardPeriod": _period(table.closes, table.decision_by),
        "hasEnquiries": facts.has_questions,
        "documents": [_paper(each) for each in facts.papers],
        "amendments": [
            {
                "id": str(n),
                "date": clock.stamp(each.at),
                "rationale": each.reason,
                "description": f"{each.date}: {clock.stamp(each.before)} → "
                f"{clock.stamp(each.after)}",
            }
            for n, each in enumerate(table.amendments, 1)
        ],
    }
    if facts.budget_krw is not None:
        found["value"] = _money(facts.budget_krw)
    tenderers = _public_tenderers(facts)
    if tenderers:
        found["numberOfTenderers"] = len(tenderers)
        found["tenderers"] = [_reference(each) for each in tenderers]
    return found


def _public_tenderers(facts: RegisterFacts) -> tuple[Party, ...]:
    """Who submitted, from the closing on: before it, it would tell rivals whether to try."""
    early = (Phase.POSTED, Phase.QUESTIONS, Phase.OPEN)
    return () if facts.phase in early else facts.tenderers


def _tender_status(facts: RegisterFacts) -> str:
    status = _TENDER.get(facts.phase, "active")
    nobody = facts.award is not None and not facts.award.suppliers
    return "unsuccessful" if status == "complete" and nobody else status


def _award(facts: RegisterFacts, award: AwardFacts) -> dict[str, Any]:
    final = _TENDER.get(facts.phase) == "complete"
    decided = "active" if award.suppliers else "unsuccessful"
    found: dict[str, Any] = {
        "id": f"{facts.demand}-award",
        **_told("title", facts.title),
        **_told("description", award.grounds),
        "status": "cancelled" if award.set_aside else decided if final else "pending",
        "date": clock.stamp(award.decided),
        "suppliers": [_reference(each) for each in award.suppliers],
        "documents": [_paper(each) for each in award.papers],
    }
    if award.value_krw is not None:
        found["value"] = _money(award.value_krw)
    return found


def _contract(facts: RegisterFacts, contract: ContractFacts) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": f"{facts.demand}-contract",
        "awardID": f"{facts.demand}-award",
        **_told("title", facts.title),
        "status": contract.status,
        "value": _money(contract.once_krw),
        "documents": [_paper(each) for each in contract.papers],
        "milestones": [_milestone(each, "approval") for each in contract.conditions],
        "implementation": {
            "milestones": [_milestone(each, "delivery") for each in contract.gates]
        },
    }
    if contract.signed:
        found["dateSigned"] = clock.stamp(contract.signed)
    return found


def _milestone(step: Step, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": step.name,
        **_told("title", step.title),
        "type": kind,
        "status": step.status,
    }
    if step.note:
        found["description"] = step.note
    if step.due:
        found["dueDate"] = f"{step.due.isoformat()}T23:59:59+09:00"
    if step.met:
        found["dateMet"] = clock.stamp(step.met)
    return found


def _paper(paper: Paper) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": paper.name,
        "documentType": paper.kind,
        **_told("title", paper.title),
        "url": paper.url,
        "datePublished": clock.stamp(paper.published),
    }
    if paper.sha256:
        found["description"] = f"SHA-256 {paper.sha256}"
    return found
