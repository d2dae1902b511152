"""Which commands does the programme have? Those that look, then those that act."""

from __future__ import annotations

from madang.programme.cli import acts, looks
from madang.programme.cli.group import programme

MODULES = (looks, acts)
"""Each has put its commands on the group."""

__all__ = ["MODULES", "programme"]
