"""A demand is taken whole or refused in one sentence that names the place."""

from __future__ import annotations

import json

import pytest
import yaml

from madang.kernel.errors import InputError
from madang.trials.engine.demand_text import check_metrics, examine, read_demand
from madang.trials.engine.errors import DemandError
from madang.trials.engine.phases import Timetable
from madang.trials.engine.rubric import Rubric
from madang.trials.engine.schema import check_schema
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND

pytestmark = pytest.mark.usefixtures("toys")

CLASSIFICATION = """
demand: churn
title: {ko: 이탈 예측, en: Churn}
ministry: {ko: 시험부, en: Ministry of Tests}
problem: {ko: 이탈할 고객을 찾습니다., en: Find who leaves.}
task: {name: trials.classification, options: {outcome: 결과}}
data:
  id: 번호
  group: 지역
  inputs:
    - {name: 나이, kind: number, unit: 세, title: {ko: 나이, en: Age}}
    - {name: 가입, kind: category, levels: [yes, no]}
  outcomes:
    - {name: 결과, kind: category, levels: [on, off], title: {ko: 결과, en: Outcome}}
parts: {open: 0.25, develop: 0.25, board: 0.25, final: 0.25}
seed: 1
decision: {metric: log_loss, baseline: class_shares, rule: superiority}
"""


def line(**changes: object) -> str:
    """The line demand with items replaced (by None: left out); `a__b` stands for a.b."""
    plain = yaml.safe_load(LINE_DEMAND)
    for path, value in changes.items():
        *steps, last = path.split("__")
        place = plain
        for step in steps:
            place = place[int(step)] if step.isdigit() else place[step]
        if value is None:
            del place[last]
        else:
            place[int(last) if last.isdigit() else last] = value
    return json.dumps(plain, ensure_ascii=False)


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_demand(text.encode())
    ko, en = caught.value.sentence("ko"), caught.value.sentence("en")
    assert "\n" not in ko + en
    assert len(en) < 500
    return en


def test_a_demand_is_read_with_its_defaults():
    demand = read_demand(LINE_DEMAND.encode())

    assert (demand.name, demand.seed, demand.quota, demand.minimum_cell) == ("line", 7, 3, 5)
    assert demand.shares == {"open": 0.3, "board": 0.3, "final": 0.4}
    assert [column.name for column in demand.columns] == ["id", "site", "x", "colour", "y"]
    assert demand.inputs[1].levels == ("파랑", "빨강")
    assert demand.decision.alpha == 0.05
    assert demand.decision.margin == 0.0
    assert demand.limits.step_s == 5.0
    assert demand.encoding == "utf-8"
    assert demand.source.en == "not stated"


def test_korean_names_and_words_like_yes_are_kept():
    demand = read_demand(CLASSIFICATION.encode())

    assert [column.name for column in demand.columns] == ["번호", "지역", "나이", "가입", "결과"]
    assert demand.inputs[1].levels == ("yes", "no")
    assert demand.outcomes[0].levels == ("on", "off")
    assert demand.titles["나이"].en == "Age"
    assert demand.quota == 100
    assert demand.tiers == ("onnx", "python")


def test_the_digest_knows_the_content_and_not_the_layout():
    demand = read_demand(LINE_DEMAND.encode())
    commented = "# a note\n" + LINE_DEMAND.replace("seed: 7", "seed:   7.0  # why seven")

    assert read_demand(commented.encode()).digest == demand.digest
    assert read_demand(line().encode()).digest == demand.digest
    assert read_demand(line(seed=8).encode()).digest != demand.digest
    assert read_demand(line(problem__ko="직선.").encode()).digest != demand.digest


def test_whole_numbers_written_with_a_point_are_whole():
    demand = read_demand(
        line(seed=7.0, quota__submissions=3.0, minimum_cell=5.0, limits__memory_mb=512.0).encode()
    )

    for value in (demand.seed, demand.quota, demand.minimum_cell, demand.limits.memory_mb):
        assert type(value) is int


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"demand": None}, "no demand"),
        ({"seed": None}, "no seed"),
        ({"title__ko": None}, "no ko in title"),
        ({"extra": 1}, "the unknown item extra"),
        ({"demand": "Line"}, "the value Line in demand"),
        ({"demand": "../line"}, "the value ../line in demand"),
        ({"demand": "line\n"}, "in demand"),
        ({"demand": "a" * 61}, "at most 60 characters"),
        ({"demand": 7}, "expected a text"),
        ({"title__en": ""}, "in title.en"),
        ({"title__en": "x" * 4001}, "at most 4000 characters"),
        ({"task__name": "line"}, "in task.name"),
        ({"task__options": []}, "a mapping"),
        ({"task__options": {"near": -1}}, "in task.options.near; expected more than 0"),
        ({"task__options": {"far": 1}}, "the unknown item far in task.options"),
        ({"data__inputs": []}, "in data.inputs; expected at least 1"),
        (
            {"data__inputs__0__kind": "float"},
            "the value float in data.inputs.0.kind; expected one",
        ),
        ({"data__inputs__0__name": ""}, "in data.inputs.0.name"),
        ({"data__inputs__0__nullable": "yes"}, "expected true or false"),
        ({"data__inputs__1__levels": ["a"]}, "at least 2"),
        ({"data__inputs__1__levels": ["a", "a"]}, "a value twice in data.inputs.1.levels"),
        ({"data__inputs__1__levels": ["a", 1]}, "expected a text"),
        ({"data__encoding": "euc-kr"}, "one of utf-8, cp949"),
        ({"parts__open": 0}, "in parts.open; expected more than 0"),
        ({"parts__open": 1}, "in parts.open; expected less than 1"),
        ({"parts__test": 0.1}, "the unknown item test in parts"),
        ({"parts__board": None}, "no board in parts"),
        ({"seed": -1}, "at least 0"),
        ({"seed": 1.5}, "a whole number"),
        ({"seed": "7"}, "a whole number"),
        ({"seed": True}, "the value true in seed; expected a whole number"),
        ({"tiers": ["docker"]}, "one of predictions, onnx, python"),
        ({"tiers": ["onnx", "onnx"]}, "a value twice in tiers"),
        ({"tiers": []}, "in tiers"),
        ({"limits__wall_s": 0}, "in limits.wall_s"),
        ({"limits__memory_mb": 63}, "at least 64"),
        ({"quota__submissions": 0}, "at least 1"),
        ({"decision__rule": "best"}, "one of superiority, non_inferiority"),
        ({"decision__alpha": 0.5}, "at most 0.2"),
        ({"decision__alpha": 0}, "more than 0"),
        ({"decision__margin": -1}, "at least 0"),
        ({"decision__margin": "nan"}, "expected a number"),
        ({"decision__guard": {"hit_score": "high"}}, "in decision.guard.hit_score"),
        ({"minimum_cell": 2}, "at least 3"),
        ({"subgroups": ["colour", "colour"]}, "a value twice in subgroups"),
    ],
)
def test_each_violation_of_the_schema_names_its_place(changes, said):
    assert said in refused(line(**changes))


@pytest.mark.parametrize("text", ["", "7", "line", "[1, 2]", "- a\n- b", "null", "true"])
def test_a_text_that_is_no_mapping_is_refused(text):
    assert "expected a mapping" in refused(text)


def test_a_refusal_never_quotes_a_value_at_length_and_never_a_line_break():
    said = refused(line(demand="x\n" * 90_000))

    assert len(said) < 250


def test_sentences_of_the_schema_are_korean_for_korean_readers():
    with pytest.raises(DemandError) as caught:
        read_demand(line(seed=-1).encode())

    said = caught.value.sentence("ko")
    assert said == (
        "확인된 내용: seed 항목의 값 -1. 필요한 내용: 0 이상. 수요 문서를 고쳐 다시 등록하십시오."
    )


@pytest.mark.parametrize("validator", ["anyOf", "not", "dependentRequired"])
def test_rarer_rules_of_a_schema_have_a_sentence_too(validator):
    schema = {
        "anyOf": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "not": {"not": {"type": "integer"}},
        "dependentRequired": {"type": "object", "dependentRequired": {"a": ["b"]}},
    }[validator]
    plain = {"a": 1} if validator == "dependentRequired" else 1

    with pytest.raises(DemandError) as caught:
        check_schema(plain, schema, "task.options")
    assert "task.options" in caught.value.sentence("en")


@pytest.mark.parametrize(
    "parts", [{"open": 0.3, "board": 0.3, "final": 0.3}, {"open": 0.5, "board": 0.5, "final": 0.5}]
)
def test_shares_that_do_not_sum_to_one_are_refused(parts):
    total = sum(parts.values())

    assert f"parts that sum to {total:g}" in refused(line(parts=parts))


def test_shares_sum_to_one_within_rounding():
    parts = {"open": 0.1, "develop": 0.2, "board": 0.3, "final": 0.4}

    assert sum(parts.values()) == 1.0
    assert read_demand(line(parts=parts | {"open": 0.1 + 1e-12}).encode()).shares["final"] == 0.4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data__inputs__0__name": "y"}, "the column 'y' twice"),
        ({"data__inputs__0__name": "id"}, "the column 'id' twice"),
        ({"data__group": "id"}, "the column 'id' twice"),
        ({"data__group": "y"}, "the column 'y' twice"),
        ({"data__outcomes__0__name": "colour"}, "the column 'colour' twice"),
    ],
)
def test_a_column_stands_once(changes, said):
    assert said in refused(line(**changes))


@pytest.mark.parametrize("name", ["case", "__group", "__id", "__row", "__anything"])
@pytest.mark.parametrize(
    "place", ["data__id", "data__group", "data__inputs__1__name", "data__outcomes__0__name"]
)
def test_names_that_the_platform_uses_are_refused_everywhere(place, name):
    assert f"the column name {name!r}" in refused(line(**{place: name}))


def test_levels_stand_on_categories_and_only_there():
    assert "the levels of column 'x'" in refused(line(data__inputs__0__levels=["a", "b"]))
    assert "the levels of column 'colour'" in refused(line(data__inputs__1__levels=None))


def test_a_group_may_be_an_input_but_not_an_empty_one():
    grouped = read_demand(line(data__group="colour").encode())

    assert [column.name for column in grouped.columns] == ["id", "x", "colour", "y"]
    said = refused(line(data__group="colour", data__inputs__1__nullable=True))
    assert "the group column 'colour'" in said


@pytest.mark.parametrize("name", ["x", "y", "site", "nothing"])
def test_a_subgroup_is_a_category_among_the_inputs(name):
    assert f"the subgroup {name!r}" in refused(line(subgroups=[name]))


def test_an_unknown_task_names_the_known_ones():
    said = refused(line(task__name="toys.circle"))

    assert "the task 'toys.circle'" in said
    assert "toys.line" in said


def test_an_unknown_baseline_names_the_known_ones():
    assert refused(line(decision__baseline="mean")) == (
        "Found baseline 'mean'; expected one of median."
    )


def test_columns_that_the_task_cannot_use_are_refused():
    assert "a column x" in refused(line(data__inputs__0__name="z"))


@pytest.mark.parametrize(
    "changes",
    [
        {"decision__metric": "speed"},
        {"decision__secondary": ["speed"]},
        {"decision__guard": {"speed": 1.0}},
    ],
)
def test_an_unknown_metric_is_refused_once_the_task_can_tell(changes):
    demand = read_demand(line(**changes).encode())

    with pytest.raises(DemandError, match="metric 'speed'"):
        check_metrics(demand, {"absolute_loss": None, "hit_score": None})


def test_a_replay_takes_python_alone():
    assert read_demand(SEARCH_DEMAND.encode()).tiers == ("python",)
    assert read_demand(SEARCH_DEMAND.replace("tiers: [python]\n", "").encode()).tiers == (
        "python",
    )
    for tiers in ("[onnx, python]", "[predictions]"):
        assert "the tier of a replay task: python" in refused(
            SEARCH_DEMAND.replace("tiers: [python]", f"tiers: {tiers}")
        )


def test_numbers_that_no_digest_can_hold_are_refused():
    for text in ("seed: 9007199254740992", "seed: 1e999", "seed: .nan"):
        assert refused(LINE_DEMAND.replace("seed: 7", text))


PHASES = {
    "posted": "2026-12-01T09:00:00+09:00",
    "questions_from": "2026-12-01T09:00:00+09:00",
    "questions_until": "2026-12-10T18:00:00+09:00",
    "opens": "2026-12-08T09:00:00+09:00",
    "closes": "2027-01-15T18:00:00+09:00",
    "decision_by": "2027-02-01T18:00:00+09:00",
    "objection_days": 10,
}
RUBRIC = {
    "criteria": [
        {
            "name": name,
            "title": {"ko": ko, "en": en},
            "weight": weight,
            "anchors": [
                {"level": 1, "meaning": {"ko": "낮음", "en": "low"}},
                {"level": 5, "meaning": {"ko": "높음", "en": "high"}},
            ],
        }
        for name, ko, en, weight in (
            ("plan", "추진 계획", "plan", 2),
            ("team", "수행 인력", "people", 1),
        )
    ],
}


def places(text: str) -> list[str]:
    return [fault.place for fault in examine(text.encode()).faults]


def test_dates_and_a_rubric_are_part_of_the_demand_and_of_its_digest():
    text = line(phases=PHASES, rubric=RUBRIC)

    demand = read_demand(text.encode())

    assert demand.timetable == Timetable.from_plain(PHASES)
    assert demand.rubric == Rubric.from_plain(RUBRIC)
    assert demand.digest != read_demand(line().encode()).digest
    other = {**PHASES, "closes": "2027-01-16T18:00:00+09:00"}
    assert demand.digest != read_demand(line(phases=other, rubric=RUBRIC).encode()).digest
    assert read_demand(line().encode()).timetable is None
    assert read_demand(line().encode()).rubric is None


def test_what_the_rules_write_down_a_demand_takes_back():
    phases, rubric = Timetable.from_plain(PHASES).plain(), Rubric.from_plain(RUBRIC).plain()

    demand = read_demand(line(phases=phases, rubric=rubric).encode())

    assert (demand.timetable, demand.rubric) == (
        Timetable.from_plain(PHASES), Rubric.from_plain(RUBRIC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"phases": {**PHASES, "closes": "2026-12-01T09:00:00+09:00"}}, "phases"),
        ({"phases": {**PHASES, "closes": "2027-01-15T18:00:00"}}, "phases.closes"),
        ({"phases": {**PHASES, "closes": "soon"}}, "phases.closes"),
        ({"phases": {**PHASES, "closes": "2027-13-15T18:00:00Z"}}, "phases"),
        ({"phases": {**PHASES, "objection_days": 0}}, "phases.objection_days"),
        ({"phases": {k: v for k, v in PHASES.items() if k != "opens"}}, "phases"),
        ({"phases": {**PHASES, "extra": 1}}, "phases"),
        ({"rubric": {"criteria": []}}, "rubric.criteria"),
        ({"rubric": {"criteria": RUBRIC["criteria"][:1] * 2}}, "rubric"),
        ({"rubric": {**RUBRIC, "trim": 0.5}}, "rubric.trim"),
        (
            {"rubric": {**RUBRIC, "mixture": {"measured_share": 0.5, "zero": 1, "full": 1}}},
            "rubric",
        ),
    ],
)
def test_dates_and_rubrics_that_cannot_hold_are_told_at_their_place(changes, place):
    assert places(line(**changes)) == [place]


@pytest.mark.parametrize("name", ["id", "site", "x", "y"])
def test_what_is_used_cannot_be_ignored(name):
    text = LINE_DEMAND.replace("  id: id\n", f"  id: id\n  ignored: [memo, {name}]\n")

    assert [fault.place for fault in examine(text.encode()).faults] == ["data.ignored.1"]
    ignoring = LINE_DEMAND.replace("  id: id\n", "  id: id\n  ignored: [memo]\n")
    assert read_demand(ignoring.encode()).ignored == ("memo",)
