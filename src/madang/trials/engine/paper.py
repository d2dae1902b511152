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
    Facts,
    Figure,
    Interval,
    Paragraph,
    Section,
    Step,
    Steps,
    Table,
    TableColumn,
)
from madang.kernel.words import Words, words
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

BASELINE = "baseline:"
_TIERS = {
    "predictions": words("예측 파일", "predictions file"),
    "onnx": words("ONNX 모델", "ONNX model"),
    "python": words("Python 소스", "Python source"),
}
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
        scores, sign = self.comparison["primary"]["scores"], self._scale.sign(self._metric)
        return sorted(scores, key=lambda name: (sign * scores[name]["estimate"], name))

    @property
    def _scale(self) -> Scale:
        return self.folder.scale

    @property
    def _metric(self) -> str:
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
            sections=(
                self._differences(),
                self._other_scores(),
                self._endings(),
                self._board(),
                *self._subgroups(),
                self._rules(),
                self._again(),
            ),
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

    def _metric_title(self, name: str) -> Words:
        metric = self._scale.metrics[name]
        arrow = words("낮을수록 좋음", "lower is better")
        if metric.direction == "higher":
            arrow = words("높을수록 좋음", "higher is better")
        return words(f"{metric.title_ko} ({arrow.ko})", f"{metric.title_en} ({arrow.en})")

    def ranking_table(self) -> Table:
        """Everything compared, best first, with simultaneous intervals."""
        demand, scores = self.folder.demand, self.comparison["primary"]["scores"]
        firms = {each.name: each for each in self.submissions}
        decimals = self._scale.metrics[self._metric].decimals
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
                    title=self._metric_title(self._metric), kind="number", decimals=decimals
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
            for each, cause in self._failures()
        ]
        better = [name for name in order if against[name]["high"] < 0]
        base = self.titles[BASELINE + self.folder.demand.decision.baseline]
        decimals = self._scale.metrics[self._metric].decimals
        return Figure(
            title=words(
                f"해법 {len(better)}개가 {_bare(base).ko}보다 확실히 낫습니다",
                f"{len(better)} solutions are surely better than {_bare(base).en}",
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
            table=self._difference_table(
                words("기준과의 차이", "Differences from the baseline"),
                [(self.titles[name], against[name]) for name in order],
            ),
        )

    def _told(self, order: Sequence[str], against: Mapping[str, Any], language: Any) -> str:
        decimals = self._scale.metrics[self._metric].decimals
        return "; ".join(
            f"{self.titles[name].within(language)} {against[name]['difference']:.{decimals}f} "
            f"[{against[name]['low']:.{decimals}f}, {against[name]['high']:.{decimals}f}]"
            for name in order
        )

    def _failures(self) -> list[tuple[Submission, Cause]]:
        by_id = {each.id: each for each in self.submissions}
        return [
            (by_id[run.parameters["submission"]], Cause(run.cause))
            for run in self.runs
            if run.state == "failed"
        ]

    def _difference_table(
        self, caption: Words, rows: Sequence[tuple[Words, Mapping[str, Any]]]
    ) -> Table:
        decimals = self._scale.metrics[self._metric].decimals
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

    def _differences(self) -> Section:
        pairs = [
            (
                words(
                    f"{self.titles[p['first']].ko} − {self.titles[p['second']].ko}",
                    f"{self.titles[p['first']].en} − {self.titles[p['second']].en}",
                ),
                p,
            )
            for p in self.comparison["primary"]["pairs"]
        ]
        undecided = [p for _, p in pairs if p["low"] <= 0 <= p["high"]]
        return Section(
            title=words("해법끼리의 차이", "Differences between solutions"),
            blocks=(
                Paragraph(
                    words(
                        "같은 사례에서 짝지어 비교했습니다. 음수이면 앞의 해법이 낫습니다. "
                        f"{len(pairs)}쌍 가운데 {len(undecided)}쌍은 이 자료로 우열을 단정할 수 없습니다.",
                        "Compared in pairs on the same cases; below 0 the first is better. "
                        f"For {len(undecided)} of {len(pairs)} pairs these data do not tell which is better.",
                    )
                ),
                self._difference_table(words("모든 쌍의 차이", "Differences of all pairs"), pairs),
            ),
        )

    def _other_scores(self) -> Section:
        names = list(self._scale.metrics)
        everything = self.comparison["all"]
        return Section(
            title=words("다른 지표", "Other scores"),
            blocks=(
                Table(
                    caption=words("모든 지표의 점수", "Scores on every metric"),
                    columns=(
                        TableColumn(title=words("해법", "Solution")),
                        *(
                            TableColumn(
                                title=self._metric_title(name),
                                kind="number",
                                decimals=self._scale.metrics[name].decimals,
                            )
                            for name in names
                        ),
                    ),
                    rows=tuple(
                        (self.titles[each], *(everything[each][name] for name in names))
                        for each in self.ranking
                    ),
                ),
            ),
        )

    def _endings(self) -> Section:
        by_id = {each.id: each for each in self.submissions}
        rows: list[tuple[Cell, ...]] = []
        for run in self.runs:
            entry = by_id[run.parameters["submission"]]
            rows.append(
                (
                    entry.title,
                    PART_WORDS[run.parameters["part"]],
                    _state(run),
                    _cause(run),
                    float(run.attempt),
                )
            )
        failed = [(entry, cause) for entry, cause in self._failures() if cause.is_firms]
        blocks: list[Any] = [
            Table(
                caption=words("모든 실행의 끝", "How every run ended"),
                columns=(
                    TableColumn(title=words("해법", "Solution")),
                    TableColumn(title=words("자료", "Part")),
                    TableColumn(title=words("상태", "State")),
                    TableColumn(title=words("사유", "Cause")),
                    TableColumn(title=words("시도", "Attempts"), kind="number", decimals=0),
                ),
                rows=tuple(rows),
            )
        ]
        blocks += [self._contained(entry) for entry, cause in failed if cause == Cause.FORBIDDEN]
        return Section(title=words("실행 결과", "How the runs ended"), blocks=tuple(blocks))

    def _contained(self, entry: Submission) -> Callout:
        return Callout(
            kind="warning",
            title=words(f"격리됨: {entry.title.ko}", f"Contained: {entry.title.en}"),
            text=words(
                "이 해법은 금지된 동작을 시도하다가 격리 환경에서 멈췄습니다. 격리 환경에는 정답도, "
                "네트워크도, 다른 프로세스도 없으므로 얻은 것이 없습니다.",
                "This solution tried what the jail forbids and was stopped in it. The jail holds no "
                "outcomes, no network and no other process: it gained nothing.",
            ),
        )

    def _board(self) -> Section:
        decimals = self._scale.metrics[self._metric].decimals
        rows: list[tuple[Cell, ...]] = [
            (row["firm"], row["shown"], Interval(*row["interval"]), float(row["releases"]))
            for row in self.board
        ]
        note = words(
            f"순위판은 사다리(Ladder) 방식으로, 표준오차의 3–4배를 넘는 개선만 보여 줍니다. 이 실증에서 "
            f"봉인 밖으로 나간 정보는 모두 {self.bits:.1f}비트 이하입니다.",
            f"The board shows only improvements beyond three to four standard errors (the Ladder). "
            f"In this trial at most {self.bits:.1f} bits left the seal.",
        )
        blocks: tuple[Any, ...] = (Paragraph(note),)
        if rows:
            blocks += (
                Table(
                    caption=words("순위판에 공개된 점수", "Scores released on the board"),
                    columns=(
                        TableColumn(title=words("기업", "Firm")),
                        TableColumn(
                            title=self._metric_title(self._metric),
                            kind="number",
                            decimals=decimals - 1,
                        ),
                        TableColumn(
                            title=words("95 % 구간", "95 % interval"),
                            kind="interval",
                            decimals=decimals - 1,
                        ),
                        TableColumn(title=words("채점", "Scorings"), kind="number", decimals=0),
                    ),
                    rows=tuple(rows),
                ),
            )
        return Section(title=words("순위판", "The board"), blocks=blocks)

    def _subgroups(self) -> tuple[Section, ...]:
        rows = self.comparison["subgroups"]
        if not rows:
            return ()
        decimals = self._scale.metrics[self._metric].decimals
        table = Table(
            caption=words("하위집단별 점수", "Scores by subgroup"),
            columns=(
                TableColumn(title=words("하위집단", "Subgroup")),
                TableColumn(title=words("사례", "Cases"), kind="number", decimals=0),
                *(
                    TableColumn(title=self.titles[name], kind="number", decimals=decimals)
                    for name in self.ranking
                ),
            ),
            rows=tuple(self._subgroup_row(row) for row in rows),
            note=words(
                f"{self.folder.demand.minimum_cell}건 미만인 칸은 감춥니다.",
                f"Cells of fewer than {self.folder.demand.minimum_cell} cases are hidden.",
            ),
        )
        return (Section(title=words("하위집단", "Subgroups"), blocks=(table,)),)

    def _subgroup_row(self, row: Mapping[str, Any]) -> tuple[Cell, ...]:
        title = self.folder.demand.titles.get(row["column"], words(row["column"], row["column"]))
        label = words(f"{title.ko} {row['level']}", f"{title.en} {row['level']}")
        if row["hidden"]:
            return (label, None, *(None for _ in self.ranking))
        return (label, float(row["cases"]), *(row["scores"][name] for name in self.ranking))

    def _rules(self) -> Section:
        demand, facts = self.folder.demand, self.folder.registration
        rule = demand.decision
        kinds = {
            "superiority": words(
                "우월성: 구간 전체가 기준보다 나아야 함",
                "superiority: the whole interval is better than the baseline",
            ),
            "non_inferiority": words(
                "비열등성: 구간 전체가 허용 한계보다 나아야 함",
                "non-inferiority: the whole interval is within the margin",
            ),
        }
        difference = facts["detectable_difference"]
        listed = [
            Fact(label=words("규칙", "Rule"), value=kinds[rule.rule]),
            Fact(
                label=words("기준", "Baseline"), value=_bare(self.titles[BASELINE + rule.baseline])
            ),
            Fact(label=words("한계", "Margin"), value=f"{rule.margin:g}"),
            Fact(
                label=words("잘못 채택할 확률의 상한", "Chance of any wrong adoption, at most"),
                value=f"{rule.alpha:g}",
            ),
            Fact(label=words("등록 시각", "Registered"), value=facts["registered"]),
        ]
        if difference is not None:
            listed.append(
                Fact(
                    label=words(
                        "찾아낼 수 있는 가장 작은 차이 (검정력 80 %)",
                        "Smallest detectable difference (80 % power)",
                    ),
                    value=f"{difference:.4f}",
                )
            )
        listed += [
            Fact(
                label=self._metric_title(name),
                value=words(f"{worst:g}까지 허용", f"up to {worst:g}"),
            )
            for name, worst in rule.guard.items()
        ]
        return Section(
            title=words("미리 정한 규칙", "The rule fixed in advance"),
            blocks=(Facts(facts=tuple(listed)), self._leaks()),
        )

    def _leaks(self) -> Paragraph | Callout:
        leaks = self.folder.registration["leaks"]
        if not leaks:
            return Paragraph(
                words(
                    "접수 점검에서 결과를 드러내는 열은 발견되지 않았습니다.",
                    "The check at intake found no column that gives the outcome away.",
                )
            )
        return Callout(
            kind="warning",
            title=words("결과를 드러내는 열", "Columns that give the outcome away"),
            text=words(
                " ".join(leak["ko"] for leak in leaks), " ".join(leak["en"] for leak in leaks)
            ),
        )

    def _again(self) -> Section:
        name = self.folder.name
        return Section(
            title=words("확인과 재현", "Check and reproduce"),
            blocks=(
                Steps(
                    (
                        Step(
                            text=words(
                                "서명과 모든 근거를 오프라인에서 확인합니다.",
                                "Check the signature and everything under it, offline.",
                            ),
                            code="madang evidence verify report.html --key evidence.pub",
                        ),
                        Step(
                            text=words(
                                "봉인 열쇠가 있으면 모든 해법을 다시 실행해 점수를 비트까지 맞춰 봅니다.",
                                "With the vault's key, run every solution again and compare bit by bit.",
                            ),
                            code=f"madang trials verify {name} --rerun --workspace workspace",
                        ),
                    )
                ),
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


def _bare(title: Words) -> Words:
    return words(title.ko.removeprefix("기준: "), title.en.removeprefix("Baseline: "))


def _state(run: JobRun) -> Words:
    return {
        "done": words("채점됨", "scored"),
        "failed": words("실패", "failed"),
        "cancelled": words("취소", "cancelled"),
    }.get(run.state, words("진행 중", "under way"))


def _cause(run: JobRun) -> Cell:
    return Cause(run.cause).words if run.state == "failed" else "–"
