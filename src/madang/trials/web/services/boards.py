"""What does the board show? One row a team with its best released score, beside the baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Count, F, Q

from madang.kernel.report.charts import ForestRow, forest
from madang.kernel.report.document import Interval
from madang.kernel.report.written import interval
from madang.kernel.words import Words, language, words
from madang.trials.web.models import BoardRow, Submission
from madang.trials.web.services.pictures import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from madang.trials.web.models import Decision, Demand

DRAWN = 15
"""Teams in the picture; the table has them all."""


class Scored(NamedTuple):
    """A metric of a demand, as its registration fixed it."""

    title: Words
    lower_is_better: bool
    unit: str
    decimals: int

    def is_better(self, first: float, second: float) -> bool:
        """Whether the first score is better than the second."""
        return first < second if self.lower_is_better else first > second

    def written(self, value: float) -> str:
        """A score with its unit."""
        return f"{value:.{self.decimals}f} {self.unit}".rstrip()

    def between(self, low: float | None, high: float | None) -> str:
        """An interval; empty where there is none."""
        if low is None or high is None:
            return ""
        return interval(Interval(low, high), language(), decimals=self.decimals)

    @property
    def direction(self) -> Words:
        """Which way is better, in words."""
        if self.lower_is_better:
            return words("낮을수록 좋음", "lower is better")
        return words("높을수록 좋음", "higher is better")


class Row(NamedTuple):
    """One line of the board."""

    rank: int | None
    """None for a baseline."""
    title: Words | str
    solution: Words | str
    shown: float
    low: float | None
    high: float | None
    releases: int | None


def metric(demand: Demand, name: str = "") -> Scored:
    """A metric of a sealed demand; the one that decides where none is named."""
    name = name or demand.metric
    for each in demand.registration.get("metrics", []):
        if each["name"] == name:
            decimals = min(3, each["decimals"])
            title = words(each["ko"], each["en"])
            return Scored(title, each["direction"] == "lower", each["unit"], decimals)
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
            transaction.on_commit(lambda: draw(demand))
    if row is not None:
        row.releases = Submission.objects.filter(
            team=submission.team_id, release__isnull=False
        ).count()
        row.save()


def draw(demand: Demand) -> None:
    """Draw the board's picture in both languages, so that no page has to."""
    picture = board_picture(demand)
    if picture:
        picture.draw("ko")
        picture.draw("en")


def ranked(demand: Demand) -> QuerySet[BoardRow]:
    """The teams with a released score, best first."""
    best = F("shown").asc() if metric(demand).lower_is_better else F("shown").desc()
    rows = BoardRow.objects.filter(demand=demand).select_related("team", "submission")
    return rows.order_by(best, "pk")


def rows(found: Iterable[BoardRow], *, first: int = 1) -> list[Row]:
    """Lines of the board; `first` is the rank of the first of them."""
    return [
        Row(
            rank=rank,
            title=each.team.name,
            solution=each.submission.title,
            shown=each.shown,
            low=each.low,
            high=each.high,
            releases=each.releases,
        )
        for rank, each in enumerate(found, start=first)
    ]


def baselines(demand: Demand) -> list[Row]:
    """The trivial baselines on the board part, best first."""
    scored = metric(demand)
    found = [
        Row(None, words(each["ko"], each["en"]), "", each["shown"], None, None, None)
        for each in demand.baselines.values()
    ]
    return sorted(found, key=lambda row: row.shown if scored.lower_is_better else -row.shown)


def board_picture(demand: Demand) -> Picture | None:
    """The released scores beside the baselines; None while there is neither."""
    scored = metric(demand)
    shown = [*rows(ranked(demand)[:DRAWN]), *baselines(demand)]
    shown.sort(key=lambda row: row.shown if scored.lower_is_better else -row.shown)
    if not shown:
        return None
    reference = base(demand)
    return Picture(
        name=f"{demand.name}-board",
        numbers=[row._asdict() for row in shown],
        chart=lambda: forest(
            [_drawn(each) for each in shown],
            reference=reference,
            axis_title=_axis(scored),
            better="lower" if scored.lower_is_better else "higher",
            decimals=scored.decimals,
        ),
    )


def _drawn(row: Row) -> ForestRow:
    return ForestRow(
        label=row.title,
        estimate=row.shown,
        low=row.low,
        high=row.high,
        kind="baseline" if row.rank is None else "solution",
        note=row.solution,
    )


def _axis(scored: Scored) -> Words:
    unit = f" ({scored.unit})" if scored.unit else ""
    return words(f"{scored.title.ko}{unit}", f"{scored.title.en}{unit}")


def base(demand: Demand) -> float | None:
    """The score of the baseline that the rule names."""
    found = demand.baselines.get(demand.plain.get("decision", {}).get("baseline", ""))
    return None if found is None else float(found["shown"])


def clearly_better(demand: Demand) -> tuple[int, int]:
    """How many teams have a score, and of how many the interval lies on the better side."""
    found, bound = BoardRow.objects.filter(demand=demand), base(demand)
    if bound is None:
        return found.count(), 0
    side = "high__lt" if metric(demand).lower_is_better else "low__gt"
    told = found.aggregate(teams=Count("pk"), better=Count("pk", filter=Q(**{side: bound})))
    return told["teams"], told["better"]


def budget(demand: Demand) -> int:
    """As many bits as the board part has cases: fewer cannot tell every case's outcome."""
    sizes: dict[str, int] = demand.registration.get("sizes", {})
    return sizes.get("board", 0)


class Compared(NamedTuple):
    """One line of the final comparison."""

    rank: int
    name: str
    title: Words
    team: str
    is_baseline: bool
    is_adopted: bool
    score: float
    low: float
    high: float
    difference: float | None
    """From the baseline of the rule; below 0 is better. None for that baseline itself."""
    difference_low: float | None
    difference_high: float | None
    p: float | None


def compared(demand: Demand, decision: Decision) -> list[Compared]:
    """The final comparison, best first."""
    primary = decision.comparison["primary"]
    scored = metric(demand)
    names = list(primary["scores"])
    known = _entries(demand, names)
    sign = 1 if scored.lower_is_better else -1
    names.sort(key=lambda name: (sign * primary["scores"][name]["estimate"], name))
    found = []
    for rank, name in enumerate(names, start=1):
        score, against = primary["scores"][name], primary["against_baseline"].get(name)
        entry = known.get(name)
        found.append(
            Compared(
                rank=rank,
                name=name,
                title=entry.title if entry else _baseline_title(demand, name),
                team=entry.team.name if entry else "",
                is_baseline=entry is None,
                is_adopted=name == decision.facts["adopted"],
                score=score["estimate"],
                low=score["low"],
                high=score["high"],
                difference=against and against["difference"],
                difference_low=against and against["low"],
                difference_high=against and against["high"],
                p=against and against["p_adjusted"],
            )
        )
    return found


def _entries(demand: Demand, names: Sequence[str]) -> dict[str, Submission]:
    found = Submission.objects.filter(demand=demand, name__in=names, final_state="done")
    return {each.name: each for each in found.select_related("team")}


def _baseline_title(demand: Demand, name: str) -> Words:
    told = demand.baselines.get(name.removeprefix("baseline:"), {"ko": name, "en": name})
    return words(told["ko"], told["en"])


def final_picture(demand: Demand, shown: Sequence[Compared]) -> Picture | None:
    """Differences from the baseline with simultaneous intervals; None where there are none."""
    lines = [each for each in shown if each.difference is not None][: DRAWN + 5]
    if not lines:
        return None
    lines.sort(key=lambda row: row.difference or 0.0)
    return Picture(
        name=f"{demand.name}-final",
        numbers=[row._asdict() for row in lines],
        chart=lambda: forest(
            [
                ForestRow(
                    label=each.title,
                    estimate=each.difference,
                    low=each.difference_low,
                    high=each.difference_high,
                    kind="baseline" if each.is_baseline else "solution",
                    note=each.team,
                )
                for each in lines
            ],
            reference=0.0,
            better="lower",
            decimals=metric(demand).decimals,
            axis_title=words("기준과의 손실 차이", "Difference of loss from the baseline"),
        ),
    )
