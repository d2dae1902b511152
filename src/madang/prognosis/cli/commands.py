"""Which commands does prognosis have? Fitting a model, asking it, and proving it."""

from __future__ import annotations

from madang.prognosis.cli import fit, predict, validate
from madang.prognosis.cli.group import prognosis

MODULES = (fit, predict, validate)
"""Each has put its command on the group."""

__all__ = ["MODULES", "prognosis"]
