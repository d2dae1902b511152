"""One process fetches, judges, tells routers and answers HTTP; another takes over from it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from madang.rpki.engine.rtr.client import everything
from madang.rpki.engine.rtr.server import Endpoint
from madang.rpki.engine.service.serving import Service, Setting
from madang.rpki.engine.service.standby import Primary
from madang.rpki.engine.validation.policy import PROFILE_2026
from tests.rpki.engine.service.conftest import INTENDED, Country

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"


@contextmanager
def served(country: Country, name: str, **chosen: Any) -> Iterator[Service]:
    """A service that runs in a thread of its own until the block ends."""
    setting = Setting(
        routers=[Endpoint(LOOPBACK, 0)],
        http=(LOOPBACK, 0),
        policy=PROFILE_2026,
        ways=country.ways,
        every_s=0.1,
        **chosen,
    )
    service = Service(country.workspace(name), setting)
    opened = threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(service.run(opened=lambda _: opened.set())), daemon=True
    )
    thread.start()
    try:
        assert opened.wait(30)
        yield service
    finally:
        service.stop()
        thread.join(30)
        assert not thread.is_alive()


def until(holds: Callable[[], object], patience_s: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def asked(service: Service, path: str) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    host, port = service.http_address or ("", 0)
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read()


def told(service: Service, path: str) -> Any:
    """An answer that is JSON."""
    status, body = asked(service, path)
    assert status == 200, body
    return json.loads(body)


@pytest.fixture(scope="module")
def service(country: Country) -> Iterator[Service]:
    with served(country, "one") as running:
        until(lambda: asked(running, "/health")[0] == 200)
        until(lambda: len(running.live.round.payloads) == len(INTENDED))
        yield running


def test_routers_and_pages_hear_the_same(service: Service) -> None:
    heard = everything(*service.addresses[0])
    status = told(service, "/api/v1/status")

    assert heard.payloads == INTENDED
    assert (status["vrps"], status["aspas"]) == (len(INTENDED.vrps), len(INTENDED.aspas))
    assert status["anchors"] == {"demo": None}
    assert told(service, "/api/v1/edition") == {
        "sessions": list(service.feed.sessions),
        "serial": heard.serial,
    }


@pytest.mark.parametrize(
    ("asn", "prefix", "state", "reason", "part"),
    [
        ("AS64500", "198.51.100.0/24", "valid", None, "matched"),
        ("64666", "198.51.100.0/24", "invalid", "as", "unmatched_as"),
        ("AS64500", "198.51.100.0/25", "invalid", "length", "unmatched_length"),
        ("AS64500", "10.0.0.0/8", "not-found", None, None),
    ],
)
def test_validity_answers_in_routinators_shape(
    service: Service, asn: str, prefix: str, state: str, reason: str | None, part: str | None
) -> None:
    found = told(service, f"/api/v1/validity/{asn}/{prefix}")["validated_route"]

    assert found["route"]["prefix"] == prefix
    assert found["validity"]["state"] == state
    assert found["validity"].get("reason") == reason
    filled = [name for name, vrps in found["validity"]["VRPs"].items() if vrps]
    assert filled == ([part] if part else [])
    query = f"/validity?asn={asn}&prefix={prefix}"
    assert told(service, query)["validated_route"] == found


def test_an_explanation_leads_from_the_route_to_the_anchor(service: Service) -> None:
    found = told(service, "/api/v1/explain?prefix=198.51.100.0/24&asn=64500")

    (behind,) = found["objects"]
    assert behind["uri"].endswith(".roa")
    assert [link["resources"].partition(",")[0] for link in behind["chain"]] == [
        "192.0.2.0/24",
        "198.51.100.0/24",
    ]
    assert found["watched_since"] <= service.live.round.outcome.at
    again = told(service, f"/api/v1/explain?uri={behind['uri']}")
    assert (again["state"], again["payloads"]) == ("accepted", ["AS64500 198.51.100.0/24-24"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/api/v1/validity/AS1/nonsense", 400),
        ("/api/v1/validity/ASx/10.0.0.0/8", 400),
        ("/api/v1/explain", 400),
        ("/api/v1/explain?prefix=10.0.0.1/8&asn=1", 400),
        ("/validity", 400),
        ("/" + "a" * 3000, 414),
    ],
)
def test_what_cannot_be_answered_says_why(service: Service, path: str, status: int) -> None:
    found, body = asked(service, path)

    assert found == status
    assert set(json.loads(body)) == {"error", "error_ko"}


def test_metrics_are_what_the_round_found(service: Service) -> None:
    _, body = asked(service, "/metrics")
    lines = body.decode().splitlines()

    assert f'madang_rpki_payloads{{kind="vrp"}} {len(INTENDED.vrps)}' in lines
    assert "madang_rpki_refused 0" in lines
    assert all(line.startswith(("# HELP ", "# TYPE ", "madang_rpki_")) for line in lines)
    names = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(names) == len(set(names)) > 10


def test_a_standby_tells_the_same_and_goes_on_counting(country: Country) -> None:
    with served(country, "primary") as primary:
        until(lambda: len(primary.feed.edition or ()) == len(INTENDED))
        host, port = primary.http_address or ("", 0)
        known = Primary(
            http=f"http://{host}:{port}", rtr=primary.addresses[0], every_s=0.1, patience_s=0.5
        )
        with served(country, "standby", primary=known) as standby:
            until(lambda: len(standby.feed.edition or ()) == len(INTENDED))
            first, second = (everything(*each.addresses[0]) for each in (primary, standby))
            assert second == first

            # The primary ends; what a member wants from now on is heard all the same.
            primary.stop()
            vrp = country.want("carrier", "192.0.2.128/26", 64498)
            try:
                until(lambda: vrp in everything(*standby.addresses[0]).payloads.vrps)
                after = everything(*standby.addresses[0])
            finally:
                country.want("carrier", "192.0.2.128/26", 64498, remove=True)

    assert after.session == first.session
    assert after.serial > first.serial
    assert after.payloads.vrps == first.payloads.vrps | {vrp}
