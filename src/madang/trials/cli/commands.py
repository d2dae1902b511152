"""Which commands do the trials have? Those in a workspace, then those at a site alone."""

from __future__ import annotations

from madang.trials.cli import acts, afar
from madang.trials.cli.group import trials

MODULES = (acts, afar)
"""Each has put its commands on the group."""

__all__ = ["MODULES", "trials"]
