"""What does the board show? One row a team with its best released score, beside the baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.words import Words, words
from madang.trials.web.models import BoardRow, Submission

if TYPE_CHECKING:
    from madang.trials.web.models import Demand


class Scored(NamedTuple):
    """The metric by which a demand decides, as its registration fixed it."""

    title: Words
    lower_is_better: bool
    unit: str
    decimals: int

    def is_better(self, first: float, second: float) -> bool:
        """Whether the first score is better than the second."""
        return first < second if self.lower_is_better else first > second


def metric(demand: Demand, name: str = "") -> Scored:
    """A metric of a sealed demand; the one that decides where none is named."""
    name = name or demand.metric
    for each in demand.registration.get("metrics", []):
        if each["name"] == name:
            return Scored(
                words(each["ko"], each["en"]),
                each["direction"] == "lower",
                each["unit"],
                each["decimals"],
            )
    return Scored(words(name, name), True, "", 3)


def released(demand: Demand, submission: Submission) -> None:
    """Note what the board was allowed to say of a submission; within the demand's lock."""
    release: dict[str, Any] = submission.release or {}
    row = BoardRow.objects.filter(team=submission.team_id).first()
    if release.get("improved"):
        low, high = release.get("interval") or (None, None)
        shown = release["shown"]
        # Two runs may be settled in another order than they were released in.
        if row is None or metric(demand).is_better(shown, row.shown):
            row = row or BoardRow(demand=demand, team_id=submission.team_id)
            row.submission, row.shown, row.low, row.high = submission, shown, low, high
    if row is not None:
        row.releases = Submission.objects.filter(
            team=submission.team_id, release__isnull=False
        ).count()
        row.save()
