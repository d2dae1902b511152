"""Every task that a system offers to the trials keeps the promises of `kernel.trial.Task`."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.trial import PARTS, Task
from tests.contract.task_examples import EXAMPLES, Example

HANGUL = re.compile("[가-힣]")
LATIN = re.compile("[A-Za-z]")
OFFERED = {
    f"{system.name}.{noun}": (system.extra, reference)
    for system in systems.manifests()
    for noun, reference in system.tasks.items()
}
each_task = pytest.mark.parametrize("name", OFFERED)


@dataclass(frozen=True)
class Tried:
    """A task with its example, split, and the baselines' answers for the final part."""

    task: Task
    example: Example
    parts: np.ndarray
    frame: dict[str, Any]
    inputs: pl.DataFrame
    outcomes: pl.DataFrame
    answers: dict[str, Any]

    @property
    def common(self) -> dict[str, Any]:
        return {"frame": self.frame, "options": self.example.options}

    def score(self, metric: str, answers: Any) -> float:
        return self.task.score(metric, self.outcomes, answers, **self.common)


def load(name: str) -> Task:
    extra, reference = OFFERED[name]
    return systems.load(reference, extra=extra)()


def tables(task: Task, example: Example) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Inputs and outcomes; with the outcomes, the inputs that scoring needs beside them."""
    table = example.table()
    inputs = [column.name for column in example.inputs]
    outcomes = [column.name for column in example.outcomes]
    carried = task.scoring_columns(options=example.options)
    return table.select(inputs), table.select(*outcomes, *carried)


def split(task: Task, example: Example, *, seed: int = 3, **changes: Any) -> np.ndarray:
    inputs, outcomes = tables(task, example)
    given = {
        "groups": None,
        "shares": example.shares,
        "rng": np.random.default_rng(seed),
        "options": example.options,
    }
    return task.split(inputs, outcomes, **{**given, **changes})


_tried: dict[str, Tried] = {}


def tried(name: str) -> Tried:
    if name not in _tried:
        task, example = load(name), EXAMPLES[name]
        parts = split(task, example)
        inputs, outcomes = tables(task, example)
        known, asked = parts == PARTS.index("open"), parts == PARTS.index("final")
        open_inputs, open_outcomes = inputs.filter(known), outcomes.filter(known)
        frame = task.frame(open_inputs, open_outcomes, options=example.options)
        sealed, truth = inputs.filter(asked), outcomes.filter(asked)
        answers = {}
        for baseline in task.baselines(options=example.options):
            answers[baseline.name] = (
                played(task, example, baseline.predict, sealed, truth, frame)
                if task.kind == "replay"
                else baseline.predict(
                    open_inputs, open_outcomes, sealed, frame=frame, options=example.options
                )
            )
        _tried[name] = Tried(task, example, parts, frame, sealed, truth, answers)
    return _tried[name]


def played(task: Task, example: Example, act: Any, inputs: Any, outcomes: Any, frame: Any) -> Any:
    records = []
    for row in range(inputs.height):
        environment = task.environment(
            inputs, outcomes, row=row, frame=frame, options=example.options
        )
        memory: dict[str, Any] = {}
        while (observation := environment.observation()) is not None:
            environment.act(act(observation, memory))
        records.append(environment.record())
    return records


def both_languages(korean: str, english: str) -> bool:
    return bool(HANGUL.search(korean) or not LATIN.search(english)) and not HANGUL.search(english)


@each_task
def test_a_task_has_an_example(name):
    assert name in EXAMPLES, f"write an example of {name} in tests/contract/task_examples.py"


@each_task
def test_a_task_says_what_it_is(name):
    task = load(name)

    assert task.name == name
    assert task.version >= 1
    assert task.kind in ("table", "replay")
    assert HANGUL.search(task.title_ko)
    assert task.title_en
    assert not HANGUL.search(task.title_en)


@each_task
def test_the_options_have_a_schema_that_refuses_what_it_does_not_know(name):
    schema, options = load(name).options_schema(), EXAMPLES[name].options
    judge = jsonschema.Draft202012Validator(schema)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    judge.validate(options)
    assert not judge.is_valid({**options, "an option of nobody": 1})
    for required in schema.get("required", ()):
        assert not judge.is_valid({k: v for k, v in options.items() if k != required})


@each_task
def test_every_option_is_described_in_both_languages(name):
    for option, schema in load(name).options_schema()["properties"].items():
        korean, _, english = schema.get("description", "").partition(" · ")
        assert HANGUL.search(korean), option
        assert LATIN.search(english), option
        assert not HANGUL.search(english), option


@each_task
def test_the_example_passes_the_checks_and_is_free_of_leaks(name):
    task, example = load(name), EXAMPLES[name]
    inputs, outcomes = tables(task, example)

    task.check(example.inputs, example.outcomes, options=example.options)
    task.check_outcomes(outcomes, options=example.options)
    assert task.leaks(inputs, outcomes, options=example.options) == ()


@each_task
def test_a_missing_outcome_column_is_refused_in_both_languages(name):
    task, example = load(name), EXAMPLES[name]
    for missing in example.outcomes:
        left = tuple(each for each in example.outcomes if each != missing)

        with pytest.raises(InputError) as refused:
            task.check(example.inputs, left, options=example.options)

        assert HANGUL.search(refused.value.sentence("ko"))
        assert missing.name in refused.value.sentence("en")


@each_task
def test_an_outcome_column_of_another_kind_is_refused(name):
    task, example = load(name), EXAMPLES[name]
    for wrong in example.outcomes:
        kind = "number" if wrong.kind in ("text", "category") else "text"
        changed = tuple(
            dataclasses.replace(each, kind="category", levels=("a", "b"))
            if each == wrong and kind == "text"
            else dataclasses.replace(each, kind=kind, levels=())
            if each == wrong
            else each
            for each in example.outcomes
        )

        with pytest.raises(InputError):
            task.check(example.inputs, changed, options=example.options)


@each_task
def test_outcomes_without_a_case_or_without_a_value_are_refused(name):
    task, example = load(name), EXAMPLES[name]
    _, outcomes = tables(task, example)
    nothing = outcomes.with_columns(
        pl.lit(None, dtype=kind).alias(n) for n, kind in outcomes.schema.items()
    )

    for broken in (outcomes.clear(), nothing):
        with pytest.raises(InputError) as refused:
            task.check_outcomes(broken, options=example.options)
        assert HANGUL.search(refused.value.sentence("ko"))
        assert not HANGUL.search(refused.value.sentence("en").replace("한", ""))


@each_task
def test_the_split_gives_each_part_its_share(name):
    task, example = load(name), EXAMPLES[name]
    parts = split(task, example)
    sizes = np.bincount(parts, minlength=len(PARTS)) / len(parts)
    two = np.bincount(split(task, example, shares={"open": 0.5, "final": 0.5}), minlength=4)

    assert parts.shape == (tables(task, example)[0].height,)
    np.testing.assert_allclose(sizes, [example.shares[part] for part in PARTS], atol=0.06)
    assert two[1] == two[2] == 0
    assert abs(two[0] - two[3]) <= 0.1 * len(parts)


@each_task
def test_the_split_repeats_from_the_same_seed_and_leaves_the_data_alone(name):
    task, example = load(name), EXAMPLES[name]
    before = tables(task, example)

    assert (split(task, example, seed=8) == split(task, example, seed=8)).all()
    assert all(one.equals(other) for one, other in zip(before, tables(task, example), strict=True))


@each_task
def test_the_split_tears_no_group_apart(name):
    task, example = load(name), EXAMPLES[name]
    groups = example.table()[example.group].to_numpy()
    parts = split(task, example, groups=groups)
    sizes = np.bincount(parts, minlength=len(PARTS)) / len(parts)

    assert all(len(set(parts[groups == group])) == 1 for group in np.unique(groups))
    np.testing.assert_allclose(sizes, [example.shares[part] for part in PARTS], atol=0.12)


@each_task
def test_the_frame_is_plain_json(name):
    frame = tried(name).frame

    assert json.loads(json.dumps(frame, allow_nan=False)) == frame


@each_task
def test_metrics_have_names_titles_and_directions(name):
    metrics = tried(name).task.metrics(**tried(name).common)

    assert metrics
    assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert metric.direction in ("lower", "higher")
        assert metric.title_ko
        assert both_languages(metric.title_ko, metric.title_en)
        assert metric.lowest is None or metric.highest is None or metric.lowest < metric.highest


@each_task
def test_an_unknown_metric_is_a_key_error(name):
    answers = next(iter(tried(name).answers.values()))

    with pytest.raises(KeyError):
        tried(name).score("a metric of nobody", answers)


@each_task
def test_baselines_have_names_and_titles(name):
    baselines = load(name).baselines(options=EXAMPLES[name].options)

    assert baselines
    assert len({baseline.name for baseline in baselines}) == len(baselines)
    for baseline in baselines:
        assert HANGUL.search(baseline.title_ko)
        assert both_languages(baseline.title_ko, baseline.title_en)


@each_task
def test_baselines_answer_as_the_outputs_ask(name):
    given = tried(name)
    outputs = given.task.outputs(**given.common)
    for answers in given.answers.values():
        check_form(outputs, answers, given.inputs.height)


def check_form(outputs: Any, answers: Any, rows: int) -> None:
    assert len(answers) == rows
    if outputs.kind == "numbers":
        assert answers.shape == (rows, len(outputs.columns))
        assert np.isfinite(answers).all()
        assert outputs.lowest is None or (answers >= outputs.lowest).all()
        assert outputs.highest is None or (answers <= outputs.highest).all()
        if outputs.row_rule == "sums_to_one":
            np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-9)
        if outputs.row_rule == "nonincreasing":
            assert (np.diff(answers, axis=1) <= 0).all()
        assert len(set(outputs.columns)) == len(outputs.columns)
    if outputs.kind == "texts":
        assert all(isinstance(answer, str) for answer in answers)
        assert max(map(len, answers)) <= outputs.longest
        assert not outputs.levels or set(answers) <= set(outputs.levels)
    if outputs.kind == "records":
        assert json.loads(json.dumps(answers, allow_nan=False)) == answers


@each_task
def test_baselines_answer_the_same_every_time(name):
    given = tried(name)
    _tried.pop(name)

    for key, answers in tried(name).answers.items():
        assert np.array_equal(np.asarray(answers), np.asarray(given.answers[key]))


@each_task
def test_baselines_score_within_the_metrics_bounds(name):
    """The first metric always has a value; another may be NaN where the cases leave it open."""
    given = tried(name)
    for answers in given.answers.values():
        for place, metric in enumerate(given.task.metrics(**given.common)):
            value = given.score(metric.name, answers)
            if place and math.isnan(value):
                continue
            assert math.isfinite(value)
            assert metric.lowest is None or value >= metric.lowest
            assert metric.highest is None or value <= metric.highest


@each_task
def test_losses_average_to_the_score(name):
    given = tried(name)
    seen = 0
    for answers in given.answers.values():
        for metric in given.task.metrics(**given.common):
            losses = given.task.losses(metric.name, given.outcomes, answers, **given.common)
            if losses is not None:
                seen += 1
                assert losses.shape == (given.outcomes.height,)
                assert abs(losses.mean() - given.score(metric.name, answers)) <= 1e-12

    assert seen, "no metric is a mean over cases: nothing can be compared case by case"


@each_task
def test_a_score_depends_neither_on_the_order_of_cases_nor_on_columns_beside(name):
    given = tried(name)
    order = np.random.default_rng(4).permutation(given.outcomes.height)
    outcomes = given.outcomes[order].with_columns(case=pl.Series(order), __group=pl.lit("x"))
    for answers in given.answers.values():
        listed = [answers[row] for row in order]
        turned = np.array(listed) if isinstance(answers, np.ndarray) else listed
        for metric in given.task.metrics(**given.common):
            value = given.task.score(metric.name, outcomes, turned, **given.common)
            assert value == pytest.approx(given.score(metric.name, answers), abs=1e-9, nan_ok=True)


@each_task
def test_a_covariance_is_one(name):
    given = tried(name)
    answers = list(given.answers.values()) * 2
    for metric in given.task.metrics(**given.common):
        found = given.task.covariance(metric.name, given.outcomes, answers, **given.common)
        if found is not None:
            assert found.shape == (len(answers), len(answers))
            np.testing.assert_allclose(found, found.T)
            assert np.linalg.eigvalsh(found).min() > -1e-12


@each_task
def test_a_copied_outcome_is_flagged(name):
    task, example = load(name), EXAMPLES[name]
    inputs, outcomes = tables(task, example)
    planted = inputs.with_columns(outcomes[example.planted].alias("planted"))
    leaks = task.leaks(planted, outcomes, options=example.options)

    assert {leak.column for leak in leaks} == {"planted"}
    assert leaks[0].value >= leaks[0].limit
    assert HANGUL.search(leaks[0].sentence_ko)
    assert LATIN.search(leaks[0].sentence_en)
    assert not HANGUL.search(leaks[0].sentence_en)
