"""Of a hundred people like this one, how many? Probabilities as counts of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLACK = 1e-6


def of_people(chances: Mapping[str, float], *, people: int = 100) -> dict[str, int]:
    """Whole people for each outcome, all together `people`.

    Rounded by the largest remainder, of equal ones the first.

    Args:
        chances: By outcome, probabilities that add up to 1.
        people: How many.

    Raises:
        ValueError: They do not add up to 1, or one is below 0: a defect of the caller.
    """
    if min(chances.values()) < -_SLACK or abs(sum(chances.values()) - 1) > _SLACK:
        raise ValueError(f"chances of {dict(chances)} do not add up to 1")
    shares = {name: chance * people for name, chance in chances.items()}
    found = {name: int(share) for name, share in shares.items()}
    rest = people - sum(found.values())
    order = sorted(shares, key=lambda name: found[name] - shares[name])
    for name in order[:rest]:
        found[name] += 1
    return found
