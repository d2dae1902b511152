"""Which commands does the system have? The group, with the modules that put commands on it."""

from __future__ import annotations

from madang.rpki.cli import demo, drill, routes
from madang.rpki.cli.group import rpki

MODULES = (demo, routes, drill)
"""Each has put its commands on the group."""

__all__ = ["MODULES", "rpki"]
