"""Which commands does prognosis have? Reading a hospital's record."""

from __future__ import annotations

from madang.prognosis.cli import read_fhir
from madang.prognosis.cli.group import prognosis

MODULES = (read_fhir,)
"""Each has put its command on the group."""

__all__ = ["MODULES", "prognosis"]
