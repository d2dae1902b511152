"""Which commands does the system have? The group, with the modules that put commands on it."""

from __future__ import annotations

from madang.rpki.cli import (
    authorising,
    authority,
    ceremony,
    demo,
    drill,
    explain,
    kinship,
    routes,
    rtr,
    serve,
    validate,
)
from madang.rpki.cli.group import rpki

MODULES = (
    demo,
    validate,
    explain,
    serve,
    rtr,
    routes,
    drill,
    authority,
    authorising,
    ceremony,
    kinship,
)
"""Each has put its commands on the group."""

__all__ = ["MODULES", "rpki"]
