"""Names that never collide, sort by time and can be read aloud; digests anyone can recompute."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from madang.kernel import clock, ids

MOMENT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_an_identifier_is_its_kind_and_24_letters_that_nobody_misreads() -> None:
    assert re.fullmatch(r"run-[0-9a-hjkmnp-tv-z]{24}", ids.new("run"))


def test_identifiers_sort_by_the_millisecond_they_were_made_in() -> None:
    made = []
    for step in range(50):
        with clock.stopped_at(MOMENT + timedelta(milliseconds=step * 7919)):
            made.append(ids.new("run"))

    assert made == sorted(made)


def test_identifiers_of_one_millisecond_differ() -> None:
    with clock.stopped_at(MOMENT):
        assert len({ids.new("run") for _ in range(10_000)}) == 10_000


def test_the_time_can_be_read_back() -> None:
    """The first 48 of 120 bits are milliseconds since 1970, in Crockford's base 32."""
    with clock.stopped_at(MOMENT):
        text = ids.new("run").removeprefix("run-")
    number = 0
    for letter in text:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)

    assert number >> 72 == int(MOMENT.timestamp() * 1000)


def test_a_digest_is_sha256() -> None:
    """The example of FIPS 180-2, appendix B.1."""
    assert ids.digest(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
