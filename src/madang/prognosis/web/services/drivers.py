"""What moves a patient's risk, and by how much?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.prognosis.engine.chart import Chart
    from madang.prognosis.web import models


def of(row: models.Registered, chart: Chart, day: float) -> list[dict[str, Any]]:
    """Columns with what they add to the risk within the model's window, the largest first."""
    return []
