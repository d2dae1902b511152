"""Which operations do the trials offer below `/api/v1/trials/`?"""

from __future__ import annotations

from madang.trials.web.api import (
    adoptions,
    decisions,
    demands,
    owners,
    questions,
    submissions,
    teams,
)
from madang.trials.web.api.router import router

MODULES = (demands, questions, teams, submissions, decisions, owners, adoptions)
"""In the order in which a reader needs them; each has put its operations on the router."""

__all__ = ["MODULES", "router"]
