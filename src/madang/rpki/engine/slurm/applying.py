"""What does a network believe after its own exceptions? (RFC 8416, section 4; filters first)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.payloads import Aspa, Payloads
from madang.rpki.engine.resources.prefix import BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.payloads import RouterKey, Vrp
    from madang.rpki.engine.slurm.exceptions import KeyFilter, Place, PrefixFilter, Slurm


class Removed(NamedTuple):
    """A verified payload that was left out, and by which filter."""

    payload: Vrp | RouterKey | Aspa
    by: Place


class Added(NamedTuple):
    """A payload that nobody signed, and by which assertion it is there."""

    payload: Vrp | RouterKey | Aspa
    by: Place


@dataclass(frozen=True, slots=True)
class Applied:
    """What is believed, and what makes it differ from what was verified."""

    payloads: Payloads
    removed: tuple[Removed, ...] = ()
    added: tuple[Added, ...] = ()
    """Also those that were verified anyway."""


def apply(payloads: Payloads, slurm: Slurm) -> Applied:
    """Leave out what the filters name, then add what is asserted.

    An asserted ASPA adds its providers to those that were verified: an assertion is no filter
    (draft-ietf-sidrops-aspa-slurm). To replace them, filter the customer as well.
    """
    removed = (
        *_vrps_removed(payloads, slurm),
        *_keys_removed(payloads, slurm),
        *_aspas_removed(payloads, slurm),
    )
    gone = {each.payload for each in removed}
    aspas = {each.customer: each for each in payloads.aspas if each not in gone}
    for aspa, _ in slurm.aspas:
        held = aspas.get(aspa.customer, aspa)
        aspas[aspa.customer] = _union(held, aspa)
    believed = Payloads(
        (payloads.vrps - gone).union(vrp for vrp, _ in slurm.vrps),
        frozenset(aspas.values()),
        (payloads.router_keys - gone).union(key for key, _ in slurm.router_keys),
    )
    added: list[Added] = [Added(vrp, place) for vrp, place in slurm.vrps]
    added += [Added(key, place) for key, place in slurm.router_keys]
    added += [Added(aspa, place) for aspa, place in slurm.aspas]
    return Applied(believed, removed, tuple(added))


def _union(one: Aspa, other: Aspa) -> Aspa:
    """Both lists of providers; AS 0, which says that there are none, gives way to any other."""
    providers = {*one.providers, *other.providers}
    return Aspa(one.customer, tuple(sorted(providers - {0} or providers)))


def _vrps_removed(payloads: Payloads, slurm: Slurm) -> Iterator[Removed]:
    """VRPs that a filter matches; each filter is found by its prefix, or by its AS, at once."""
    if not slurm.prefix_filters:
        return
    by_asn: dict[int, PrefixFilter] = {}
    by_prefix: dict[tuple[int, int, int], list[PrefixFilter]] = defaultdict(list)
    for each in slurm.prefix_filters:
        if each.prefix is not None:
            by_prefix[each.prefix].append(each)
        elif each.asn is not None:
            by_asn.setdefault(each.asn, each)
    lengths = {
        family: sorted({length for of, _, length in by_prefix if of == family})
        for family in (4, 6)
    }
    for vrp in payloads.vrps:
        family, address, length, _, asn = vrp
        found = by_asn.get(asn)
        for shorter in lengths[family]:
            if shorter > length:
                break
            shift = BITS[family] - shorter
            for each in by_prefix.get((family, address >> shift << shift, shorter), ()):
                if found is None and each.asn in (None, asn):
                    found = each
        if found is not None:
            yield Removed(vrp, found.place)


def _keys_removed(payloads: Payloads, slurm: Slurm) -> Iterator[Removed]:
    for key in payloads.router_keys:
        found = next((each for each in slurm.key_filters if _matches(each, key)), None)
        if found is not None:
            yield Removed(key, found.place)


def _matches(filtering: KeyFilter, key: RouterKey) -> bool:
    return filtering.asn in (None, key.asn) and filtering.key_identifier in (
        None,
        key.key_identifier,
    )


def _aspas_removed(payloads: Payloads, slurm: Slurm) -> Iterator[Removed]:
    places = {each.customer: each.place for each in reversed(slurm.aspa_filters)}
    for aspa in payloads.aspas:
        if aspa.customer in places:
            yield Removed(aspa, places[aspa.customer])
