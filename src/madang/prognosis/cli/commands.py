"""Which commands does prognosis have? Models fitted, asked and proved; records read."""

from __future__ import annotations

from madang.prognosis.cli import fit, predict, read_fhir, recalibrate, validate
from madang.prognosis.cli.group import prognosis

MODULES = (fit, predict, validate, recalibrate, read_fhir)
"""Each has put its command on the group."""

__all__ = ["MODULES", "prognosis"]
