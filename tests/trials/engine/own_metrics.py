"""Metrics as an agency would write them, and as nobody should."""

from __future__ import annotations

from typing import Any

from madang.trials.engine.own_metric import OwnMetric
from tests.trials.acts import LINE_DEMAND

LATE = """
import numpy as np

RATE = 2

def cost(error):
    return np.where(error > 0, RATE * error, -error)

def metric(outcomes, answers):
    "Too low costs double."
    return cost(outcomes["y"] - answers[:, 0])
"""
ROOT = """
import numpy as np

def metric(outcomes, answers):
    return np.sqrt(np.mean((outcomes["y"] - answers[:, 0]) ** 2))
"""


def plain(source: str = LATE, **changes: Any) -> dict[str, Any]:
    """A demand's `own_metric`, reviewed as it stands unless told otherwise."""
    declared: dict[str, Any] = {
        "name": "late",
        "title": {"ko": "늦은 만큼의 비용", "en": "Cost of being late"},
        "direction": "lower",
        "per": "case",
        "bounds": {"lowest": 0, "highest": 1000},
        "unit": "won",
        "decimals": 3,
        "source": source,
        **changes,
    }
    if "reviewed" not in declared:
        digest = OwnMetric.from_plain(declared).digest
        declared["reviewed"] = {"by": "김검토", "digest": digest}
    return {name: value for name, value in declared.items() if value is not None}


def own(source: str = LATE, **changes: Any) -> OwnMetric:
    """The metric itself."""
    return OwnMetric.from_plain(plain(source, **changes))


def demand_with(source: str = LATE, *, text: str = LINE_DEMAND, **changes: Any) -> str:
    """The line demand, decided by such a metric."""
    import json

    declared = json.dumps(plain(source, **changes), ensure_ascii=False)
    return text.replace("metric: absolute_loss", "metric: own.late") + f"own_metric: {declared}\n"
