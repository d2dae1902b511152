"""Why must an organisation stay? What it has under way in the trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from madang.kernel.words import Words, words
from madang.trials.web.models import Adoption, Demand, Submission

if TYPE_CHECKING:
    from madang.portal.models import Organisation

QUIET = ("draft", "ended", "withdrawn")
"""States of a demand in which nobody waits for its agency."""
SETTLED = (*QUIET, "final", "adopting", "live")
"""States in which nobody waits for who handed something in, the adopted one aside."""


def holds(organisation: Organisation) -> list[Words]:
    """Reasons why the organisation must stay; none where nothing of its is under way."""
    demands = Demand.objects.filter(Q(agency=organisation) | Q(ministry=organisation))
    submissions = Submission.objects.filter(company=organisation)
    adoptions = Adoption.objects.filter(Q(agency=organisation) | Q(company=organisation))
    counts = (
        (
            demands.exclude(state__in=QUIET).count(),
            words("진행 중인 수요 {n}건", "{n} demand(s) under way"),
        ),
        (
            submissions.exclude(demand__state__in=SETTLED).count(),
            words("심사 중인 제출 {n}건", "{n} submission(s) under way"),
        ),
        (
            adoptions.exclude(demand__state__in=QUIET).count(),
            words("진행 중인 도입 {n}건", "{n} adoption(s) under way"),
        ),
    )
    return [
        words(text.ko.format(n=count), text.en.format(n=count)) for count, text in counts if count
    ]
