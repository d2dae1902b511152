"""Sealing: what the engine registered becomes a row, a record and an empty intake."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from madang.kernel import clock
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.models import JobRun, LogEntry
from madang.trials import jobs
from madang.trials.engine.errors import DemandError
from madang.trials.web.services import demands as acts
from madang.trials.web.services import intake
from tests.portal.people import somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sealed_demand_holds_what_registration_fixed() -> None:
    demand = demands.sealed()

    assert demand.state == "sealed"
    assert demand.task == "trials.regression"
    assert demand.metric == "mae"
    assert demand.quota == 5
    assert demand.registration["tiers"] == ["predictions", "onnx", "python"]
    # Ten bands of 24 cases by 0.3, 0.3 and 0.4: 7.2, 7.2 and 9.6 by largest remainder.
    assert demand.registration["sizes"] == {"open": 70, "board": 70, "final": 100}
    assert set(demand.baselines) >= {"median"}
    assert len(demand.digest) == 64


def test_sealing_records_the_engines_own_statement_and_erases_the_table() -> None:
    draft = demands.with_table(demands.draft())
    file = intake.folder() / draft.table["file"]
    assert file.stat().st_mode & 0o777 == 0o600
    acts.check(draft, by=draft.posted_by)
    demands.worked(draft)
    acts.seal(draft, by=draft.posted_by)
    demands.worked(draft)

    assert draft.table == {}
    assert not file.exists()
    subject = f"demand/{draft.name}"
    (entry,) = LogEntry.objects.filter(subject=subject, predicate_type=predicate_type("demand"))
    assert Statement.decode(bytes(entry.content)).subjects[subject] == draft.digest


def checked(**given: object) -> Demand:
    """A draft with its table that the scorer has looked at."""
    draft = demands.with_table(demands.draft(**given))
    acts.check(draft, by=draft.posted_by)
    return demands.worked(draft)


def leaky() -> Demand:
    """A checked draft, a column of which is the outcome once more."""
    frame = demands.table().with_columns((pl.col("y") * 2).alias("copy"))
    data = demands.plain()["data"]
    data["inputs"].append({"name": "copy", "kind": "number"})
    draft = demands.with_table(demands.draft(data=data), demands.csv(frame))
    acts.check(draft, by=draft.posted_by)
    return demands.worked(draft)


def refusal(draft: Demand) -> str:
    """Why a draft is not sealed."""
    with pytest.raises(DemandError) as caught:
        acts.seal(draft, by=draft.posted_by)
    draft.refresh_from_db()
    assert draft.state == "draft"
    return caught.value.sentence("en")


def test_a_leak_is_accepted_by_name_and_with_a_reason_or_nothing_is_sealed() -> None:
    draft = leaky()
    assert [each["column"] for each in draft.findings["check"]["leaks"]] == ["copy"]
    assert "copy" in refusal(draft)

    told = [{"column": "copy", "reason": "known at that time"}]
    draft = acts.change(draft, by=draft.posted_by, accepted_leaks=told)
    acts.seal(draft, by=draft.posted_by)
    assert demands.worked(draft).state == "sealed"


def test_a_leak_that_only_sealing_finds_sends_the_draft_back() -> None:
    draft = leaky()
    findings = {**draft.findings, "check": {**draft.findings["check"], "leaks": []}}
    type(draft).objects.filter(pk=draft.pk).update(findings=findings)  # a check that missed it
    draft.refresh_from_db()
    acts.seal(draft, by=draft.posted_by)
    demands.worked(draft)

    assert draft.state == "draft"
    assert draft.findings["sealing"]["cause"] == "leaks"
    assert "copy" in refusal(draft)
    assert draft.table


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plain": {"minimum_cell": 20}}, "has not been checked"),
        ({"closes": None}, "Not every date"),
        ({"closes": "before it opens"}, "closing"),
    ],
)
def test_what_changed_after_the_check_is_not_sealed(change: dict[str, Any], said: str) -> None:
    draft = checked()
    if "plain" in change:
        change = {"plain": {**draft.plain, **change["plain"]}}
    if change.get("closes"):
        change = {"closes": draft.opens}
    draft = acts.change(draft, by=draft.posted_by, **change)

    assert said in refusal(draft)


def test_a_draft_without_a_table_is_not_sealed() -> None:
    draft = demands.draft()
    acts.check(draft, by=draft.posted_by)
    demands.worked(draft)

    assert "no table" in refusal(draft)


def test_a_new_table_asks_for_a_new_check() -> None:
    draft = demands.with_table(checked())

    assert "not been checked" in refusal(demands.worked(draft))


def test_a_check_that_was_overtaken_tells_nothing() -> None:
    draft = demands.with_table(demands.draft())
    acts.check(draft, by=draft.posted_by)
    first = type(draft).objects.get(pk=draft.pk).run
    acts.check(draft, by=draft.posted_by)
    demands.worked(draft)

    assert JobRun.objects.get(id=first).state == "cancelled"
    assert draft.findings["check"]["registrable"]
    assert draft.run == ""


def test_a_table_that_is_none_comes_back_with_its_sentence() -> None:
    draft = demands.with_table(demands.draft(), b"\x00\x01\x02")
    demands.worked(draft)

    assert draft.findings["failed"]["ko"]
    assert "suggestion" not in draft.findings


def test_what_the_platform_failed_can_be_sealed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = checked()

    def broken(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "register", broken)
        acts.seal(draft, by=draft.posted_by)
        demands.worked(draft)
    assert (draft.state, draft.findings["sealing"]["cause"]) == ("draft", "defect")

    acts.seal(draft, by=draft.posted_by)
    assert demands.worked(draft).state == "sealed"


def test_a_worker_that_died_after_registering_loses_nothing() -> None:
    draft = checked()
    acts.seal(draft, by=draft.posted_by)
    run = type(draft).objects.get(pk=draft.pk).run
    parameters = JobRun.objects.get(id=run).parameters
    jobs.register(parameters, progress=lambda *_: None)  # and then its process is killed
    demands.worked(draft)

    assert draft.state == "sealed"
    assert draft.digest == jobs.workspace().demand_folder(draft.name).registration["digest"]


def test_a_name_that_others_registered_is_refused_at_the_start() -> None:
    taken = demands.sealed().name
    agent = somebody("agency")
    home = agent.memberships.get().organisation
    for name in (taken, "Upper", "-x", "x" * 61, "../x", "a b", ""):
        with pytest.raises(DemandError):
            acts.draft(by=agent, agency=home, ministry=None, name=name, plain={})


def test_nothing_of_a_sealed_demand_can_be_changed() -> None:
    demand = demands.sealed()
    given = intake.take([b"id\n1\n"], name="t.csv")

    for act in (
        lambda: acts.change(demand, by=demand.posted_by, text="x: 1"),
        lambda: acts.give_table(demand, given, by=demand.posted_by),
        lambda: acts.check(demand, by=demand.posted_by),
        lambda: acts.seal(demand, by=demand.posted_by),
    ):
        with pytest.raises(DemandError):
            act()
    assert not (intake.folder() / given["file"]).exists()


@pytest.mark.parametrize("state", ["draft", "sealing", "posted", "open", "withdrawn"])
def test_only_what_is_sealed_is_posted(state: str) -> None:
    demand = demands.row(state)

    with pytest.raises(DemandError):
        acts.post(demand, by=demand.posted_by)


def test_a_demand_that_is_posted_late_opens_at_once_and_one_past_its_end_is_not_posted() -> None:
    now = clock.now()
    late = demands.row("sealed", opens=now - timedelta(days=1))
    assert acts.post(late, by=late.posted_by).state == "open"

    over = demands.row("sealed", closes=now - timedelta(hours=1))
    with pytest.raises(DemandError):
        acts.post(over, by=over.posted_by)
