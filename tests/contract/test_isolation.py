"""Nobody reaches what is another's: every page and every operation, with another's numbers.

A company, and others who have no part in it, ask for each address of the site with the names and
numbers of what belongs to somebody else. Where the address names something of theirs, the answer
is "no such thing"; and no answer at all holds a word that only its owner may read.
"""

from __future__ import annotations

import json
import re
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from madang.kernel import systems
from madang.portal.api.site import api
from madang.portal.models import Organisation, User
from tests.contract.belongings import CANARY, Belongings, kinds
from tests.portal.people import enter, somebody
from tests.portal.programs import API, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db

PUBLIC = {
    "company": "what a company says of itself, where it says it to everybody",
    "demand": "a posted demand",
    "data": "its open sample",
    "proofs": "what the log holds of it",
    "questions": "its thread",
    "ask": "any company may",
    "team": "the reader's own",
    "team_act": "the reader's own",
    "submit": "any company may",
    "submissions": "those that the reader may see",
    "board": "released scores",
    "rubric": "what the panel judges by",
    "decision": "once it is announced",
    "objections": "those that the reader may see",
    "report": "once it is announced",
    "key": "the site's public key",
    "diffusion": "who has confirmed the solution",
    "ocds": "the public register",
    "account_confirm_email": "of a library, with secrets of its own",
    "account_reset_password_from_key": "of a library, with secrets of its own",
    "openid_connect_login": "of a library",
    "openid_connect_callback": "of a library",
    "organisation": "what members share, to members alone",
    "line": "one line of the programme, with its sums",
    "open-file": "open data",
    "indicator": "numbers, digests and states; no name that is a firm's own",
}
"""Pages with a name in their address that anybody may ask for → what they show then."""
OPEN = {
    "trials_get_demand",
    "trials_download_data",
    "trials_get_evidence",
    "trials_list_questions",
    "trials_ask",
    "trials_get_board",
    "trials_get_decision",
    "trials_download_report",
    "trials_list_objections",
    "trials_file_objection",
    "trials_get_team",
    "trials_form_team",
    "trials_submit",
    "trials_rehearse",
}
"""Operations below a demand that any company may call; the answer is the caller's own."""
REFUSED = (302, 401, 403, 404, 405, 410)
"""302 leads who is not signed in to where they can be; 410 is of a secret that is none."""
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("get", {}),
    ("post", {}),
    ("get", {"headers": {"HX-Request": "true"}}),
    ("get", {"query_params": {"format": "json"}}),
]
"""How a page is asked for: whole, as a form, as a part, as a file."""
OTHERS = {"key": "x", "uidb36": "1", "provider_id": "oidc", "code": "company", "secret": "x" * 40}
"""Parameters that name nobody's belongings, or a secret that the caller does not know."""
FIXED = {
    "step": "problem",
    "kind": "json",
    "file": "open_inputs.parquet",
    "condition": "c1",
    "indicator": "solutions-tried",
}


FUND = {
    "kind": "fee",
    "partner": 2,
    "number": 1,
    "company": "canary-co",
    "version": 1,
    "name": "quarterly",
}
"""What stands in an address below a fund, beside what is its own."""


class Route(NamedTuple):
    """One address, and what stands in it."""

    path: str
    name: str
    parameters: tuple[str, ...]


def pages() -> Iterator[Route]:
    """Every page; what stands below the API is asked for by its operations."""
    for path, pattern in _below(get_resolver().url_patterns, ""):
        if not path.startswith("api/"):
            yield Route(path, pattern.name or "", tuple(pattern.pattern.regex.groupindex))


def _below(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _below(each.url_patterns, path)
        else:
            yield path, each


PAGES = sorted(pages())
DESCRIPTION = api.get_openapi_schema()
OPERATIONS = [
    (method, path, operation)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]


@pytest.fixture
def theirs() -> Belongings:
    return Belongings()


@pytest.fixture(params=["company", "agency", "evaluator", "nobody"])
def reader(request: pytest.FixtureRequest) -> User | None:
    """Somebody who has no part in what is asked for."""
    return None if request.param == "nobody" else somebody(request.param)


def addresses(route: Route, theirs: Belongings) -> Iterator[tuple[str, bool]]:
    """The addresses of a page with their names in it; and whether it names what is private."""
    for demand in (theirs.values["demand"], theirs.values["draft"]):
        if demand == theirs.values["draft"] and "demand" not in route.parameters:
            continue
        filled = [_filled(route, each, demand, theirs) for each in route.parameters]
        for values in product(*filled):
            path = re.sub(r"[\^$]|\\Z", "", route.path)
            for parameter, value in zip(route.parameters, values, strict=True):
                path = re.sub(
                    rf"<(\w+:)?{parameter}>|\(\?P<{parameter}>(\[[^\]]*\]\+|[^)]+)\)",
                    str(value),
                    path,
                )
            yield f"/{path}", demand == theirs.values["draft"]


def _filled(route: Route, parameter: str, demand: str, theirs: Belongings) -> list[Any]:
    """What can stand in an address for a parameter."""
    if route.path.startswith("fund/"):
        return [{**FUND, **_of_fund(theirs, route)}[parameter]]
    if route.path.startswith("prognosis/"):
        return [{**theirs.values, "step": "use"}[parameter]]
    if parameter == "demand":
        return [demand]
    if parameter == "company":
        return [theirs.values["slug"]]
    if parameter == "name":
        return ["canary.py"] if route.name == "sheet_file" else ["pause", "stop"]
    if parameter == "act" and route.path.startswith("programme/"):
        return [theirs.values["act"]]
    if parameter == "act":
        return ["form", "leave", "close", "announce"]
    if parameter == "number":
        return [theirs.values["confirmation"]]
    if parameter == "index":
        return [0, 1, *theirs.values["entries"]]
    known = {**FIXED, **OTHERS, **theirs.values}
    assert parameter in known, f"{route.path}: say in tests/contract what <{parameter}> is"
    return [known[parameter]]


def _of_fund(theirs: Belongings, route: Route) -> dict[str, Any]:
    """What stands in an address below a fund."""
    values = theirs.values
    if "/pipeline/" in route.path:
        return {"fund": values["fund"], "number": values["application"], "kind": "move"}
    return {
        "fund": values["fund"],
        "act": values["fund_act"],
        "sha256": values["fund_paper"],
    }


def shown(response: HttpResponse) -> str:
    """Everything that an answer tells."""
    if response.streaming:
        content = b"".join(response.streaming_content)
    else:
        content = response.content
    return f"{response.headers} {content.decode('utf-8', 'replace')}".casefold()


class Undone(Exception):
    """Ends a block whose changes are not to stay."""


def asked(client: Client, method: str, path: str, **more: Any) -> tuple[int, str]:
    """What a call answers, and what it shows; whatever it changed is undone."""
    found = (0, "")
    try:
        with transaction.atomic():
            response = getattr(client, method)(path, **more)
            # To a part of a page, the way to the sign-in is a header.
            status = 302 if "HX-Redirect" in response else response.status_code
            found = status, shown(response)
            raise Undone
    except Undone:
        return found


def test_no_page_shows_what_is_anothers(theirs: Belongings, reader: User | None) -> None:
    client = Client()
    if reader:
        enter(client, reader)
    before = theirs.state()
    faults = []
    for route in PAGES:
        for path, is_draft in addresses(route, theirs):
            may_answer = not route.parameters or (route.name in PUBLIC and not is_draft)
            for method, more in WAYS if reader and reader.name == "company person" else WAYS[:2]:
                status, told = asked(client, method, path, **more)
                if CANARY in told.replace(path.casefold(), ""):
                    faults.append(f"{method} {path} {more} tells what is theirs ({status})")
                if not may_answer and status not in REFUSED:
                    faults.append(f"{method} {path} {more} answers {status}")

    assert not faults, "\n".join(faults)
    assert theirs.state() == before


def operation_values(path: str, theirs: Belongings) -> dict[str, Any]:
    """What stands in an operation's address."""
    values = theirs.values
    number = (
        values["webhook"]
        if path.startswith("/api/v1/webhooks")
        else values["question"]
        if "/questions/" in path
        else values["objection"]
    )
    return {**FIXED, **values, "number": number, "company": values["slug"]}


def body(schema: dict[str, Any]) -> Any:
    """The smallest value that a schema takes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return body(DESCRIPTION["components"]["schemas"][name])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return body(schema[several][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: body(schema["properties"][name]) for name in wanted}
    if schema.get("format") == "date-time":
        return "2030-01-01T00:00:00Z"
    plain = {"array": [], "boolean": True, "integer": 1, "number": 1.0, "null": None}
    return plain.get(schema.get("type", ""), "aaaaaaaa"[: max(1, schema.get("minLength", 1))])


def called(program: Program, method: str, path: str, operation: dict[str, Any]) -> HttpResponse:
    """An operation, called with the smallest body that it takes."""
    content = operation.get("requestBody", {}).get("content", {})
    path = path.removeprefix(API)
    if "multipart/form-data" in content:
        given = body(content["multipart/form-data"]["schema"])
        if "name" in given:
            given["name"] = "a"
        for name in ("files", "table"):
            if name in given:
                given[name] = SimpleUploadedFile("solution.py", b"x")
        return program.upload(path, given)
    if content:
        given = json.dumps(body(content["application/json"]["schema"])).encode()
        return program.raw(method.upper(), path, given)
    return program.raw(method.upper(), path, b"")


@pytest.mark.parametrize("role", ["company", "agency"])
def test_no_operation_gives_what_is_anothers(theirs: Belongings, role: str) -> None:
    program = Program(somebody(role))
    before = theirs.state()
    faults = []
    for method, path, operation in OPERATIONS:
        name = operation["operationId"]
        for demand in ("demand", "draft"):
            if demand == "draft" and "{demand}" not in path:
                continue
            values = operation_values(path, theirs) | {"demand": theirs.values[demand]}
            address = path.format(**values)
            may_answer = "{" not in path or (name in OPEN and demand == "demand")
            try:
                with transaction.atomic():
                    response = called(program, method, address, operation)
                    status, told = response.status_code, shown(response)
                    raise Undone
            except Undone:
                pass
            if CANARY in told:
                faults.append(f"{method} {address} tells what is theirs ({status})")
            if not may_answer and status not in REFUSED:
                faults.append(f"{name}: {method} {address} answers {status}: {told[-300:]}")

    assert not faults, "\n".join(faults)
    assert theirs.state() == before


def test_the_owner_does_see_it(theirs: Belongings) -> None:
    """Else the tests above would hold of a site that shows nothing."""
    seen = set()
    client = enter(Client(), theirs.company.user)
    for route in PAGES:
        for path, _ in addresses(route, theirs):
            status, told = asked(client, "get", path)
            if status == 200 and CANARY in told:
                seen.add(route.name)
    officer = enter(Client(), theirs.officer)
    for route in PAGES:
        for path, _ in addresses(route, theirs):
            status, told = asked(officer, "get", path)
            if status == 200 and CANARY in told:
                seen.add(f"officer: {route.name}")
    manager = enter(Client(), theirs.manager)
    for route in PAGES:
        if route.path.startswith("fund/"):
            for path, _ in addresses(route, theirs):
                status, told = asked(manager, "get", path)
                if status == 200 and CANARY in told:
                    seen.add(f"manager: {route.name}")
    doctor = enter(Client(), theirs.doctor)
    for route in PAGES:
        if route.path.startswith("prognosis/"):
            for path, _ in addresses(route, theirs):
                status, told = asked(doctor, "get", path)
                if status == 200 and CANARY in told:
                    seen.add(f"doctor: {route.name}")
    hers = {"patient", "models", "model", "monitor", "compare", "intakes", "intake"}
    assert seen >= {f"doctor: {name}" for name in hers}
    assert seen >= {"member", "member-alarms"}
    own = {"desk", "do", "acts", "act", "ledger", "entry", "paper", "portfolio", "company"}
    own |= {"partners", "partner", "terms", "terms-file", "what-if", "reports", "report"}
    own |= {"pipeline", "application", "measures", "plan", "import"}
    assert seen >= {f"manager: {name}" for name in own}
    kept = {"acts", "act", "entries", "entry", "paper", "settlement"}
    kept |= {"indicator", "indicator-proof"}
    assert seen >= {f"officer: {name}" for name in kept}
    assert seen >= {"programs", "webhook", "submission", "submissions", "rehearsal", "objections"}

    told = set()
    for method, path, operation in OPERATIONS:
        if method == "get":
            response = called(
                theirs.company, method, path.format(**operation_values(path, theirs)), operation
            )
            if response.status_code == 200 and CANARY in shown(response):
                told.add(operation["operationId"])
    assert told >= {
        "get_webhook",
        "list_deliveries",
        "trials_get_submission",
        "trials_list_submissions",
        "trials_get_rehearsal",
        "trials_list_objections",
    }


def test_every_kind_of_thing_that_belongs_to_somebody_is_asked_for() -> None:
    """A model with an owner that is not made in `belongings` would not be asked for by anybody."""
    elsewhere = {
        "IdempotencyKey": "of a token; never shown",
        "SignInLink": "on one's own machine alone; only a digest is kept",
        "ErasableValue": "shown on the pages of the audit alone",
        "LogEntry": "the log is public; its values are not",
    }
    owned = {
        model
        for label in ("portal", *(each.name for each in systems.installed() if each.app))
        for model in apps.get_app_config(label).get_models()
        if any(
            isinstance(field, models.ForeignKey | models.OneToOneField)
            and field.related_model in (Organisation, User)
            for field in model._meta.get_fields()
        )
    }
    missing = {model.__name__ for model in owned - kinds()} - set(elsewhere)

    assert missing == set()


def test_every_public_page_is_a_page() -> None:
    assert set(PUBLIC) - {each.name for each in PAGES} == set()
    assert OPEN - {operation["operationId"] for _, _, operation in OPERATIONS} == set()
