"""A value of a trial goes into a row and comes back as the same value, or is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Literal

import pytest

from madang.kernel.words import Words, words
from madang.trials.engine.errors import RecordError
from madang.trials.engine.record import Record


class Colour(StrEnum):
    """A closed list."""

    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Leaf(Record):
    """An inner record."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Tree(Record):
    """A record with every kind of value."""

    text: str
    count: int
    share: float
    open: bool
    at: datetime
    day: date
    said: Words
    colour: Colour
    kind: Literal["a", "b"]
    leaves: tuple[Leaf, ...] = ()
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    maybe: datetime | None = None
    anything: Any = None


TREE = Tree(
    text="가나다",
    count=3,
    share=0.5,
    open=True,
    at=datetime(2026, 11, 22, 18, 0, 0, 999, tzinfo=timezone(timedelta(hours=9))),
    day=date(2026, 11, 22),
    said=words("예", "yes"),
    colour=Colour.RED,
    kind="b",
    leaves=(Leaf(name="x"), Leaf(name="y")),
    by_name={"z": Leaf(name="z")},
    anything={"free": [1, 2.5, None]},
)


def test_it_comes_back_as_it_was():
    assert Tree.from_plain(json.loads(json.dumps(TREE.plain()))) == TREE


def test_moments_are_whole_seconds_in_utc():
    assert TREE.at == datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
    assert TREE.plain()["at"] == "2026-11-22T09:00:00Z"


def test_a_moment_without_an_offset_is_our_defect():
    with pytest.raises(ValueError, match="offset"):
        Tree(**{**vars(TREE), "at": datetime(2026, 11, 22)})  # noqa: DTZ001 - the fault itself


def test_fields_with_a_default_may_be_absent():
    plain = TREE.plain()
    for name in ("leaves", "by_name", "maybe", "anything"):
        del plain[name]

    assert Tree.from_plain(plain).leaves == ()


def test_the_digest_follows_the_content_alone():
    shuffled = dict(reversed(TREE.plain().items()))

    assert Tree.from_plain(shuffled).digest == TREE.digest
    assert Tree(**{**vars(TREE), "count": 4}).digest != TREE.digest
    # SHA-256 of {"name":"x"}.
    assert (
        Leaf(name="x").digest == "0229d37e33daae149bf40543a5ce1db4459d10f830d5139279aa2bfd5f6485a1"
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("text", 1),
        ("text", None),
        ("count", 1.0),
        ("count", True),
        ("share", "0.5"),
        ("share", float("nan")),
        ("open", 1),
        ("at", "2026-11-22"),
        ("at", "2026-11-22T09:00:00"),
        ("at", 5),
        ("day", "22.11.2026"),
        ("said", {"ko": "예"}),
        ("said", {"ko": "예", "en": 1}),
        ("said", "yes"),
        ("colour", "blue"),
        ("kind", "c"),
        ("kind", 1),
        ("leaves", {"name": "x"}),
        ("leaves", ["x"]),
        ("leaves", [{"name": "x", "more": 1}]),
        ("by_name", []),
        ("by_name", {"z": 1}),
        ("maybe", "soon"),
    ],
)
def test_another_form_is_refused_with_its_place(name, wrong):
    with pytest.raises(RecordError) as refused:
        Tree.from_plain(TREE.plain() | {name: wrong})

    assert f"Tree.{name}" in refused.value.sentence("en")
    assert f"Tree.{name}" in refused.value.sentence("ko")


def test_what_is_missing_or_unknown_is_refused():
    plain = TREE.plain()
    del plain["count"]

    with pytest.raises(RecordError, match=r"Tree\.count"):
        Tree.from_plain(plain)
    with pytest.raises(RecordError, match=r"Tree\.strange"):
        Tree.from_plain(TREE.plain() | {"strange": 1})
    with pytest.raises(RecordError):
        Tree.from_plain([1])


def test_a_whole_number_is_a_number():
    assert Tree.from_plain(TREE.plain() | {"share": 2}).share == 2.0
