"""What does this publication point give? Manifest, revocation list, then every object.

RFC 9286 section 6: a point is used whole or not at all. If what was fetched is not whole, what
it held when it last was speaks instead, as long as it is in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.validation.issued import Window
from madang.rpki.engine.validation.published import Published
from madang.rpki.engine.validation.verdicts import FOREVER, PointVerdict, Refusal
from madang.rpki.engine.validation.whole import check_number, whole

if TYPE_CHECKING:
    from madang.rpki.engine.store.point import Store
    from madang.rpki.engine.validation.policy import Policy
    from madang.rpki.engine.validation.verdicts import Authority


def judge_point(
    authority: Authority,
    store: Store,
    *,
    at: int,
    policy: Policy,
    before: PointVerdict | None = None,
) -> PointVerdict:
    """The verdict on what an authority published.

    Args:
        authority: Whose point it is.
        store: Where the objects lie.
        at: The moment of judging, in seconds since 1970.
        policy: The profile and its limits.
        before: An earlier verdict under the same authority and policy: objects with the same
            digest are not read or verified again.
    """
    certificate = authority.certificate
    window = Window(at, 0, FOREVER)
    fresh = store.point(certificate.repository, certificate.notify)
    kept = store.last_good(certificate.manifest)
    tokens = (fresh.token if fresh else None, kept.token if kept else None)
    failure: Refusal | None = None
    for candidate, is_kept in ((fresh, False), (kept, True)):
        if candidate is None:
            failure = failure or Refusal(_name(authority), Fault("point-missing"))
            continue
        try:
            found = whole(candidate, authority, window, policy)
            if not is_kept and kept:
                check_number(found, kept, authority, policy)
        except Fault as fault:
            failure = failure or Refusal(_failed_name(fault, authority), fault)
            continue
        published = Published(found, authority, window, policy, before)
        return published.verdict(failure=failure, is_kept=is_kept, tokens=tokens)
    return PointVerdict(
        source=fresh.source if fresh else "",
        accepted={},
        refused=(),
        failure=failure,
        since=window.since,
        until=window.until,
        tokens=tokens,
    )


def _name(authority: Authority) -> str:
    return authority.certificate.manifest.rpartition("/")[2]


def _failed_name(fault: Fault, authority: Authority) -> str:
    return fault.detail if fault.code in ("file-missing", "file-hash") else _name(authority)
