"""A model is registered, taken into use, watched, stopped where patients may be harmed."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from madang.kernel.errors import InputError
from madang.kernel.evidence.statement import Statement
from madang.portal.models import LogEntry
from madang.prognosis.engine.cohort_file import OutcomeColumns
from madang.prognosis.engine.fitting import fit_file
from madang.prognosis.engine.model_file import write_model
from madang.prognosis.web.models import Alarm, Patient, Prognosis, Registered
from madang.prognosis.web.services import answers, people, registry, watching
from tests.portal.people import enter
from tests.prognosis.web import ward

if TYPE_CHECKING:
    from madang.portal.models import User

pytestmark = pytest.mark.django_db


def client(user: User) -> Client:
    """Signed in."""
    return enter(Client(), user)


def entries(noun: str) -> list[dict[str, Any]]:
    """What the evidence log says under a noun."""
    rows = LogEntry.objects.filter(predicate_type__contains=f"/{noun}/").order_by("index")
    return [dict(Statement.decode(bytes(each.content)).predicate) for each in rows]


def sent(house: ward.Ward, **more: Any) -> dict[str, Any]:
    """A registration as the form sends it."""
    content, rows = ward.fitted()
    return {
        "organisation": house.hospital.slug,
        "file": SimpleUploadedFile("m.model", content),
        "rows": SimpleUploadedFile("m.parquet", rows),
        "name": "liver",
        **ward.TITLES,
        **{"threshold": "20", "window_days": "730", "shortest_days": "28", "longest_days": "365"},
        **more,
    }


def test_a_model_is_registered_from_its_file_and_answers_once_in_use() -> None:
    house = ward.ward()
    agency = client(house.agency)
    answer = agency.post("/prognosis/models/register", sent(house))
    row = Registered.objects.get()

    assert answer["Location"] == row.get_absolute_url()
    assert row.state == "candidate"
    assert registry.live(house.hospital) is None
    assert row.rows is not None
    page = agency.get(row.get_absolute_url()).content.decode()
    assert f"{row.facts['quality']['auc']:.3f}" in page
    assert agency.get(f"{row.get_absolute_url()}use").status_code == 200
    agency.post(f"{row.get_absolute_url()}use", {"reason": "board of 3 May"})
    assert registry.live(house.hospital) == row
    moved = entries("model-moved")[-1]
    assert (moved["was"], moved["now"], moved["reason"]) == ("candidate", "live", "board of 3 May")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"file": SimpleUploadedFile("m.model", b"PK no model")}, "모형이 아닌 파일"),
        ({"rows": SimpleUploadedFile("r.parquet", b"no rows")}, "학습 자료가 아닌 파일"),
        ({"shortest_days": "400"}, "간격"),
        ({"threshold": "100"}, "99"),
        ({"name": "No Name"}, "name"),
        ({"alternatives": "- {column: albumin_g_dl, to: 4.0}"}, "1번째 값"),
        ({"alternatives": "a: ["}, "읽을 수 없는 YAML"),
    ],
)
def test_a_registration_that_makes_no_sense_leaves_nothing(
    changes: dict[str, Any], word: str
) -> None:
    house = ward.ward()
    for each in changes.values():
        if hasattr(each, "seek"):
            each.seek(0)
    answer = client(house.agency).post("/prognosis/models/register", sent(house, **changes))

    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Registered.objects.exists()


def test_only_who_leads_registers_and_decides() -> None:
    house, other = ward.ward(), ward.ward()
    row = ward.model(house, live=False)
    doctor = client(house.doctor)

    assert doctor.get("/prognosis/models/register").status_code == 403
    assert doctor.post(f"{row.get_absolute_url()}use", {"reason": "x"}).status_code == 404
    assert client(other.agency).get(row.get_absolute_url()).status_code == 404
    assert client(other.agency).get(f"{row.get_absolute_url()}file").status_code == 404
    assert doctor.get(f"{row.get_absolute_url()}file").content == ward.fitted()[0]


def test_a_model_brings_its_dossier() -> None:
    house = ward.ward()
    row = ward.model(house)
    answer = client(house.doctor).get(f"{row.get_absolute_url()}dossier.pdf")
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(answer.content)).pages)

    assert answer["Content-Type"] == "application/pdf"
    assert "간 예후" in text
    assert f"{row.facts['quality']['auc']:.3f}" in text
    assert "시험용" in text


def test_one_model_answers_and_the_one_before_is_retired() -> None:
    house = ward.ward()
    first, second = ward.model(house, "first"), ward.model(house, "second", live=False)
    registry.decide(second, "use", by=house.agency, reason="newer")
    first.refresh_from_db()

    assert first.state == "retired"
    assert registry.live(house.hospital) == second
    with pytest.raises(InputError, match="retired"):
        registry.decide(first, "use", by=house.agency)


def test_models_stand_beside_each_other() -> None:
    house = ward.ward()
    ward.model(house, "first")
    ward.model(house, "second", live=False)
    page = client(house.doctor).get("/prognosis/models/compare?model=first&model=second")

    assert page.status_code == 200
    assert (
        page.content.decode().count(f"{Registered.objects.first().facts['quality']['auc']:.3f}")
        == 2
    )


def courses(house: ward.Ward, count: int, *, died: int) -> None:
    """Patients answered for 400 days ago, of whom some died since."""
    row = registry.live(house.hospital)
    assert row is not None
    first = ward.day(400)
    for place in range(count):
        one = people.register(
            house.hospital,
            f"W-{place}",
            identity={},
            entered_on=first,
            fixed={"sex": "female", "age": 50.0},
            by=house.doctor,
        )
        values = {"bilirubin_mg_dl": 0.9 + 0.1 * (place % 9), "albumin_g_dl": 3.5}
        people.record(one, first, values, by=house.doctor)
        answers.prognose(one, row, by=None, on=first)
        if place < died:
            people.end(one, first + timedelta(days=100 + place), 1, by=house.doctor)


def test_the_watch_counts_what_happened_and_what_was_expected() -> None:
    house = ward.ward()
    row = ward.model(house)
    courses(house, 12, died=1)
    watching.watched(row, until=ward.day(1))
    row.refresh_from_db()
    told = watching.told(row)
    hazards = []
    for said in Prognosis.objects.select_related("patient"):
        ended = said.patient.ended_on
        until = ((ended or ward.day(1)) - said.on).days
        reached = np.concatenate([[0.0], said.answer["risk"]])
        free = np.concatenate([[1.0], said.answer["free"]])
        steps = np.cumsum(np.diff(reached) / free[:-1])
        days = [0.0, *said.answer["days"]]
        hazards.append(np.interp(until, days, [0.0, *steps]))

    assert told["observed"] == 1
    assert row.watch["level"]["expected"] == pytest.approx(sum(hazards), rel=1e-9)
    assert not Alarm.objects.exists()
    watching.watched(row, until=ward.day(1))
    row.refresh_from_db()
    assert row.watch["level"]["observed"] == 1  # a day that was told is not told twice


def test_an_end_that_competes_is_not_the_event() -> None:
    house = ward.ward()
    row = ward.model(house)
    courses(house, 6, died=0)
    for one in Patient.objects.all():
        people.end(one, ward.day(200), 2, by=house.doctor)
    watching.watched(row, until=ward.day(1))
    row.refresh_from_db()

    assert row.watch["level"]["observed"] == 0
    assert row.watch["level"]["expected"] > 0


def test_a_model_that_misses_far_too_many_is_stopped_and_says_so() -> None:
    house = ward.ward()
    row = ward.model(house)
    courses(house, 40, died=30)
    watching.tick()
    row.refresh_from_db()

    assert row.state == "stopped"
    kinds = {each.facts["alarm"] for each in Alarm.objects.all()}
    assert {"level", "stop"} <= kinds
    assert len(entries("model-alarm")) == len(kinds)
    assert registry.live(house.hospital) is None
    page = client(house.agency).get(f"{row.get_absolute_url()}monitor").content.decode()
    assert "자동 중지" in page
    waiting = client(house.agency).get("/work").content.decode()
    assert "실제와 예측이 달라 중지했습니다" in waiting
    registry.decide(row, "resume", by=house.agency, reason="recalibrated")
    row.refresh_from_db()
    assert row.watch == {}


def test_values_that_are_missing_more_often_are_told() -> None:
    house = ward.ward()
    row = ward.model(house)
    first = ward.day(60)
    for place in range(60):
        one = people.register(
            house.hospital,
            f"M-{place}",
            identity={},
            entered_on=first,
            fixed={"sex": "female", "age": 50.0},
            by=house.doctor,
        )
        people.record(one, first, {"bilirubin_mg_dl": 1.1}, by=house.doctor)
        answers.prognose(one, row, by=None, on=first + timedelta(days=1))
    row.watched_until = first
    row.save()
    watching.watched(row, until=ward.day(1))

    alarms = [each.facts["alarm"] for each in Alarm.objects.all()]
    assert alarms == ["missing:albumin_g_dl"]
    row.refresh_from_db()
    assert row.watch["inputs"]["columns"]["albumin_g_dl"]["seen"] == 60


def test_a_patient_who_is_looked_at_every_day_counts_once() -> None:
    house = ward.ward()
    row = ward.model(house)
    one = ward.patient(house, since=100, bilirubin=(1.0,))
    for ago in range(40, 2, -1):
        answers.prognose(one, row, by=None, on=ward.day(ago))
    for ago in (30, 20, 1):
        watching.watched(row, until=ward.day(ago))
        row.refresh_from_db()

    assert row.watch["inputs"]["columns"]["bilirubin_mg_dl"]["seen"] == 1


def test_the_worklist_names_who_is_overdue_or_worse() -> None:
    house = ward.ward()
    row = ward.model(house)
    calm = ward.patient(house, "C-1", since=100, bilirubin=(0.8,))
    worse = ward.patient(house, "D-1", since=200, bilirubin=(1.0, 6.0))
    for one in Patient.objects.all():
        answers.prognose(one, row, by=None)
    page = client(house.doctor).get("/prognosis/worklist").content.decode()

    assert worse.short in page
    assert calm.short not in page
    assert "위험이 커짐" in page
    late = ward.patient(house, "E-1", since=148, bilirubin=(0.7,))
    Prognosis.objects.create(
        patient=late, model=row, on=late.entered_on, risk=0.05, next_on=ward.day(5)
    )
    page = client(house.doctor).get("/prognosis/worklist").content.decode()
    assert late.short in page
    assert "방문 5일 지남" in page
    people.record(late, ward.day(0), {"bilirubin_mg_dl": 0.7}, by=house.doctor)
    answers.prognose(late, row, by=None)
    page = client(house.doctor).get("/prognosis/worklist").content.decode()
    assert late.short not in page  # who has come is no longer overdue by the older plan
    mine = client(house.doctor).get("/work").content.decode()
    assert worse.short in mine


def test_everybody_sees_how_the_models_in_use_hold_and_no_patient() -> None:
    house = ward.ward()
    row = ward.model(house)
    ward.patient(house)
    page = Client().get("/prognosis/").content.decode()

    assert row.title_ko in page
    assert f"{row.facts['quality']['auc']:.3f}" in page
    assert "P-" not in page
    link = f'href="{row.get_absolute_url()}"'
    assert link not in page
    assert link not in client(ward.ward().doctor).get("/prognosis/").content.decode()
    assert link in client(house.doctor).get("/prognosis/").content.decode()
    for closed in ("worklist", "patients/", "models/", "records/", "models/liver/"):
        assert Client().get(f"/prognosis/{closed}").status_code == 302


def test_values_that_can_be_changed_stand_with_their_source() -> None:
    house = ward.ward()
    told = {
        **{"column": "albumin_g_dl", "to": 4.2, "direction": "higher", "low": 3.0, "high": 4.8},
        **{"source": "Example 2020", "caution": {"ko": "예시입니다.", "en": "An example."}},
    }
    ward.model(house, alternatives=[told])
    one = ward.patient(house)
    people.look(one, by=house.doctor, purpose="care")
    page = client(house.doctor).get(one.get_absolute_url()).content.decode()

    assert "값이 다르다면" in page
    assert "Example 2020" in page
    assert "치료의 효과가 아니며" in page


@cache
def entry_model() -> bytes:
    """A stack of entry, fitted to invented patients and written as its file."""
    rng = np.random.default_rng(3)
    bilirubin, albumin = np.exp(rng.normal(0.4, 0.7, 300)), rng.normal(3.5, 0.4, 300)
    death = rng.exponential(2500 * np.exp(-0.5 * bilirubin + 0.5 * (albumin - 3.5)))
    leaves = rng.uniform(400, 3000, 300)
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "p.csv", Path(folder) / "m.model"
        rows = zip(bilirubin, albumin, np.minimum(death, leaves), death <= leaves, strict=True)
        lines = [f"{b:.3f},{a:.3f},{t + 1:.1f},{int(e)}" for b, a, t, e in rows]
        table.write_text("\n".join(["bilirubin_mg_dl,albumin_g_dl,time,event", *lines]))
        found = fit_file(table, OutcomeColumns("time", "event"))
        write_model(found.model, out)
        return out.read_bytes()


def test_a_model_of_entry_answers_too_and_stands_beside_the_other() -> None:
    house = ward.ward()
    ward.model(house, "visits", live=False)
    told = {**ward.TITLES, "other_ko": "", "other_en": ""}
    row = registry.register(
        entry_model(), owner=house.hospital, by=house.agency, name="entry", **told
    )
    registry.decide(row, "use", by=house.agency, reason="tried")
    one = ward.patient(house)
    doctor = client(house.doctor)
    people.look(one, by=house.doctor, purpose="care")
    page = doctor.get(one.get_absolute_url()).content.decode()
    said = Prognosis.objects.get()

    assert said.refusal_en == ""
    assert "비슷한 환자 100명 가운데" in page
    assert said.answer["risk"][0] + said.answer["free"][0] == pytest.approx(1)
    quality = doctor.get(row.get_absolute_url()).content.decode()
    assert f"{row.facts['checks_out_of_fold']['uno_c']:.3f}" in quality
    assert "Uno의 C" in quality
    both = doctor.get("/prognosis/models/compare").content.decode()
    assert "AUC" in both and "Uno의 C" in both
    assert doctor.get(f"{row.get_absolute_url()}dossier.pdf").status_code == 200
