"""What is a hospital's own system told of a patient whose record it sends along?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import Words, language, words
from madang.portal.log import remember
from madang.prognosis.engine.answer import answer
from madang.prognosis.engine.charted import charted
from madang.prognosis.engine.followup.next_visit import next_visit
from madang.prognosis.engine.hooks.answers import Refused, Told, patient_view
from madang.prognosis.engine.hooks.cards import Link, Source
from madang.prognosis.engine.titles import shown, title
from madang.prognosis.web import models
from madang.prognosis.web.services import answers, drivers, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from madang.portal.models import Organisation, User
    from madang.prognosis.engine.fhir.plausibility import Usable
    from madang.prognosis.engine.fhir.tables import Tables
    from madang.prognosis.engine.hooks.feedback import Feedback

_NO_MODEL = words("사용 중인 모형이 없습니다.", "No model is in use.")
_NO_DAY = words("날짜가 있는 검사값이 없습니다.", "There is no dated value of the patient.")
_ENDED = words("추적이 끝난 환자입니다.", "The patient's follow-up has ended.")
_TOLD = 3
"""Drivers that a card names."""


def card(body: bytes, *, owner: Organisation, by: User, links: Sequence[Link]) -> dict[str, Any]:
    """Answer a call of `patient-view`, and remember its cards for what is said of them.

    Args:
        body: Of the call.
        owner: For whom the caller acts.
        by: In whose name.
        links: Where the clinician may read on.

    Raises:
        HookError: The call cannot be answered.
    """
    row = registry.live(owner)
    name = row.title if row else words("예후 모형", "Prognosis model")
    said = patient_view(
        body,
        prognosis=_told(row),
        source=Source(label=name),
        now=clock.now(),
        language=language(),
        links=links,
    )
    if row is not None:
        _remember(said["cards"], row, by=by)
    return said


@transaction.atomic
def _remember(cards: Iterable[dict[str, Any]], row: models.Registered, *, by: User) -> None:
    kept = [models.Card(uuid=each["uuid"], owner=row.owner, model=row) for each in cards]
    models.Card.objects.bulk_create(kept)
    remember("cards-shown", registry.thing(row), by=by, cards=len(kept), model=row.digest)


def _told(row: models.Registered | None) -> Callable[[str, Tables, Usable], Told | Refused]:
    def prognosis(patient: str, made: Tables, _: Usable) -> Told | Refused:
        if row is None:
            return Refused(reason=_NO_MODEL)
        found = charted(made, patient)
        if found is None:
            return Refused(reason=_NO_DAY)
        if found.has_ended:
            return Refused(reason=_ENDED)
        day = float((answers.today() - found.first_day).days)
        said = answer(registry.opened(row), found.chart, day, days=answers.ahead(row, day))
        if said.refusal is not None:
            return Refused(reason=said.refusal)
        risk, low, high = said.at(row.window_days)
        limits = registry.limits(row)
        plan = next_visit(said.days, np.minimum.accumulate(1 - said.high), limits)
        return Told(
            outcome=row.outcome,
            years=round(row.window_days / 365.25, 1),
            probability=risk,
            low=low,
            high=high,
            drivers=[_driver(each) for each in drivers.of(row, found.chart, day)[:_TOLD]],
            next_visit=answers.today() + timedelta(days=round(plan.at)),
            alarming=risk >= row.threshold,
        )

    return prognosis


def _driver(told: dict[str, Any]) -> Words:
    name, value = title(told["column"]).name, told["value"]
    points = f"{100 * told['points'][min(1, len(told['points']) - 1)]:+.1f}"
    text = words("값 없음", "no value") if value is None else shown(told["column"], value)
    return words(f"{name.ko} {text.ko}: {points}%p", f"{name.en} {text.en}: {points} points")


@transaction.atomic
def heard(told: Iterable[Feedback], *, owner: Organisation, by: User) -> int:
    """Keep what became of cards; how many of them the house knows as the caller's."""
    known = 0
    for each in told:
        rows = models.Card.objects.filter(pk=each.card, owner=owner)
        row = rows.select_related("model").first()
        if row is None:
            continue
        known += 1
        row.outcome, row.reason, row.comment = each.outcome, each.reason, each.comment
        row.answered = clock.now()
        row.save()
        remember(
            "card-answered",
            registry.thing(row.model),
            by=by,
            outcome=each.outcome,
            reason=each.reason,
        )
    return known
