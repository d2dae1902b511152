"""What is handed in by programs and cannot be used is refused with a sentence; nothing is kept."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from madang.kernel import clock
from madang.portal.models import JobRun, StoredObject
from madang.trials.web.models import Demand, Objection, Question, Rehearsal, Submission, Team
from madang.trials.web.services import intake
from tests.portal.people import home_of, somebody
from tests.portal.programs import Program, stranger
from tests.portal.test_api_door import told
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from django.http import HttpResponse

GOOD = b"def predict(model, inputs, task):\n    return [0] * len(inputs)\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, inside in members:
            archive.writestr(name, inside)
    return content.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    file = SimpleUploadedFile("x", content)
    file.name = name
    return file


@pytest.mark.django_db(transaction=True)
def test_no_upload_that_cannot_be_run_is_kept() -> None:
    """One sealed demand serves all cases: sealing takes seconds."""
    demand, program = solved.opened(cases=240), Program()
    path = f"/trials/demands/{demand.name}/submissions"
    bomb = zipped(("solution.py", b"0" * (65 * 2**20)))
    many = zipped(*((f"f{n}.py", b"") for n in range(201)))
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("no file", {"files": []}, "invalid"),
        ("a bomb", {"files": upload("a.zip", bomb)}, "refused"),
        ("too many inside", {"files": upload("a.zip", many)}, "refused"),
        ("no zip at all", {"files": upload("a.zip", b"PK\x03\x04 nonsense")}, "refused"),
        ("up and out", {"files": upload("a.zip", zipped(("../solution.py", GOOD)))}, "refused"),
        ("from the root", {"files": upload("a.zip", zipped(("/etc/x.py", GOOD)))}, "refused"),
        ("a folder", {"files": upload("a.zip", zipped(("a/solution.py", GOOD)))}, "refused"),
        ("no solution", {"files": upload("other.py", GOOD)}, "refused"),
        ("a pickle", {"files": upload("solution.pkl", b"\x80\x04.")}, "refused"),
        ("not python", {"files": upload("solution.py", b"def (")}, "refused"),
        ("another tier", {"tier": "onnx", "files": upload("solution.py", GOOD)}, "refused"),
        ("no tier", {"tier": "T2", "files": upload("solution.py", GOOD)}, "invalid"),
        ("a path as name", {"name": "../x", "files": upload("solution.py", GOOD)}, "invalid"),
        ("a line as name", {"name": "a\nb", "files": upload("solution.py", GOOD)}, "invalid"),
        (
            "a long title",
            {"title_ko": "가" * 201, "files": upload("solution.py", GOOD)},
            "invalid",
        ),
        ("a NUL", {"title_ko": "a\0b", "files": upload("solution.py", GOOD)}, "unreadable"),
        ("an odd file", {"files": upload("해법 solution.py", GOOD)}, "refused"),
        ("a field more", {"color": "red", "files": upload("solution.py", GOOD)}, "invalid"),
    ]
    for case, given, kind in cases:
        parts = {"name": "line", "tier": "python", **given}
        response = program.upload(path, parts)
        assert response.status_code < 500, case
        assert told(response, kind), case
    many_files = [upload(f"f{number}.py", b"") for number in range(201)]
    told(program.upload(path, {"name": "a", "tier": "python", "files": many_files}), "unreadable")
    told(
        program.raw("POST", path, b"nonsense", content_type="multipart/form-data; boundary=x"),
        "invalid",
    )
    told(program.raw("POST", path, b"{}", content_type="application/json"), "wrong-media-type")

    assert not Submission.objects.exists()
    assert not Team.objects.exists(), "a refused submission forms no team"
    assert not Rehearsal.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "demand: [",
        "demand: x\ndemand: y",
        "demand: ../etc/passwd",
        "demand: Ünïcode",
        "demand: " + "x" * 61,
        "demand: a--b",
        "a: &a [x]\nb: *a",
        "!!python/object/apply:os.system ['true']",
        "demand: x\nextra: {" + "a: {" * 500,
        "demand: 'x\\0'",
    ],
)
def test_no_draft_begins_with_what_is_no_demand(text: str) -> None:
    program = Program(somebody("agency"))
    response = program.post("/trials/demands", {"text": text})

    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
    assert not Demand.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "more", "status"),
    [
        ("agency", {}, 201),
        ("agency", {"ministry": "{ministry}"}, 201),
        ("agency", {"agency": "{other}"}, 422),
        ("agency", {"agency": "no-such"}, 422),
        ("agency", {"ministry": "{other}"}, 422),
        ("agency", {"sector": "no-such"}, 422),
        ("officer", {"agency": "{other}"}, 201),
        ("officer", {}, 422),
        ("officer", {"agency": "{company}"}, 422),
        ("officer", {"agency": "{other}", "ministry": "{ministry}"}, 422),
        ("company", {}, 403),
        ("evaluator", {}, None),
    ],
)
def test_a_draft_is_begun_for_ones_own_alone(role: str, more: dict[str, str], status: Any) -> None:
    if status is None:
        assert stranger("/trials/own-demands").status_code == 401
        return
    named = {
        "ministry": home_of(somebody("officer")).slug,
        "other": home_of(somebody("agency")).slug,
        "company": home_of(somebody("company")).slug,
    }
    given = {name: value.format(**named) for name, value in more.items()}
    program = Program(somebody(role))
    response = program.post("/trials/demands", {"text": "demand: my-demand\n", **given})

    assert response.status_code == status, response.content.decode()
    assert Demand.objects.count() == (status == 201)
    if status == 201:
        row = Demand.objects.get()
        assert program.organisation in (row.agency, row.ministry)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["2026-11-22", "2026-11-22T09:00:00", "tomorrow", "2026-13-01T00:00:00Z", 0, None, ""]
)
def test_a_date_is_a_moment_with_its_offset(value: Any) -> None:
    program = Program(somebody("agency"))
    program.post("/trials/demands", {"text": "demand: my-demand\n"})
    response = program.patch("/trials/demands/my-demand/draft", {"closes": value})

    if value is None:
        assert response.status_code == 200, "null changes nothing"
    else:
        told(response, "invalid")
    assert Demand.objects.get().closes is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.exe", b"MZ"),
        ("table", b"a,b\n1,2\n"),
        ("table.csv", b""),
        ("../../table.csv.zip", b"PK"),
    ],
)
def test_no_table_is_taken_that_is_none(name: str, content: bytes) -> None:
    program = Program(somebody("agency"))
    program.post("/trials/demands", {"text": "demand: my-demand\n"})
    before = set(intake.folder().iterdir())
    response = program.upload("/trials/demands/my-demand/table", {"table": upload(name, content)})

    told(response, "refused")
    assert Demand.objects.get().table == {}
    assert set(intake.folder().iterdir()) == before
    assert not JobRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE portal_user; --", "\u202e\ufeff가"]
)
def test_odd_texts_are_kept_as_they_are(text: str) -> None:
    row, program = demands.row(), Program()
    program.post(f"/trials/demands/{row.name}/questions", {"text": text})

    assert Question.objects.get().text == text
    assert stranger(f"/trials/demands/{row.name}/questions").json()["items"][0]["text"] == text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "q=" + "%27+OR+1=1",
        "q=%25%5F%5C",
        "agency=a%27",
        "task=%3Cscript%3E",
        "state=draft",
        "state=",
        "closing=maybe",
        "posted_since=2026",
        "limit=1e3",
        "after=-1",
        "sort=title",
    ],
)
def test_filters_take_what_they_describe_and_nothing_else(query: str) -> None:
    demands.row()
    response = stranger(f"/trials/demands?{query}")

    assert response.status_code in (200, 422)
    if response.status_code == 200:
        assert response.json()["items"] == []


@pytest.mark.django_db
def test_submissions_by_program_and_by_page_share_one_limit() -> None:
    row = demands.row(registration={"tiers": ["python"]})
    program = Program()
    path = f"/trials/demands/{row.name}/rehearsals"
    with override_settings(LIMITS=True):
        statuses: list[int] = []
        start = clock.now()
        for minute in range(62):
            # The door's own limit is by the minute.
            with clock.stopped_at(start + timedelta(seconds=minute * 2)):
                parts = {"tier": "python", "files": upload("solution.py", GOOD)}
                statuses.append(answered(program.upload(path, parts)))

    assert statuses.count(429) == 2
    assert 429 not in statuses[:60], "sixty an hour"


def answered(response: HttpResponse) -> int:
    return int(response.status_code)


@pytest.mark.django_db
def test_nothing_of_another_kind_was_made_on_the_way() -> None:
    """What the tests above refuse leaves neither objects nor objections."""
    program = Program()
    row = demands.row("decided")
    response = program.post(
        f"/trials/demands/{row.name}/objections", {"ground": "other", "text": "x"}
    )

    assert response.status_code == 422
    assert not Objection.objects.exists()
    assert not StoredObject.objects.exists()
