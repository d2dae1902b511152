"""What does the report of a closed trial say? One page first, then every figure behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from madang.kernel.report.charts import ForestRow, forest
from madang.kernel.report.document import (
    Callout,
    Document,
    Fact,
    Figure,
    Interval,
    Table,
    TableColumn,
)
from madang.kernel.words import Words, words
from madang.trials.engine.appendix import BASELINE, PART_WORDS, appendix, bare
from madang.trials.engine.cause import Cause
from madang.trials.engine.decision import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.jobs.record import JobRun
    from madang.kernel.report.document import Cell
    from madang.trials.engine.decision import Decision
    from madang.trials.engine.scoring import Scale
    from madang.trials.engine.submission import Submission
    from madang.trials.engine.workspace import DemandFolder

_TIERS = {
    "predictions": words("예측 파일", "predictions file"),
    "onnx": words("ONNX 모델", "ONNX model"),
    "python": words("Python 소스", "Python source"),
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

    def document(self) -> Document:
        """The whole report."""
        demand = self.folder.demand
        return Document(
            title=words(f"{demand.title.ko}: 봉인 실증 결과", f"{demand.title.en}: sealed trial"),
            subtitle=words(
                f"{demand.ministry.ko} · {self.closed[:10]} 판정",
                f"{demand.ministry.en} · decided on {self.closed[:10]}",
            ),
            facts=self._first_facts(),
            summary=(self._verdict(), self.ranking_table(), self._forest()),
            sections=appendix(self),
            footer=self._footer(),
        )

    def _first_facts(self) -> tuple[Fact, ...]:
        demand, sizes = self.folder.demand, self.folder.registration["sizes"]
        ko = ", ".join(f"{PART_WORDS[part].ko} {count}건" for part, count in sizes.items())
        en = ", ".join(f"{PART_WORDS[part].en} {count}" for part, count in sizes.items())
        return (
            Fact(label=words("수요", "Demand"), value=demand.problem),
            Fact(label=words("자료", "Data"), value=demand.source),
            Fact(label=words("사례 수", "Cases"), value=words(ko, en)),
        )

    def _verdict(self) -> Callout:
        rule = self.folder.demand.decision
        adopted = self.decision.adopted is not None
        return Callout(
            kind="finding" if adopted else "warning",
            title=words("판정", "Decision"),
            text=sentence(self.decision, rule, self.titles),
        )

    def metric_title(self, name: str) -> Words:
        """A metric's title, with which way is better."""
        metric = self.scale.metrics[name]
        arrow = words("낮을수록 좋음", "lower is better")
        if metric.direction == "higher":
            arrow = words("높을수록 좋음", "higher is better")
        return words(f"{metric.title_ko} ({arrow.ko})", f"{metric.title_en} ({arrow.en})")

    def ranking_table(self) -> Table:
        """Everything compared, best first, with simultaneous intervals."""
        demand, scores = self.folder.demand, self.comparison["primary"]["scores"]
        firms = {each.name: each for each in self.submissions}
        decimals = self.scale.metrics[self.metric].decimals
        rows: list[tuple[Cell, ...]] = []
        for place, name in enumerate(self.ranking, start=1):
            score, entry = scores[name], firms.get(name)
            rows.append(
                (
                    float(place),
                    self.titles[name],
                    entry.firm if entry else "–",
                    _TIERS[entry.tier] if entry else words("기준", "baseline"),
                    score["estimate"],
                    Interval(score["low"], score["high"]),
                )
            )
        adopted = {i for i, name in enumerate(self.ranking) if name == self.decision.adopted}
        level = round(100 * (1 - demand.decision.alpha))
        return Table(
            caption=words(
                f"최종 비교 순위: 봉인 자료 {self.comparison['cases']}건",
                f"Ranking of the final comparison on {self.comparison['cases']} sealed cases",
            ),
            columns=(
                TableColumn(title=words("순위", "Rank"), kind="number", decimals=0),
                TableColumn(title=words("해법", "Solution")),
                TableColumn(title=words("기업", "Firm")),
                TableColumn(title=words("제출 단계", "Tier")),
                TableColumn(
                    title=self.metric_title(self.metric), kind="number", decimals=decimals
                ),
                TableColumn(
                    title=words(f"{level} % 동시 구간", f"{level} % simultaneous interval"),
                    kind="interval",
                    decimals=decimals,
                ),
            ),
            rows=tuple(rows),
            note=words(
                "동시 구간: 표의 모든 구간이 함께 맞을 확률이 이 수준 이상입니다. "
                "해법 사이의 우열은 아래의 짝지은 차이로 판단합니다.",
                "Simultaneous: all intervals of the table hold together at this level. "
                "Which solution is better is judged by the paired differences below.",
            ),
            highlighted=frozenset(adopted),
        )

    def _forest(self) -> Figure:
        against = self.comparison["primary"]["against_baseline"]
        order = sorted(against, key=lambda name: (against[name]["difference"], name))
        rows = [
            ForestRow(
                label=self.titles[name],
                estimate=against[name]["difference"],
                low=against[name]["low"],
                high=against[name]["high"],
                kind="baseline" if name.startswith(BASELINE) else "solution",
            )
            for name in order
        ]
        rows += [
            ForestRow(label=each.title, kind="failed", note=cause.words)
            for each, cause in self.failures()
        ]
        better = [name for name in order if against[name]["high"] < 0]
        base = self.titles[BASELINE + self.folder.demand.decision.baseline]
        decimals = self.scale.metrics[self.metric].decimals
        return Figure(
            title=words(
                f"해법 {len(better)}개가 {bare(base).ko}보다 확실히 낫습니다",
                f"{len(better)} solutions are surely better than {bare(base).en}",
            ),
            alt=words(
                "기준과의 차이와 동시 구간. " + self._told(order, against, "ko"),
                "Differences from the baseline with simultaneous intervals. "
                + self._told(order, against, "en"),
            ),
            drawing=forest(
                rows,
                reference=0.0,
                better="lower",
                decimals=decimals,
                axis_title=words(
                    "기준과의 손실 차이 (0보다 작으면 기준보다 나음)",
                    "Difference of loss from the baseline (below 0: better)",
                ),
            ),
            table=self.difference_table(
                words("기준과의 차이", "Differences from the baseline"),
                [(self.titles[name], against[name]) for name in order],
            ),
        )

    def _told(self, order: Sequence[str], against: Mapping[str, Any], language: Any) -> str:
        decimals = self.scale.metrics[self.metric].decimals
        return "; ".join(
            f"{self.titles[name].within(language)} {against[name]['difference']:.{decimals}f} "
            f"[{against[name]['low']:.{decimals}f}, {against[name]['high']:.{decimals}f}]"
            for name in order
        )

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

    def _footer(self) -> tuple[Fact, ...]:
        facts = self.folder.registration
        return (
            Fact(
                label=words("수요의 지문 (SHA-256)", "Digest of the demand (SHA-256)"),
                value=facts["digest"],
                kind="code",
            ),
            *(
                Fact(label=words(f"지문: {name}", f"Digest: {name}"), value=digest, kind="code")
                for name, digest in facts["commitments"].items()
            ),
        )
