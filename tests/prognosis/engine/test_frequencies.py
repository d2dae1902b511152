"""A hundred people are a hundred people, and nobody is more than one person away."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.frequencies import of_people


def test_they_are_always_all_of_them() -> None:
    rng = np.random.default_rng(0)
    for _ in range(2_000):
        parts = rng.dirichlet(rng.uniform(0.05, 3, size=4))
        chances = {str(place): float(part) for place, part in enumerate(parts)}
        found = of_people(chances)
        assert sum(found.values()) == 100
        assert all(abs(found[name] - 100 * chance) < 1 for name, chance in chances.items())


def test_by_hand() -> None:
    assert of_people({"dies": 0.234, "transplant": 0.056, "lives": 0.71}) == {
        "dies": 23,
        "transplant": 6,
        "lives": 71,
    }
    assert of_people({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 34, "b": 33, "c": 33}
    assert of_people({"a": 0.29, "b": 0.71}) == {"a": 29, "b": 71}
    assert of_people({"a": -1e-9, "b": 1 + 1e-9}, people=1000) == {"a": 0, "b": 1000}


@pytest.mark.parametrize("wrong", [{"a": 0.5, "b": 0.4}, {"a": -0.1, "b": 1.1}])
def test_what_is_no_whole_is_a_defect(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="do not add up"):
        of_people(wrong)
