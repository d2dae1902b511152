"""What do evaluators say of the solutions, and how far do they agree?

An evaluator declares for each team whether there is a conflict of interest, and scores only teams
without one. Nobody sees another's scores before the scoring has ended. What the panel says stands
beside the measured part; see `madang.trials.engine.rubric` for when the two may be mixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from madang.kernel.stats.agreement import krippendorff_alpha
from madang.kernel.words import words
from madang.trials.engine.errors import RubricError
from madang.trials.engine.record import Record
from madang.trials.engine.rubric import Criterion, Rubric


@dataclass(frozen=True, kw_only=True)
class Declaration(Record):
    """What an evaluator declares about one team before scoring it."""

    evaluator: str
    team: str
    conflicted: bool
    at: datetime
    reason: str = ""
    """Of what kind the conflict is; the public sees only that there is one."""


@dataclass(frozen=True, kw_only=True)
class Sheet(Record):
    """One evaluator's scores of one team."""

    evaluator: str
    team: str
    levels: Mapping[str, int]
    """Criterion → level."""
    at: datetime
    remarks: Mapping[str, str] = field(default_factory=dict)


class Spread(NamedTuple):
    """What the panel gave one team in one criterion, in the criterion's own levels."""

    criterion: str
    centre: float
    lowest: int
    highest: int
    levels: tuple[int, ...]
    """All scores, sorted, so that no evaluator is known by the order."""


class Standing(NamedTuple):
    """The panel's part of one team."""

    team: str
    points: float | None
    """0 to 100; None while fewer evaluators than the rubric asks for have scored."""
    lowest: float | None
    """The whole of the evaluator who gave least, and of the one who gave most."""
    highest: float | None
    spreads: tuple[Spread, ...]
    evaluators: int
    conflicted: int
    """Evaluators who stood aside."""


@dataclass(frozen=True, kw_only=True)
class Panel(Record):
    """The evaluators of one demand and what they have handed in."""

    rubric: Rubric
    evaluators: tuple[str, ...]
    teams: tuple[str, ...]
    declarations: tuple[Declaration, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    """The valid sheet of each evaluator and team; a later one replaces the earlier."""
    closed: datetime | None = None
    """When scoring ended; from then on all is shown and nothing changes."""

    def appoint(self, evaluator: str) -> Panel:
        """One more evaluator; nothing changes if appointed before.

        Raises:
            RubricError: Scoring has ended.
        """
        if self.closed:
            raise _closed()
        known = evaluator in self.evaluators
        return self if known else replace(self, evaluators=(*self.evaluators, evaluator))

    def declare(self, declaration: Declaration) -> Panel:
        """Note a declaration; a later one replaces the earlier, and a conflict voids the scores.

        Raises:
            RubricError: Scoring has ended, or the evaluator or the team is unknown.
        """
        self._require_open(declaration.evaluator, declaration.team)
        of = (declaration.evaluator, declaration.team)
        sheets = self.sheets
        if declaration.conflicted:
            sheets = tuple(sheet for sheet in sheets if (sheet.evaluator, sheet.team) != of)
        kept = [each for each in self.declarations if (each.evaluator, each.team) != of]
        return replace(self, declarations=(*kept, declaration), sheets=sheets)

    def score(self, sheet: Sheet) -> Panel:
        """Take in a sheet.

        Raises:
            RubricError: Not declared or conflicted, scoring has ended, or the levels do not
                follow the rubric.
        """
        self._require_open(sheet.evaluator, sheet.team)
        declared = self._declared(sheet.evaluator, sheet.team)
        if declared is None or declared.conflicted:
            raise RubricError(
                words(
                    "이해충돌이 있는 위원의 채점" if declared else "이해충돌을 신고하기 전의 채점",
                    "a score by an evaluator with a conflict of interest"
                    if declared
                    else "a score before the declaration of interests",
                ),
                words(
                    "이 팀과 이해충돌이 없다고 신고한 위원",
                    "an evaluator who declared to have no conflict with this team",
                ),
            )
        self._check_levels(sheet)
        of = (sheet.evaluator, sheet.team)
        kept = [each for each in self.sheets if (each.evaluator, each.team) != of]
        return replace(self, sheets=(*kept, sheet))

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """Evaluator and team for whom a declaration or a sheet is still to come."""
        scored = {(sheet.evaluator, sheet.team) for sheet in self.sheets}
        aside = {(d.evaluator, d.team) for d in self.declarations if d.conflicted}
        asked = [(e, team) for team in self.teams for e in self.evaluators]
        return tuple(each for each in asked if each not in scored | aside)

    def close(self, *, at: datetime) -> Panel:
        """End the scoring.

        Raises:
            RubricError: A sheet is missing, or a team has too few evaluators without a conflict.
        """
        if self.closed:
            raise _closed()
        if self.missing:
            evaluator, team = self.missing[0]
            raise RubricError(
                words(
                    f"{len(self.missing)}건의 빠진 채점({evaluator}, {team} 등)",
                    f"{len(self.missing)} sheets missing ({evaluator} on {team} among them)",
                ),
                words("모든 위원의 신고와 채점", "a declaration and a sheet of every evaluator"),
            )
        for team in self.teams:
            scored = sum(sheet.team == team for sheet in self.sheets)
            if scored < self.rubric.fewest:
                raise RubricError(
                    words(f"팀 {team}을(를) 채점한 위원 {scored}명", f"{scored} sheets on {team}"),
                    words(f"{self.rubric.fewest}명 이상", f"at least {self.rubric.fewest}"),
                    words(
                        "이해충돌이 없는 위원을 더 위촉하십시오.",
                        "Appoint more evaluators without a conflict.",
                    ),
                )
        return replace(self, closed=at)

    def visible_to(self, evaluator: str) -> tuple[Sheet, ...]:
        """An evaluator sees the own sheets alone until scoring has ended, then all."""
        return tuple(s for s in self.sheets if self.closed or s.evaluator == evaluator)

    def standings(self) -> tuple[Standing, ...]:
        """The panel's part of every team, in the order of the teams: no ranking."""
        return tuple(self._standing(team) for team in self.teams)

    def agreement(self) -> dict[str, float | None]:
        """Krippendorff's alpha (ordinal) by criterion over all teams; None where undefined."""
        return {
            criterion.name: krippendorff_alpha(
                [
                    [sheet.levels[criterion.name] for sheet in self.sheets if sheet.team == team]
                    for team in self.teams
                ],
                scale="ordinal",
            )
            for criterion in self.rubric.criteria
        }

    def mixed(self, team: str, measured: float) -> float | None:
        """Measured and judged parts as one number; None where none was declared or it is early.

        Args:
            team: Whose.
            measured: The demand's metric on the final part, as published.
        """
        points = self._standing(team).points
        mixture = self.rubric.mixture
        return None if mixture is None or points is None else mixture.mixed(measured, points)

    def _standing(self, team: str) -> Standing:
        sheets = [sheet for sheet in self.sheets if sheet.team == team]
        aside = sum(d.conflicted for d in self.declarations if d.team == team)
        spreads = [self._spread(c, sheets) for c in self.rubric.criteria] if sheets else []
        if len(sheets) < self.rubric.fewest:
            return Standing(team, None, None, None, tuple(spreads), len(sheets), aside)
        by_name = {criterion.name: criterion for criterion in self.rubric.criteria}
        whole = self.rubric.judged(
            {s.criterion: by_name[s.criterion].points(s.centre) for s in spreads}
        )
        each = [
            self.rubric.judged({c.name: c.points(sheet.levels[c.name]) for c in by_name.values()})
            for sheet in sheets
        ]
        return Standing(team, whole, min(each), max(each), tuple(spreads), len(sheets), aside)

    def _spread(self, criterion: Criterion, sheets: Sequence[Sheet]) -> Spread:
        levels = sorted(sheet.levels[criterion.name] for sheet in sheets)
        centre = self.rubric.centre(levels)
        return Spread(criterion.name, centre, levels[0], levels[-1], tuple(levels))

    def _declared(self, evaluator: str, team: str) -> Declaration | None:
        found = [d for d in self.declarations if (d.evaluator, d.team) == (evaluator, team)]
        return found[-1] if found else None

    def _require_open(self, evaluator: str, team: str) -> None:
        if self.closed:
            raise _closed()
        if evaluator not in self.evaluators or team not in self.teams:
            raise RubricError(
                words(
                    f"위원 {evaluator!r}, 팀 {team!r}", f"evaluator {evaluator!r}, team {team!r}"
                ),
                words(
                    "이 수요에 위촉된 위원과 제출한 팀",
                    "an appointed evaluator, a team that submitted",
                ),
            )

    def _check_levels(self, sheet: Sheet) -> None:
        wanted = {c.name: {anchor.level for anchor in c.anchors} for c in self.rubric.criteria}
        if set(sheet.levels) != set(wanted):
            raise RubricError(
                words(
                    "빠지거나 모르는 기준이 있는 채점", "a sheet with criteria missing or unknown"
                ),
                words(f"기준 {', '.join(wanted)}", f"the criteria {', '.join(wanted)}"),
            )
        for name, level in sheet.levels.items():
            if level not in wanted[name]:
                known = ", ".join(str(each) for each in sorted(wanted[name]))
                raise RubricError(
                    words(f"기준 {name}의 점수 {level}", f"level {level} in {name}"),
                    words(f"{known} 가운데 하나", f"one of {known}"),
                )


def _closed() -> RubricError:
    return RubricError(
        words("끝난 채점의 변경", "a change after scoring has ended"),
        words("채점이 끝나기 전의 제출", "what comes before the end"),
    )
