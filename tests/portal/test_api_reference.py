"""What the API says of itself is what it does, for programs and for people."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import URLPattern

from madang.portal.access import rights
from madang.portal.api import problems
from madang.portal.api.site import URLS, api
from tests.house import ROOT
from tests.portal.programs import API
from tools import reference

HANGUL = re.compile(r"[가-힣]")
DESCRIPTION = api.get_openapi_schema()
OPERATIONS = [
    (method, path, operation)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]
each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"),
    OPERATIONS,
    ids=[operation["operationId"] for _, _, operation in OPERATIONS],
)


def both(text: str) -> tuple[str, str]:
    """What a text says in Korean and in English."""
    ko, dot, en = text.partition(" · ")
    assert dot, f"not in both languages: {text}"
    return ko, en


def test_the_page_in_the_documentation_is_what_the_api_says() -> None:
    page = (ROOT / reference.API_PAGE).read_text(encoding="utf-8")

    assert page == reference.api_description(), "run: python -m tools.reference"


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert sorted(set(names)) == sorted(names)


@each_operation
def test_an_operation_says_what_it_does_in_both_languages(method, path, operation) -> None:
    ko, en = both(operation["summary"])

    assert HANGUL.search(ko)
    assert en and not HANGUL.search(en)
    if "description" in operation:
        both(operation["description"])


@each_operation
def test_a_parameter_that_is_no_plain_word_says_what_it_means(method, path, operation) -> None:
    for each in operation["parameters"]:
        assert "anyOf" not in each["schema"], "a query is text: it is there or not, never null"
        if "description" in each:
            both(each["description"])


@each_operation
def test_every_answer_of_the_door_is_told(method, path, operation) -> None:
    told = set(operation["responses"])

    assert told >= {"400", "401", "429"}
    if "{" in path:
        assert "404" in told
    if "requestBody" in operation:
        assert told >= {"403", "413", "415", "422"}
        assert {} not in operation["security"], "what takes a body needs a token"
    if method == "post":
        assert "409" in told
        assert any(each["name"] == "Idempotency-Key" for each in operation["parameters"])


@each_operation
def test_only_reading_is_for_everybody(method, path, operation) -> None:
    if {} in operation["security"]:
        assert method == "get"


def test_every_address_is_behind_the_door() -> None:
    patterns = [each for each in URLS[0] if each.name not in ("openapi", "reference")]

    assert len(patterns) > 40
    for each in patterns:
        assert isinstance(each, URLPattern)
        assert each.callback.needs == "token"


def test_every_operation_of_the_framework_is_described() -> None:
    """An operation that is left out of the description would stand outside the door's rules."""
    described = {path.removeprefix("/api/v1/") for path in DESCRIPTION["paths"]}
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(each.pattern)) for each in URLS[0] if each.name
    }

    assert served - {"openapi.json", "reference"} == described


@pytest.mark.django_db
def test_programs_read_the_description() -> None:
    response = Client().get(f"{API}/openapi.json")

    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content) == json.loads(json.dumps(DESCRIPTION))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ko", "en"])
def test_people_read_the_same_on_a_page(language: str) -> None:
    response = Client().get(f"{API}/reference", headers={"Accept-Language": language})
    page = response.content.decode()

    assert response.status_code == 200
    for _, path, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in page
        assert path in page
        said = both(operation["summary"])[language == "en"]
        assert said.replace("'", "&#x27;") in page
    for kind in problems.KINDS:
        assert f'id="{kind}"' in page, "the type of a problem is an address on this page"


@pytest.mark.django_db
def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = Client().get(f"{API}/reference").content.decode()
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', page)

    assert loaded
    assert all(each.startswith("/") and not each.startswith("//") for each in loaded)


def test_every_right_that_the_operations_name_exists() -> None:
    known = rights()
    sources = [
        *(ROOT / "src/madang/trials/web/api").glob("*.py"),
        *(ROOT / "src/madang/portal/api").glob("*.py"),
    ]
    named = {
        right
        for path in sources
        for right in re.findall(r'"((?:trials|portal)\.[a-z]+)"', path.read_text("utf-8"))
    }

    assert named
    assert named <= set(known)
