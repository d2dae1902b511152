"""A demand is told in plain sentences, in both languages, with what is known and no more."""

from __future__ import annotations

import pytest

from madang.kernel.trial import Metric
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.phases import Timetable
from madang.trials.engine.preview import preview
from madang.trials.engine.rubric import Rubric
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND
from tests.trials.engine.test_demand import PHASES, RUBRIC

pytestmark = pytest.mark.usefixtures("toys")

SIZES = {"open": 1060, "board": 60, "final": 80}
METRIC = Metric(
    name="absolute_loss", title_ko="평균 절대오차", title_en="Mean absolute error",
    direction="lower", unit="m",
)  # fmt: skip


def told(text: str = LINE_DEMAND, **known) -> tuple[str, str]:
    found = preview(read_demand(text.encode()), **known)
    assert all(each.ko.strip() and each.en.strip() for each in found)
    return "\n".join(each.ko for each in found), "\n".join(each.en for each in found)


def test_a_demand_without_a_table_tells_shares():
    ko, en = told()

    assert "시험부는 '직선' 문제를 풀 AI를 찾습니다. 직선을 찾습니다." in ko
    assert "자료의 30 %는 결과와 함께 공개하고 나머지는 봉인합니다." in ko
    assert "30 % of the data are given out" in en
    assert "자료의 출처는 아직 적지 않았습니다." in ko
    assert "absolute_loss" in en


def test_a_demand_with_its_table_tells_numbers():
    ko, en = told(sizes=SIZES, metrics=[METRIC], difference=0.66730)

    assert "사례 1,200건 가운데 1,060건은 결과와 함께 공개하고 140건은 봉인합니다." in ko
    assert "on 80 cases sealed apart, by Mean absolute error (lower is better)" in en
    assert "평균 절대오차 차이가 0.667 m 이상" in ko
    assert "the simple answer that anybody could give (Median for everybody)" in en
    assert "at most 5 %" in en


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("rule: superiority", "shown by statistics to be better than"),
        ("rule: superiority, margin: 0.2", "shown by statistics to be more than 0.2 better than"),
        ("rule: non_inferiority, margin: 0.2", "no more than 0.2 worse than"),
    ],
)
def test_the_rule_is_told_as_it_will_be_applied(rule, said):
    assert said in told(LINE_DEMAND.replace("rule: superiority", rule))[1]


def test_who_may_hand_in_what_is_told():
    ko, en = told()
    only_python = told(LINE_DEMAND.replace("[predictions, onnx, python]", "[python]"))
    only_files = told(LINE_DEMAND.replace("[predictions, onnx, python]", "[predictions]"))

    assert "기업마다 3번까지" in ko
    assert "up to 3 times" in en
    assert "firms see the inputs of sealed cases" in en
    assert "제출 형태는 파이썬 원본입니다." in only_python[0]
    assert "firms see the inputs" not in only_python[1]
    assert "must end within 20 s" in only_python[1]
    assert "must end within" not in only_files[1]


def test_guards_subgroups_and_titles_are_told_where_there_are_any():
    text = LINE_DEMAND.replace("secondary: [hit_score]", "guard: {hit_score: 0.1}").replace(
        "{name: x, kind: number, unit: m}",
        "{name: x, kind: number, title: {ko: 가로, en: width}}",
    )
    ko, en = told(text)

    assert "hit_score 0.1" in en
    assert "하위집단별(colour) 점수도 싣되, 5건보다 적은 칸은 감춥니다." in ko
    assert "2가지 정보(가로, colour)" in ko
    assert "(width, colour)" in en
    assert "하위집단" not in told(LINE_DEMAND.replace("subgroups: [colour]", ""))[0]


def test_many_columns_are_counted_and_not_all_listed():
    more = "\n".join(f"    - {{name: c{n}, kind: number}}" for n in range(9))
    ko, en = told(LINE_DEMAND.replace("  inputs:\n", f"  inputs:\n{more}\n"))

    assert "11가지 정보(c0, c1, c2, c3, c4, c5 외 5가지)" in ko
    assert "c5 and 5 more" in en


def test_a_replay_is_told_too():
    assert "Python source" in told(SEARCH_DEMAND)[1]


def test_dates_and_the_rubric_are_told_where_the_demand_or_its_page_has_them():
    timetable, rubric = Timetable.from_plain(PHASES), Rubric.from_plain(RUBRIC)
    mixed = Rubric.from_plain({**RUBRIC, "mixture": {"measured_share": 0.7, "zero": 5, "full": 0}})

    ko, en = told(timetable=timetable, rubric=rubric)

    assert "제출은 2026-12-08 09:00부터 2027-01-15 18:00까지" in ko
    assert "Objections may be made for 10 days after notice of it." in en
    assert "these criteria too: plan, people" in en
    assert "섞지 않고 나란히" in ko
    assert "측정 결과 70 %와 평가 점수 30 %를 합칩니다." in told(rubric=mixed)[0]
    assert "제출은" not in told()[0]
    assert "평가위원" not in told()[0]


def test_dates_in_the_text_itself_are_told_too():
    import json

    text = LINE_DEMAND + f"phases: {json.dumps(PHASES)}\nrubric: {json.dumps(RUBRIC)}\n"

    assert "제출은 2026-12-08 09:00부터" in told(text)[0]
    assert "Evaluators judge" in told(text)[1]
