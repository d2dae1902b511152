"""Could this demand be registered with this table, and what would its trial then show?

Nothing is registered, kept or sealed. Runs inside the scorer's process, since no other reads the
agency's table; what it finds are counts, scores and sentences, never a value of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import Words, words
from madang.trials.engine import intake
from madang.trials.engine.contradictions import places
from madang.trials.engine.demand_text import check_metrics, examine
from madang.trials.engine.errors import DemandError
from madang.trials.engine.metric_proof import prove_on
from madang.trials.engine.preview import preview
from madang.trials.engine.schema import Fault
from madang.trials.engine.scoring import Scale, hidden_cells
from madang.trials.engine.survey import Survey, survey
from madang.trials.engine.trivial import OpenBaselines

if TYPE_CHECKING:
    import polars as pl

    from madang.kernel.trial import Leak, Metric, Part
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.wheels import Shelf

MOST_FINDINGS = 100
_ASIDE = ("own_metric.reviewed", "environment.wheels", "phases", "rubric")
"""Places whose faults say nothing of the table: the rest is looked at all the same."""
PLAYED = 100
"""Cases of a replay that its baselines play for a draft."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence about the draft, and where it belongs."""

    weight: Literal["error", "warning"]
    """An error forbids registration; a warning asks for a look."""
    place: str = ""
    """In the demand, such as `data.inputs.2.kind`; empty for the whole or for the table."""
    column: str = ""
    text: Words

    def plain(self) -> dict[str, str]:
        """As JSON."""
        return {
            "weight": self.weight,
            "place": self.place,
            "column": self.column,
            "ko": self.text.ko,
            "en": self.text.en,
        }


@dataclass(kw_only=True)
class DraftFindings:
    """What is known of a draft; later facts are empty where an earlier one forbids them."""

    demand: Demand | None = None
    findings: list[Finding] = field(default_factory=list)
    survey: Survey = field(default_factory=Survey)
    leaks: tuple[Leak, ...] = ()
    sizes: dict[Part, int] = field(default_factory=dict)
    overlap: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    baselines: list[dict[str, Any]] = field(default_factory=list)
    """The trivial baselines' titles and scores on the open sample."""
    difference: float | None = None
    """Smallest difference by the decision's metric that the final part shows (80 % power)."""
    cells: list[dict[str, Any]] = field(default_factory=list)
    """Subgroup columns, with how many of their cells the report would have to hide."""
    complete: bool = False
    """Was the table there, and everything looked at?"""

    @property
    def registrable(self) -> bool:
        """Would it be registered, once its leaks are accepted?"""
        return self.complete and not self.forbidden

    @property
    def forbidden(self) -> bool:
        """Does a finding forbid registration?"""
        return any(each.weight == "error" for each in self.findings)

    @property
    def stopped(self) -> bool:
        """Does a finding make it idle to try what a registration would do?"""
        return any(
            each.weight == "error" and not each.place.startswith(_ASIDE) for each in self.findings
        )

    @property
    def paragraphs(self) -> list[Words]:
        """The demand as a citizen reads it."""
        if self.demand is None or any(
            each.place in ("phases", "rubric") for each in self.findings
        ):
            return []
        return preview(
            self.demand, sizes=self.sizes, metrics=self.metrics, difference=self.difference
        )

    def note(self, *faults: Fault) -> None:
        """Add what forbids registration."""
        columns = {place: c.name for place, c in places(self.demand)} if self.demand else {}
        for place, error in faults:
            text = words(error.sentence("ko"), error.sentence("en"))
            column = columns.get(place.removesuffix(".name").removesuffix(".levels"), "")
            self.findings.append(Finding(weight="error", place=place, column=column, text=text))

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        demand = self.demand
        return {
            "demand": demand.name if demand else "",
            "digest": demand.digest if demand else "",
            "registrable": self.registrable,
            "findings": [each.plain() for each in self.findings[:MOST_FINDINGS]],
            "left_off": max(0, len(self.findings) - MOST_FINDINGS),
            "rows": self.survey.rows,
            "columns": [each.plain() for each in self.survey.columns],
            "leaks": [intake.leak_facts(each) for each in self.leaks],
            "sizes": self.sizes,
            "overlap": self.overlap,
            "metrics": [vars(each) for each in self.metrics],
            "baselines": self.baselines,
            "detectable_difference": self.difference,
            "subgroups": self.cells,
            "preview": [{"ko": each.ko, "en": each.en} for each in self.paragraphs],
        }


def check(
    text: str, *, table: str = "", called: str = "", shelf: Shelf | None = None
) -> DraftFindings:
    """Look at a draft and, where there is one, at its table.

    Args:
        text: The demand's YAML, as far as it is written.
        table: Path of the agency's CSV or Parquet file; empty to look at the text alone.
        called: What its owner calls the file, where the path does not say.
        shelf: Where the wheels of the workspace lie.
    """
    examined = examine(text.encode("utf-8", "surrogatepass"))
    found = DraftFindings(demand=examined.demand)
    found.note(*examined.faults)
    if shelf and found.demand and found.demand.wheels:
        found.note(*shelf.faults(found.demand.wheels))
    if table:
        _look_at(found, Path(table), called)
    return found


def _look_at(found: DraftFindings, path: Path, called: str) -> None:
    try:
        content = intake.table_bytes(path)
    except DemandError as error:
        found.note(Fault("data", error))
        return
    seen = found.survey = survey(content, name=called or path.name, demand=found.demand)
    found.note(*seen.faults)
    found.findings += [
        Finding(weight="warning", column=column, text=text) for column, text in seen.doubts
    ]
    if found.demand and seen.table is not None and not found.stopped:
        _foresee(_Foreseen(found=found, demand=found.demand, cases=seen.table))


@dataclass(kw_only=True)
class _Foreseen:
    """A registration that stops before anything is written."""

    found: DraftFindings
    demand: Demand
    cases: pl.DataFrame
    dealt: intake.Dealt = field(init=False)
    scale: Scale = field(init=False)

    def outcomes(self) -> None:
        outcomes = self.cases.select([column.name for column in self.demand.outcomes])
        self.demand.task.check_outcomes(outcomes, options=self.demand.options)

    def leaks(self) -> None:
        self.found.leaks = intake.find_leaks(self.demand, self.cases)

    def parts(self) -> None:
        self.dealt = intake.deal(self.demand, self.cases)
        self.found.sizes = {part: table.height for part, table in self.dealt.inputs.items()}
        self.found.overlap = intake.overlap(self.dealt)

    def metrics(self) -> None:
        inputs, outcomes = intake.open_sample(self.dealt)
        task, options = self.demand.task, self.demand.options
        frame = task.frame(inputs, outcomes, options=options)
        self.scale = Scale.of(self.demand, frame)
        self.found.metrics = tuple(self.scale.metrics.values())

    def decision(self) -> None:
        check_metrics(self.demand, self.scale.metrics)

    def own_metric(self) -> None:
        prove_on(self.demand, self.scale, self.dealt, ["open"])

    def prospects(self) -> None:
        inputs, outcomes = intake.open_sample(self.dealt)
        if self.demand.task.kind == "replay":
            inputs, outcomes = inputs.head(PLAYED), outcomes.head(PLAYED)
        baselines = OpenBaselines(self.scale, inputs, outcomes)
        self.found.baselines = baselines.scores()
        self.found.difference = intake.foreseen_difference(self.demand, baselines, self.dealt)
        self.found.cells = [
            _cells(self.demand, self.dealt.inputs["final"][column])
            for column in self.demand.subgroups
        ]


def _foresee(foreseen: _Foreseen) -> None:
    steps = (
        ("data.outcomes", foreseen.outcomes),
        ("data.inputs", foreseen.leaks),
        ("parts", foreseen.parts),
        ("task.options", foreseen.metrics),
        ("decision", foreseen.decision),
        ("own_metric", foreseen.own_metric),
        ("decision.baseline", foreseen.prospects),
    )
    for place, step in steps:
        try:
            step()
        except (InputError, Unavailable) as error:  # a metric of its own needs a jail
            foreseen.found.note(Fault(place, error))
            return
    foreseen.found.complete = True


def _cells(demand: Demand, labels: pl.Series) -> dict[str, Any]:
    counts = dict(labels.cast(str).fill_null("").value_counts().iter_rows())
    hidden = hidden_cells(counts, demand.minimum_cell)
    return {"column": labels.name, "cells": len(counts), "hidden": len(hidden)}
