"""Which gate opens, what was observed there, and when does the pilot stop?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.webhooks import emit
from madang.trials.engine.adoption_plan import AdoptionPlan, Batch
from madang.trials.engine.errors import MoveRefused
from madang.trials.web.models import Observation
from madang.trials.web.services.adoptions import (
    changing,
    course,
    hand,
    require_consultation,
    require_course,
    told,
)

if TYPE_CHECKING:
    from madang.portal.models import Organisation, User
    from madang.trials.engine.adoption import Adoption as Course
    from madang.trials.web.models import Adoption

OPENING = ("open", "advance", "resume")
"""Moves for which the consultation must be ready."""
GIVING_UP = ("pause", "stop", "end")
"""Moves that need a reason."""
MOVES = (*OPENING, *GIVING_UP, "roll_back")


def set_plan(adoption: Adoption, content: dict[str, Any], *, by: User, at: Organisation) -> Course:
    """Fix gates, measures and stop rules; they change no more once the first gate is open.

    Args:
        adoption: Which one.
        content: An `AdoptionPlan` as plain data.
        by: The acting person.
        at: The agency.

    Raises:
        MoveRefused: Not the agency, begun already, or a plan at odds with itself.
    """
    with changing(adoption, by=by) as row:
        if at.pk != row.agency_id:
            raise MoveRefused(
                words(f"{at.name_ko}의 도입 계획", f"a plan by {at.name_en}"),
                words(f"{row.agency.name_ko}의 계획", f"one by {row.agency.name_en}"),
            )
        if row.progress:
            raise MoveRefused(
                words("시작한 뒤의 계획 변경", "a change of the plan after the start"),
                words("첫 단계를 열기 전의 변경", "one before the first gate opens"),
                words(
                    "되돌리려면 도입을 종료하고 새로 협의하십시오.",
                    "To change it, end this adoption and consult anew.",
                ),
            )
        planned = AdoptionPlan.from_plain(content)
        row.plan = planned.plain()
        told("plan-set", row, by=by, at=at, plan=planned.digest)
        found = course(row)
        assert found is not None
    return found


def move(
    adoption: Adoption,
    name: str,
    *,
    by: User,
    at: Organisation,
    reason: str = "",
    to: str = "",
) -> Course:
    """Open, advance, pause, resume, stop, roll back or end.

    Args:
        adoption: Which one.
        name: One of `MOVES`.
        by: The acting person.
        at: For which party.
        reason: Why; needed where something is given up.
        to: The gate to roll back to.

    Raises:
        MoveRefused: Not due, not this party's move, or something is wanting.
    """
    with changing(adoption, by=by) as row:
        here, mover = require_course(row), hand(by, at)
        after = _moved(here, row, name, mover=mover, reason=reason, to=to)
        is_first_live = after.is_live and row.live_since is None
        _remember(row, after)
        told(
            f"gate-{name.replace('_', '-')}",
            row,
            by=by,
            at=at,
            gate=after.history[-1].gate,
            state=after.state,
            after={"reason": reason} if reason else None,
        )
        if is_first_live:
            _tell_live(row, by=by, at=at)
        _tell_others(row, after)
    return after


def _tell_live(row: Adoption, *, by: User, at: Organisation) -> None:
    """Record once that the solution serves all cases: what others count as an adoption."""
    told(
        "adoption-live",
        row,
        by=by,
        at=at,
        demand=row.demand.name,
        submission=row.submission_id,
        solution=row.submission.digest,
    )


def _moved(here: Course, row: Adoption, name: str, *, mover: Any, reason: str, to: str) -> Course:
    if name in OPENING:
        after: Course = getattr(here, name)(require_consultation(row), hand=mover)
    elif name in GIVING_UP:
        after = getattr(here, name)(hand=mover, reason=reason)
    elif name == "roll_back":
        after = here.roll_back(to, hand=mover, reason=reason)
    else:
        raise MoveRefused(
            words(f"알 수 없는 요청 {name[:30]!r}", f"an unknown move {name[:30]!r}"),
            words(f"{', '.join(MOVES)} 가운데 하나", f"one of {', '.join(MOVES)}"),
        )
    return after


def _remember(row: Adoption, after: Course) -> None:
    row.progress = after.plain()
    row.gate = "live" if after.is_live else after.state
    state = {"ended": "ended"}.get(after.state, "live" if after.is_live else "adopting")
    if after.is_live and row.live_since is None:
        row.live_since = clock.now()
    if row.demand.state != state:
        row.demand.state = state
        row.demand.save(update_fields=["state"])


def _tell_others(row: Adoption, after: Course) -> None:
    body = {
        "demand": row.demand.name,
        "gate": after.gate.name if after.gate else "",
        "state": after.state,
    }
    emit("trials.gate.moved", body, to=[row.company, row.agency])


def report(adoption: Adoption, content: dict[str, Any], *, by: User, at: Organisation) -> Course:
    """Take in a batch of observations; a rule that trips stops the pilot at once.

    Args:
        adoption: Which one.
        content: A `Batch` as plain data.
        by: The acting person.
        at: The agency.

    Raises:
        MoveRefused: Not the gate's, reported before, or not fit for its measure.
        RecordError: Not of this form.
    """
    with changing(adoption, by=by) as row:
        here = require_course(row)
        batch = Batch.from_plain(content)
        after = here.report(batch, hand=hand(by, at))
        _remember(row, after)
        Observation.objects.create(
            adoption=row,
            gate=after.history[-1].gate,
            measure=batch.measure,
            values=batch.plain(),
            by=by,
        )
        told(
            "observations-reported",
            row,
            by=by,
            at=at,
            batch=batch.digest,
            measure=batch.measure,
            state=after.state,
        )
        if after.state == "stopped":
            _tell_others(row, after)
    return after
