"""Which outcomes can be used, and what is said of those that cannot."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.kernel.words import speaking
from madang.prognosis.engine.outcomes import Outcomes, read_outcomes


def test_numbers_and_truth_values_are_read() -> None:
    found = read_outcomes([3, 4.5], [True, 0])

    assert found.time.tolist() == [3.0, 4.5]
    assert found.event.tolist() == [True, False]


@pytest.mark.parametrize(
    ("time", "event", "said"),
    [
        ([], [], "0 times and 0 events"),
        ([1.0], [1, 0], "1 times and 2 events"),
        ([0.0, 2.0, -1.0], [1, 1, 1], "2 outcome values"),
        ([np.nan, np.inf], [1, 1], "2 outcome values"),
        ([1.0, None], [1, 1], "1 outcome values"),
        ([1.0, 2.0], [2, 1], "1 outcome values"),
        ([1.0, 2.0], [np.nan, 1], "1 outcome values"),
        (["soon"], [1], "not numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_count_and_no_value(time, event, said) -> None:
    with pytest.raises(InputError) as refused:
        read_outcomes(time, event)

    assert said in refused.value.sentence("en")
    with speaking("ko"):
        assert "필요한 내용" in str(refused.value)


def test_watching_that_ends_at_the_horizon_keeps_an_event_on_it() -> None:
    found = Outcomes(np.array([1.0, 5.0, 9.0]), np.array([True, True, True])).before(5.0)

    assert found.time.tolist() == [1.0, 5.0, 5.0]
    assert found.event.tolist() == [True, True, False]
