"""Open data: valid, whole, without any example; and one sheet of paper."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock, ids
from madang.programme.engine.open_data import conformity
from madang.programme.web.views.open_data import TITLES
from tests.programme.web.hands import AUTUMN, booked, spent, two

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
SCHEMAS = {
    "releases.json": "ocds/release-package",
    "records.json": "ocds/record-package",
    "projects.json": "oc4ids/project-package",
}


def content(client: Client, name: str) -> bytes:
    """A file of the open data."""
    answer = client.get(f"/programme/open-data/{name}")
    assert answer.status_code == 200, name
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_every_file_is_there_valid_and_has_the_digest_that_the_page_names(client: Client) -> None:
    maker, checker = two()
    booked(spent(maker), maker, checker)

    with clock.stopped_at(AUTUMN):
        page = client.get("/programme/open-data/").content.decode()
        files = {name: content(client, name) for name in TITLES}

    for name, schema in SCHEMAS.items():
        conformity.check(json.loads(files[name]), schema)
    for name, found in files.items():
        assert ids.digest(found) in page, name
    assert b"100000000" in files["records.csv"]


def test_the_example_year_never_enters_the_open_data(client: Client) -> None:
    assert "예시 자료입니다" in client.get("/programme/").content.decode()

    files = {name: content(client, name) for name in TITLES}

    for name, found in files.items():
        assert b"example-" not in found.replace(b"example.", b""), name
        assert "예시" not in found.decode("utf-8-sig"), name
    assert json.loads(files["manifest.json"])["records"] == 0


def test_new_bookings_give_new_files(client: Client) -> None:
    maker, checker = two()
    with clock.stopped_at(AUTUMN):
        before = content(client, "lines.csv")
    booked(spent(maker), maker, checker)

    with clock.stopped_at(AUTUMN):
        assert content(client, "lines.csv") != before


@pytest.mark.parametrize("name", ["nothing.csv", "..%2fkeys%2fevidence.key", "manifest.json%00"])
def test_what_is_no_file_of_it_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/programme/open-data/{name}").status_code == 404


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_brief_is_one_page_that_says_it_is_an_example(client: Client, language: str) -> None:
    import pypdf

    client.post("/language", {"language": language})

    answer = client.get("/programme/brief.pdf", query_params={"on": "2025-10-31"})

    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    words = " ".join(pages[0].extract_text().split())
    assert len(pages) == 1
    assert ("예시 자료" if language == "ko" else "Example year") in words
    assert str(date(2025, 10, 31)) in words
