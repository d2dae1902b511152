"""What does a demand say to somebody who reads neither YAML nor statistics?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, particle, words
from madang.trials.engine.period import korean_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.trial import Column, Metric, Part
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.phases import Timetable
    from madang.trials.engine.rubric import Rubric

_SHOWN = 6
_FORMS = {
    "predictions": words(
        "공개된 사례를 스스로 예측한 파일", "a file of predictions made at home for given cases"
    ),
    "onnx": words("학습을 마친 ONNX 모델", "a trained model in the ONNX format"),
    "python": words("파이썬 원본", "Python source"),
}


def preview(
    demand: Demand,
    *,
    sizes: Mapping[Part, int] | None = None,
    metrics: Sequence[Metric] = (),
    difference: float | None = None,
    timetable: Timetable | None = None,
    rubric: Rubric | None = None,
) -> list[Words]:
    """The demand in plain sentences: what is asked, on which data, who may try, how it ends.

    Args:
        demand: A demand, registered or not.
        sizes: Cases of each part, once the table is known.
        metrics: The task's metrics, once the frame is fixed.
        difference: Smallest difference that the final part shows.
        timetable: The dates, where the demand's text does not hold them.
        rubric: What evaluators judge, where the text does not hold it.
    """
    paragraphs = [_asked(demand), _data(demand), _sealed(demand, sizes or {})]
    paragraphs += [_handed_in(demand), _BOARD, _decided(demand, metrics, sizes or {})]
    if demand.decision.guard:
        paragraphs.append(_guards(demand, metrics))
    if difference is not None:
        paragraphs.append(_visible(demand, metrics, difference))
    paragraphs += _subgroups(demand)
    if rubric := rubric or demand.rubric:
        paragraphs.append(_judged(rubric))
    if timetable := timetable or demand.timetable:
        paragraphs.append(_dates(timetable))
    return paragraphs


def _asked(demand: Demand) -> Words:
    who = particle(demand.ministry.ko, "은", "는")
    return words(
        f"{who} '{demand.title.ko}' 문제를 풀 AI를 찾습니다. {demand.problem.ko}",
        f"{demand.ministry.en} seeks AI for this problem: {demand.title.en}. {demand.problem.en}",
    )


def _data(demand: Demand) -> Words:
    inputs, outcomes = _listed(demand, demand.inputs), _listed(demand, demand.outcomes)
    more = _more(demand)
    return words(
        f"사례마다 {len(demand.inputs)}가지 정보({inputs.ko})를 보고 "
        f"{len(demand.outcomes)}가지 결과({outcomes.ko})를 맞혀야 합니다. {more.ko}",
        f"For each case a solution sees {_count(len(demand.inputs), 'item', 'items')} "
        f"({inputs.en}) and must tell {_count(len(demand.outcomes), 'outcome', 'outcomes')} "
        f"({outcomes.en}). {more.en}",
    )


def _more(demand: Demand) -> Words:
    if "source" not in demand.plain["data"]:
        return words("자료의 출처는 아직 적지 않았습니다.", "The source is not stated yet.")
    ko, en = demand.source.ko.rstrip("."), demand.source.en.rstrip(".")
    return words(f"자료의 출처: {ko}.", f"Source of the data: {en}.")


def _listed(demand: Demand, columns: Sequence[Column]) -> Words:
    """Titles of the first columns, names where there are none."""
    titles = [demand.titles.get(each.name, words(each.name, each.name)) for each in columns]
    rest = len(titles) - _SHOWN
    ko = ", ".join(each.ko for each in titles[:_SHOWN])
    en = ", ".join(each.en for each in titles[:_SHOWN])
    if rest > 0:
        ko, en = f"{ko} 외 {rest}가지", f"{en} and {rest} more"
    return words(ko, en)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _sealed(demand: Demand, sizes: Mapping[Part, int]) -> Words:
    shown = round(100 * demand.shares["open"])
    ko = f"자료의 {shown} %는 결과와 함께 공개하고 나머지는 봉인합니다."
    en = f"{shown} % of the data are given out with their outcomes, the rest is sealed."
    if sizes:
        total, known = sum(sizes.values()), sizes["open"]
        ko = (
            f"사례 {total:,}건 가운데 {known:,}건은 결과와 함께 공개하고 "
            f"{total - known:,}건은 봉인합니다."
        )
        en = (
            f"Of {_count(total, 'case', 'cases')}, {known:,} are given out with their outcomes "
            f"and {total - known:,} are sealed."
        )
    return words(
        f"{ko} 봉인한 결과는 채점 프로그램만 열며 기업에는 나가지 않습니다.",
        f"{en} Sealed outcomes are opened by the scoring program alone and reach no firm.",
    )


def _handed_in(demand: Demand) -> Words:
    forms = [_FORMS[tier] for tier in demand.tiers]
    one_ko = " 가운데 하나" if len(forms) > 1 else ""
    ko = (
        f"기업마다 {demand.quota:,}번까지 제출할 수 있습니다. 제출 형태는 "
        f"{', '.join(each.ko for each in forms)}{one_ko}입니다."
    )
    en = (
        f"A firm may hand in {' or '.join(each.en for each in forms)}, up to "
        f"{_count(demand.quota, 'time', 'times')}."
    )
    if set(demand.tiers) != {"predictions"}:
        seconds = f"{demand.limits.wall_s:g}"
        ko += f" 제출한 프로그램은 인터넷이 끊긴 격리 공간에서 {seconds}초 안에 끝나야 합니다."
        en += f" A program runs in a jail without any network and must end within {seconds} s."
    if "predictions" in demand.tiers:
        ko += " 예측 파일도 받으므로 봉인한 사례의 입력은 기업에 공개됩니다."
        en += " Since predictions are taken, firms see the inputs of sealed cases."
    return words(ko, en)


_BOARD = words(
    "진행 중에는 순위판이 뚜렷이 나아진 점수만 보여 줍니다.",
    "While the trial runs, the board shows only scores that have clearly improved.",
)


def _decided(demand: Demand, metrics: Sequence[Metric], sizes: Mapping[Part, int]) -> Words:
    title, better = _title(demand.decision.metric, metrics)
    base, (by_ko, by_en) = _baseline(demand), _bar(demand)
    wrongly = f"{100 * demand.decision.alpha:g} %"
    cases = sizes.get("final")
    on_ko = f"사례 {cases:,}건에서" if cases else "사례에서"
    on_en = _count(cases, "case", "cases") if cases else "cases"
    return words(
        f"마지막에 따로 봉인해 둔 {on_ko} 한 번만 비교합니다. 잣대는 {title.ko}{better.ko}이며, "
        f"누구나 낼 수 있는 단순한 답({base.ko})보다 {by_ko} 해법만 채택할 수 있습니다. "
        f"잘못 채택할 확률은 {wrongly} 이하입니다. 이 규칙은 등록한 뒤에는 바꿀 수 없습니다.",
        f"At the end all are compared once, on {on_en} sealed apart, by {title.en}{better.en}. "
        f"Only a solution that is {by_en} the simple answer that anybody could give ({base.en}) "
        f"can be adopted. The chance of a wrong adoption is at most {wrongly}. "
        "Once registered, this rule cannot be changed.",
    )


def _baseline(demand: Demand) -> Words:
    name = demand.decision.baseline
    for each in demand.task.baselines(options=demand.options):
        if each.name == name:
            return words(each.title_ko, each.title_en)
    return words(name, name)


def _bar(demand: Demand) -> tuple[str, str]:
    """How much better than the baseline, in Korean and in English."""
    rule = demand.decision
    if rule.rule == "non_inferiority":
        return (
            f"{rule.margin:g} 넘게 뒤지지 않음이 통계로 확인된",
            f"shown by statistics to be no more than {rule.margin:g} worse than",
        )
    if rule.margin:
        return (
            f"{rule.margin:g} 넘게 나음이 통계로 확인된",
            f"shown by statistics to be more than {rule.margin:g} better than",
        )
    return "나음이 통계로 확인된", "shown by statistics to be better than"


def _title(name: str, metrics: Sequence[Metric]) -> tuple[Words, Words]:
    """A metric's title, and which way is better, where that is known."""
    for each in metrics:
        if each.name == name:
            way = {
                "lower": words("(낮을수록 좋음)", " (lower is better)"),
                "higher": words("(높을수록 좋음)", " (higher is better)"),
            }[each.direction]
            return words(each.title_ko, each.title_en), way
    return words(name, name), words("", "")


def _guards(demand: Demand, metrics: Sequence[Metric]) -> Words:
    titles = [(_title(name, metrics)[0], worst) for name, worst in demand.decision.guard.items()]
    ko = ", ".join(f"{title.ko} {worst:g}" for title, worst in titles)
    en = ", ".join(f"{title.en} {worst:g}" for title, worst in titles)
    return words(
        f"그와 별도로 지켜야 할 한계가 있습니다: {ko}. 넘으면 채택하지 않습니다.",
        f"Beside it there are limits to keep: {en}. A solution beyond them is not adopted.",
    )


def _visible(demand: Demand, metrics: Sequence[Metric], difference: float) -> Words:
    title, _ = _title(demand.decision.metric, metrics)
    unit = next((each.unit for each in metrics if each.name == demand.decision.metric), "")
    shown = f"{difference:.3g} {unit}".rstrip()
    return words(
        f"이 자료로는 {title.ko} 차이가 {shown} 이상이어야 다섯 번에 네 번꼴로 드러나며, "
        "더 작은 차이는 놓치기 쉽습니다.",
        f"These data show a difference of {shown} in {title.en} about four times out of five; "
        "smaller ones often stay unseen.",
    )


def _subgroups(demand: Demand) -> list[Words]:
    columns = [each for each in demand.inputs if each.name in demand.subgroups]
    if not columns:
        return []
    by = _listed(demand, columns)
    return [
        words(
            f"보고서에는 하위집단별({by.ko}) 점수도 싣되, "
            f"{demand.minimum_cell}건보다 적은 칸은 감춥니다.",
            f"The report also gives scores by subgroup ({by.en}) and hides cells of fewer than "
            f"{demand.minimum_cell} cases.",
        )
    ]


def _judged(rubric: Rubric) -> Words:
    titles = [criterion.title for criterion in rubric.criteria]
    ko = f"평가위원도 다음 기준으로 평가합니다: {', '.join(each.ko for each in titles)}."
    en = f"Evaluators judge these criteria too: {', '.join(each.en for each in titles)}."
    if rubric.mixture is None:
        return words(
            f"{ko} 평가 점수는 측정 결과와 섞지 않고 나란히 싣습니다.",
            f"{en} Their scores stand beside the measured part and are not mixed with it.",
        )
    measured = round(100 * rubric.mixture.measured_share)
    return words(
        f"{ko} 측정 결과 {measured} %와 평가 점수 {100 - measured} %를 합칩니다.",
        f"{en} The measured part counts {measured} %, their scores {100 - measured} %.",
    )


def _dates(timetable: Timetable) -> Words:
    asked, opens, closes, decided = (
        korean_time(moment)
        for moment in (
            timetable.questions_until,
            timetable.opens,
            timetable.closes,
            timetable.decision_by,
        )
    )
    days = timetable.objection_days
    return words(
        f"질의는 {asked}까지, 제출은 {opens}부터 {closes}까지 받고, {decided}까지 판정합니다"
        f"(한국 시각). 판정을 알린 뒤 {days}일 동안 이의를 신청할 수 있습니다.",
        f"Questions are taken until {asked}, submissions from {opens} to {closes}; the decision "
        f"is due by {decided} (Korean time). Objections may be made for "
        f"{_count(days, 'day', 'days')} after notice of it.",
    )
