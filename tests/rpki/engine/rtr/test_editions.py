from __future__ import annotations

import random

from madang.rpki.engine.payloads import Aspa, Payloads, Vrp, change
from madang.rpki.engine.rtr.editions import Bounds, Edition, entries_of, remembered
from madang.rpki.engine.rtr.reading import Told, read
from tests.rpki.engine.rtr.asking import KEY, SMALL, applied, known_to, messages

ENOUGH = Bounds(100, 100_000)


def _told(stream: bytes) -> list[Told]:
    return [read(each) for each in messages(stream)]


def _random(chance: random.Random) -> Payloads:
    vrps = {
        Vrp(4, chance.randrange(40) << 24, 8, chance.choice((8, 16)), chance.randrange(3))
        for _ in range(chance.randrange(40))
    }
    vrps |= {Vrp(6, chance.randrange(9) << 120, 8, 8, 1) for _ in range(chance.randrange(9))}
    aspas = {
        customer: Aspa(customer, tuple(sorted(chance.sample(range(100, 105), 2))))
        for customer in chance.sample(range(10), chance.randrange(6))
    }
    keys = {KEY._replace(asn=asn) for asn in chance.sample(range(5), chance.randrange(4))}
    return Payloads(frozenset(vrps), frozenset(aspas.values()), frozenset(keys))


def test_whoever_follows_any_delta_has_what_a_newcomer_gets():
    chance = random.Random(11)
    edition, held = Edition(serial=0), Payloads()
    past = {0: held}
    for serial in range(1, 40):
        new = _random(chance)
        edition = edition.next(serial, entries_of(change(held, new)), ENOUGH)
        held = past[serial] = new
        for version in range(3):
            fresh = applied(_told(b"".join(edition.everything(version))), Payloads())
            assert fresh == known_to(version, new)
            for old in chance.sample(sorted(past), min(4, len(past))):
                way = _told(edition.since(old, version))
                assert applied(way, known_to(version, past[old])) == known_to(version, new)


def test_an_aspa_is_replaced_by_one_announcement():
    old = Payloads(aspas=frozenset({Aspa(1, (2, 3))}))
    new = Payloads(aspas=frozenset({Aspa(1, (4,))}))
    first = Edition(serial=1).next(1, entries_of(change(Payloads(), old)), Bounds(0, 0))
    second = first.next(2, entries_of(change(old, new)), ENOUGH)

    assert _told(second.since(1, 2)) == [Told(True, Aspa(1, (4,)))]


def test_what_came_and_went_again_is_not_told():
    first = Edition(serial=1)
    second = first.next(2, entries_of(change(Payloads(), SMALL)), ENOUGH)
    third = second.next(3, entries_of(change(SMALL, Payloads())), ENOUGH)

    assert third.since(1, 2) == b""
    assert len(_told(third.since(2, 2))) == len(SMALL)


def test_an_edition_too_old_is_not_known():
    edition, held = Edition(serial=0), Payloads()
    for serial in range(1, 6):
        new = Payloads(frozenset({Vrp(4, serial << 24, 8, 8, 1)}))
        edition = edition.next(serial, entries_of(change(held, new)), Bounds(3, 100))
        held = new

    assert edition.since(1, 1) is None
    assert edition.since(2, 1) is not None
    assert edition.since(6, 1) is None
    assert edition.since(5, 1) == b""


def test_history_is_bounded_by_entries_too():
    edition, held = Edition(serial=0), Payloads()
    for serial in range(1, 6):
        new = Payloads(frozenset({Vrp(4, serial << 24, 8, 8, 1)}))
        edition = edition.next(serial, entries_of(change(held, new)), Bounds(100, 100))
        held = new

    # The first delta has one entry, the others one that comes and one that goes.
    assert [len(delta.entries) for delta in edition.history] == [1, 2, 2, 2, 2]
    assert len(remembered(edition.history, Bounds(100, 5))) == 2
    assert len(remembered(edition.history, Bounds(100, 9))) == 5
    assert remembered(edition.history, Bounds(100, 1)) == ()


def test_answers_are_shared_and_few_are_kept():
    edition, held = Edition(serial=0), Payloads()
    for serial in range(1, 60):
        new = Payloads(frozenset({Vrp(4, serial << 24, 8, 8, 1)}))
        edition = edition.next(serial, entries_of(change(held, new)), ENOUGH)
        held = new

    assert edition.since(58, 1) is edition.since(58, 1)
    for serial in range(59):
        edition.since(serial, 1)
    assert len(edition._answers) <= 32
