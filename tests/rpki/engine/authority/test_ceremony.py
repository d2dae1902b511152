"""A trust anchor whose key is offline signs what was asked, and nothing else is accepted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.authority import ceremony, entries
from madang.rpki.engine.authority.ceremony_files import read_answer, read_request, write_answer
from madang.rpki.engine.errors import ExchangeRefused, RpkiRefused, SettingRefused
from madang.rpki.engine.keys.signer import new_key
from madang.rpki.engine.resources.blocks import read_resources
from tests.rpki.engine.authority.land import BASE, TOP, vrp
from tests.rpki.engine.making import peers

if TYPE_CHECKING:
    from tests.rpki.engine.authority.land import Land

HELD = read_resources("10.0.0.0/8, 2001:db8::/32, AS64496-AS64511")
OFFLINE = new_key()


@pytest.fixture
def rite(land: Land) -> ceremony.Ceremony:
    made = ceremony.Ceremony(land.registry, "top")
    made.found(OFFLINE.public_key_der(), HELD, base=TOP, by="op")
    return made


def held(rite: ceremony.Ceremony) -> bytes:
    """A ceremony from its request to its accepted answer, which is returned."""
    asked = rite.ask(by="op")
    assert asked is not None
    answer = ceremony.sign(asked, OFFLINE, one_time=rite.registry.one_time)
    rite.accept(answer, by="op")
    return answer


@pytest.mark.rpki_peers
def test_validators_believe_what_ceremonies_have_signed(
    land: Land, rite: ceremony.Ceremony
) -> None:
    held(rite)
    land.registry.add_member(
        "top", "one", resources=read_resources("10.1.0.0/16"), base=f"{BASE}one/", by="op"
    )
    assert entries.key_in(land.book.rows, 2, "current") is None
    held(rite)
    land.want("one", "10.1.0.0/16-24 64496")
    for judge in peers.JUDGES.values():
        found = judge(land.tree, land.locator)
        assert found.vrps == {vrp("10.1.0.0/16-24 64496")}, found.log

    # A shrink waits for the key, and then all of it happens at once.
    land.registry.set_resources("top", "one", resources=read_resources("10.1.0.0/17"), by="op")
    assert peers.fort(land.tree, land.locator).vrps == {vrp("10.1.0.0/16-24 64496")}
    held(rite)

    for judge in peers.JUDGES.values():
        assert judge(land.tree, land.locator).vrps == set()

    # So does a farewell.
    land.want("one", "10.1.0.0/17 64496", "-10.1.0.0/16-24 64496")
    land.registry.remove_child("top", "one", by="op")
    assert peers.fort(land.tree, land.locator).vrps == {vrp("10.1.0.0/17 64496")}
    held(rite)
    assert peers.fort(land.tree, land.locator).vrps == set()
    assert [each.handle for each in entries.authorities(land.book.rows)] == ["top"]


def test_nothing_is_asked_for_where_nothing_is_due(rite: ceremony.Ceremony) -> None:
    held(rite)

    assert rite.ask(by="op") is None
    assert read_request(rite.ask(by="op", again=True)).sheet.number == 2
    with clock.stopped_at(clock.now() + timedelta(days=90)):
        assert rite.ask(by="op") is not None


def test_an_anchors_own_certificate_is_renewed_before_its_end(rite: ceremony.Ceremony) -> None:
    held(rite)

    with clock.stopped_at(clock.now() + timedelta(days=3650 * 0.95)):
        asked = read_request(rite.ask(by="op"))

    assert asked.anchor is not None
    assert asked.anchor.resources == HELD


def test_the_people_at_the_ceremony_read_what_they_sign(
    land: Land, rite: ceremony.Ceremony
) -> None:
    asked = rite.ask(by="op")
    lines = "\n".join(line.en for line in ceremony.describe(asked))

    assert f"certificate of the trust anchor: {HELD}" in lines
    assert "number: 1" in lines


def test_only_the_answer_to_the_last_request_is_accepted_and_only_once(
    rite: ceremony.Ceremony,
) -> None:
    first = ceremony.sign(rite.ask(by="op"), OFFLINE)
    second = ceremony.sign(rite.ask(by="op"), OFFLINE)

    with pytest.raises(ExchangeRefused):
        rite.accept(first, by="op")
    rite.accept(second, by="op")
    with pytest.raises(ExchangeRefused):
        rite.accept(second, by="op")


def test_another_key_neither_signs_nor_is_believed(rite: ceremony.Ceremony) -> None:
    asked = rite.ask(by="op")
    other = new_key()

    with pytest.raises(ExchangeRefused):
        ceremony.sign(asked, other)
    answer = read_answer(ceremony.sign(asked, OFFLINE))
    forged = answer._replace(signature=other.sign(answer.signed_text()))
    with pytest.raises(ExchangeRefused):
        rite.accept(write_answer(forged), by="op")


def test_an_answer_with_another_content_is_refused(rite: ceremony.Ceremony) -> None:
    answer = read_answer(ceremony.sign(rite.ask(by="op"), OFFLINE))
    names = list(answer.files)

    for files in (
        {**answer.files, names[0]: b"another"},
        {name: answer.files[name] for name in names[1:]},
        {**answer.files, "extra.roa": b"x"},
    ):
        spoilt = answer._replace(files=files)
        signed = spoilt._replace(signature=OFFLINE.sign(spoilt.signed_text()))
        with pytest.raises(ExchangeRefused):
            rite.accept(write_answer(signed), by="op")


def test_a_file_that_is_no_ceremonys_is_refused(land: Land, rite: ceremony.Ceremony) -> None:
    asked = rite.ask(by="op")
    found = json.loads(asked)

    for content in (
        b"", b"[]", b"{}", b"\xff", b"[" * 100_000, json.dumps(found | {"number": "x"}).encode(),
        json.dumps(found | {"window": ["2026"]}).encode(),
        json.dumps(found | {"items": [{"name": "x"}]}).encode(),
    ):  # fmt: skip
        with pytest.raises(SettingRefused):
            ceremony.sign(content, OFFLINE)
        with pytest.raises(SettingRefused):
            rite.accept(content, by="op")


def test_an_anchor_whose_key_is_at_hand_needs_no_ceremony(land: Land) -> None:
    land.registry.create_anchor("top", HELD, base=TOP, by="op")

    with pytest.raises(RpkiRefused):
        ceremony.Ceremony(land.registry, "top").ask(by="op")
