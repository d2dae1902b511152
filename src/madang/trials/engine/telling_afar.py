"""How is a trial at a site told at a terminal? From what its API says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import Interval, Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.units import seconds, size
from madang.kernel.words import Words, language, words
from madang.trials.engine.telling import WIDTH, lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.trials.engine.afar import Handed

NOTHING = words("없습니다.", "None.")


def pair(plain: Mapping[str, str]) -> Words:
    """Words as the API carries them."""
    return words(plain["ko"], plain["en"])


def demands(found: Sequence[Mapping[str, Any]]) -> str:
    """A list of demands."""
    if not found:
        return str(NOTHING)
    rows = tuple(
        (
            each["name"],
            pair(each["title"]),
            pair(each["agency"]["name"]),
            pair(each["state_title"]),
            _day(each["dates"]["closes"]),
        )
        for each in found
    )
    titles = (
        words("이름", "Name"),
        words("제목", "Title"),
        words("기관", "Agency"),
        words("상태", "State"),
        words("접수 마감", "Closes"),
    )
    return _table(words("수요", "Demands"), titles, rows)


def demand(found: Mapping[str, Any], site: str) -> str:
    """A demand as a firm reads it."""
    outputs, rule = found["outputs"], found["plain"].get("decision", {})
    said: list[Words | str] = [
        words(
            f"{found['title']['ko']} ({found['name']})",
            f"{found['title']['en']} ({found['name']})",
        ),
        pair(found["problem"]),
        words(f"상태: {found['state_title']['ko']}", f"State: {found['state_title']['en']}"),
        words(
            f"접수: {_day(found['dates']['opens'])} – {_day(found['dates']['closes'])}",
            f"Submissions: {_day(found['dates']['opens'])} – {_day(found['dates']['closes'])}",
        ),
        words(f"과제 유형: {found['task']}", f"Task: {found['task']}"),
    ]
    if outputs:
        columns = outputs["columns"]
        shown = ", ".join(columns[:3]) + (f" … ({len(columns)})" if len(columns) > 3 else "")
        said.append(words(f"답의 열: case, {shown}", f"Columns of an answer: case, {shown}"))
    tiers = ", ".join(found["tiers"])
    said += [
        words(f"제출 단계: {tiers}", f"Tiers: {tiers}"),
        words(f"팀마다 제출 {found['quota']}회", f"{found['quota']} submissions a team"),
        words(
            f"판정: {rule.get('metric')}, 기준 {rule.get('baseline')}, {rule.get('rule')}",
            f"Decision: {rule.get('metric')} against {rule.get('baseline')}, {rule.get('rule')}",
        ),
        words("공개 자료:", "Public files:"),
        *(f"  {site}{each['url']} ({size(each['bytes'])})" for each in found["files"]),
    ]
    return lines(*said)


def board(found: Mapping[str, Any]) -> str:
    """The board, baselines among the teams."""
    sign = 1 if found["direction"] == "lower" else -1
    rows: list[tuple[Any, ...]] = [
        (
            pair(each["team"])
            if each["rank"]
            else words(f"기준: {each['team']['ko']}", f"Baseline: {each['team']['en']}"),
            each["shown"],
            Interval(each["low"], each["high"]) if each["low"] is not None else None,
            None if each["releases"] is None else float(each["releases"]),
        )
        for each in (*found["rows"], *found["baselines"])
    ]
    rows.sort(key=lambda row: sign * row[1])
    table = Table(
        caption=words(f"순위판: {found['demand']}", f"Board: {found['demand']}"),
        columns=(
            TableColumn(title=words("팀", "Team")),
            TableColumn(title=pair(found["metric_title"]), kind="number", decimals=3),
            TableColumn(title=words("95 % 구간", "95 % interval"), kind="interval", decimals=3),
            TableColumn(title=words("채점", "Scorings"), kind="number", decimals=0),
        ),
        rows=tuple(rows),
    )
    return lines(
        table_text(table, language(), WIDTH),
        words(
            f"봉인 밖으로 나간 정보: {found['bits']:.1f}비트 이하 (한도 {found['budget']})",
            f"Bits that left the seal: at most {found['bits']:.1f} of {found['budget']}",
        ),
    )


def handed(found: Handed) -> str:
    """What became of a solution that was to be handed in."""
    said = [rehearsal(found.rehearsal)] if found.rehearsal else []
    if found.submission is None:
        said.append(str(words("제출하지 않았습니다.", "Nothing was handed in.")))
    else:
        said.append(submission(found.submission))
    return "\n".join(said)


def rehearsal(found: Mapping[str, Any]) -> str:
    """How a solution did on the open sample, with everything that it wrote."""
    cause = pair(found["cause_title"]) if found["cause"] else words("성공", "it ran")
    cases = found["cases"] or 0
    said: list[Words | str] = [
        words(
            f"예행 실행(공개 표본 {cases}건): {cause.ko}",
            f"Rehearsal on {cases} open cases: {cause.en}",
        )
    ]
    if found["reason"]:
        said.append(pair(found["reason"]))
    if found["wall_s"] is not None:
        said.append(f"    {seconds(found['wall_s'])}, {size(found['memory_peak_bytes'] or 0)}")
    said += [
        f"    {name} = {value:.4f}" for name, value in found["scores"].items() if value is not None
    ]
    said += [f"    | {line}" for line in found["log"].rstrip().splitlines()]
    return lines(*said)


def submission(found: Mapping[str, Any]) -> str:
    """Where a submission stands, or what came of it."""
    said: list[Words | str] = [
        words(
            f"제출 {found['id']} ({found['name']}): {STATES[found['state']].ko}",
            f"Submission {found['id']} ({found['name']}): {STATES[found['state']].en}",
        )
    ]
    if found["state"] == "queued" and found["run"]["state"] == "queued":
        ahead = found["run"]["ahead"]
        said.append(words(f"    앞에 {ahead}건", f"    {ahead} ahead"))
    if found["result"]:
        said.append(words(f"    {found['result']['ko']}", f"    {found['result']['en']}"))
    said += [words(f"    {each['ko']}", f"    {each['en']}") for each in found["sentences"]]
    said.append(words(f"지문(SHA-256): {found['digest']}", f"Digest (SHA-256): {found['digest']}"))
    return lines(*said)


STATES = {
    "queued": words("대기", "queued"),
    "running": words("실행 중", "running"),
    "done": words("채점 완료", "scored"),
    "failed": words("실패", "failed"),
    "cancelled": words("취소", "cancelled"),
}


def submissions(found: Sequence[Mapping[str, Any]]) -> str:
    """A list of submissions."""
    if not found:
        return str(NOTHING)
    rows = tuple(
        (
            each["id"],
            each["demand"],
            each["name"],
            STATES[each["state"]],
            (each["release"] or {}).get("shown"),
        )
        for each in found
    )
    titles = (
        words("제출", "Submission"),
        words("수요", "Demand"),
        words("해법", "Solution"),
        words("상태", "State"),
    )
    last = TableColumn(title=words("공개 점수", "Shown"), kind="number", decimals=3)
    return _table(words("제출", "Submissions"), titles, rows, last)


def questions(found: Sequence[Mapping[str, Any]]) -> str:
    """A thread."""
    said: list[Words | str] = []
    for each in found:
        name = pair(each["organisation"]["name"])
        said.append(
            words(
                f"[{each['number']}] {name.ko}: {each['text']}",
                f"[{each['number']}] {name.en}: {each['text']}",
            )
        )
        answer = each["answer"]
        said.append(
            words(f"    답변: {answer}", f"    Answer: {answer}")
            if answer
            else words("    아직 답변이 없습니다.", "    Not answered yet.")
        )
    return lines(*said) if said else str(NOTHING)


def run(found: Mapping[str, Any]) -> str:
    """A run whose state has changed."""
    saying = pair(found["saying"])
    state = STATES[found["state"]]
    return str(words(f"{state.ko} {saying.ko}".rstrip(), f"{state.en} {saying.en}".rstrip()))


def _table(
    caption: Words, titles: Sequence[Words], rows: tuple[Any, ...], *more: TableColumn
) -> str:
    columns = (*(TableColumn(title=title) for title in titles), *more)
    return table_text(Table(caption=caption, columns=columns, rows=rows), language(), WIDTH)


def _day(stamp: str | None) -> str:
    return (stamp or "–")[:10]
