"""Which operations do the trials offer below `/api/v1/trials/`?"""

from __future__ import annotations

from ninja import Router

from madang.trials.web.api import (
    adoptions,
    decisions,
    demands,
    owners,
    questions,
    submissions,
    teams,
)

router = Router()
for _module in (demands, questions, teams, submissions, decisions, owners, adoptions):
    router.add_router("", _module.router)
