"""Every system says of itself what the house, its pages and its menus need."""

from __future__ import annotations

import dataclasses
import re
import tomllib

import click
import pytest

from madang.kernel import systems
from madang.portal.roles import ROLES
from tests.house import ROOT
from tools.programme import rooms

HANGUL = re.compile("[가-힣]")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["tool"]["setuptools"]["dynamic"]["optional-dependencies"]

each_system = pytest.mark.parametrize("name", systems.NAMES)


def test_systems_stand_in_the_order_of_the_programme() -> None:
    order = [room.name for room in rooms()]

    assert list(systems.NAMES) == [name for name in order if name in systems.NAMES]


@each_system
def test_titles_and_sentences_are_written_in_both_languages(name: str) -> None:
    said = systems.manifest(name)

    assert said.name == name
    for korean, english in (
        (said.title_ko, said.title_en),
        (said.sentence_ko, said.sentence_en),
    ):
        assert HANGUL.search(korean)
        assert english.strip()
        assert not HANGUL.search(english)
    assert said.sentence_ko.endswith(".")
    assert said.sentence_en.endswith(".")


@each_system
def test_the_lines_are_those_that_the_programme_gives_to_the_room(name: str) -> None:
    promised = {room.name: room.lines for room in rooms()}

    assert systems.manifest(name).lines == promised[name]


@each_system
def test_an_extra_is_one_that_the_distribution_offers(name: str) -> None:
    extra = systems.manifest(name).extra

    assert extra == "" or extra in EXTRAS


def references(said: systems.System) -> list[str]:
    """The objects that a manifest names, its commands aside."""
    single = (said.demonstration, said.api, said.home, said.search, said.worklist, said.seed)
    return [*single, *said.tasks.values(), *said.jobs.values(), *said.settle.values()]


@each_system
def test_every_reference_names_something(name: str) -> None:
    said = systems.manifest(name)

    for reference in references(said):
        assert reference == "" or systems.load(reference, extra=said.extra) is not None
    if said.commands:
        assert isinstance(systems.load(said.commands, extra=said.extra), click.Group)


@each_system
def test_every_reference_stays_in_its_own_room(name: str) -> None:
    said = systems.manifest(name)

    for reference in (said.commands, said.app, said.urls, *references(said)):
        assert reference == "" or reference.startswith(f"madang.{name}.")


@each_system
def test_a_role_is_granted_rights_that_the_system_has(name: str) -> None:
    said = systems.manifest(name)

    assert set(said.grants) <= set(ROLES)
    assert {right for rights in said.grants.values() for right in rights} <= set(said.rights)
    for korean, english in said.rights.values():
        assert HANGUL.search(korean)
        assert not HANGUL.search(english)


@each_system
def test_a_manifest_is_plain_strings(name: str) -> None:
    for value in dataclasses.asdict(systems.manifest(name)).values():
        assert all(isinstance(text, str) for text in _texts(value))


def _texts(value: object) -> list[object]:
    """What a value of a manifest is made of."""
    if isinstance(value, dict):
        return [*value.keys(), *(text for each in value.values() for text in _texts(each))]
    if isinstance(value, tuple):
        return [text for each in value for text in _texts(each)]
    return [value]
