"""By which way is this object reached? The authorities from the trust anchor down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.clock import stamp
from madang.kernel.words import Words, words
from madang.rpki.engine.explain.moments import moment
from madang.rpki.engine.objects.naming import common_name

if TYPE_CHECKING:
    from madang.rpki.engine.faults import Fault
    from madang.rpki.engine.resources.blocks import Resources
    from madang.rpki.engine.validation.outcome import Outcome, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One authority of a chain, and the state of what it publishes."""

    uri: str
    """Where its certificate lies."""
    name: str
    """The subject's common name."""
    key: str
    """Its key identifier in hexadecimal."""
    resources: Resources
    not_after: int
    """Until when its certificate is valid, in seconds since 1970."""
    manifest: str
    number: int
    """The number of its manifest; -1 where none was usable."""
    next_update: int
    source: str
    """The repository that its objects came from."""
    from_last_good: bool
    failure: Fault | None
    """Why what was fetched last could not be used."""

    def facts(self) -> dict[str, Any]:
        """The link for programs."""
        return {
            "certificate": self.uri,
            "name": self.name,
            "ski": self.key,
            "resources": str(self.resources),
            "not_after": stamp(moment(self.not_after)),
            "manifest": self.manifest,
            "manifest_number": self.number if self.number >= 0 else None,
            "next_update": stamp(moment(self.next_update)) if self.number >= 0 else None,
            "source": self.source,
            "last_good": self.from_last_good,
            "failure": self.failure and self.failure.code,
        }

    def sentence(self) -> Words:
        """The link in one line."""
        held = str(self.resources)
        held = held if len(held) < 100 else held[:97] + "…"
        if self.number < 0:
            return words(
                f"{self.uri}: 발행 지점을 쓸 수 없음", f"{self.uri}: its point cannot be used"
            )
        ends = stamp(moment(self.next_update))
        kept = (", 마지막으로 온전했던 상태", ", its last good state")
        old_ko, old_en = kept if self.from_last_good else ("", "")
        return words(
            f"{self.uri}: {held}; 매니페스트 {self.number}번, {ends}까지{old_ko}",
            f"{self.uri}: {held}; manifest number {self.number}, until {ends}{old_en}",
        )


def chain_of(outcome: Outcome, visit: Visit) -> tuple[Link, ...]:
    """The authorities from the trust anchor down to the one that was visited."""
    links = [_link(visit)]
    while visit.parent >= 0:
        visit = outcome.visits[visit.parent]
        links.append(_link(visit))
    return tuple(reversed(links))


def _link(visit: Visit) -> Link:
    authority, verdict = visit.authority, visit.verdict
    certificate = authority.certificate
    return Link(
        uri=authority.uri,
        name=common_name(certificate.subject),
        key=certificate.ski.hex(),
        resources=authority.resources,
        not_after=certificate.not_after,
        manifest=certificate.manifest,
        number=verdict.number,
        next_update=verdict.next_update,
        source=verdict.source,
        from_last_good=verdict.from_last_good,
        failure=verdict.failure.fault if verdict.failure else None,
    )
