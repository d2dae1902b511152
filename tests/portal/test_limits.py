"""Limits hold exactly, however many ask at once, and slide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from madang.kernel import clock
from madang.portal import limits
from madang.portal.access import Access
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _counting(settings: SettingsWrapper) -> Iterator[None]:
    settings.LIMITS = True
    cache.clear()
    yield
    cache.clear()


def spent(times: int, allowed: str, *, at: datetime = NOON, who: str = "user/1") -> int:
    """How many of so many attempts passed."""
    passed = 0
    with clock.stopped_at(at):
        for _ in range(times):
            try:
                limits.spend("thing", allowed, who)
            except limits.TooMany:
                continue
            passed += 1
    return passed


@pytest.mark.parametrize(
    ("text", "uses", "span_s"),
    [("60/h", 60, 3600), ("5/5m", 5, 300), ("10/s", 10, 1), ("3/2d", 3, 172_800)],
)
def test_a_rate_is_read_as_it_is_written(text: str, uses: int, span_s: int) -> None:
    assert limits.rate(text) == (uses, span_s)


@pytest.mark.parametrize("text", ["", "60", "60/w", "/h", "-1/h", "60/h/ip"])
def test_a_rate_of_another_form_is_refused_when_the_view_is_made(text: str) -> None:
    with pytest.raises(ValueError, match="expected such as"):
        limits.limited("thing", text)


def test_so_many_pass_and_no_more() -> None:
    assert spent(10, "4/h") == 4
    assert spent(10, "4/h", who="user/2") == 4


def test_the_span_slides_over_the_turn_of_the_hour() -> None:
    assert spent(3, "4/h", at=NOON - timedelta(minutes=1)) == 3
    assert spent(3, "4/h", at=NOON + timedelta(minutes=1)) == 1
    # The three of 11:59 are older than an hour at 13:00; the one of 12:01 is not.
    assert spent(9, "4/h", at=NOON + timedelta(minutes=60)) == 3


def test_who_must_wait_is_told_how_long() -> None:
    spent(2, "2/h", at=NOON)
    with (
        clock.stopped_at(NOON + timedelta(minutes=20)),
        pytest.raises(limits.TooMany) as refused,
    ):
        limits.spend("thing", "2/h", "user/1")

    assert refused.value.wait_s == 40 * 60
    assert refused.value.sentence("ko").endswith("40분 뒤에 다시 시도하십시오.")
    assert refused.value.sentence("en").endswith("Try again in 40 min.")


def test_a_refused_attempt_costs_nothing() -> None:
    spent(50, "2/h", at=NOON)

    assert spent(5, "2/h", at=NOON + timedelta(minutes=61)) == 2


class Kept:
    """A cache that remembers how long it was asked to keep each thing."""

    def __init__(self) -> None:
        self.kept_s: dict[str, float] = {}

    def get_many(self, keys: list[str]) -> dict[str, float]:
        return {}

    def add(self, key: str, value: float, timeout: float) -> bool:
        self.kept_s[key] = timeout
        return True


def test_a_place_is_kept_until_the_turn_after_its_own_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Kept()
    monkeypatch.setattr(limits, "cache", kept)
    limits.spend("thing", "4/h", "user/1")

    assert list(kept.kept_s.values()) == [7200]


def test_where_limits_are_off_everything_passes(settings: SettingsWrapper) -> None:
    settings.LIMITS = False

    assert spent(50, "2/h") == 50


def shared_cache(settings: SettingsWrapper) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
            "OPTIONS": {"MAX_ENTRIES": 200_000},
        }
    }
    call_command("createcachetable", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_pass_than_are_allowed(settings: SettingsWrapper) -> None:
    """The cache that production shares between its processes."""
    shared_cache(settings)

    def attempt(_: int) -> bool:
        try:
            limits.spend("thing", "7/h", "user/1")
        except limits.TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(attempt, range(64)))

    assert passed == 7


@pytest.mark.django_db
def test_a_view_counts_its_person_and_each_organisation() -> None:
    company = organisation("company")
    first, second, other = somebody("company", company), somebody("company", company), None

    @limits.limited("thing", "2/h")
    def view(request: object) -> HttpResponse:
        return HttpResponse()

    def ask(user: object, method: str = "post") -> int:
        request = getattr(RequestFactory(), method)("/")
        request.access = Access(user)  # type: ignore[arg-type]
        try:
            return view(request).status_code
        except limits.TooMany:
            return 429

    other = somebody("company")
    assert [ask(first, "get") for _ in range(5)] == [200] * 5
    assert [ask(first), ask(second), ask(first), ask(second)] == [200, 200, 429, 429]
    assert ask(other) == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "9.9.9.9", "10.0.0.1"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        (2, "1.1.1.1, 9.9.9.9", "1.1.1.1"),
        (2, "9.9.9.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "not an address\r\n", "10.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_an_address_is_believed_from_proxies_of_ones_own_alone(
    settings: SettingsWrapper, proxies: int, forwarded: str, expected: str
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert limits.address(request) == expected


def test_who_comes_by_a_socket_of_this_machine_has_no_address() -> None:
    assert limits.address(RequestFactory().get("/", REMOTE_ADDR="")) == "0.0.0.0"


def test_a_whole_ipv6_neighbourhood_shares_its_places(settings: SettingsWrapper) -> None:
    @limits.limited("thing", "2/h")
    def view(request: object) -> HttpResponse:
        return HttpResponse()

    def ask(address: str) -> int:
        try:
            return view(RequestFactory().post("/", REMOTE_ADDR=address)).status_code
        except limits.TooMany:
            return 429

    assert [ask(f"2001:db8::{n}") for n in range(4)] == [200, 200, 429, 429]
    assert ask("2001:db8:0:1::1") == 200
