"""How does a solution come to the second … n-th agency? Asked, accepted, confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from madang.kernel import clock, ids
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.objects import objects
from madang.portal.webhooks import emit
from madang.trials.engine.errors import ProtocolDiffers
from madang.trials.web.models import Confirmation, Demand
from madang.trials.web.services import decisions, demands, submissions
from madang.trials.web.services.house import alone

if TYPE_CHECKING:
    from madang.portal.models import Organisation, User

KINDS = ("agency", "hospital", "school")
"""Kinds of organisation that can be asked."""


def invite(origin: Demand, agency: Organisation, *, by: User) -> Confirmation:
    """Ask a further agency to confirm an adopted solution on its own data.

    Raises:
        ProtocolDiffers: Nothing is adopted there, or the agency cannot be asked.
    """
    if getattr(origin, "adoption", None) is None or origin.origin_id:
        raise ProtocolDiffers(
            words("도입한 해법이 없는 수요", "a demand without an adopted solution"),
            words("처음 도입이 시작된 수요", "the one at which the adoption began"),
        )
    if agency.kind not in KINDS or not agency.is_active or agency.pk == origin.agency_id:
        raise ProtocolDiffers(
            words(f"확인을 요청할 수 없는 {agency.name_ko}", f"{agency.name_en}, not to be asked"),
            words(
                "아직 쓰지 않는 다른 공공기관, 병원, 학교", "another agency, hospital or school"
            ),
        )
    with acting.as_(user=by.pk):
        try:
            with transaction.atomic():
                row = Confirmation.objects.create(origin=origin, agency=agency, invited_by=by)
                remember("confirmation-asked", f"demand/{origin.name}", by=by, agency=agency.slug)
                emit("trials.confirmation.asked", {"demand": origin.name}, to=[agency])
        except IntegrityError as fault:
            raise ProtocolDiffers(
                words(f"이미 요청한 {agency.name_ko}", f"{agency.name_en}, asked already"),
                words("아직 요청하지 않은 기관", "an agency that was not asked yet"),
            ) from fault
    return row


def decline(confirmation: Confirmation, *, by: User) -> None:
    """An asked agency does not take part."""
    with acting.as_(user=by.pk), transaction.atomic():
        row = _asked(confirmation)
        row.state = "declined"
        row.save(update_fields=["state"])
        remember(
            "confirmation-declined", f"demand/{row.origin.name}", by=by, agency=row.agency.slug
        )


def accept(confirmation: Confirmation, *, by: User) -> Demand:
    """An asked agency takes part: it gets a draft that asks the same question of its own data.

    Raises:
        ProtocolDiffers: It was not asked, or has answered.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = _asked(confirmation)
        plain = {key: value for key, value in row.origin.plain.items() if key != "ministry"}
        title = plain["title"]
        plain["title"] = {
            "ko": f"{title['ko']} · {row.agency.name_ko}"[:200],
            "en": f"{title['en']} · {row.agency.name_en}"[:200],
        }
        demand = demands.draft(
            by=by,
            agency=row.agency,
            ministry=None,
            name=_name(row),
            plain=plain,
            sector=row.origin.sector,
        )
        demand.origin = row.origin
        demand.save(update_fields=["origin"])
        row.state, row.demand = "accepted", demand
        row.save(update_fields=["state", "demand"])
        remember(
            "confirmation-accepted", f"demand/{row.origin.name}", by=by, agency=row.agency.slug
        )
    return demand


def _name(row: Confirmation) -> str:
    """A name of its own that tells where the question comes from."""
    tail = ids.new("c").rpartition("-")[2][-6:]
    return f"{row.origin.name[:50].rstrip('-')}-c{tail}"


def _asked(confirmation: Confirmation) -> Confirmation:
    rows = Confirmation.objects.select_for_update(of=("self",))
    row = rows.select_related("origin", "agency").get(pk=confirmation.pk)
    if row.state != "invited":
        raise ProtocolDiffers(
            words("이미 답한 요청", "a request that was answered"),
            words("답을 기다리는 요청", "one that awaits its answer"),
        )
    return row


def run(confirmation: Confirmation, *, by: User) -> Demand:
    """Run the adopted solution on the agency's sealed data and compare it with the baseline.

    The platform hands it in for its company, byte for byte; nobody else competes, so the phases
    of a trial pass at once.

    Raises:
        ProtocolDiffers: The data are not sealed yet, or it was run.
    """
    assert confirmation.demand is not None
    solution = confirmation.origin.adoption.submission
    with acting.as_(user=by.pk), transaction.atomic():
        demand = alone(confirmation.demand)
        if demand.state != "sealed":
            raise ProtocolDiffers(
                words(
                    f"'{demand.state_title.ko}' 상태의 확인 실행",
                    f"a run in the state '{demand.state_title.en}'",
                ),
                words("자료를 봉인한 확인", "a confirmation whose data are sealed"),
            )
        _open(demand)
        remember("confirmation-run", f"demand/{demand.name}", by=by, solution=solution.digest)
        submissions.hand_in(
            demand,
            solution.company,
            by=by,
            name=solution.name,
            titles=solution.title,
            tier=solution.tier,  # type: ignore[arg-type]
            files={name: objects().get(digest) for name, digest in solution.files.items()},
        )
        demand = alone(demand)
        demand.closes, demand.state = clock.now(), "evaluating"
        demand.save(update_fields=["closes", "state"])
        decisions.close(demand, by=by)
    return demand


def _open(demand: Demand) -> None:
    """Let the phases pass: a timetable's dates differ by a second at least."""
    now, second = clock.now().replace(microsecond=0), timedelta(seconds=1)
    demand.posted, demand.questions_until = now - 2 * second, now - second
    demand.opens = demand.questions_until
    demand.closes, demand.decide_by = now + timedelta(days=1), now + timedelta(days=2)
    demand.state = "open"
    demand.save()
