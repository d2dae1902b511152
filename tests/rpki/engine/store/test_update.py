"""A repository moves on as a whole: readers, crashes and rivals see the old state or the new."""

from __future__ import annotations

import hashlib
import os
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.kernel.errors import Unavailable
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.store.connections import Connections
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.store.state import Mark

WEB = "https://rrdp.example.net/n.xml"
BASE = "rsync://rpki.example.net/repo/"


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def put(
    database: Database, files: dict[str, bytes], *, source: str = WEB, serial: int = 1
) -> tuple[int, int, int]:
    with database.update(source, whole=True) as update:
        for name, content in files.items():
            update.put(BASE + name, content)
        return update.commit(Mark(session="s", serial=serial))


def held(database: Database, source: str = WEB) -> dict[str, bytes]:
    found = {}
    for folder in ("", "a/", "a/b/", "c/"):
        point = database.point(BASE + folder, source)
        for name in point.names() if point else ():
            found[folder + name] = point.read(name)
    return found


def test_a_whole_state_replaces_another(database: Database) -> None:
    first = put(database, {"a/1": b"one", "a/2": b"two", "c/3": b"three"})
    second = put(database, {"a/1": b"one", "a/2": b"other", "a/b/4": b"four"}, serial=2)

    assert (first, second) == ((3, 0, 0), (1, 1, 1))
    assert held(database) == {"a/1": b"one", "a/2": b"other", "a/b/4": b"four"}


def test_changes_move_a_state_on(database: Database) -> None:
    put(database, {"a/1": b"one", "a/2": b"two"})
    with database.update(WEB, whole=False) as update:
        update.publish(BASE + "a/1", b"newer", over=sha(b"one"))
        update.publish(BASE + "c/3", b"three", over=None)
        update.withdraw(BASE + "a/2", over=sha(b"two"))
        counts = update.commit(Mark(session="s", serial=2))

    state = database.state(WEB)
    assert counts == (1, 1, 1)
    assert held(database) == {"a/1": b"newer", "c/3": b"three"}
    assert state is not None
    assert (state.objects, state.size, state.mark.serial) == (2, 10, 2)


@pytest.mark.parametrize(
    ("name", "over"),
    [("a/1", None), ("a/1", sha(b"other")), ("a/9", sha(b"one")), ("c/1", sha(b"one"))],
)
def test_a_change_of_what_is_not_held_is_refused(
    database: Database, name: str, over: bytes | None
) -> None:
    put(database, {"a/1": b"one"})

    with database.update(WEB, whole=False) as update:
        with pytest.raises(ExchangeRefused, match="the digest held"):
            update.publish(BASE + name, b"x", over=over)
        if over is not None:
            with pytest.raises(ExchangeRefused, match="the digest held"):
                update.withdraw(BASE + name, over=over)
    assert held(database) == {"a/1": b"one"}


def test_an_address_named_twice_is_refused(database: Database) -> None:
    with database.update(WEB, whole=True) as update:
        update.put(BASE + "a/1", b"one")
        update.put(BASE + "a/1", b"one")
        with pytest.raises(ExchangeRefused, match="names twice"):
            update.commit(Mark())
    assert held(database) == {}


def test_what_is_not_committed_is_not_seen(database: Database) -> None:
    put(database, {"a/1": b"one"})
    with database.update(WEB, whole=True) as update:
        for number in range(3000):  # more than waits in memory
            update.put(f"{BASE}a/{number}", b"%d" % number)

    assert held(database) == {"a/1": b"one"}


def folders(database: Database) -> list[str]:
    with sqlite3.connect(database.path) as rows:
        found = rows.execute("SELECT uri FROM folder ORDER BY uri").fetchall()
    rows.close()
    return [uri.removeprefix(BASE) for (uri,) in found]


def test_folders_that_hold_nothing_leave_nothing_behind(database: Database) -> None:
    put(database, {"a/1": b"one", "c/1": b"one"})
    with database.update(WEB, whole=True) as update:
        for number in range(3000):  # and then it is given up
            update.put(f"{BASE}{number}/x", b"%d" % number)
    given_up = folders(database)
    put(database, {"a/1": b"one"})

    assert given_up == ["a/", "c/"]
    assert folders(database) == ["a/"]


def test_a_rival_process_that_tidies_is_noticed(database: Database) -> None:
    put(database, {"a/1": b"one"})
    with database.update(WEB, whole=True) as late:
        for number in range(3000):
            late.put(f"{BASE}{number}/x", b"same")
        with database.update(WEB, whole=True):
            pass  # it begins, and so removes what it takes for left behind

        with pytest.raises(Unavailable, match="another process"):
            late.commit(Mark())
    assert held(database) == {"a/1": b"one"}


def test_repositories_do_not_mix(database: Database) -> None:
    put(database, {"a/1": b"one"})
    put(database, {"a/1": b"theirs", "a/2": b"two"}, source="https://other.net/n.xml")

    assert held(database) == {"a/1": b"one"}
    assert held(database, "https://other.net/n.xml") == {"a/1": b"theirs", "a/2": b"two"}


def test_the_same_bytes_are_stored_once(database: Database) -> None:
    put(database, {"a/1": b"same", "a/2": b"same"})
    put(database, {"c/1": b"same"}, source="https://other.net/n.xml")
    database.keep(BASE + "m.mft", {"x": b"same"})

    with sqlite3.connect(database.path) as rows:
        assert rows.execute("SELECT count(*) FROM object").fetchone() == (1,)
    rows.close()


def test_a_token_changes_with_its_folder_and_never_comes_back(database: Database) -> None:
    seen = []
    for content in (b"one", b"two", b"one"):
        put(database, {"a/1": content, "c/1": b"steady"})
        points = [database.point(BASE + folder, WEB) for folder in ("a/", "c/")]
        seen.append([point.token for point in points if point])
    put(database, {"a/b/1": b"below", "a/1": b"one", "c/1": b"steady"})
    point = database.point(BASE + "a/", WEB)

    assert len({folder for folder, _ in seen}) == 3
    assert len({steady for _, steady in seen}) == 1
    assert point is not None
    assert point.token == seen[-1][0]


def test_tokens_of_two_stores_differ(database: Database, tmp_path) -> None:  # noqa: ANN001
    other = Database(tmp_path / "other.sqlite")
    for store in (database, other):
        put(store, {"a/1": b"one"})
    points = [store.point(BASE + "a/", WEB) for store in (database, other)]
    other.close()

    assert points[0].token != points[1].token  # type: ignore[union-attr]


def test_token_and_bytes_of_a_point_belong_together(database: Database) -> None:
    """A folder may move on between the look at its token and the first read."""
    put(database, {"a/1": b"one"})
    early, unread = database.point(BASE + "a/", WEB), database.point(BASE + "a/", WEB)
    assert early is not None
    assert unread is not None
    assert early.read("1") == b"one"
    before = early.token
    put(database, {"a/1": b"two"})
    fresh = database.point(BASE + "a/", WEB)
    assert fresh is not None

    assert (early.read("1"), early.token) == (b"one", before)
    assert (unread.read("1"), unread.token) == (b"two", fresh.token)
    assert fresh.token != before


def test_a_rival_process_wins_once(database: Database) -> None:
    put(database, {"a/1": b"one"})
    with database.update(WEB, whole=True) as late:
        late.put(BASE + "a/1", b"late")
        put(database, {"a/1": b"early"})

        with pytest.raises(Unavailable, match="another process"):
            late.commit(Mark())
    assert held(database) == {"a/1": b"early"}


OLD = {"a/1": b"one", "a/2": b"two", "c/3": b"three"}
NEW = {"a/1": b"other", "c/3": b"three", "a/b/4": b"four"}


def test_a_crash_at_any_statement_leaves_the_old_state_or_the_new(database: Database) -> None:
    put(database, OLD)
    states = []
    for at in range(1, 200):
        child = os.fork()
        if child == 0:
            _die_at(database, at)
        _, status = os.waitpid(child, 0)
        states.append(held(database))
        assert states[-1] in (OLD, NEW)
        _is_sound(database, states[-1])
        if os.waitstatus_to_exitcode(status) == 0:
            break
        if states[-1] == NEW:
            put(database, OLD)

    assert states[-1] == NEW
    assert states.count(OLD) > 10


def _die_at(database: Database, at: int) -> None:
    """In a child: end without a word at the so-manieth statement."""
    left = at
    opened = Connections._opened

    def trace(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(9)

    def traced(self: Connections) -> sqlite3.Connection:
        connection = opened(self)
        connection.set_trace_callback(trace)
        return connection

    Connections._opened = traced  # type: ignore[method-assign]
    put(database, NEW, serial=2)
    os._exit(0)


def _is_sound(database: Database, files: dict[str, bytes]) -> None:
    state = database.state(WEB)
    assert state is not None
    assert (state.objects, state.size) == (len(files), sum(map(len, files.values())))
    assert state.mark.serial == (1 if files == OLD else 2)


NAMES = st.sampled_from(["1", "a/1", "a/2", "a/b/3", "c/4"])
STATES = st.lists(
    st.dictionaries(NAMES, st.sampled_from([b"", b"x", b"yy", b"zzz"])), min_size=1, max_size=6
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STATES, st.booleans())
def test_every_history_ends_in_its_last_state(
    database: Database, states: list[dict[str, bytes]], sweeping: bool
) -> None:
    source = f"https://h{id(states)}.example.net/n.xml"
    for serial, files in enumerate(states, start=1):
        put(database, files, source=source, serial=serial)
        if sweeping:
            database.sweep(loose_s=-1)

    state = database.state(source)
    assert held(database, source) == states[-1]
    assert state is not None
    assert state.objects == len(states[-1])
    assert state.size == sum(map(len, states[-1].values()))
    database.forget(source)
