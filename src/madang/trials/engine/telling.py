"""How is a trial told at a terminal? Short lines and tables, in the reader's language."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import Interval, Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.units import seconds, size
from madang.kernel.words import Words, language, words
from madang.trials.engine.cause import Cause
from madang.trials.engine.decision import sentence
from madang.trials.engine.errors import DemandError
from madang.trials.engine.predictions import file_columns
from madang.trials.engine.report import ranking_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from madang.kernel.evidence.verdict import Verdict
    from madang.kernel.jobs.record import JobRun
    from madang.trials.engine.office import Office
    from madang.trials.engine.paper import Paper
    from madang.trials.engine.publication import Published
    from madang.trials.engine.rehearsal import Rehearsal
    from madang.trials.engine.rerun import Check
    from madang.trials.engine.submission import Submission
    from madang.trials.engine.workspace import DemandFolder

WIDTH = 100


def read_text(path: Path) -> str:
    """A text file in UTF-8.

    Raises:
        DemandError: It is not.
    """
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise DemandError(
            words(f"읽을 수 없는 파일 {path.name}", f"the unreadable file {path.name}"),
            words("UTF-8로 저장한 YAML", "YAML in UTF-8"),
        ) from fault


def lines(*said: Words | str) -> str:
    """Lines in the reader's language."""
    return "\n".join(str(each) for each in said)


def leaks(found: Sequence[Mapping[str, Any]]) -> str:
    """Why a demand was not registered."""
    return lines(
        words(
            "등록하지 않았습니다. 결과를 드러내는 열이 있습니다.",
            "Not registered: these columns give the outcome away.",
        ),
        *(
            words(f"  {each['column']}: {each['ko']}", f"  {each['column']}: {each['en']}")
            for each in found
        ),
        words(
            "열을 빼거나, 확인한 열은 --accept로 받아들이십시오.",
            "Leave the columns out, or accept those you have looked at with --accept.",
        ),
    )


def registered(facts: Mapping[str, Any]) -> str:
    """What registration fixed."""
    smallest = facts["detectable_difference"]
    said: list[Words | str] = [
        words(
            f"수요 {facts['demand']}을(를) 등록했습니다.",
            f"Registered the demand {facts['demand']}.",
        ),
        sizes(facts),
    ]
    if smallest is not None:
        said.append(
            words(
                f"찾아낼 수 있는 가장 작은 차이(검정력 80 %): {smallest:.4f}",
                f"Smallest detectable difference (80 % power): {smallest:.4f}",
            )
        )
    overlap = facts["overlap"]
    if overlap["too_many"]:
        said.append(
            words(
                f"주의: 봉인 사례 {overlap['cases']}건의 입력이 공개 표본과 같습니다.",
                f"Warning: {overlap['cases']} sealed cases have the same inputs as open ones.",
            )
        )
    said.append(words(f"지문(SHA-256): {facts['digest']}", f"Digest (SHA-256): {facts['digest']}"))
    return lines(*said)


def sizes(facts: Mapping[str, Any]) -> Words:
    """How many cases fell in which part."""
    from madang.trials.engine.paper import PART_WORDS

    ko = ", ".join(f"{PART_WORDS[part].ko} {count}건" for part, count in facts["sizes"].items())
    en = ", ".join(f"{PART_WORDS[part].en} {count}" for part, count in facts["sizes"].items())
    return words(f"    {ko}", f"    {en}")


def demand_facts(folder: DemandFolder) -> dict[str, Any]:
    """A demand as a program reads it: its text, the form of answers, public files."""
    scale = folder.scale
    outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
    return {
        "demand": folder.demand.plain,
        "digest": folder.registration["digest"],
        "sizes": folder.registration["sizes"],
        "outputs": {
            "kind": outputs.kind,
            "columns": list(file_columns(outputs)),
            "lowest": outputs.lowest,
            "highest": outputs.highest,
            "row_rule": outputs.row_rule,
            "levels": list(outputs.levels),
        },
        "frame": folder.registration["frame"],
        "files": sorted(str(path) for path in folder.public.glob("*.parquet")),
    }


def demand(folder: DemandFolder) -> str:
    """A demand as a firm reads it."""
    facts = demand_facts(folder)
    columns = facts["outputs"]["columns"]
    shown = ", ".join(columns[:3]) + (
        f" … {columns[-1]} ({len(columns)})" if len(columns) > 3 else ""
    )
    answer = words(f"답의 열: case, {shown}", f"Columns of an answer: case, {shown}")
    rule = folder.demand.decision
    return lines(
        words(
            f"{folder.demand.title.ko} ({folder.name})",
            f"{folder.demand.title.en} ({folder.name})",
        ),
        folder.demand.problem,
        sizes(facts),
        words(f"과제 유형: {folder.demand.task_name}", f"Task: {folder.demand.task_name}"),
        answer,
        words(
            f"제출 단계: {', '.join(folder.demand.tiers)}",
            f"Tiers: {', '.join(folder.demand.tiers)}",
        ),
        words(
            f"판정: {rule.metric}, 기준 {rule.baseline}, {rule.rule}, 한계 {rule.margin:g}, "
            f"유의수준 {rule.alpha:g}",
            f"Decision: {rule.metric} against {rule.baseline}, {rule.rule}, "
            f"margin {rule.margin:g}, "
            f"alpha {rule.alpha:g}",
        ),
        words("공개 자료:", "Public files:"),
        *(f"  {file}" for file in facts["files"]),
    )


def rehearsal(found: Rehearsal) -> str:
    """How a solution did on the open sample, with everything it said."""
    state = found.cause.words if found.cause else words("성공", "it ran")
    said: list[Words | str] = [
        words(
            f"예행 실행(공개 표본 {found.cases}건): {state.ko}",
            f"Rehearsal on {found.cases} open cases: {state.en}",
        ),
        f"    {seconds(found.wall_s)}, {size(found.memory_peak_bytes)}"
        + (f", {found.token}" if found.token else ""),
    ]
    said += [
        f"    {name} = {value:.4f}" for name, value in found.scores.items() if value is not None
    ]
    if found.log.strip():
        said += [f"    | {line}" for line in found.log.rstrip().splitlines()]
    return lines(*said)


def submitted(taken: Submission, found: Rehearsal | None) -> str:
    """What was taken in."""
    said: list[Words | str] = [rehearsal(found)] if found else []
    said.append(
        words(
            f"제출 {taken.id}을(를) 받았습니다. 'madang trials run'이 실행합니다.",
            f"Took in {taken.id}. 'madang trials run' executes it.",
        )
    )
    said.append(words(f"지문(SHA-256): {taken.digest}", f"Digest (SHA-256): {taken.digest}"))
    return lines(*said)


def ending(office: Office, run: JobRun) -> dict[str, Any]:
    """How a run ended, as its firm may see it."""
    from madang.trials.engine.publication import ending as as_seen

    submission = office.proceedings.submission(run.parameters["submission"])
    return {**as_seen(run, submission.name), "firm": submission.firm}


def one_ending(title: Words, seen: Mapping[str, Any]) -> Words:
    """One line: which solution, and how its run ended."""
    if seen["state"] == "scored":
        return words(f"    채점됨  {title.ko}", f"    scored  {title.en}")
    cause = (
        Cause(seen["cause"]).words
        if seen["cause"] in set(Cause)
        else words(seen["cause"], seen["cause"])
    )
    return words(f"    실패    {title.ko}: {cause.ko}", f"    failed  {title.en}: {cause.en}")


def refusals(found: Iterable[Mapping[str, Any]]) -> list[Words]:
    """Each reason for which the platform ran nothing, once."""
    said = {(each["reason"]["ko"], each["reason"]["en"]) for each in found if "reason" in each}
    return [words(f"    {ko}", f"    {en}") for ko, en in sorted(said)]


def endings(found: Sequence[Mapping[str, Any]]) -> str:
    """The runs that ended just now."""
    if not found:
        return lines(words("대기 중인 실행이 없습니다.", "No run was waiting."))
    rows = tuple(
        (
            each["solution"],
            each["firm"],
            each["part"],
            each["state"],
            each["cause"] or "–",
            _tale(each),
        )
        for each in found
    )
    titles = (
        words("해법", "Solution"),
        words("기업", "Firm"),
        words("자료", "Part"),
        words("상태", "State"),
        words("사유", "Cause"),
        words("위치", "Where"),
    )
    columns = tuple(TableColumn(title=title) for title in titles)
    return table_text(
        Table(caption=words("끝난 실행", "Runs that ended"), columns=columns, rows=rows),
        language(),
        WIDTH,
    )


def _tale(each: Mapping[str, Any]) -> str:
    tale = each["telltale"]
    if not tale.get("exception"):
        return tale.get("token") or "–"
    place = f" {tale['file']}:{tale['line']}" if tale.get("file") else ""
    return f"{tale['exception']} @ {tale['phase']}{place}"


def board(office: Office, demand: str, facts: Mapping[str, Any]) -> str:
    """The board as a table, baselines included."""
    folder = office.workspace.demand_folder(demand)
    metric = folder.scale.metrics[facts["metric"]]
    sign = 1 if metric.direction == "lower" else -1
    decimals = min(3, metric.decimals)
    rows: list[tuple[Any, ...]] = [
        (each["firm"], each["shown"], Interval(*each["interval"]), float(each["releases"]))
        for each in facts["rows"]
    ]
    rows += [
        (words(f"기준: {b['ko']}", f"Baseline: {b['en']}"), b["shown"], None, None)
        for b in facts["baselines"].values()
    ]
    rows.sort(key=lambda row: sign * row[1])
    table = Table(
        caption=words(f"순위판: {folder.demand.title.ko}", f"Board: {folder.demand.title.en}"),
        columns=(
            TableColumn(title=words("기업", "Firm")),
            TableColumn(
                title=words(metric.title_ko, metric.title_en), kind="number", decimals=decimals
            ),
            TableColumn(
                title=words("95 % 구간", "95 % interval"), kind="interval", decimals=decimals
            ),
            TableColumn(title=words("채점", "Scorings"), kind="number", decimals=0),
        ),
        rows=tuple(rows),
    )
    return lines(
        table_text(table, language(), WIDTH),
        words(
            "기준보다 뚜렷이 나아진 점수만 보입니다. 최종 비교에는 이 제한이 없습니다.",
            "Only clear improvements over the baseline are shown; "
            "the final comparison has no such step.",
        ),
        words(
            f"봉인 밖으로 나간 정보: {facts['bits']:.1f}비트 이하",
            f"Bits that left the seal: at most {facts['bits']:.1f}",
        ),
    )


def closing(paper: Paper, published: Published) -> str:
    """The ranking, the decision and where the report lies."""
    where = published.plain()
    return lines(
        "",
        table_text(ranking_table(paper), language(), WIDTH),
        "",
        sentence(paper.decision, paper.folder.demand.decision, paper.titles),
        words(f"보고서: {where['html']}", f"Report: {where['html']}"),
        f"        {where['pdf']}",
        f"        {where['json']}",
        words(f"공개 열쇠: {where['key']}", f"Public key: {where['key']}"),
        words("확인:", "Check it:"),
        f"    {program()} evidence verify {where['html']} --key {where['key']}",
    )


def program() -> str:
    """How this command was called, so that the next one can be copied as it stands."""
    called = Path(sys.argv[0])
    known = shutil.which(called.name)
    if called.name == "__main__.py":
        return f"{sys.executable} -m madang"
    return called.name if known and Path(known).resolve() == called.resolve() else str(called)


def verified(verdict: Verdict, checks: Iterable[Check]) -> str:
    """What held and what did not."""
    return lines(
        *(f"{'✓' if link.ok else '✗'} {link.sentence}" for link in verdict.links),
        *(f"{'✓' if check.same else '✗'} {check.sentence}" for check in checks),
        str(verdict.sentence()),
    )
