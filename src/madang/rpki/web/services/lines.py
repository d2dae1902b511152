"""How does an authorisation stand in a draft? As plain data: a ROA's line, or an ASPA's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import read_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

Line = list[Any]
"""`["roa", prefix, longest, asn]` or `["aspa", customer, [providers]]`."""


def of_vrp(vrp: Vrp) -> Line:
    """The line of a ROA's authorisation."""
    return ["roa", str(vrp.prefix), vrp.max_length, vrp.asn]


def of_aspa(aspa: Aspa) -> Line:
    """The line of an ASPA."""
    return ["aspa", aspa.customer, list(aspa.providers)]


def of(found: Intents) -> list[Line]:
    """The lines of intents, in a stable order."""
    return [*map(of_vrp, sorted(found.vrps)), *map(of_aspa, sorted(found.aspas))]


def read(lines: Iterable[Line]) -> Intents:
    """The intents that lines stand for."""
    vrps, aspas = set(), set()
    for kind, *rest in lines:
        if kind == "roa":
            vrps.add(Vrp(*read_prefix(rest[0]), rest[1], rest[2]))
        else:
            aspas.add(Aspa(rest[0], tuple(rest[1])))
    return Intents(frozenset(vrps), frozenset(aspas))


def changes(add: Iterable[Line], remove: Iterable[Line]) -> Changes:
    """The change that a draft asks for."""
    return Changes(read(add), read(remove))


def told(line: Line) -> Words:
    """A line for people."""
    if line[0] == "roa":
        return words(
            f"{line[1]} · 최대 /{line[2]} · AS{line[3]}",
            f"{line[1]} · up to /{line[2]} · AS{line[3]}",
        )
    providers = ", ".join(f"AS{asn}" for asn in line[2])
    return words(f"AS{line[1]}의 제공자: {providers}", f"Providers of AS{line[1]}: {providers}")
