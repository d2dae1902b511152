"""Which commands does the fund have? The demonstration, those that look, those that act."""

from __future__ import annotations

from madang.fund.cli import acts, demo, looks, plans, reports
from madang.fund.cli.group import fund

MODULES = (demo, acts, looks, reports, plans)
"""Each has put its commands on the group."""

__all__ = ["MODULES", "fund"]
"""`madang fund`: a fund's books in a folder."""
