"""Missing values are noticed when they grow, and not before."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.watch.inputs import Inputs, Missing

ALPHA = 0.05


def alarms(true: float, normal: float, runs: int = 400, looks: int = 300) -> tuple[float, float]:
    """Share of runs with an alarm, and after how many patients at the median."""
    rng = np.random.default_rng(5)
    after = []
    for _ in range(runs):
        column = Missing(normal=normal)
        for _ in range(looks):
            column = column.after(1, int(rng.random() < true))
            if column.log_evidence >= -np.log(ALPHA):
                after.append(column.seen)
                break
    return len(after) / runs, float(np.median(after)) if after else np.inf


def test_what_is_normal_rarely_alarms() -> None:
    for true in (0.15, 0.10, 0.02):
        assert alarms(true, 0.15)[0] <= ALPHA + 3 * (ALPHA * (1 - ALPHA) / 400) ** 0.5


def test_more_is_found_soon() -> None:
    share, after = alarms(0.5, 0.15)

    assert share == 1.0
    assert after <= 25


def test_columns_are_those_of_the_model() -> None:
    inputs = Inputs.of({"bili": 0.1, "albumin": 0.0, "chol": 1.0})
    assert [round(each.normal, 3) for each in inputs.columns.values()] == [0.15, 0.05, 0.999]
    found = inputs.seen(10, {"bili": 3}).seen(10, {})

    assert found.columns["bili"].share == 0.15
    assert found.columns["albumin"].seen == 20
    assert inputs.columns["bili"].seen == 0
    for wrong in ({"bili": 11}, {"bili": -1}, {"other": 1}):
        with pytest.raises(InputError):
            inputs.seen(10, wrong)
