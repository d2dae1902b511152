"""What do agency and company agree on, who has signed, and which conditions are settled?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.objects import keep
from madang.trials.engine.consultation import Consultation, Signature
from madang.trials.engine.errors import ConsultationError
from madang.trials.engine.minutes import Minutes
from madang.trials.web.services.adoptions import (
    changing,
    consultation,
    course,
    hand,
    plan,
    require_consultation,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.portal.models import Organisation, StoredObject, User
    from madang.trials.web.models import Adoption

MOST_EVIDENCE_BYTES = 32 << 20


def write(
    adoption: Adoption, content: dict[str, Any], *, by: User, at: Organisation
) -> Consultation:
    """Write the first minutes, or amend those in force: both sides sign anew.

    Args:
        adoption: Which one.
        content: `held`, `agenda`, `conditions`, `costs`, `duties`, as plain data.
        by: The acting person.
        at: The party for which they write; either may propose.

    Raises:
        ConsultationError: Nobody's minutes, or at odds with themselves.
        RecordError: Not of this form.
    """
    with changing(adoption, by=by) as row:
        before = consultation(row)
        agreed = plan(row)
        minutes = Minutes.from_plain(
            {
                **content,
                "demand": row.demand.name,
                "agency": row.agency.slug,
                "company": row.company.slug,
                "solution": row.submission.digest,
                "plan": agreed.digest if agreed else "",
                "amends": before.minutes.digest if before else "",
            }
        )
        found = before.amend(minutes) if before else Consultation(minutes=minutes)
        row.minutes = found.plain()
        told(
            "minutes-written",
            row,
            by=by,
            at=at,
            before=before.minutes.plain() if before else None,
            after=minutes.plain(),
            minutes=minutes.digest,
        )
        _follow(row, found, by=by, at=row.agency)
    return found


def sign(adoption: Adoption, *, digest: str, by: User, at: Organisation) -> Consultation:
    """Sign the minutes whose digest the page showed.

    Raises:
        ConsultationError: Other minutes are in force by now, not a party, or signed already.
    """
    with changing(adoption, by=by) as row:
        found = require_consultation(row).sign(
            Signature(by=f"user/{by.pk}", organisation=at.slug, at=clock.now(), minutes=digest)
        )
        row.minutes = found.plain()
        told("minutes-signed", row, by=by, at=at, minutes=digest)
    return found


def meet(
    adoption: Adoption,
    condition: str,
    evidence: Iterable[StoredObject],
    *,
    by: User,
    at: Organisation,
) -> Consultation:
    """Find a condition met, on evidence.

    Raises:
        ConsultationError: No such open condition, the bearer's own word, or no evidence.
    """
    digests = tuple(each.digest for each in evidence)
    with changing(adoption, by=by) as row:
        found = require_consultation(row).meet(
            condition, by=f"user/{by.pk}", organisation=at.slug, at=clock.now(), evidence=digests
        )
        row.minutes = found.plain()
        told("condition-met", row, by=by, at=at, condition=condition, evidence=list(digests))
    return found


def waive(
    adoption: Adoption, condition: str, *, reason: str, by: User, at: Organisation
) -> Consultation:
    """Do without a condition.

    Raises:
        ConsultationError: No such open condition, the bearer's own word, or no reason.
    """
    with changing(adoption, by=by) as row:
        found = require_consultation(row).waive(
            condition, by=f"user/{by.pk}", organisation=at.slug, at=clock.now(), reason=reason
        )
        row.minutes = found.plain()
        told("condition-waived", row, by=by, at=at, condition=condition, after=reason)
    return found


def reopen(adoption: Adoption, condition: str, *, by: User, at: Organisation) -> Consultation:
    """Find that a settled condition does not hold any more; a running gate pauses.

    Raises:
        ConsultationError: It is not settled, or the other side asks.
    """
    with changing(adoption, by=by) as row:
        found = require_consultation(row).reopen(condition, organisation=at.slug)
        row.minutes = found.plain()
        told("condition-reopened", row, by=by, at=at, condition=condition)
        _follow(row, found, by=by, at=row.agency)
    return found


def _follow(row: Adoption, found: Consultation, *, by: User, at: Organisation) -> None:
    """A gate that runs pauses where a condition no longer holds."""
    if not row.progress:
        return
    here = course(row)
    assert here is not None
    after = here.follow(found, hand=hand(by, at))
    if after is not here:
        row.progress, row.gate = after.plain(), after.state
        told("gate-paused", row, by=by, at=at, gate=after.history[-1].gate)


def file_evidence(
    adoption: Adoption, content: bytes, *, name: str, by: User, at: Organisation
) -> StoredObject:
    """Keep a file that shows a condition met; both parties may read it.

    Raises:
        ConsultationError: Empty or too large.
    """
    if not 0 < len(content) <= MOST_EVIDENCE_BYTES:
        raise ConsultationError(
            words(
                f"증거 파일 {len(content):,}바이트", f"an evidence file of {len(content):,} bytes"
            ),
            words("1바이트부터 32 MiB까지", "one byte to 32 MiB"),
        )
    return keep(content, name=name[-100:], media_type="application/octet-stream", owner=at, by=by)
