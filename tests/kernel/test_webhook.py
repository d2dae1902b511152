"""A message is the site's, and new, if its signature says so."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from madang.kernel.webhook import WINDOW_S, is_genuine, sign

SECRET, BODY = "whs_example", b'{"event": "portal.ping"}'


def test_the_signature_is_what_rfc_2104_says_of_time_and_body() -> None:
    expected = hmac.new(b"whs_example", b"1700000000." + BODY, hashlib.sha256).hexdigest()

    assert sign(SECRET, BODY, now_s=1_700_000_000) == f"t=1700000000,v1={expected}"


def test_what_was_signed_just_now_is_genuine() -> None:
    assert is_genuine(SECRET, sign(SECRET, BODY, now_s=1000), BODY, now_s=1000.5)


@pytest.mark.parametrize(
    ("secret", "body", "now_s"),
    [
        ("whs_other", BODY, 1000),
        (SECRET, BODY + b" ", 1000),
        (SECRET, BODY, 1001 + WINDOW_S),
        (SECRET, BODY, 999 - WINDOW_S),
    ],
)
def test_another_secret_body_or_time_is_not(secret: str, body: bytes, now_s: float) -> None:
    assert not is_genuine(secret, sign(SECRET, BODY, now_s=1000), body, now_s=now_s)


def test_it_holds_to_the_last_second_of_the_window() -> None:
    header = sign(SECRET, BODY, now_s=1000)

    assert is_genuine(SECRET, header, BODY, now_s=1000 + WINDOW_S)
    assert is_genuine(SECRET, header, BODY, now_s=1000 - WINDOW_S)


def test_the_time_cannot_be_written_anew() -> None:
    mark = sign(SECRET, BODY, now_s=1000).partition(",")[2]

    assert not is_genuine(SECRET, f"t=5000,{mark}", BODY, now_s=5000)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=1000,v1=", "t=x,v1=" + "0" * 64])
def test_what_is_no_signature_is_not(header: str) -> None:
    assert not is_genuine(SECRET, header, BODY, now_s=1000)
