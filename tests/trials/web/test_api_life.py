"""A whole trial by programs alone: an agency's posts and leads it, a company's takes part."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from madang.kernel import clock
from madang.portal.worker import work
from madang.trials.engine.yaml_text import read_yaml
from madang.trials.web.models import Demand
from madang.trials.web.services import drafts
from tests.portal.people import somebody
from tests.portal.programs import Program, stranger
from tests.portal.receivers import Receiver, receiving
from tests.trials.web import demands

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def told(response, status: int = 200):
    """The answer's JSON, which has this status."""
    assert response.status_code == status, response.content.decode()
    return response.json()


def stamp(days: float) -> str:
    return clock.stamp(clock.now() + timedelta(days=days))


def clear(frame: pl.DataFrame) -> pl.DataFrame:
    """The same line with a quarter of the noise, so that the board shows what beats the median."""
    line = 2 * pl.col("x") + 1
    return frame.with_columns(y=(line + (pl.col("y") - line) / 4).round(3))


def do_all() -> None:
    work(until_idle=True, lease_s=30)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A company's own system, which wants to be told."""
    with receiving() as other:
        yield other


def predictions(program: Program, demand: str, *, part: str, slope: float) -> pl.DataFrame:
    """Answers for the cases that a demand gives out, by a line of this slope."""
    content = b"".join(
        program.get(f"/trials/demands/{demand}/data/{part}_inputs.parquet").streaming_content
    )
    inputs = pl.read_parquet(io.BytesIO(content))
    answers = inputs.select("case", prediction=slope * pl.col("x") + 1)
    return answers


def test_a_trial_is_led_and_taken_part_in_by_programs_alone(receiver: Receiver) -> None:
    agency, company = Program(somebody("agency")), Program(somebody("company"))
    told(company.post("/webhooks", {"url": receiver.url}), 201)
    name = demands.name()
    plain = {"demand": name, **demands.plain(tiers=["predictions"])}
    plain["ministry"] = {"ko": agency.organisation.name_ko, "en": agency.organisation.name_en}
    path = f"/trials/demands/{name}"

    # The agency writes, checks, seals and posts.
    draft = told(
        agency.post("/trials/demands", {"text": drafts.as_yaml(plain), "sector": "health"}), 201
    )
    assert read_yaml(draft["text"].encode())["demand"] == name
    assert stranger(path).status_code == 404, "a draft is its owners' alone"
    table = upload("표.csv", demands.csv(clear(demands.table())))
    assert told(agency.upload(f"{path}/table", {"table": table}), 202)["is_at_work"]
    do_all()
    dates = {"questions_until": stamp(10), "opens": stamp(0.00002), "closes": stamp(30)}
    told(agency.patch(f"{path}/draft", {**dates, "decide_by": stamp(40)}))
    assert told(agency.get(f"{path}/draft"))["hindrances"], "it was not checked yet"
    told(agency.post(f"{path}/check"), 202)
    do_all()
    checked = told(agency.get(f"{path}/draft"))
    assert (checked["is_checked"], checked["hindrances"]) == (True, [])
    assert told(agency.post(f"{path}/seal"), 202)["state"] == "sealing"
    do_all()
    assert told(agency.get(f"{path}/draft"))["state"] == "sealed"
    assert told(agency.post(f"{path}/post"))["state"] in ("posted", "open")
    # Posted a while ago: the dates below are whole seconds and must keep their order.
    earlier = clock.now() - timedelta(minutes=5)
    Demand.objects.filter(name=name).update(posted=earlier, opens=earlier)

    # The company finds it, reads it, asks, hands in.
    found = told(company.get(f"/trials/demands?q={name}"))["items"]
    assert [each["name"] for each in found] == [name]
    full = told(company.get(path))
    assert full["plain"]["task"]["name"] == "trials.regression"
    assert full["outputs"]["columns"] == ["prediction"]
    assert [each["name"] for each in full["files"]][:2] == ["open_inputs", "open_outcomes"]
    asked = told(company.post(f"{path}/questions", {"text": "단위가 무엇입니까?"}), 201)
    answer = f"{path}/questions/{asked['number']}/answer"
    assert told(agency.post(answer, {"text": "m입니다."}))["answer"] == "m입니다."
    assert told(stranger(f"{path}/questions"))["items"][0]["answer"] == "m입니다."
    answers = [predictions(company, name, part=part, slope=2.0) for part in ("board", "final")]
    file = io.BytesIO()
    pl.concat(answers).write_csv(file)
    handed = {"name": "line", "tier": "predictions", "title_ko": "직선"}
    handed["files"] = upload("predictions.csv", file.getvalue())
    taken = told(company.upload(f"{path}/submissions", handed, Idempotency_Key="first"), 201)
    assert taken["state"] == "queued"
    do_all()
    scored = told(company.get(f"/trials/submissions/{taken['id']}"))
    assert (scored["state"], scored["is_over"]) == ("done", True)
    assert scored["release"]["is_improved"], "a line beats the median"
    board = told(stranger(f"{path}/board"))
    assert [each["team"]["ko"] for each in board["rows"]] == [company.organisation.name_ko]
    assert board["rows"][0]["shown"] == scored["release"]["shown"]

    # The agency closes, announces and confirms; the company objects and is answered.
    past = clock.now() - timedelta(seconds=1)
    Demand.objects.filter(name=name).update(closes=past, questions_until=past)
    told(agency.post(f"{path}/close"))
    do_all()
    assert told(agency.get(f"{path}/progress"))["state"] == "evaluated"
    assert stranger(f"{path}/decision").status_code == 404, "not announced"
    assert told(agency.post(f"{path}/announce", {"reason": "규칙대로"}))["state"] == "decided"
    do_all()
    decided = told(stranger(f"{path}/decision"))
    assert decided["adopted"] == "line"
    assert len(decided["reports"]) == 3
    report = stranger(f"{path}/report.json")
    assert json.loads(b"".join(report.streaming_content))
    objection = {"ground": "calculation", "text": "계산을 다시 살펴 주십시오."}
    filed = told(company.post(f"{path}/objections", objection), 201)
    reply = {"outcome": "rejected", "text": "기록과 같습니다."}
    settled = told(agency.post(f"{path}/objections/{filed['number']}/answer", reply))
    assert settled["outcome"] == "rejected"
    with clock.stopped_at(clock.now() + timedelta(days=9)):
        assert told(agency.post(f"{path}/confirm"))["state"] == "final"
        do_all()
    assert {
        "trials.demand.posted",
        "trials.question.answered",
        "trials.run.ended",
        "trials.decision.announced",
        "trials.objection.answered",
    } <= {headers["Madang-Event"] for _, headers, _ in receiver.heard}
