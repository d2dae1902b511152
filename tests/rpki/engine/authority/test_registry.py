"""Each act changes what it must and nothing else, wholly or not at all."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.errors import IntentRefused, ResourcesRefused, RpkiRefused
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.crl import read_crl
from madang.rpki.engine.objects.manifest import read_manifest
from madang.rpki.engine.resources.blocks import read_resources
from tests.rpki.engine.authority.land import BASE, Land, aspa, vrp
from tests.rpki.engine.making import peers
from tests.rpki.engine.publication.worlds import BreakingDisk, PowerCut

if TYPE_CHECKING:
    from pathlib import Path

    from madang.rpki.engine.authority.entries import KeyEntry, ObjectEntry


def current(land: Land, handle: str) -> KeyEntry:
    class_ = entries.classes(land.book.rows, handle)[0]
    found = entries.key_in(land.book.rows, class_.id, "current")
    assert found is not None
    return found


def files(land: Land, handle: str) -> dict[str, ObjectEntry]:
    return entries.objects(land.book.rows, current(land, handle).id)


def revoked(land: Land, handle: str) -> frozenset[int]:
    key = current(land, handle)
    return read_crl(files(land, handle)[key.crl_name].content).serials


def number(land: Land, handle: str) -> int:
    key = current(land, handle)
    made = read_signed_object(files(land, handle)[key.manifest_name].content)
    return read_manifest(made, most_files=1000).number


def test_a_change_signs_the_fewest_files(land: Land) -> None:
    land.found()
    land.want("one", "10.1.0.0/16-24 64496", "10.1.0.0/17 64497")
    before = files(land, "one")

    land.want("one", "10.1.2.0/24 64498", "-10.1.0.0/17 64497")

    after = files(land, "one")
    same = {name for name, each in after.items() if before.get(name) == each}
    key = current(land, "one")
    assert same == {"as64496-0a010000-16-24.roa", *(n for n in before if n.endswith(".cer"))}
    assert after.keys() - before.keys() == {"as64498-0a010200-24-24.roa"}
    gone = before["as64497-0a010000-17-17.roa"]
    old_manifest = before[key.manifest_name]
    # The manifest's one-time certificate goes with it (RFC 9286, section 5.1).
    assert {int(gone.serial, 16), int(old_manifest.serial, 16)} <= revoked(land, "one")
    assert number(land, "one") == number_of(before, key) + 1


def number_of(standing: dict[str, ObjectEntry], key: KeyEntry) -> int:
    made = read_signed_object(standing[key.manifest_name].content)
    return read_manifest(made, most_files=1000).number


def test_nothing_is_signed_where_nothing_changes(land: Land) -> None:
    land.found()
    land.want("one", "10.1.0.0/16-24 64496")
    before = files(land, "one"), files(land, "top")

    land.registry.renew(by="clock")
    land.registry.set_resources(
        "top", "one", by="op",
        resources=read_resources("10.1.0.0/16, 2001:db8:1::/48, AS64496-AS64500"),
    )  # fmt: skip

    assert (files(land, "one"), files(land, "top")) == before


def test_manifests_and_lists_are_renewed_in_time_and_their_numbers_only_rise(land: Land) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    numbers = []
    with clock.stopped_at(begin):
        land.found()
        land.want("one", "10.1.0.0/16 64496")
    roa = files(land, "one")["as64496-0a010000-16-16.roa"]
    for hours in (1, 8.5, 9, 17, 40):
        with clock.stopped_at(begin + timedelta(hours=hours)):
            land.registry.renew(by="clock")
            numbers.append(number(land, "one"))
            assert current(land, "one").next_update > clock.epoch_s() + 8 * 3600

    # 24 hours from one to the next, renewed when 16 are left: after 8.5, 17 and 40 hours.
    first = numbers[0]
    assert numbers == [first, first + 1, first + 1, first + 2, first + 3]
    assert files(land, "one")["as64496-0a010000-16-16.roa"] == roa


def test_certificates_and_authorisations_are_renewed_before_their_end(land: Land) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.stopped_at(begin):
        land.found()
        land.want("one", "10.1.0.0/16 64496")
    roa = files(land, "one")["as64496-0a010000-16-16.roa"]

    with clock.stopped_at(begin + timedelta(days=340)):
        land.registry.renew(by="clock")
        later = files(land, "one")["as64496-0a010000-16-16.roa"]
        certificate = read_certificate(current(land, "one").certificate)

    assert later.serial != roa.serial
    assert certificate.not_after == int((begin + timedelta(days=340 + 365)).timestamp())
    assert later.not_after == certificate.not_after


def test_what_an_authority_does_not_hold_is_refused(land: Land) -> None:
    land.found()

    for texts in (("10.2.0.0/16 64496",), ("10.0.0.0/8 64496",), ("2001:db8::/32 64496",)):
        with pytest.raises(ResourcesRefused):
            land.want("one", *texts)
    with pytest.raises(ResourcesRefused):
        land.registry.plan("one", Changes(Intents(aspas=frozenset({aspa(64511, 1)}))))
    with pytest.raises(IntentRefused):
        land.want("one", "10.1.0.0/16-33 64496")
    with pytest.raises(IntentRefused):
        land.want("one", "-10.1.0.0/16 64496")
    assert not [name for name in files(land, "one") if name.endswith(".roa")]


def test_a_plan_says_what_it_would_do_and_changes_nothing(land: Land) -> None:
    land.found()
    land.want("one", "10.1.0.0/16 64496")
    before = files(land, "one")

    add = Intents(frozenset({vrp("10.1.0.0/17 64497")}), frozenset({aspa(64496, 64510)}))
    remove = Intents(frozenset({vrp("10.1.0.0/16 64496")}))
    plan = land.registry.plan("one", Changes(add, remove), impact=lambda old, new: 3)

    assert plan.signed == ("as64496.asa", "as64497-0a010000-17-17.roa")
    assert plan.withdrawn == ("as64496-0a010000-16-16.roa",)
    assert plan.before.vrps == {vrp("10.1.0.0/16 64496")}
    assert plan.after.vrps == {vrp("10.1.0.0/17 64497")}
    assert plan.turned_invalid == 3
    assert files(land, "one") == before


def test_harm_is_done_only_by_who_names_it(land: Land) -> None:
    land.found()
    changes = Changes(Intents(frozenset({vrp("10.1.0.0/16 64496")})))
    plan = land.registry.plan("one", changes, impact=lambda old, new: 3)

    for confirmed in (0, 2):
        with pytest.raises(IntentRefused, match="3"):
            land.registry.commit(plan, by="member", confirmed=confirmed)
    land.registry.commit(plan, by="member", confirmed=3)

    assert "as64496-0a010000-16-16.roa" in files(land, "one")


def test_a_plan_of_yesterday_is_not_done(land: Land) -> None:
    land.found()
    first = land.registry.plan("one", Changes(Intents(frozenset({vrp("10.1.0.0/16 64496")}))))
    land.want("one", "10.1.0.0/17 64497")

    with pytest.raises(IntentRefused):
        land.registry.commit(first, by="member")

    plan = land.registry.plan("one", Changes(Intents(frozenset({vrp("10.1.128.0/17 64496")}))))
    smaller = read_resources("10.1.0.0/17, 10.1.128.0/18, AS64496-AS64500")
    land.registry.set_resources("top", "one", resources=smaller, by="op")
    with pytest.raises(ResourcesRefused):
        land.registry.commit(plan, by="member")


def test_an_aspa_takes_the_place_of_the_one_before(land: Land) -> None:
    land.found()
    for providers in ((64510,), (64509, 64510)):
        add = Intents(aspas=frozenset({aspa(64496, *providers)}))
        land.registry.commit(land.registry.plan("one", Changes(add)), by="member")

    assert files(land, "one")["as64496.asa"].says == "AS64496 ← AS64509 AS64510"
    for wrong in (aspa(64496), aspa(64496, 64496), aspa(64496, 2, 1), aspa(64496, 0, 1)):
        with pytest.raises(IntentRefused):
            land.registry.plan("one", Changes(Intents(aspas=frozenset({wrong}))))


def test_nobody_is_given_what_another_holds_or_the_parent_lacks(land: Land) -> None:
    land.found()

    for text in ("10.1.5.0/24", "AS64500", "11.0.0.0/8"):
        with pytest.raises(ResourcesRefused):
            land.registry.add_member(
                "top", "three", resources=read_resources(text), base=f"{BASE}three/", by="op"
            )
    with pytest.raises(RpkiRefused):
        land.registry.add_member(
            "top", "one", resources=read_resources("10.9.0.0/16"), base=f"{BASE}x/", by="op"
        )

    assert [each.handle for each in entries.authorities(land.book.rows)] == ["top", "one", "two"]


def test_a_member_that_is_let_go_leaves_its_name_free(land: Land) -> None:
    land.found()
    land.want("two", "10.1.128.0/17 64500")
    speaker(land.registry, "one", by="op")
    with pytest.raises(RpkiRefused):
        land.registry.remove_child("top", "one", by="op")

    land.registry.remove_child("one", "two", by="op")
    land.registry.remove_child("top", "one", by="op")

    assert [each.handle for each in entries.authorities(land.book.rows)] == ["top"]
    assert sorted(uri[-4:] for uri in land.catalogue.digests()) == [".cer", ".crl", ".mft"]
    with pytest.raises(RpkiRefused):
        land.registry.remove_child("top", "one", by="op")
    land.registry.add_member(
        "top", "one", resources=read_resources("10.1.0.0/16"), base=f"{BASE}one/", by="op"
    )
    assert land.registry.plan("one", Changes()).before == Intents()


def test_a_roll_goes_step_by_step_and_waits(land: Land) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.stopped_at(begin):
        land.found()
        old = current(land, "one")
        for step in ("activate", "finish"):
            with pytest.raises(RpkiRefused):
                land.registry.roll("one", step=step, by="op")
        land.registry.roll("one", step="begin", by="op")
        with pytest.raises(RpkiRefused):
            land.registry.roll("one", step="begin", by="op")
    with clock.stopped_at(begin + timedelta(hours=23)), pytest.raises(RpkiRefused):
        land.registry.roll("one", step="activate", by="op")
    with clock.stopped_at(begin + timedelta(hours=25)):
        land.registry.renew(by="clock")
        land.registry.roll("one", step="activate", by="op")
        land.registry.roll("one", step="finish", by="op")

    assert current(land, "one").identifier != old.identifier
    assert land.keys.keys[old.handle] is None  # destroyed
    serial = read_certificate(old.certificate).serial
    with clock.stopped_at(begin + timedelta(hours=25)):
        assert serial in revoked(land, "top")
    with pytest.raises(RpkiRefused):
        land.registry.roll("top", step="begin", by="op")


def test_the_history_names_who_did_what_and_cannot_be_changed(land: Land) -> None:
    land.found()
    land.want("one", "10.1.0.0/16 64496")

    lines = land.book.history("one")

    assert [(line.who, line.act) for line in lines] == [
        ("op", "add member"), ("member", "change intents")
    ]  # fmt: skip
    assert lines[1].detail["signed"] == ["as64496-0a010000-16-16.roa"]
    for statement in ("update history set who = 'x'", "delete from history"):
        with pytest.raises(sqlite3.IntegrityError):
            land.book.rows.execute(statement)


def test_an_act_that_fails_leaves_nothing_behind(land: Land) -> None:
    land.found()
    keys, lines = dict(land.keys.keys), land.book.history()
    land.keys.create = lambda: 1 / 0

    with pytest.raises(ZeroDivisionError):
        land.registry.add_member(
            "top", "three", resources=read_resources("10.3.0.0/16"), base=f"{BASE}three/", by="op"
        )

    assert land.keys.keys == keys
    assert land.book.history() == lines
    assert [each.handle for each in entries.authorities(land.book.rows)] == ["top", "one", "two"]


def test_a_book_that_is_no_book_is_refused(tmp_path: Path) -> None:
    from madang.kernel.errors import Unavailable
    from madang.rpki.engine.authority.book import Book

    (tmp_path / "book").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unavailable):
        Book(tmp_path / "book")


@pytest.mark.rpki_peers
def test_a_crash_at_any_call_of_a_roll_leaves_what_validators_believe(tmp_path: Path) -> None:
    land = Land(tmp_path)
    land.found()
    land.want("one", "10.1.0.0/16-24 64496")
    land.registry.roll("one", step="begin", by="op")
    expected = {vrp("10.1.0.0/16-24 64496")}
    steps = ["activate", "finish", "begin"]
    for last in range(42):  # every call of each step: 14 and 3 have no common factor
        broken = Land(tmp_path, BreakingDisk(last % 14), land.keys)
        step = steps[last % 3]
        try:
            broken.registry.roll("one", step=step, by="op", hasten=True)
        except PowerCut:
            pass
        for judge in (peers.rpki_client, peers.fort):
            found = judge(broken.tree, broken.locator)
            assert found.vrps == expected, f"call {last}: {found.log}"
        broken.close()
    land.registry.publish()
    assert peers.octorpki(land.tree, land.locator).vrps == expected
    land.close()
