"""What does a clinician read on opening a chart: a prognosis, or why there is none?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from madang.kernel.words import Words, words
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.tables import tables
from madang.prognosis.engine.hooks.calls import read_call
from madang.prognosis.engine.hooks.cards import Card, Link, Source, response, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime

    from madang.kernel.words import Language
    from madang.prognosis.engine.fhir.issues import Issue
    from madang.prognosis.engine.fhir.plausibility import Usable
    from madang.prognosis.engine.fhir.tables import Tables
    from madang.prognosis.engine.hooks.calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a model says of one patient.

    Attributes:
        outcome: What may happen, such as death within two years.
        years: Within how many years.
        probability: From 0 to 1.
        low: Lower end of its interval.
        high: Upper end.
        drivers: What raises or lowers it most, in words.
        next_visit: When the patient is best seen next, or None.
        alarming: Whether the probability lies above the threshold for action.
    """

    outcome: Words
    years: float
    probability: float
    low: float
    high: float
    drivers: Sequence[Words] = ()
    next_visit: date | None = None
    alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a model says nothing of this patient."""

    reason: Words


Prognosis: TypeAlias = "Callable[[str, Tables, Usable], Told | Refused]"
"""What answers for a patient: his id, the tables of his record, and what was left out of it."""


def patient_view(
    body: bytes,
    *,
    prognosis: Prognosis,
    source: Source,
    now: datetime,
    language: Language,
    links: Sequence[Link] = (),
    competing: Collection[str] = (),
) -> dict[str, Any]:
    """Answer a call of `patient-view`.

    Args:
        body: The body of the request.
        prognosis: The model behind the service.
        source: How the model is called, and where it is described.
        now: The present moment.
        language: The language of the cards.
        links: Where the clinician may read on; each is put on the first card.
        competing: Codes of procedures that end the observation.

    Returns:
        The body of the answer: one card of the prognosis or the refusal, and one of the data
        where something was left out.

    Raises:
        HookError: The call cannot be answered; its `status` says how to tell.
    """
    call = read_call(body)
    found = usable(call.read.record, now)
    if call.patient not in found.persons:
        reason = words(
            "환자 정보에 오류가 있습니다.", "The patient's own data contradict themselves."
        )
        told: Told | Refused = Refused(reason=reason)
    else:
        told = prognosis(call.patient, tables(found, competing=competing), found)
    cards = [_card(told, source, links)]
    left_out = _left_out(call, found)
    if left_out:
        cards.append(_of_data(left_out, source))
    return response(cards, language)


def _card(told: Told | Refused, source: Source, links: Sequence[Link]) -> Card:
    if isinstance(told, Refused):
        summary = words(
            shortened(f"예후를 계산하지 않았습니다: {told.reason.ko}"),
            shortened(f"No prognosis: {told.reason.en}"),
        )
        return Card(
            summary=summary, indicator="info", source=source, detail=told.reason, links=links
        )
    years = f"{told.years:g}"
    of_100 = round(told.probability * 100)
    low, high = round(told.low * 100), round(told.high * 100)
    summary = words(
        shortened(
            f"비슷한 환자 100명 가운데 {of_100}명이 {years}년 안에 {told.outcome.ko}"
            f"({low}~{high}명)."
        ),
        shortened(
            f"Within {years} years: {told.outcome.en} in {of_100} of 100 such patients "
            f"({low} to {high})."
        ),
    )
    return Card(
        summary=summary,
        indicator="warning" if told.alarming else "info",
        source=source,
        detail=_detail(told),
        links=links,
    )


def _detail(told: Told) -> Words:
    korean, english = (
        ["시험용입니다. 진료 판단을 대신하지 않습니다."],
        ["For trial use; it does not replace clinical judgement."],
    )
    if told.drivers:
        korean += ["", "**영향이 큰 항목**", *(f"- {each.ko}" for each in told.drivers)]
        english += ["", "**What matters most**", *(f"- {each.en}" for each in told.drivers)]
    if told.next_visit:
        day = told.next_visit.isoformat()
        korean += ["", f"권장 다음 방문: {day}"]
        english += ["", f"Suggested next visit: {day}"]
    return words("\n".join(korean), "\n".join(english))


def _left_out(call: Call, found: Usable) -> list[Issue]:
    """What of this patient's data was refused or not used; what others sent is no concern."""
    told = [*call.read.issues, *found.issues]
    return [each for each in told if each.severity != "information"]


def _of_data(issues: list[Issue], source: Source) -> Card:
    count, shown = len(issues), issues[:5]
    summary = words(
        f"자료 {count:,}건을 쓰지 않았거나 확인이 필요합니다.",
        f"{count:,} items of the data were not used or need a look.",
    )
    detail = words(
        "\n".join(f"- `{each.path}` {each.said.ko}" for each in shown),
        "\n".join(f"- `{each.path}` {each.said.en}" for each in shown),
    )
    return Card(summary=summary, indicator="info", source=source, detail=detail)
