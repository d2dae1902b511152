"""What was found in a closed trial, in the form in which every page of its report tells it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import Interval, Table, TableColumn
from madang.kernel.words import Words, words
from madang.trials.engine.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.jobs.record import JobRun
    from madang.trials.engine.decision import Decision
    from madang.trials.engine.scoring import Scale
    from madang.trials.engine.submission import Submission
    from madang.trials.engine.workspace import DemandFolder, Workspace

BASELINE = "baseline:"
PART_WORDS = {
    "open": words("공개 표본", "open sample"),
    "develop": words("개발 자료", "development part"),
    "board": words("순위판 자료", "board part"),
    "final": words("최종 비교 자료", "final part"),
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The facts of a closed trial, and the document that tells them."""

    folder: DemandFolder
    comparison: Mapping[str, Any]
    decision: Decision
    submissions: Sequence[Submission]
    runs: Sequence[JobRun]
    board: Sequence[Mapping[str, Any]]
    bits: float
    closed: str
    panel: Mapping[str, Any] = field(default_factory=dict)
    """What evaluators said beside the measured part: `rows` and `agreement`; empty without."""

    def plain(self) -> dict[str, Any]:
        """As JSON, for a worker that renders it."""
        return {
            "demand": self.folder.name,
            "comparison": dict(self.comparison),
            "decision": self.decision.plain(),
            "submissions": [each.plain() for each in self.submissions],
            "runs": [vars(each) for each in self.runs],
            "board": [dict(each) for each in self.board],
            "bits": self.bits,
            "closed": self.closed,
            "panel": dict(self.panel),
        }

    @classmethod
    def from_plain(cls, workspace: Workspace, plain: Mapping[str, Any]) -> Paper:
        """From what `plain` gave."""
        from madang.kernel.jobs.record import JobRun
        from madang.trials.engine.decision import Decision
        from madang.trials.engine.submission import Submission

        return cls(
            folder=workspace.demand_folder(plain["demand"]),
            comparison=plain["comparison"],
            decision=Decision.from_plain(plain["decision"]),
            submissions=[Submission.from_plain(each) for each in plain["submissions"]],
            runs=[JobRun(**each) for each in plain["runs"]],
            board=plain["board"],
            bits=plain["bits"],
            closed=plain["closed"],
            panel=plain["panel"],
        )

    @cached_property
    def titles(self) -> dict[str, Words]:
        """Solution or baseline → its title."""
        scale = self.folder.scale
        titles = {
            BASELINE + each.name: words(f"기준: {each.title_ko}", f"Baseline: {each.title_en}")
            for each in scale.task.baselines(options=scale.options)
        }
        return titles | {each.name: each.title for each in self.submissions}

    @cached_property
    def ranking(self) -> list[str]:
        """Everything that was compared, best first."""
        scores, sign = self.comparison["primary"]["scores"], self.scale.sign(self.metric)
        return sorted(scores, key=lambda name: (sign * scores[name]["estimate"], name))

    @property
    def scale(self) -> Scale:
        """The demand's task with its options and frame."""
        return self.folder.scale

    @property
    def metric(self) -> str:
        """The decision's metric."""
        return self.folder.demand.decision.metric

    def metric_title(self, name: str) -> Words:
        """A metric's title, with which way is better."""
        metric = self.scale.metrics[name]
        arrow = words("낮을수록 좋음", "lower is better")
        if metric.direction == "higher":
            arrow = words("높을수록 좋음", "higher is better")
        return words(f"{metric.title_ko} ({arrow.ko})", f"{metric.title_en} ({arrow.en})")

    def failures(self) -> list[tuple[Submission, Cause]]:
        """Runs that failed, with their causes."""
        by_id = {each.id: each for each in self.submissions}
        return [
            (by_id[run.parameters["submission"]], Cause(run.cause))
            for run in self.runs
            if run.state == "failed"
        ]

    def difference_table(
        self, caption: Words, rows: Sequence[tuple[Words, Mapping[str, Any]]]
    ) -> Table:
        """Differences with simultaneous intervals and adjusted p values."""
        decimals = self.scale.metrics[self.metric].decimals
        return Table(
            caption=caption,
            columns=(
                TableColumn(title=words("비교", "Comparison")),
                TableColumn(
                    title=words("차이", "Difference"),
                    kind="number",
                    decimals=decimals,
                    signed=True,
                ),
                TableColumn(
                    title=words("동시 구간", "Simultaneous interval"),
                    kind="interval",
                    decimals=decimals,
                ),
                TableColumn(title=words("보정 p", "Adjusted p"), kind="number", decimals=4),
            ),
            rows=tuple(
                (label, row["difference"], Interval(row["low"], row["high"]), row["p_adjusted"])
                for label, row in rows
            ),
        )


def bare(title: Words) -> Words:
    """A baseline's title without the word in front."""
    return words(title.ko.removeprefix("기준: "), title.en.removeprefix("Baseline: "))
