"""What stands behind the first page of a trial's report? Every comparison, ending and rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import (
    Callout,
    Fact,
    Facts,
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
from madang.trials.engine.paper import BASELINE, PART_WORDS, bare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.jobs.record import JobRun
    from madang.kernel.report.document import Cell
    from madang.trials.engine.paper import Paper
    from madang.trials.engine.submission import Submission


_RULES = {
    "superiority": words(
        "우월성: 구간 전체가 기준보다 나아야 함",
        "superiority: the whole interval is better than the baseline",
    ),
    "non_inferiority": words(
        "비열등성: 구간 전체가 허용 한계보다 나아야 함",
        "non-inferiority: the whole interval is within the margin",
    ),
}


def appendix(paper: Paper) -> tuple[Section, ...]:
    """The sections after the first page."""
    return (
        _differences(paper),
        _other_scores(paper),
        _endings(paper),
        _board(paper),
        *_subgroups(paper),
        _rules(paper),
        _again(),
    )


def _differences(paper: Paper) -> Section:
    pairs = [
        (
            words(
                f"{paper.titles[p['first']].ko} − {paper.titles[p['second']].ko}",
                f"{paper.titles[p['first']].en} − {paper.titles[p['second']].en}",
            ),
            p,
        )
        for p in paper.comparison["primary"]["pairs"]
    ]
    undecided = [p for _, p in pairs if p["low"] <= 0 <= p["high"]]
    return Section(
        title=words("해법끼리의 차이", "Differences between solutions"),
        blocks=(
            Paragraph(
                words(
                    "같은 사례에서 짝지어 비교했습니다. 음수이면 앞의 해법이 낫습니다. "
                    f"{len(pairs)}쌍 가운데 {len(undecided)}쌍은 이 자료로 우열을 "
                    "단정할 수 없습니다.",
                    "Compared in pairs on the same cases; below 0 the first is better. "
                    f"For {len(undecided)} of {len(pairs)} pairs these data do not tell "
                    "which is better.",
                )
            ),
            paper.difference_table(words("모든 쌍의 차이", "Differences of all pairs"), pairs),
        ),
    )


def _other_scores(paper: Paper) -> Section:
    names = list(paper.scale.metrics)
    everything = paper.comparison["all"]
    return Section(
        title=words("다른 지표", "Other scores"),
        blocks=(
            Table(
                caption=words("모든 지표의 점수", "Scores on every metric"),
                columns=(
                    TableColumn(title=words("해법", "Solution")),
                    *(
                        TableColumn(
                            title=paper.metric_title(name),
                            kind="number",
                            decimals=paper.scale.metrics[name].decimals,
                        )
                        for name in names
                    ),
                ),
                rows=tuple(
                    (paper.titles[each], *(everything[each][name] for name in names))
                    for each in paper.ranking
                ),
            ),
        ),
    )


def _endings(paper: Paper) -> Section:
    by_id = {each.id: each for each in paper.submissions}
    rows: list[tuple[Cell, ...]] = []
    for run in paper.runs:
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
    failed = [(entry, cause) for entry, cause in paper.failures() if cause.is_firms]
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
    blocks += _refused(paper)
    blocks += [_contained(paper, entry) for entry, cause in failed if cause == Cause.FORBIDDEN]
    return Section(title=words("실행 결과", "How the runs ended"), blocks=tuple(blocks))


def _refused(paper: Paper) -> list[Callout]:
    """Why this machine ran no solution of some tiers, once."""
    reasons = {
        (run.detail["ko"], run.detail["en"])
        for run in paper.runs
        if run.cause == Cause.SANDBOX_UNAVAILABLE and "ko" in run.detail
    }
    return [
        Callout(
            kind="warning",
            title=words("격리 환경을 사용할 수 없음", "Sandbox unavailable"),
            text=words(ko, en),
        )
        for ko, en in sorted(reasons)
    ]


def _contained(paper: Paper, entry: Submission) -> Callout:
    return Callout(
        kind="warning",
        title=words(f"격리됨: {entry.title.ko}", f"Contained: {entry.title.en}"),
        text=words(
            "이 해법은 금지된 동작을 시도하다가 격리 환경에서 멈췄습니다. "
            "격리 환경에는 정답도, 네트워크도, 다른 프로세스도 없으므로 얻은 것이 없습니다.",
            "This solution tried what the jail forbids and was stopped in it. The jail holds no "
            "outcomes, no network and no other process: it gained nothing.",
        ),
    )


def _board(paper: Paper) -> Section:
    decimals = paper.scale.metrics[paper.metric].decimals
    rows: list[tuple[Cell, ...]] = [
        (row["firm"], row["shown"], Interval(*row["interval"]), float(row["releases"]))
        for row in paper.board
    ]
    note = words(
        f"순위판은 사다리(Ladder) 방식으로, 표준오차의 3–4배를 넘는 "
        f"개선만 보여 줍니다. 이 실증에서 "
        f"봉인 밖으로 나간 정보는 모두 {paper.bits:.1f}비트 이하입니다.",
        f"The board shows only improvements beyond three to four standard errors (the Ladder). "
        f"In this trial at most {paper.bits:.1f} bits left the seal.",
    )
    blocks: tuple[Any, ...] = (Paragraph(note),)
    if rows:
        blocks += (
            Table(
                caption=words("순위판에 공개된 점수", "Scores released on the board"),
                columns=(
                    TableColumn(title=words("기업", "Firm")),
                    TableColumn(
                        title=paper.metric_title(paper.metric),
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


def _subgroups(paper: Paper) -> tuple[Section, ...]:
    rows = paper.comparison["subgroups"]
    if not rows:
        return ()
    decimals = paper.scale.metrics[paper.metric].decimals
    table = Table(
        caption=words("하위집단별 점수", "Scores by subgroup"),
        columns=(
            TableColumn(title=words("하위집단", "Subgroup")),
            TableColumn(title=words("사례", "Cases"), kind="number", decimals=0),
            *(
                TableColumn(title=paper.titles[name], kind="number", decimals=decimals)
                for name in paper.ranking
            ),
        ),
        rows=tuple(_subgroup_row(paper, row) for row in rows),
        note=words(
            f"{paper.folder.demand.minimum_cell}건 미만인 칸은 감춥니다.",
            f"Cells of fewer than {paper.folder.demand.minimum_cell} cases are hidden.",
        ),
    )
    return (Section(title=words("하위집단", "Subgroups"), blocks=(table,)),)


def _subgroup_row(paper: Paper, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    title = paper.folder.demand.titles.get(row["column"], words(row["column"], row["column"]))
    label = words(f"{title.ko} {row['level']}", f"{title.en} {row['level']}")
    if row["hidden"]:
        return (label, None, *(None for _ in paper.ranking))
    return (label, float(row["cases"]), *(row["scores"][name] for name in paper.ranking))


def _rules(paper: Paper) -> Section:
    facts, rule = paper.folder.registration, paper.folder.demand.decision
    difference = facts["detectable_difference"]
    listed = [
        Fact(label=words("규칙", "Rule"), value=_RULES[rule.rule]),
        Fact(label=words("기준", "Baseline"), value=bare(paper.titles[BASELINE + rule.baseline])),
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
            label=paper.metric_title(name),
            value=words(f"{worst:g}까지 허용", f"up to {worst:g}"),
        )
        for name, worst in rule.guard.items()
    ]
    listed += _own_metric(paper)
    return Section(
        title=words("미리 정한 규칙", "The rule fixed in advance"),
        blocks=(Facts(facts=tuple(listed)), _leaks(paper)),
    )


def _own_metric(paper: Paper) -> list[Fact]:
    metric = paper.folder.demand.own_metric
    if metric is None:
        return []
    return [
        Fact(
            label=words(
                f"기관의 자체 지표 '{metric.title.ko}'를 검토한 사람",
                f"Who reviewed the agency's own metric '{metric.title.en}'",
            ),
            value=metric.reviewed_by,
        ),
        Fact(
            label=words("자체 지표의 지문 (SHA-256)", "Digest of that metric (SHA-256)"),
            value=metric.digest,
            kind="code",
        ),
    ]


def _leaks(paper: Paper) -> Paragraph | Callout:
    leaks = paper.folder.registration["leaks"]
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
        text=words(" ".join(leak["ko"] for leak in leaks), " ".join(leak["en"] for leak in leaks)),
    )


def _again() -> Section:
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
                            "봉인 열쇠가 있으면 모든 해법을 다시 실행해 "
                            "점수를 비트까지 맞춰 봅니다.",
                            "With the vault's key, run every solution again "
                            "and compare bit by bit.",
                        ),
                        code="madang trials verify report.json --key evidence.pub "
                        "--rerun --workspace workspace",
                    ),
                )
            ),
        ),
    )


def _state(run: JobRun) -> Words:
    return {
        "done": words("채점됨", "scored"),
        "failed": words("실패", "failed"),
        "cancelled": words("취소", "cancelled"),
    }.get(run.state, words("진행 중", "under way"))


def _cause(run: JobRun) -> Cell:
    return Cause(run.cause).words if run.state == "failed" else "–"
