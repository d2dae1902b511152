"""Whatever a program sends, the API answers as it describes, and never with a fault of its own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from madang.portal.api.site import api
from tests.contract.belongings import Belongings
from tests.contract.test_isolation import FIXED, operation_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis import Case

pytestmark = pytest.mark.django_db

EXAMPLES = 5
"""Of each operation: what fits its description, what does not, and with things that are there."""
WITHOUT = [
    # What fits the description may still be refused: the phase is over, a name is taken.
    checks.positive_data_acceptance,
    # Who may see what is tested over every address in tests/contract.
    checks.ignored_auth,
]
FITTING, UNFIT = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
load_all_checks()
DESCRIPTION = copy.deepcopy(dict(api.get_openapi_schema()))
for _operation in (each for methods in DESCRIPTION["paths"].values() for each in methods.values()):
    del _operation["security"]  # the token is ours to show; nothing is made up in its place
REFUSALS = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429")
"""How what does not fit the description may be refused; too long is one way not to fit."""
ATTACKED = schemathesis.openapi.from_dict(
    DESCRIPTION,
    config=SchemathesisConfig.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": list(REFUSALS)}}}
    ),
)
OPERATIONS = [
    (method, path, operation["operationId"])
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
]
OF_OWNERS = (
    *("draft", "table", "check", "seal", "post", "put-off", "withdraw", "close", "progress"),
    *("repeat", "announce", "confirm", "answer", "adoption"),
)
"""Words of addresses at which an agency works."""


def closing(application: Callable[..., Any]) -> Callable[..., Any]:
    """An application that lets go of what a request has opened, as a server makes it."""

    def closed(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        response = application(environ, start_response)
        try:
            return [b"".join(response)]
        finally:
            response.close()

    return closed


@pytest.fixture(autouse=True)
def _application() -> Iterator[None]:
    """Requests within a test's transaction leave its connection open, as Django's client does."""
    ATTACKED.app = closing(get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def attack(strategy: Any, token: str, known: dict[str, Any]) -> None:
    """Call an operation in many ways; with what is known where its address asks for it."""

    @seed(20261122)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=strategy)
    def attacked(case: Case) -> None:
        for name in set(case.path_parameters or {}) & set(known):
            case.path_parameters[name] = known[name]
        with transaction.atomic():
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, excluded_checks=WITHOUT
            )
            transaction.set_rollback(True)

    attacked()


@pytest.mark.parametrize("is_there", [False, True], ids=["anything", "what-is-there"])
@pytest.mark.parametrize(
    ("method", "path", "name"), OPERATIONS, ids=[name for _, _, name in OPERATIONS]
)
def test_any_call_is_answered_as_described(
    method: str, path: str, name: str, is_there: bool
) -> None:
    if is_there and "{" not in path:
        return
    theirs = Belongings()
    is_owner = any(f"/{word}" in path for word in OF_OWNERS)
    program = theirs.agency if is_owner else theirs.company
    known = {**FIXED, **operation_values(path, theirs)} if is_there else {}
    operation = ATTACKED[path][method.upper()]
    attack(operation.as_strategy(generation_mode=FITTING), program.text, known)
    if not known and (operation.body or operation.query or operation.path_parameters):
        attack(operation.as_strategy(generation_mode=UNFIT), program.text, known)
