"""The store gives what was put, says since when, and never loses the last good state."""

from __future__ import annotations

import hashlib
import multiprocessing
import pickle
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.store.point import Store
from madang.rpki.engine.store.state import Mark
from tests.rpki.engine.store.test_update import BASE, WEB, put, sha

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_it_is_a_store(database: Database) -> None:
    store: Store = database

    assert store.point(BASE, WEB) is None
    assert store.anchor(("https://a.net/ta.cer",)) is None
    assert store.last_good(BASE + "x.mft") is None


def test_a_point_is_found_whatever_the_case_of_its_host(database: Database) -> None:
    put(database, {"a/1": b"one"})

    assert database.point("RSYNC://RPKI.EXAMPLE.net/repo/a/", WEB.replace("rrdp", "RRDP"))
    assert database.point("rsync://rpki.example.net/REPO/a/", WEB) is None


def test_a_point_is_found_whether_or_not_the_usual_port_is_written(database: Database) -> None:
    put(database, {"a/1": b"one"})

    assert database.point(
        BASE.replace(".net/", ".net:873/") + "a/", WEB.replace(".net/", ".net:443/")
    )
    assert database.point(BASE.replace(".net/", ".net:8730/") + "a/", WEB) is None


def test_a_point_without_rrdp_is_that_of_its_module(database: Database) -> None:
    put(database, {"a/1": b"one"}, source="rsync://rpki.example.net/repo/")

    point = database.point(BASE + "a/", "")
    assert point is not None
    assert point.source == "rsync://rpki.example.net/repo/"
    assert database.point(BASE + "a/", WEB) is None


def test_what_rsync_brought_stands_in_only_while_rrdp_fails(database: Database) -> None:
    put(database, {"a/1": b"web"})
    put(database, {"a/1": b"rsync"}, source="rsync://rpki.example.net/repo/")
    seen = []
    for fallen in (False, True):
        database.missed(WEB, words("실패", "failed"), took_s=1.0, fallen_back=fallen)
        seen.append(database.point(BASE + "a/", WEB))
    database.reached(WEB, took_s=1.0)
    seen.append(database.point(BASE + "a/", WEB))

    assert [point.read("1") for point in seen if point] == [b"web", b"rsync", b"web"]


def test_a_large_point_is_read_object_by_object(database: Database) -> None:
    files = {f"a/{number}": bytes([number]) * (1 << 20) for number in range(12)}
    put(database, files)

    point = database.point(BASE + "a/", WEB)
    assert point is not None
    assert point.read("7") == bytes([7]) * (1 << 20)
    assert point.read("12") is None
    assert point._files is None


def test_a_point_that_grows_at_the_wrong_moment_is_not_held_in_memory(
    database: Database,
) -> None:
    put(database, {"a/1": b"one"})
    point = database.point(BASE + "a/", WEB)
    put(database, {f"a/{number}": bytes([number]) * (1 << 20) for number in range(20)})

    assert point is not None
    assert point.read("7") == bytes([7]) * (1 << 20)
    assert point._files is None


def test_a_point_that_goes_at_the_wrong_moment_is_empty(database: Database) -> None:
    put(database, {"a/1": b"one"})
    point = database.point(BASE + "a/", WEB)
    assert point is not None
    before = point.token
    put(database, {"c/1": b"one"})

    assert point.read("1") is None
    assert point.token != before


def test_a_state_says_how_the_last_attempt_went(database: Database) -> None:
    put(database, {"a/1": b"one"})
    with clock.stopped_at(NOON):
        database.reached(WEB, took_s=2.5, fall_back_s=9.0)
    with clock.stopped_at(NOON + timedelta(hours=1)):
        database.missed(WEB, words("끊김", "broken"), took_s=1.5)

    state = database.state(WEB)
    assert state is not None
    assert state.succeeded_s == NOON.timestamp()
    assert state.attempted_s == NOON.timestamp() + 3600
    assert (state.failure, state.took_s, state.fall_back_s) == (words("끊김", "broken"), 1.5, 9.0)
    assert database.states() == (state,)
    assert database.state("https://unknown.net/n.xml") is None


def test_a_mark_comes_back_as_it_was_put(database: Database) -> None:
    mark = Mark(session="s", serial=7, etag='"e"', modified="now", deltas={6: "ab", 7: "cd"})
    with database.update(WEB, whole=False) as update:
        update.commit(mark)

    state = database.state(WEB)
    assert state is not None
    assert state.mark == mark


def test_an_anchor_is_found_by_any_of_its_addresses(database: Database) -> None:
    with clock.stopped_at(NOON):
        database.put_anchor("https://a.net/ta.cer", b"older")
    with clock.stopped_at(NOON + timedelta(hours=1)):
        database.put_anchor("rsync://a.net/ta.cer", b"newer")

    assert database.anchor(("https://a.net/ta.cer",)) == b"older"
    assert database.anchor(("https://a.net/ta.cer", "rsync://a.net/ta.cer")) == b"newer"


class TestTheLastGoodState:
    MANIFEST = BASE + "a/x.mft"

    def test_stays_when_the_repository_loses_it(self, database: Database) -> None:
        put(database, {"a/x.mft": b"m", "a/1.roa": b"one"})
        database.keep(self.MANIFEST, {"x.mft": b"m", "1.roa": b"one"})
        put(database, {"a/x.mft": b"broken"})
        database.sweep(loose_s=-1)

        point = database.last_good(self.MANIFEST)
        assert point is not None
        assert {name: point.read(name) for name in point.names()} == {
            "x.mft": b"m",
            "1.roa": b"one",
        }
        assert point.read("none") is None

    def test_is_replaced_by_the_next_one(self, database: Database) -> None:
        tokens = []
        for content in (b"one", b"two", b"two"):
            database.keep(self.MANIFEST, {"x.mft": b"m", "1.roa": content})
            point = database.last_good(self.MANIFEST)
            assert point is not None
            assert point.read("1.roa") == content
            tokens.append(point.token)

        assert tokens[0] != tokens[1] == tokens[2]
        assert database.sweep(loose_s=-1).objects == 1

    def test_is_kept_for_many_points_at_once(self, database: Database) -> None:
        points = [(f"{BASE}{number}/x.mft", {"1": b"%d" % number}) for number in range(600)]
        database.keep_all(points)
        database.keep_all(iter(points[:1]))

        found = [database.last_good(manifest) for manifest, _ in points]
        assert [point.read("1") for point in found if point] == [files["1"] for _, files in points]

    def test_is_kept_of_a_point_without_reading_it(self, database: Database) -> None:
        put(database, {"a/x.mft": b"m", "a/1.roa": b"one", "a/2.roa": b"stray"})
        point = database.point(BASE + "a/", WEB)
        assert point is not None

        assert database.keep_point(self.MANIFEST, point, ("x.mft", "1.roa"))
        assert not database.keep_point(BASE + "a/y.mft", point, ("x.mft", "none"))

        first = database.last_good(self.MANIFEST)
        database.keep_point(self.MANIFEST, point, ["1.roa", "x.mft"])
        again = database.last_good(self.MANIFEST)
        assert first is not None
        assert again is not None
        assert first.names() == ("1.roa", "x.mft")
        assert first.read("1.roa") == b"one"
        assert first.token == again.token
        assert database.last_good(BASE + "a/y.mft") is None

    def test_is_not_kept_of_a_point_that_has_moved_on(self, database: Database) -> None:
        put(database, {"a/x.mft": b"m", "a/1.roa": b"one"})
        point = database.point(BASE + "a/", WEB)
        assert point is not None
        put(database, {"a/x.mft": b"m", "a/1.roa": b"two"})
        moved = database.keep_point(self.MANIFEST, point, ("x.mft", "1.roa"))
        put(database, {"c/1": b"one"})
        gone = database.keep_point(self.MANIFEST, point, ("x.mft", "1.roa"))

        assert (moved, gone) == (False, False)
        assert database.last_good(self.MANIFEST) is None

    def test_of_a_point_outlives_what_the_repository_does_next(self, database: Database) -> None:
        for content in (b"one", b"two"):
            put(database, {"a/x.mft": b"m", "a/1.roa": content})
            point = database.point(BASE + "a/", WEB)
            assert point is not None
            assert database.keep_point(self.MANIFEST, point, ("x.mft", "1.roa"))
        put(database, {"a/x.mft": b"broken"})
        database.sweep(loose_s=-1)

        kept = database.last_good(self.MANIFEST)
        assert kept is not None
        assert (kept.read("x.mft"), kept.read("1.roa")) == (b"m", b"two")

    def test_of_a_point_stays_while_it_is_found_whole(self, database: Database) -> None:
        put(database, {"a/x.mft": b"m"})
        for days in (0, 50, 100):
            with clock.stopped_at(NOON + timedelta(days=days)):
                point = database.point(BASE + "a/", WEB)
                assert point is not None
                assert database.keep_point(self.MANIFEST, point, ("x.mft",))
                database.sweep()

        assert database.last_good(self.MANIFEST) is not None

    def test_is_one_for_each_manifest(self, database: Database) -> None:
        database.keep(self.MANIFEST, {"1.roa": b"one"})
        database.keep(BASE + "c/y.mft", {"1.roa": b"two"})

        first, second = database.last_good(self.MANIFEST), database.last_good(BASE + "c/y.mft")
        assert first is not None
        assert second is not None
        assert (first.read("1.roa"), second.read("1.roa")) == (b"one", b"two")

    def test_goes_when_nobody_found_it_whole_for_long(self, database: Database) -> None:
        with clock.stopped_at(NOON):
            database.keep(self.MANIFEST, {"1.roa": b"one"})
        with clock.stopped_at(NOON + timedelta(days=59)):
            database.sweep()
            stays = database.last_good(self.MANIFEST)
            database.keep(self.MANIFEST, {"1.roa": b"one"})
        with clock.stopped_at(NOON + timedelta(days=118)):
            database.sweep()
            renewed = database.last_good(self.MANIFEST)
        with clock.stopped_at(NOON + timedelta(days=120)):
            swept = database.sweep()

        assert stays
        assert renewed
        assert (swept.kept, database.last_good(self.MANIFEST)) == (1, None)


class TestEvents:
    URI = BASE + "a/1"

    def test_tell_each_change_with_its_serial_and_time(self, database: Database) -> None:
        put(database, {"c/0": b"other"})
        for hour, files in enumerate([{"a/1": b"one"}, {"a/1": b"two"}, {}], start=1):
            with clock.stopped_at(NOON + timedelta(hours=hour)):
                put(database, files, serial=hour + 1)

        found = database.events(self.URI)
        assert [(each.kind, each.serial) for each in found] == [
            ("added", 2),
            ("changed", 3),
            ("withdrawn", 4),
        ]
        assert [(each.before, each.after) for each in found] == [
            (None, sha(b"one")),
            (sha(b"one"), sha(b"two")),
            (sha(b"two"), None),
        ]
        assert found[1].at_s == NOON.timestamp() + 7200
        assert found[1].source == WEB
        assert found[1].sentence.en == f"changed by serial 3 of {WEB}"

    def test_tell_since_when_of_what_came_with_the_first_load(self, database: Database) -> None:
        with clock.stopped_at(NOON):
            put(database, {"a/1": b"one", "a/2": b"two"}, serial=5)
        with clock.stopped_at(NOON + timedelta(hours=1)):
            put(database, {"a/1": b"one", "a/2": b"new"}, serial=6)

        (found,) = database.events(self.URI)
        assert (found.kind, found.serial, found.at_s) == ("added", 5, NOON.timestamp())
        assert found.after == sha(b"one")

    def test_are_told_of_each_repository(self, database: Database) -> None:
        put(database, {"a/1": b"one"})
        put(database, {"a/1": b"one"}, source="rsync://rpki.example.net/repo/")

        assert {each.source for each in database.events(self.URI)} == {
            WEB,
            "rsync://rpki.example.net/repo/",
        }

    def test_are_remembered_up_to_a_number(self, database: Database) -> None:
        put(database, {"a/1": b"0"})
        for serial in range(2, 12):
            put(database, {"a/1": b"%d" % serial}, serial=serial)

        swept = database.sweep(events=4)

        assert swept.events == 6
        assert [each.serial for each in database.events(self.URI)] == [8, 9, 10, 11]

    def test_of_one_repository_never_push_out_those_of_another(self, database: Database) -> None:
        noisy = "https://noisy.net/n.xml"
        put(database, {"a/1": b"0"})
        put(database, {"a/1": b"1"}, serial=2)
        put(database, {"c/1": b"0"}, source=noisy)
        for serial in range(2, 12):
            put(database, {"c/1": b"%d" % serial}, source=noisy, serial=serial)

        swept = database.sweep(events_of_one=4)

        assert swept.events == 6
        assert [each.serial for each in database.events(self.URI)] == [2]
        assert [each.serial for each in database.events(BASE + "c/1")] == [8, 9, 10, 11]
        assert database.sweep(events_of_one=4).events == 0

    def test_of_an_unknown_object_there_are_none(self, database: Database) -> None:
        assert database.events("rsync://h.net/m/none") == ()


class TestSweeping:
    def test_takes_what_nothing_holds_and_only_after_a_while(self, database: Database) -> None:
        put(database, {"a/1": b"one", "a/2": b"two"})
        put(database, {"a/1": b"three"})

        soon, later = database.sweep(), database.sweep(loose_s=-1)

        assert (soon.objects, later.objects) == (0, 2)
        put(database, {"a/1": b"one", "a/2": b"three"})
        point = database.point(BASE + "a/", WEB)
        assert point is not None
        assert (point.read("1"), point.read("2")) == (b"one", b"three")

    def test_leaves_what_something_still_holds(self, database: Database) -> None:
        put(database, {"a/1": b"one", "a/2": b"one", "a/3": b"two"})
        database.keep(BASE + "a/x.mft", {"3": b"two"})
        put(database, {"a/2": b"one"})

        swept = database.sweep(loose_s=-1)

        kept = database.last_good(BASE + "a/x.mft")
        point = database.point(BASE + "a/", WEB)
        assert swept.objects == 0
        assert point is not None
        assert kept is not None
        assert (point.read("2"), kept.read("3")) == (b"one", b"two")

    def test_takes_what_an_update_left_behind(self, database: Database) -> None:
        with database.update(WEB, whole=True) as update:
            for number in range(7000):
                update.put(f"{BASE}a/{number}", b"%d" % number)

        # All but the last handful, which still waited in memory.
        assert database.sweep(loose_s=-1).objects == 6 * 1024
        assert database.sweep(loose_s=-1).objects == 0

    def test_an_update_notices_that_what_it_counted_on_was_swept(self, database: Database) -> None:
        with database.update(WEB, whole=True) as update:
            for number in range(3000):
                update.put(f"{BASE}a/{number}", b"%d" % number)
            database.sweep(loose_s=-1)

            with pytest.raises(Unavailable):
                update.commit(Mark())

    def test_takes_repositories_that_nobody_names_any_more(self, database: Database) -> None:
        never = "https://invented.net/n.xml"
        with clock.stopped_at(NOON):
            put(database, {"a/1": b"one"})
            database.reached(WEB, took_s=1.0)
            database.missed(never, words("없음", "nobody there"), took_s=1.0)
        seen = []
        for days in (0.9, 1.1, 29, 31):
            with clock.stopped_at(NOON + timedelta(days=days)):
                swept = database.sweep()
                seen.append((swept.repositories, {each.source for each in database.states()}))

        assert seen == [(0, {WEB, never}), (1, {WEB}), (0, {WEB}), (1, set())]

    def test_a_forgotten_repository_leaves_nothing(self, database: Database) -> None:
        put(database, {"a/1": b"one"})
        put(database, {"a/1": b"two"})
        database.forget(WEB)
        database.forget("https://unknown.net/n.xml")

        assert database.sweep(loose_s=-1).objects == 2
        assert database.states() == ()
        assert database.point(BASE + "a/", WEB) is None
        assert database.events(BASE + "a/1") == ()


def _write(database: Database, number: int) -> None:
    for serial in range(5):
        put(
            database,
            {f"a/{name}": b"%d-%d-%d" % (number, serial, name) for name in range(50)},
            source=f"https://h{number}.net/n.xml",
            serial=serial,
        )


def test_threads_write_and_read_at_the_same_time(database: Database) -> None:
    threads = [threading.Thread(target=_write, args=(database, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for number in range(4):
            point = database.point(BASE + "a/", f"https://h{number}.net/n.xml")
            if point:
                serials = {(point.read(name) or b"").split(b"-")[1] for name in point.names()}
                assert len(serials) == 1

    assert [state.objects for state in database.states()] == [50] * 4


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_other_processes_have_the_same_store(database: Database, way: str) -> None:
    put(database, {"a/1": b"one"})
    context = multiprocessing.get_context(way)
    children = [context.Process(target=_write, args=(database, number)) for number in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)

    assert [child.exitcode for child in children] == [0, 0]
    assert [state.objects for state in database.states()] == [50, 50, 1]


def test_it_can_be_sent(database: Database) -> None:
    put(database, {"a/1": b"one"})
    sent = pickle.loads(pickle.dumps(database))

    point = sent.point(BASE + "a/", WEB)
    assert point is not None
    assert point.read("1") == b"one"
    sent.close()


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"this is no database" * 1000)

    for path in (tmp_path / "x", tmp_path / "none" / "y", tmp_path):
        with pytest.raises(Unavailable, match="the store"):
            Database(path)


def test_digest_is_that_of_the_bytes(database: Database) -> None:
    put(database, {"a/1": b"one"})

    assert database.digest(WEB, BASE + "a/1") == hashlib.sha256(b"one").digest()
    assert database.digest(WEB, BASE + "a/2") is None
