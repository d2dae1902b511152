"""What may be told of a submission whose run has ended? In a list, and on its page.

A score that the board released, how it failed as far as the closed list goes, and whether it
counts: nothing else leaves a sealed run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.words import Words, words
from madang.trials.engine.cause import Cause
from madang.trials.web.services import boards

if TYPE_CHECKING:
    from madang.trials.web.models import Demand, Submission


def shown(demand: Demand, row: Submission) -> Words | str:
    """What came of a submission, in a few words for a list."""
    release = row.release or {}
    if release.get("improved"):
        return boards.metric(demand).written(release["shown"])
    if row.state == "done":
        return words("뚜렷한 개선 없음", "No clear improvement")
    if row.state == "failed" and row.cause in set(Cause):
        return Cause(row.cause).words
    return "–"


class Result(NamedTuple):
    """What came of a submission, in sentences for its page."""

    kind: str
    title: Words
    sentences: list[Words]


def result(demand: Demand, row: Submission) -> Result | None:
    """What its firm may know of a submission; None while its run is under way."""
    if row.state == "done":
        return _scored(demand, row.release or {})
    if row.state == "failed":
        return _failed(row)
    if row.state == "cancelled":
        told = words("제출 횟수에 세지 않습니다.", "It does not count against the quota.")
        return Result("info", words("취소되었습니다", "Cancelled"), [told])
    return None


def _scored(demand: Demand, release: dict[str, Any]) -> Result:
    scored, step = boards.metric(demand), release.get("step", 0.0)
    told = words(
        f"다음 점수는 지금 최고보다 {scored.written(step)} 이상 나아져야 공개됩니다.",
        f"The next score is shown if it beats the best by {scored.written(step)} or more.",
    )
    if not release.get("improved"):
        kept = words(
            "이전 최고 점수(처음에는 기준)보다 뚜렷이 낫지 않아 점수를 공개하지 않습니다.",
            "It is not clearly better than the best so far (at first: the baseline), "
            "so no score is shown.",
        )
        return Result("info", words("뚜렷한 개선 없음", "No clear improvement"), [kept, told])
    value = scored.written(release["shown"])
    title = words(f"{scored.title.ko} {value}", f"{scored.title.en} {value}")
    sentences = [told]
    if interval := release.get("interval"):
        low, high = (scored.written(end) for end in interval)
        sentences.insert(0, words(f"95 % 구간 {low} – {high}", f"95 % interval {low} to {high}"))
    return Result("success", title, sentences)


def _failed(row: Submission) -> Result:
    cause = Cause(row.cause) if row.cause in set(Cause) else Cause.DEFECT
    counted = words(
        "제출 횟수에 세어집니다."
        if cause.is_firms
        else "플랫폼의 문제이므로 제출 횟수에 세지 않습니다.",
        "It counts against the quota."
        if cause.is_firms
        else "The platform is at fault: it does not count against the quota.",
    )
    sentences = []
    telltale = row.detail.get("telltale", {})
    if telltale:
        sentences.append(_telltale(telltale))
    if reason := row.detail.get("reason"):
        sentences.append(words(reason["ko"], reason["en"]))
    return Result("warning", cause.words, [*sentences, counted])


def _telltale(told: dict[str, Any]) -> Words:
    """Phase, kind of exception and place, as far as the closed list has them."""
    place = f"{told['file']}:{told['line']}" if told.get("file") else ""
    parts = [told.get("phase", ""), told.get("exception", ""), place, told.get("token", "")]
    listed = " · ".join(each for each in parts if each)
    return words(f"단계와 위치: {listed}", f"Phase and place: {listed}")
