"""How much of one unit makes one of another? (UCUM, the units that laboratories use).

A unit is read as a product of prefixed atoms with powers, such as `mg/dL`, `10*3/uL`, `umol/L`.
Its size is told in gram, mole, metre and second, its dimension as the powers of these four.
Amount and mass are different dimensions; only a molar mass leads from one to the other.

Source: UCUM 2.1, unitsofmeasure.org; the prefixes and the atoms of clinical chemistry.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

Dimension = tuple[int, int, int, int]
"""Powers of gram, mole, metre, second."""

_NONE: Dimension = (0, 0, 0, 0)
_VOLUME: Dimension = (0, 0, 3, 0)
_CATALYSIS: Dimension = (0, 1, 0, -1)


class Unit(NamedTuple):
    """A unit's size in base units, and its dimension."""

    size: float
    dimension: Dimension


_PREFIXES = {
    "M": 1e6,
    "k": 1e3,
    "h": 1e2,
    "da": 1e1,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
_METRIC = {
    "g": Unit(1, (1, 0, 0, 0)),
    "mol": Unit(1, (0, 1, 0, 0)),
    "m": Unit(1, (0, 0, 1, 0)),
    "s": Unit(1, (0, 0, 0, 1)),
    "L": Unit(1e-3, _VOLUME),
    "l": Unit(1e-3, _VOLUME),
    "kat": Unit(1, _CATALYSIS),
    # One micromole a minute.
    "U": Unit(1e-6 / 60, _CATALYSIS),
}
_PLAIN = {
    "1": Unit(1, _NONE),
    "%": Unit(1e-2, _NONE),
    "min": Unit(60, (0, 0, 0, 1)),
    "h": Unit(3600, (0, 0, 0, 1)),
    "d": Unit(86400, (0, 0, 0, 1)),
    "wk": Unit(604800, (0, 0, 0, 1)),
    "mo": Unit(2629800, (0, 0, 0, 1)),
    "a": Unit(31557600, (0, 0, 0, 1)),
}
_term = re.compile(
    r"(?P<ten>10[*^](?P<tens>[+-]?\d+))|(?P<atom>[A-Za-z%]+|1)(?P<power>[+-]?\d)?", re.ASCII
)
_annotation = re.compile(r"\{[^{}]*\}")
_trailing = re.compile(r"(?<=[^./])\{[^{}]*\}")
"""An annotation after a term changes nothing; one that stands alone is 1."""


@lru_cache(maxsize=4096)
def read_unit(code: str) -> Unit | None:
    """The unit of a UCUM code; None where it is no code, or one that is not known here.

    An annotation such as `{cells}` counts as 1. Arbitrary units such as `[IU]` have no size.
    """
    text = _annotation.sub("1", _trailing.sub("", code)) if "{" in code else code
    size, powers, sign = 1.0, [0, 0, 0, 0], 1
    parts = re.split(r"([./])", f"1{text}" if text.startswith("/") else text)
    for part in parts:
        if part in {".", "/"}:
            # In UCUM a stroke divides the next term only.
            sign = 1 if part == "." else -1
            continue
        found = _term_of(part)
        if found is None:
            return None
        unit, power = found
        size *= unit.size ** (sign * power)
        powers = [
            own + sign * power * each for own, each in zip(powers, unit.dimension, strict=True)
        ]
        sign = 1
    return Unit(size, (powers[0], powers[1], powers[2], powers[3]))


def _term_of(text: str) -> tuple[Unit, int] | None:
    found = _term.fullmatch(text)
    if found is None:
        return None
    if found["ten"]:
        return Unit(10.0 ** int(found["tens"]), _NONE), 1
    unit = _atom(found["atom"])
    return None if unit is None else (unit, int(found["power"] or 1))


def _atom(text: str) -> Unit | None:
    known = _PLAIN.get(text) or _METRIC.get(text)
    if known:
        return known
    for length in (1, 2):
        factor, atom = _PREFIXES.get(text[:length]), _METRIC.get(text[length:])
        if factor and atom:
            return Unit(atom.size * factor, atom.dimension)
    return None


@lru_cache(maxsize=4096)
def factor(unit: str, into: str, *, molar_mass_g: float = 0.0) -> float | None:
    """By what a value in `unit` is multiplied to be in `into`; None where that cannot be.

    Args:
        unit: A UCUM code.
        into: A UCUM code.
        molar_mass_g: Grams of one mole of the substance, where mass and amount may stand for
            each other; 0 where they may not.
    """
    one, other = read_unit(unit), read_unit(into)
    if one is None or other is None:
        return None
    size = one.size / other.size
    if one.dimension == other.dimension:
        return size
    mass, amount, *rest = one.dimension
    other_mass, other_amount, *other_rest = other.dimension
    if not molar_mass_g or rest != other_rest or mass + amount != other_mass + other_amount:
        return None
    return float(size * molar_mass_g ** (amount - other_amount))
