"""How many won came back, or are there, for each won paid in?

Source: GIPS Standards (2020), glossary.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Multiples(NamedTuple):
    """Exact ratios; None where nothing was paid in (or, for `pic`, committed)."""

    dpi: Fraction | None
    """Distributed to paid in."""
    rvpi: Fraction | None
    """Residual value to paid in."""
    tvpi: Fraction | None
    """Total value to paid in."""
    pic: Fraction | None
    """Paid in to committed."""


def multiples(
    *, paid_in: int, distributed: int, nav: int, committed: int | None = None
) -> Multiples:
    """The multiples of one investor or of a fund.

    Args:
        paid_in: Won paid in, as a positive number.
        distributed: Won received.
        nav: The residual value, in won.
        committed: Won committed; None where it is not asked about.
    """
    pic = Fraction(paid_in, committed) if committed else None
    if not paid_in:
        return Multiples(None, None, None, pic)
    dpi, rvpi = Fraction(distributed, paid_in), Fraction(nav, paid_in)
    return Multiples(dpi, rvpi, dpi + rvpi, pic)
