"""Which rates of return does a row of flows have? All of them, in (-1, ∞), or none.

A rate r makes the sum of the flows, discounted by (1 + r) to the power of the time, zero. Such a
sum may have several roots; a single number would then be an accident of the method that found it.

Flows of equal periods are a polynomial: Sturm's theorem counts its roots exactly, in integers.
Dated flows are a sum of exponentials, for which the same is done by Rolle's theorem: divided by
its first term, the sum loses a term by derivation; between two roots of the derivative there is
one root at most. Where one root is left, `pyxirr` gives the number.

Source: Sturm (1829); for sums of exponentials, Pólya and Szegő, Problems and Theorems in Analysis
II, part V, problems 75-77.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from madang.fund.engine import day_count
from madang.fund.engine.measures.flows import Flow, merged
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Status: TypeAlias = Literal["one", "several", "none"]
_TINY = 1e-13
"""Of the sum of all absolute terms: what is smaller is a root at which the sum only touches 0."""
_CLOSE = 1e-9
_LARGEST = 709.0
"""exp of more than this is no float."""
_WIDEST = 1e4


class Rates(NamedTuple):
    """Every rate of return, from the smallest on."""

    roots: tuple[float, ...]

    @property
    def status(self) -> Status:
        """Whether there is one, several or none."""
        return "none" if not self.roots else "one" if len(self.roots) == 1 else "several"

    @property
    def value(self) -> float | None:
        """The rate where it is the only one."""
        return self.roots[0] if len(self.roots) == 1 else None

    @property
    def note(self) -> Words | None:
        """Why there is no single number."""
        if self.status == "one":
            return None
        if self.status == "none":
            return words("수익률 없음", "No rate of return")
        told = ", ".join(f"{root:.4%}" for root in self.roots)
        return words(f"수익률이 하나가 아님: {told}", f"Not unique: {told}")


# Equal periods --------------------------------------------------------------------------------


def of_periods(amounts: Sequence[int]) -> Rates:
    """The rates of flows at equal distances, a period each.

    Args:
        amounts: In whole units, the investor's sign.
    """
    first = next((place for place, each in enumerate(amounts) if each), len(amounts))
    polynomial = list(amounts[first:])
    while polynomial and not polynomial[-1]:
        polynomial.pop()
    if _changes(polynomial) == 0:
        return Rates(())
    # A halving may land on a multiple root, where every member of the chain is 0: so each root is
    # made a single one first, by the common divisor with the derivative that ends the chain.
    chain = sturm_chain(polynomial)
    if len(chain[-1]) > 1:
        polynomial = _quotient(polynomial, chain[-1])
        chain = sturm_chain(polynomial)
    found = [
        _polished(polynomial, low, high, chain)
        for low, high in _isolated(chain, Fraction(0), _bound(polynomial))
    ]
    return Rates(tuple(sorted(1 / x - 1 for x in found)))


def sturm_chain(polynomial: Sequence[int]) -> list[list[int]]:
    """Sturm's chain of a polynomial with whole coefficients, the lowest first.

    Remainders are freed of their content, so that integers stay small.
    """
    chain = [_primitive(list(polynomial))]
    chain.append(_primitive([place * each for place, each in enumerate(chain[0])][1:]))
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append(_primitive([-each for each in rest]))
    return chain


def roots_between(chain: Sequence[Sequence[int]], low: Fraction, high: Fraction) -> int:
    """How many different roots lie in (low, high]; neither end may be a multiple root."""
    return _variations(chain, low) - _variations(chain, high)


def _variations(chain: Sequence[Sequence[int]], x: Fraction) -> int:
    signs = [sign for each in chain if (sign := _sign(each, x))]
    return sum(one != other for one, other in zip(signs, signs[1:], strict=False))


def _sign(polynomial: Sequence[int], x: Fraction) -> int:
    total, top, bottom = 0, x.numerator, x.denominator
    power = 1
    # Horner's rule without fractions: the value is multiplied by a power of the denominator.
    for each in reversed(polynomial):
        total = total * top + each * power
        power *= bottom
    return (total > 0) - (total < 0)


def _primitive(polynomial: list[int]) -> list[int]:
    while polynomial and not polynomial[-1]:
        polynomial.pop()
    content = math.gcd(*polynomial) if polynomial else 1
    return [each // content for each in polynomial] if content > 1 else polynomial


def _remainder(top: list[int], bottom: list[int]) -> list[int]:
    """The remainder of a division, multiplied by a positive number so that it stays whole."""
    rest, lead = list(top), bottom[-1]
    while len(rest) >= len(bottom):
        factor, shift = rest[-1], len(rest) - len(bottom)
        rest = [each * abs(lead) for each in rest]
        turn = factor if lead > 0 else -factor
        for place, each in enumerate(bottom):
            rest[place + shift] -= turn * each
        rest.pop()
        rest = _primitive(rest) if rest else rest
        while rest and not rest[-1]:
            rest.pop()
    return rest


def _quotient(top: Sequence[int], bottom: Sequence[int]) -> list[int]:
    """The quotient of a division without remainder, in whole coefficients."""
    rest = [Fraction(each) for each in top]
    found = [Fraction(0)] * (len(top) - len(bottom) + 1)
    for place in range(len(found) - 1, -1, -1):
        found[place] = rest[place + len(bottom) - 1] / bottom[-1]
        for step, each in enumerate(bottom):
            rest[place + step] -= found[place] * each
    common = math.lcm(*(each.denominator for each in found))
    return _primitive([int(each * common) for each in found])


def _bound(polynomial: Sequence[int]) -> Fraction:
    """No root is as large (Cauchy)."""
    lead = abs(polynomial[-1])
    return 1 + Fraction(max(abs(each) for each in polynomial[:-1]), lead)


def _isolated(
    chain: Sequence[Sequence[int]], low: Fraction, high: Fraction
) -> list[tuple[Fraction, Fraction]]:
    """Intervals (low, high] with one root each."""
    count = roots_between(chain, low, high)
    if count == 0:
        return []
    if count == 1:
        return [(low, high)]
    middle = (low + high) / 2
    return _isolated(chain, low, middle) + _isolated(chain, middle, high)


def _polished(
    polynomial: Sequence[int],
    low: Fraction,
    high: Fraction,
    chain: Sequence[Sequence[int]],
) -> float:
    """The one root of an interval, to the last digits that a float has."""
    for _ in range(200):
        if _sign(polynomial, high) == 0:
            return float(high)
        if low > 0 and (high - low) * 2**56 < high:
            break
        middle = (low + high) / 2
        if roots_between(chain, low, middle):
            high = middle
        else:
            low = middle
    return float((low + high) / 2)


def _changes(amounts: Sequence[float]) -> int:
    signs = [each > 0 for each in amounts if each]
    return sum(one != other for one, other in zip(signs, signs[1:], strict=False))


# Dated flows ----------------------------------------------------------------------------------


def of_days(flows: Sequence[Flow], *, rule: str = "actual/365") -> Rates:
    """The rates of dated flows, by year.

    Args:
        flows: In any order; several on one day are added up.
        rule: How days become years (`day_count`).

    Raises:
        TermsRefused: An unknown day count.
    """
    ordered = merged(flows)
    if _changes([each.won for each in ordered]) == 0:
        return Rates(())
    start = ordered[0].on
    times = [float(day_count.year_fraction(rule, start, each.on)) for each in ordered]
    amounts = [float(each.won) for each in ordered]
    found = tuple(sorted(map(_rate, roots(amounts, times))))
    if len(found) == 1 and rule == "actual/365":
        return Rates((_judged(ordered, found[0]),))
    return Rates(found)


def _rate(s: float) -> float:
    """exp(s) - 1; infinite where it is larger than any float."""
    return math.expm1(s) if s < _LARGEST else math.inf


def _judged(flows: Sequence[Flow], own: float) -> float:
    """The library's number for the only root, if it is that root."""
    import pyxirr

    told = pyxirr.xirr([each.on for each in flows], [each.won for each in flows], guess=own)
    return told if told is not None and abs(told - own) <= _CLOSE * max(1, abs(own)) else own


def roots(amounts: Sequence[float], times: Sequence[float]) -> list[float]:
    """All s at which the sum of amount · exp(-time · s) is zero.

    Args:
        amounts: None of them 0.
        times: Growing, in years.
    """
    if _changes(amounts) == 0:
        return []
    if _changes(amounts) == 1:
        # By Descartes' rule for sums of exponentials there is exactly one.
        return [_between(_sum(amounts, times), -math.inf, math.inf)]
    first = times[0]
    shifted = [each - first for each in times]
    inner = [-step * amount for amount, step in zip(amounts[1:], shifted[1:], strict=True)]
    turns = roots(inner, shifted[1:])
    value = _sum(amounts, times)
    found: list[float] = []
    edges = [-math.inf, *turns, math.inf]
    for low, high in zip(edges, edges[1:], strict=False):
        if low > -math.inf and abs(value(low)) <= _TINY:
            found.append(low)
        elif _at(value, low, amounts) * _at(value, high, amounts) < 0:
            found.append(_between(value, low, high))
    return found


def _sum(amounts: Sequence[float], times: Sequence[float]) -> Callable[[float], float]:
    """The sum at s, divided by the sum of its absolute terms: between -1 and 1 everywhere."""
    logs = [math.log(abs(each)) for each in amounts]
    signs = [math.copysign(1, each) for each in amounts]

    def value(s: float) -> float:
        exponents = [log - time * s for log, time in zip(logs, times, strict=True)]
        top = max(exponents)
        terms = [math.exp(each - top) for each in exponents]
        total = math.fsum(sign * term for sign, term in zip(signs, terms, strict=True))
        return total / math.fsum(terms)

    return value


def _at(value: Callable[[float], float], s: float, amounts: Sequence[float]) -> float:
    """The value at s; far out, the sign of the first or the last amount."""
    if s == math.inf:
        return math.copysign(1, amounts[0])
    if s == -math.inf:
        return math.copysign(1, amounts[-1])
    found = value(s)
    return 0.0 if abs(found) <= _TINY else found


def _between(value: Callable[[float], float], low: float, high: float) -> float:
    """The root between two places at which the signs differ."""
    from scipy.optimize import brentq

    step = 1.0
    left = low if low > -math.inf else min(high, 0.0) - step
    right = high if high < math.inf else max(low, 0.0) + step
    while low == -math.inf and value(left) * _far(value, -math.inf) < 0 and step < _WIDEST:
        left, step = left - step, step * 2
    step = 1.0
    while high == math.inf and value(right) * _far(value, math.inf) < 0 and step < _WIDEST:
        right, step = right + step, step * 2
    return float(brentq(value, left, right, xtol=1e-15, rtol=8.9e-16, maxiter=500))


def _far(value: Callable[[float], float], side: float) -> float:
    """The sign far out on a side."""
    return value(math.copysign(_WIDEST * 8, side))
