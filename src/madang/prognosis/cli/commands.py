"""Which commands does prognosis have? Models fitted, asked and proved; records read."""

from __future__ import annotations

from madang.prognosis.cli import dossier, fit, predict, read_fhir, validate
from madang.prognosis.cli.group import prognosis

MODULES = (fit, predict, validate, dossier, read_fhir)
"""Each has put its command on the group."""

__all__ = ["MODULES", "prognosis"]
