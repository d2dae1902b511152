from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from madang.kernel.words import speaking
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.alarms import Watch, alarm_of
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.route import AsPath, Table
from madang.rpki.engine.routes.watching import Events, Situation, Watcher
from madang.rpki.engine.routes.whatif import Observed

START = datetime(2026, 11, 24, tzinfo=UTC)
MINE = read_prefix("10.1.0.0/16")
WATCH = Watch(MINE, frozenset({64500}), "kt")


def seen(*routes: tuple[str, int, int]) -> Observed:
    """Routes as (prefix, origin, peers)."""
    table = Table()
    for prefix, origin, peers in routes:
        for peer in range(peers):
            table.see(read_prefix(prefix), AsPath((origin,)), peer=peer)
    return Observed(table)


HEALTHY = ("10.1.0.0/16", 64500, 10)


def situation(*routes: tuple[str, int, int], vrps: tuple[Vrp, ...] = (), at: int = 0) -> Situation:
    return Situation(START + timedelta(minutes=at), {}, seen(*routes), OriginIndex(vrps))


def kinds(events: Events) -> list[tuple[str, str]]:
    return [alarm.key for alarm in events.opened]


def vrp(text: str, most: int, asn: int) -> Vrp:
    return Vrp(*read_prefix(text), most, asn)


def test_nothing_is_told_while_all_is_well() -> None:
    assert Watcher([WATCH]).look(situation(HEALTHY)) == Events([], [])


def test_another_origin_of_the_prefix_is_a_suspected_hijack() -> None:
    events = Watcher([WATCH]).look(situation(HEALTHY, ("10.1.0.0/16", 666, 3)))

    assert kinds(events) == [("hijack", "10.1.0.0/16 AS666")]
    alarm = events.opened[0]
    assert (alarm.severity, alarm.member, alarm.facts["peers"]) == ("critical", "kt", 3)
    with speaking("en"):
        assert str(alarm.sentence) == (
            "10.1.0.0/16 of AS64500 is announced by AS666, seen by 3 peers"
        )


def test_a_part_of_the_prefix_from_elsewhere_is_one_too() -> None:
    events = Watcher([WATCH]).look(situation(HEALTHY, ("10.1.7.0/24", 666, 3)))

    assert kinds(events) == [("sub-prefix-hijack", "10.1.7.0/24 AS666")]


def test_a_part_from_the_rightful_origin_is_well_unless_it_is_invalid() -> None:
    part = ("10.1.7.0/24", 64500, 3)

    assert Watcher([WATCH]).look(situation(HEALTHY, part)).opened == []

    too_short = situation(HEALTHY, part, vrps=(vrp("10.1.0.0/16", 16, 64500),))
    events = Watcher([WATCH]).look(too_short)
    assert kinds(events) == [("invalid-announcement", "10.1.7.0/24 AS64500")]
    assert "longer than the maximum" in events.opened[0].sentence.en


def test_an_authorised_new_origin_is_only_a_notice() -> None:
    other = situation(HEALTHY, ("10.1.0.0/16", 64501, 9), vrps=(vrp("10.1.0.0/16", 16, 64501),))

    events = Watcher([Watch(MINE, frozenset({64500}))]).look(other)

    assert ("new-origin", "10.1.0.0/16 AS64501") in kinds(events)
    assert [a.severity for a in events.opened if a.kind == "new-origin"] == ["notice"]


def test_without_declared_origins_the_first_that_are_seen_are_right() -> None:
    watcher = Watcher([Watch(MINE)])
    watcher.look(situation(HEALTHY))

    bad = ("10.1.0.0/16", 666, 1)
    story = [watcher.look(situation(HEALTHY, bad, at=minute)) for minute in range(1, 6)]

    assert kinds(story[0]) == [("hijack", "10.1.0.0/16 AS666")]
    assert story[1:] == [Events([], [])] * 4  # it never comes to belong there by staying


def test_a_route_that_fewer_than_half_of_its_peers_still_see_is_lost() -> None:
    watcher = Watcher([WATCH])
    watcher.look(situation(HEALTHY))

    few = watcher.look(situation(("10.1.0.0/16", 64500, 5), at=1))
    fewer = watcher.look(situation(("10.1.0.0/16", 64500, 4), at=2))

    assert few.opened == []
    assert kinds(fewer) == [("visibility-lost", "10.1.0.0/16")]


def test_a_prefix_that_was_never_seen_is_not_lost() -> None:
    assert Watcher([WATCH]).look(situation()).opened == []


def test_an_alarm_opens_once_and_closes_after_calm() -> None:
    watcher = Watcher([WATCH], calm=2)
    bad = ("10.1.0.0/16", 666, 3)
    story = [
        watcher.look(situation(HEALTHY, *([bad] if wrong else []), at=minute))
        for minute, wrong in enumerate([True, True, False, True, False, False, False])
    ]

    assert [len(events.opened) for events in story] == [1, 0, 0, 0, 0, 0, 0]
    assert [len(events.closed) for events in story] == [0, 0, 0, 0, 0, 1, 0]
    closed = story[5].closed[0]
    assert (closed.opened_at, closed.closed_at) == (START, START + timedelta(minutes=5))
    assert closed.ending.en.startswith("Over: 10.1.0.0/16 of AS64500")


def test_a_new_process_goes_on_where_the_old_one_stopped() -> None:
    bad = situation(HEALTHY, ("10.1.0.0/16", 666, 3))
    first = Watcher([WATCH])
    first.look(bad)
    first.look(situation(HEALTHY, at=1))

    second = Watcher([WATCH])
    second.remember(json.loads(json.dumps(first.plain())))

    assert second.plain() == first.plain()
    assert len(second.look(situation(HEALTHY, at=2)).closed) == 1


def test_an_alarm_travels_as_plain_values() -> None:
    alarm = Watcher([WATCH]).look(situation(HEALTHY, ("10.1.0.0/16", 666, 3))).opened[0]

    assert alarm_of(json.loads(json.dumps(alarm.plain()))) == alarm
    assert alarm.title.ko == "대역 탈취 의심"
