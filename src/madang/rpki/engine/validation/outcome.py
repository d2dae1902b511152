"""What is believed after a run, and what has changed since the one before?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.payloads import Aspa, Change, Payloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.rpki.engine.faults import Fault
    from madang.rpki.engine.payloads import Vrp
    from madang.rpki.engine.validation.verdicts import Authority, PointVerdict


class Visit(NamedTuple):
    """One publication point as it was judged in a run."""

    authority: Authority
    verdict: PointVerdict
    expires: int
    """The soonest end along the chain down to this point's manifest, in seconds since 1970."""
    parent: int
    """The place of the visit that led here; -1 for a trust anchor."""


class Sourced(NamedTuple):
    """A VRP with where it came from."""

    vrp: Vrp
    anchor: str
    expires: int
    uri: str


class Turned(NamedTuple):
    """A CA certificate that was accepted, yet not followed."""

    uri: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that one run found."""

    at: int
    """The moment of judging, in seconds since 1970."""
    visits: tuple[Visit, ...]
    """Every point that was judged, parents before children."""
    turned: tuple[Turned, ...] = ()
    anchors: Mapping[str, Fault | None] = field(default_factory=dict)
    """Name of a locator → why its trust anchor was refused."""
    payloads: Payloads = field(default_factory=Payloads)
    change: Change = field(default_factory=lambda: Change(Payloads(), Payloads()))
    """The way here from the run before; from nothing in the first run."""
    judged: int = 0
    """Points that were judged anew."""
    come: tuple[Visit, ...] = ()
    """Visits whose verdict did not stand in the run before."""
    gone: tuple[Visit, ...] = ()
    """Visits of the run before whose verdict no longer stands."""

    @property
    def is_usable(self) -> bool:
        """Whether any trust anchor was usable; if none was, nothing at all is known."""
        return any(fault is None for fault in self.anchors.values())

    def sourced(self) -> Iterator[Sourced]:
        """Every VRP with its trust anchor, end and object; the same VRP may come twice."""
        for visit in self.visits:
            folder = visit.authority.certificate.repository
            for name, judged in visit.verdict.accepted.items():
                ends = min(judged.not_after, visit.expires)
                for vrp in judged.vrps:
                    yield Sourced(vrp, visit.authority.anchor, ends, folder + name)

    def refused(self) -> Iterator[tuple[str, Fault]]:
        """Every object that was not accepted, by its address, with the check that it failed."""
        for visit in self.visits:
            folder = visit.authority.certificate.repository
            failure = visit.verdict.failure
            if failure:
                yield folder + failure.name, failure.fault
            for name, fault in visit.verdict.refused:
                yield folder + name, fault
        for uri, fault in self.turned:
            yield uri, fault

    def repositories(self) -> list[tuple[str, str, str]]:
        """Every repository that was named: notification, publication point, trust anchor."""
        return [
            (
                visit.authority.certificate.notify,
                visit.authority.certificate.repository,
                visit.authority.anchor,
            )
            for visit in self.visits
        ]


def merged(aspas: Iterator[Aspa]) -> frozenset[Aspa]:
    """One ASPA for each customer: what several say is taken together (verification, section 4)."""
    providers: dict[int, set[int]] = {}
    for aspa in aspas:
        providers.setdefault(aspa.customer, set()).update(aspa.providers)
    return frozenset(
        Aspa(customer, tuple(sorted(named - {0} or {0}))) for customer, named in providers.items()
    )
