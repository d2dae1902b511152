"""How do payloads of many points become one set? Each counted, so that one point can change.

A payload stands as long as one object says it. Counting lets a run touch only what changed: the
cost is that of the changed points, not of the world.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from madang.rpki.engine.payloads import Aspa, Change, Payloads
from madang.rpki.engine.validation.outcome import merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.rpki.engine.payloads import RouterKey, Vrp
    from madang.rpki.engine.validation.verdicts import PointVerdict


T = TypeVar("T")


class Ledger:
    """The payloads of all points that stand, and how many objects say each."""

    def __init__(self) -> None:
        self._vrps: Counter[Vrp] = Counter()
        self._keys: Counter[RouterKey] = Counter()
        self._aspas: Counter[Aspa] = Counter()
        self._merged: dict[int, Aspa] = {}
        self._now = Payloads()

    def apply(
        self, gone: Iterable[PointVerdict], come: Iterable[PointVerdict]
    ) -> tuple[Payloads, Change]:
        """The payloads after some verdicts went and others came, and what that changed."""
        vrps: Counter[Vrp] = Counter()
        keys: Counter[RouterKey] = Counter()
        aspas: Counter[Aspa] = Counter()
        for verdict in come:
            vrps.update(verdict.vrps())
            keys.update(verdict.router_keys())
            aspas.update(verdict.aspas())
        for verdict in gone:
            vrps.subtract(verdict.vrps())
            keys.subtract(verdict.router_keys())
            aspas.subtract(verdict.aspas())
        new_vrps, old_vrps = _count(self._vrps, vrps)
        new_keys, old_keys = _count(self._keys, keys)
        new_aspas, old_aspas = self._count_aspas(aspas)
        change = Change(
            announced=Payloads(new_vrps, new_aspas, new_keys),
            withdrawn=Payloads(old_vrps, old_aspas, old_keys),
        )
        if len(change):
            self._now = Payloads(
                frozenset(self._vrps), frozenset(self._merged.values()), frozenset(self._keys)
            )
        return self._now, change

    def _count_aspas(self, difference: Counter[Aspa]) -> tuple[frozenset[Aspa], frozenset[Aspa]]:
        """ASPAs of one customer stand as one: each customer that was touched is merged anew."""
        _count(self._aspas, difference)
        touched = {aspa.customer for aspa, count in difference.items() if count}
        standing = (aspa for aspa in self._aspas if aspa.customer in touched) if touched else ()
        after = {aspa.customer: aspa for aspa in merged(iter(standing))}
        before = {each: self._merged[each] for each in touched if each in self._merged}
        for customer in touched:
            self._merged.pop(customer, None)
        self._merged.update(after)
        old, new = frozenset(before.values()), frozenset(after.values())
        return new - old, old - new


def _count(total: Counter[T], difference: Counter[T]) -> tuple[frozenset[T], frozenset[T]]:
    """What began to stand and what ceased to, once the differences are counted in."""
    if not total:
        total.update({each: count for each, count in difference.items() if count > 0})
        return frozenset(total), frozenset()
    come, gone = set(), set()
    for each, count in difference.items():
        if not count:
            continue
        had = total[each]
        total[each] = had + count
        if not had:
            come.add(each)
        elif had + count == 0:
            gone.add(each)
            del total[each]
    return frozenset(come), frozenset(gone)
