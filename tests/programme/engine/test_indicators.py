"""What counts for an indicator is what its rule says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from madang.kernel import ids, systems
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.programme.engine import indicators, lines
from madang.programme.engine.counting import Counted, Found, Gathered, evaluate
from madang.programme.engine.errors import FactsError
from madang.programme.engine.indicators import Indicator

DIGESTS = {name: ids.digest(name.encode()) for name in ("solution.py", "weights.bin")}
"""Names of a firm's two files with their digests."""


def said(noun: str, subject: str, **predicate: Any) -> Statement:
    """A statement of another system."""
    return Statement(
        subjects={subject: ids.digest(subject.encode())},
        predicate_type=predicate_type(noun),
        predicate=predicate,
    )


def demand(name: str = "heart", task: str = "prognosis.survival") -> Statement:
    return said("demand", f"demand/{name}", demand=name, task={"name": task, "version": 1})


def submission(
    name: str = "s1", of: str = "heart", files: dict[str, str] | None = None
) -> Statement:
    files = DIGESTS if files is None else files
    digest = ids.digest(repr(files).encode())
    return said("submission", f"submission/{name}", id=name, demand=of, files=files, digest=digest)


def run(of: str = "s1", state: str = "done", to: str = "heart", part: str = "board") -> Statement:
    return said("run", f"run/{of}-{part}", submission=of, demand=to, state=state, part=part)


def of(name: str) -> Indicator:
    found = indicators.of(name)
    assert found is not None
    return found


def look(name: str, *statements: Statement) -> Found:
    return evaluate(of(name), Gathered(enumerate(statements)))


def only(found: Found) -> Counted:
    (counted,) = found.counted
    return counted


def test_every_itemised_line_has_an_indicator_and_the_remainder_has_none() -> None:
    asked = {each.line for each in indicators.load()}

    # The eleven lines of the source, facts/2025-2.yaml.
    assert asked == {line.id for line in lines.load().lines if line.itemised}
    assert len(asked) == 11


def test_every_deliverable_has_an_indicator() -> None:
    asked = {each.deliverable for each in indicators.load()}

    promised = [each.id for line in lines.load().lines for each in line.deliverables]
    assert asked == set(promised)


def test_the_source_names_no_target_so_the_first_proof_is_it() -> None:
    for each in indicators.load():
        assert each.is_first_proof
        assert each.target == 1
        assert each.is_reached(1)
        assert not each.is_reached(0)


def test_an_indicator_of_a_room_that_does_not_stand_says_so() -> None:
    found = {each.id: each.is_built for each in indicators.load()}

    assert {name for name, built in found.items() if built} == {
        each.id for each in indicators.load() if each.system in systems.NAMES
    }
    assert not found["learners-certified"]


def test_a_run_that_ended_counts_with_its_demand_and_the_files_of_its_submission() -> None:
    counted = only(look("prognosis-models", demand(), submission(), run()))

    assert counted.entry == 2
    assert [each.entry for each in counted.rests_on] == [0, 1]
    assert [(each.name, each.digest, each.entry) for each in counted.files] == [
        ("solution.py", DIGESTS["solution.py"], 1),
        ("weights.bin", DIGESTS["weights.bin"], 1),
    ]


def test_a_run_for_another_task_is_no_prognosis_model_but_was_tried() -> None:
    told = [demand(task="trials.forecasting"), submission(), run()]

    assert look("prognosis-models", *told).value == 0
    assert look("solutions-tried", *told).value == 1


@pytest.mark.parametrize("task", ["prognosis.survival", ["prognosis."], {"name": 3}, {}, None])
def test_a_demand_whose_task_has_another_form_is_none_of_prognosis(task: object) -> None:
    odd = said("demand", "demand/heart", demand="heart", task=task)

    assert look("prognosis-models", odd, submission(), run()).value == 0


@pytest.mark.parametrize("state", ["failed", "cancelled", "Done", ""])
def test_a_run_that_did_not_end_well_does_not_count(state: str) -> None:
    assert look("solutions-tried", demand(), submission(), run(state=state)).value == 0


def test_a_rerun_counts_once_and_so_do_the_same_files_handed_in_twice() -> None:
    found = look(
        "solutions-tried",
        demand(),
        submission(),
        run(),
        run(part="final"),
        submission("s2"),
        run("s2"),
        submission("s3", files={"model.onnx": "0" * 64}),
        run("s3"),
    )

    assert len(found.counted) == 4
    assert found.value == 2


def test_a_run_without_its_submission_or_demand_before_it_does_not_count() -> None:
    assert look("solutions-tried", submission(), run()).value == 0
    assert look("solutions-tried", demand(), run()).value == 0
    assert look("solutions-tried", demand(), run(), submission()).value == 0


def test_a_submission_for_another_demand_does_not_count() -> None:
    assert look("solutions-tried", demand(), submission(of="lung"), run()).value == 0


def live(name: str, files: dict[str, str] | None = None, **more: Any) -> Statement:
    solution = submission(files=files).predicate["digest"]
    facts = {"demand": name, "submission": "s1", "solution": solution, **more}
    return said("adoption-live", f"demand/{name}", **facts)


def test_a_demand_whose_solution_went_live_counts_once() -> None:
    found = look("demands-adopted", submission(), live("heart"), live("heart"))

    assert found.value == 1
    assert len(found.counted) == 2


def test_a_solution_that_is_not_the_one_handed_in_is_not_adopted() -> None:
    assert look("demands-adopted", submission(), live("heart", solution="0" * 64)).value == 0


def test_true_is_not_one_and_what_is_missing_equals_nothing() -> None:
    assert look("roas-published", said("roa-published", "roa/1", roa="1", valid=True)).value == 1
    assert look("roas-published", said("roa-published", "roa/1", roa="1", valid=1)).value == 0
    assert look("roas-published", said("roa-published", "roa/1", roa="1")).value == 0
    assert look("incidents-answered", said("incident-answered", "i", incident="i")).value == 0


@pytest.mark.parametrize("value", [None, "", [], {"a": 1}])
def test_what_counts_nothing_that_can_be_told_apart_does_not_count(value: object) -> None:
    assert look("machines-connected", said("machine-connected", "m", machine=value)).value == 0


def test_a_digest_alone_or_in_a_list_is_a_file_and_what_is_none_cannot_be_found() -> None:
    digest = DIGESTS["solution.py"]
    for found, expected in ((digest, [digest]), ([digest, "x"], [digest, ""]), (None, [""])):
        told = said("machine-connected", "m", machine="m", readings=found)

        assert [each.digest for each in only(look("machines-connected", told)).files] == expected


def test_a_statement_of_another_version_or_noun_does_not_count() -> None:
    other = Statement(
        subjects={"m": "0" * 64},
        predicate_type=predicate_type("machine-connected", version=2),
        predicate={"machine": "m"},
    )

    assert look("machines-connected", other).value == 0


def test_a_sentence_names_only_what_may_be_told() -> None:
    asked = of("solutions-tried")

    assert "heart" in asked.sentence({"demand": "heart"}).ko
    assert "비공개" in asked.sentence(None).ko
    assert "not public" in asked.sentence(None).en
    assert "{" not in asked.sentence({}).en


FACTS = """
indicators:
  - {id: a, line: LINE, deliverable: rpki-in-use, system: rpki, title_ko: ㄱ, title_en: a,
     unit_ko: 건, unit_en: of, told_ko: ㄱ, told_en: a, says_ko: ㄱ, says_en: a,
     rule: {statement: roa, counts: roa}}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FACTS.replace("LINE", "rpki"), "lines without indicator"),
        (FACTS.replace("LINE", "ai-fund"), "deliverable 'rpki-in-use' and system 'rpki'"),
        (FACTS.replace("unit_ko: 건,", ""), "unit_ko"),
        (FACTS.replace("counts: roa", ""), "counts"),
        ("indicators: 3", "cannot be read"),
    ],
)
def test_facts_that_do_not_fit_the_lines_are_refused(text: str, told: str) -> None:
    with pytest.raises(FactsError) as refused:
        indicators.read(text.encode(), lines.load())

    assert told in refused.value.sentence("en")


def test_a_line_that_does_not_exist_is_refused_by_name() -> None:
    from madang.programme.engine.errors import BookingRefused

    with pytest.raises(BookingRefused, match="moon"):
        indicators.read(FACTS.replace("LINE", "moon").encode(), lines.load())
