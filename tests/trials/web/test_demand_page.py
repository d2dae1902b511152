"""The page of a demand: open to all once posted, and to nobody else before."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from madang.kernel import clock
from madang.kernel.evidence import merkle, note
from madang.kernel.evidence.keys import VerifyingKey
from madang.kernel.evidence.statement import Statement
from madang.trials.web.models import BoardRow, Submission, Team
from madang.trials.web.services import questions
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


def test_anybody_reads_a_posted_demand_and_takes_its_open_sample(client: Client) -> None:
    demand = demands.posted()
    page = client.get(demand.get_absolute_url())
    file = client.get(f"{demand.get_absolute_url()}/data/open_inputs.csv")

    assert page.status_code == 200
    assert "직선 맞히기" in page.content.decode()
    table = pl.read_csv(io.BytesIO(b"".join(file.streaming_content)))
    assert table.columns == ["case", "x", "colour"]
    assert table.height == 70


@pytest.mark.parametrize("state", ["draft", "sealing", "sealed", "withdrawn"])
def test_what_was_never_posted_is_not_found_by_others(client: Client, state: str) -> None:
    demand = demands.row(state, posted=None)
    stranger = somebody("agency")

    assert client.get(demand.get_absolute_url()).status_code == 404
    enter(client, stranger)
    assert client.get(demand.get_absolute_url()).status_code == 404
    enter(client, somebody("agency", demand.agency))
    assert client.get(demand.get_absolute_url()).status_code == 200
    assert home_of(stranger) != demand.agency


def test_the_public_reads_what_happened_and_owners_who_did_it(client: Client) -> None:
    demand = demands.posted()
    author = demand.posted_by
    public = client.get(demand.get_absolute_url()).content.decode()
    enter(client, somebody("agency", demand.agency))
    own = client.get(demand.get_absolute_url()).content.decode()

    assert "초안 작성" not in public
    assert "초안 작성" in own
    assert author.name not in public.partition("<main")[2]
    assert author.name in own.partition("<main")[2]
    for page in (public, own):
        assert "공고" in page
        assert demand.agency.name_ko in page


def test_every_proof_leads_to_the_signed_root(client: Client) -> None:
    demand = demands.posted()
    told = client.get(f"{demand.get_absolute_url()}/evidence.json").json()
    checkpoint = note.Checkpoint.parse(
        note.open_signed(told["checkpoint"].encode(), VerifyingKey.parse(told["signer"]))
    )

    nouns = {each["statement"]["predicateType"].split("/")[-2] for each in told["entries"]}
    assert {"demand", "demand-posted", "demand-sealing"} <= nouns
    assert not nouns & {"demand-drafted", "demand-changed", "demand-table-given"}
    for each in told["entries"]:
        statement = Statement.from_json(each["statement"])
        assert merkle.verify_inclusion(
            merkle.leaf_hash(statement.canonical()),
            index=each["index"],
            size=checkpoint.size,
            proof=[base64.b64decode(step) for step in each["proof"]],
            root=checkpoint.root,
        )


@pytest.mark.parametrize(
    "file",
    [
        "final_outcomes.parquet",
        "board_outcomes.csv",
        "../demand.yaml",
        "..%2Fregistration.json",
        "open_inputs.exe",
        "open_inputs",
        ".parquet",
        "sealed/final.outcomes.sealed",
    ],
)
def test_no_other_file_than_the_public_ones_can_be_had(client: Client, file: str) -> None:
    demand = demands.posted()

    assert client.get(f"{demand.get_absolute_url()}/data/{file}").status_code == 404


def test_sealed_inputs_go_out_only_where_predictions_are_taken(client: Client) -> None:
    demand = demands.posted(tiers=["python"])
    files = {each["name"] for each in client.get(demand.get_absolute_url()).context["files"]}

    assert files == {"open_inputs", "open_outcomes"}
    url = f"{demand.get_absolute_url()}/data/final_inputs.csv"
    assert client.get(url).status_code == 404


def test_nothing_of_a_demand_that_is_only_sealed_goes_out_to_its_owner_either(
    client: Client,
) -> None:
    demand = demands.sealed()
    enter(client, demand.posted_by)

    assert client.get(demand.get_absolute_url()).context["files"] == []
    url = f"{demand.get_absolute_url()}/data/open_inputs.csv"
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("role", "state", "act"),
    [
        ("owner", "draft", "이어서 작성하기"),
        ("owner", "sealing", "봉인 과정 보기"),
        ("owner", "sealed", "공고하기"),
        ("owner", "evaluating", "최종 비교하기"),
        ("owner", "evaluated", "판정 보기"),
        ("owner", "live", "확산하기"),
        ("company", "posted", "질문하기"),
        ("company", "open", "해법 제출하기"),
        ("company", "decided", "판정 보기"),
        ("", "open", "해법 제출하기"),
        ("owner", "posted", ""),
        ("owner", "withdrawn", ""),
        ("company", "evaluating", ""),
        ("company", "withdrawn", ""),
    ],
)
def test_each_reader_sees_the_one_next_step(
    client: Client, role: str, state: str, act: str
) -> None:
    withdrawn = {"timetable": {"withdrawn": {"at": "2026-01-01T00:00:00Z", "reason": "x"}}}
    now = clock.now()
    ended = {"closes": now - timedelta(hours=1), "questions_until": now - timedelta(hours=2)}
    given = withdrawn if state == "withdrawn" else {}
    given |= ended if state in ("evaluating", "evaluated", "decided", "live") else {}
    demand = demands.row(state, **given)
    if role:
        enter(client, somebody("agency", demand.agency) if role == "owner" else somebody(role))
    page = client.get(demand.get_absolute_url())
    step = page.context["next"]

    assert (step.act.ko if step else "") == act
    assert step is None or resolve(step.url).namespace == "trials"


def test_a_demand_is_told_by_as_many_questions_however_much_hangs_on_it(client: Client) -> None:
    demand = demands.row("open")
    first = organisation("company")
    questions.ask(demand, organisation=first, by=somebody("company", first), text="?")

    def asked() -> int:
        client.get(demand.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(demand.get_absolute_url())
        return len(queries)

    few = asked()
    for number in range(20):
        company = organisation("company")
        team = Team.objects.create(demand=demand, lead=company, name=f"team {number}")
        entry = Submission.objects.create(
            id=f"submission-{number}",
            demand=demand,
            team=team,
            company=company,
            name=f"s{number}",
            tier="python",
            digest="0" * 64,
            run=f"run-{number}",
        )
        BoardRow.objects.create(demand=demand, team=team, submission=entry, shown=number)
        questions.ask(demand, organisation=company, by=somebody("company", company), text="?")
        demands.row("open", task=demand.task, origin=demand)
    assert asked() == few
