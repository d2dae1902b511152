"""A copy equals its repository, whichever way it came there, and whatever a repository tries."""

from __future__ import annotations

import gzip
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.rpki.engine.errors import ExchangeRefused, Unreachable
from madang.rpki.engine.fetch.budget import Budget, BudgetSpent
from madang.rpki.engine.fetch.following import Followed, Following
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.fetch.uri import https_uri
from madang.rpki.engine.store.database import Database
from tests.rpki.engine.fetch.publisher import (
    SESSION,
    Publisher,
    Site,
    broken_off,
    digest,
    document,
    publish,
    send,
    withdraw,
)

Follow = Callable[..., Followed]
OTHER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def follow(
    database: Database, tmp_path: Path, publisher: Publisher, policy: Callable[..., Policy]
) -> Follow:
    def run(**limits: object) -> Followed:
        return following(database, publisher, policy(**limits), tmp_path)

    return run


def following(database: Database, publisher: Publisher, policy: Policy, folder: Path) -> Followed:
    uri = https_uri(publisher.notify)
    budget = Budget(publisher.notify, policy)
    return Following(database, uri, budget=budget, policy=policy, spool=folder).follow()


def held(database: Database, publisher: Publisher) -> dict[str, bytes]:
    """All that the copy holds, by name below the repository's base."""
    found = {}
    folders = {name.rpartition("/")[0] for name in publisher.objects} | {"a", "a/b", "c"}
    for folder in folders:
        point = database.point(f"{publisher.base}{folder}/", publisher.notify)
        for name in point.names() if point else ():
            found[f"{folder}/{name}"] = point.read(name)
    return found


def whole(database: Database, publisher: Publisher) -> bool:
    state = database.state(publisher.notify)
    assert state is not None
    return (
        held(database, publisher) == publisher.objects
        and state.objects == len(publisher.objects)
        and state.size == sum(map(len, publisher.objects.values()))
        and (state.mark.session, state.mark.serial) == (publisher.session, publisher.serial)
    )


class TestAnHonestRepository:
    def test_is_first_taken_from_its_snapshot(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one", "a/b/2.roa": b"two"})

        came = follow()

        assert came.way == "snapshot"
        assert came.counts == (2, 0, 0)
        assert whole(database, publisher)

    def test_is_then_followed_by_its_deltas_alone(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one", "a/b/2.roa": b"two"})
        follow()
        publisher.change({"a/1.cer": b"newer", "c/3.mft": b"three"})
        publisher.change({"a/1.cer": b"newest"}, ("a/b/2.roa",))
        publisher.site.asked.clear()

        came = follow()

        assert came.way == "delta"
        assert came.counts == (1, 2, 1)
        assert whole(database, publisher)
        assert publisher.site.asked == [
            "/rrdp/notification.xml",
            "/rrdp/2/delta.xml",
            "/rrdp/3/delta.xml",
        ]

    def test_costs_one_question_where_nothing_changed(
        self, follow: Follow, publisher: Publisher
    ) -> None:
        publisher.change({"a/1.cer": b"one"})
        follow()
        publisher.site.asked.clear()

        came = follow()

        assert came.way == "unchanged"
        assert publisher.site.asked == ["/rrdp/notification.xml"]
        assert publisher.site.unchanged == 1

    def test_is_taken_anew_when_a_session_begins(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one", "a/2.cer": b"two"})
        follow()
        publisher.session, publisher.deltas = OTHER, {}
        publisher.change({"a/3.cer": b"three"}, ("a/1.cer",))

        came = follow()

        assert came.way == "snapshot"
        assert came.note is not None
        assert "session" in came.note.en
        assert came.counts == (1, 0, 1)
        assert whole(database, publisher)

    def test_leaves_the_token_of_a_folder_that_did_not_change(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one", "c/2.cer": b"two"})
        follow()
        before = [token(database, publisher, folder) for folder in ("a", "c")]
        publisher.change({"a/1.cer": b"other"})
        follow()
        between = [token(database, publisher, folder) for folder in ("a", "c")]
        publisher.session = OTHER
        publisher.announce()
        follow()
        after = [token(database, publisher, folder) for folder in ("a", "c")]

        assert before[0] != between[0]
        assert before[1] == between[1]
        assert after == between

    def test_may_offer_more_deltas_than_are_taken(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one"})
        follow()
        for number in range(5):
            publisher.change({f"a/{number}.roa": b"roa"})

        came = follow(deltas=4)

        assert came.way == "snapshot"
        assert whole(database, publisher)

    def test_is_resumed_where_an_interrupted_refresh_was(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"one"})
        follow()
        for number in range(2, 5):
            publisher.change({f"a/{number}.roa": b"roa"})
        site, third = publisher.site, publisher.site.files["/rrdp/4/delta.xml"]
        site.files["/rrdp/4/delta.xml"] = broken_off
        snapshot = site.files.pop("/rrdp/4/snapshot.xml")
        with pytest.raises(Unreachable):
            follow()
        site.files |= {"/rrdp/4/delta.xml": third, "/rrdp/4/snapshot.xml": snapshot}
        site.asked.clear()

        came = follow()

        assert came.way == "delta"
        assert site.asked == ["/rrdp/notification.xml", "/rrdp/4/delta.xml"]
        assert whole(database, publisher)


def test_large_files_wait_for_their_turn_and_small_ones_pass(
    database: Database, publisher: Publisher, policy: Callable[..., Policy], tmp_path: Path
) -> None:
    turns = threading.Semaphore(1)

    def follow(time_s: float) -> Followed:
        chosen = policy(time_s=time_s)
        budget = Budget(publisher.notify, chosen)
        uri = https_uri(publisher.notify)
        return Following(
            database, uri, budget=budget, policy=chosen, spool=tmp_path, turns=turns
        ).follow()

    publisher.change({"a/1.cer": b"one"})
    with turns:
        small = follow(60.0)
        publisher.change({"a/2.cer": bytes(1 << 20)})
        with pytest.raises(BudgetSpent, match="the time of"):
            follow(0.6)
    large = follow(60.0)

    assert (small.way, large.way) == ("snapshot", "delta")
    assert turns.acquire(blocking=False)


def token(database: Database, publisher: Publisher, folder: str) -> str:
    point = database.point(f"{publisher.base}{folder}/", publisher.notify)
    assert point is not None
    return point.token


NAMES = st.sampled_from(["a/1.cer", "a/2.roa", "a/b/3.roa", "c/4.crl", "c/5.mft"])
STEP = st.tuples(
    st.dictionaries(NAMES, st.binary(max_size=40), max_size=4),
    st.sets(NAMES, max_size=3),
    st.sampled_from(["go on", "go on", "new session", "lose deltas", "fetch"]),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=st.lists(STEP, min_size=1, max_size=7))
def test_every_history_leads_to_what_the_repository_holds(
    site: Site, policy: Callable[..., Policy], history: list[tuple[dict, set, str]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, fresh = Database(folder / "a"), Database(folder / "b")
        publisher = Publisher(site, f"/{id(database)}")
        publisher.change({"a/1.cer": b"begin"})
        following(database, publisher, policy(), folder)
        for came, gone, then in history:
            if then == "new session":
                publisher.session = OTHER if publisher.session == SESSION else SESSION
                publisher.deltas = {}
            left = tuple(sorted((gone & publisher.objects.keys()) - came.keys()))
            publisher.change(came, left)
            if then == "lose deltas":
                publisher.announce(first=publisher.serial)
            if then == "fetch":
                following(database, publisher, policy(), folder)
        following(database, publisher, policy(), folder)
        following(fresh, publisher, policy(), folder)

        assert held(database, publisher) == held(fresh, publisher) == publisher.objects
        assert whole(database, publisher)
        database.close()
        fresh.close()


class TestAHostileRepository:
    """Whatever it sends, the copy stays what it was, or becomes what a sound snapshot says."""

    @pytest.fixture(autouse=True)
    def begun(self, follow: Follow, publisher: Publisher) -> None:
        publisher.change({"a/1.cer": b"one", "c/2.cer": b"two"})
        follow()

    def refused(self, follow: Follow, database: Database, publisher: Publisher) -> str:
        before = held(database, publisher)
        with pytest.raises(ExchangeRefused) as caught:
            follow()
        assert held(database, publisher) == before
        return caught.value.sentence("en")

    def test_cannot_refer_to_another_origin(
        self, follow: Follow, publisher: Publisher, database: Database, trusted: object
    ) -> None:
        other = Site(trusted)  # type: ignore[arg-type]
        content = document("snapshot", 2, "")
        other.files["/snapshot.xml"] = content
        publisher.serial = 2
        publisher.notify_with(
            f'<snapshot uri="{other.uri("/snapshot.xml")}" hash="{digest(content)}"/>'
        )

        assert "another origin" in self.refused(follow, database, publisher)
        assert other.asked == []
        other.close()

    def test_cannot_refer_to_a_delta_of_another_origin(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.serial = 2
        sound = publisher.site.uri("/rrdp/1/snapshot.xml")
        publisher.notify_with(
            f'<snapshot uri="{sound}" hash="{"0" * 64}"/>'
            f'<delta serial="2" uri="https://other.example/d.xml" hash="{"0" * 64}"/>'
        )

        assert "another origin" in self.refused(follow, database, publisher)

    def test_cannot_pass_off_another_file(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.session = OTHER
        publisher.announce()
        publisher.site.files["/rrdp/1/snapshot.xml"] += b" "  # type: ignore[operator]

        assert "digest" in self.refused(follow, database, publisher)

    @pytest.mark.parametrize(
        ("session", "serial"), [(SESSION, 3), (OTHER, 2), ("no-session", 2), (SESSION, "02")]
    )
    def test_cannot_send_a_snapshot_of_another_moment(
        self,
        follow: Follow,
        publisher: Publisher,
        database: Database,
        session: str,
        serial: int | str,
    ) -> None:
        publisher.serial = 2
        inner = publish(f"{publisher.base}a/1.cer", b"x")
        publisher.announce(snapshot=document("snapshot", serial, inner, session=session))

        assert "expected" in self.refused(follow, database, publisher)

    @pytest.mark.parametrize(
        "uri",
        [
            "rsync://localhost/repo/../etc/passwd",
            "rsync://localhost/../repo/a",
            "rsync://../repo/a",
            "rsync://localhost/repo/a/..",
            "rsync://localhost/repo/./a",
            "rsync://localhost/repo//a",
            "rsync://localhost/repo/a/",
            "rsync://localhost/repo/%2e%2e/a",
            "rsync://localhost/repo/a\\b",
            "rsync://user@localhost/repo/a",
            "rsync://localhost:0/repo/a",
            "rsync://localhost:99999/repo/a",
            "rsync:///repo/a",
            "rsync://localhost/repo/ä",
            "file:///etc/passwd",
            "https://localhost/repo/a",
            "rsync://localhost/repo/" + "a" * 300,
            "rsync://localhost/repo" + "/a" * 1200,
        ],
    )
    def test_cannot_name_a_place_outside(
        self, follow: Follow, publisher: Publisher, database: Database, uri: str
    ) -> None:
        publisher.serial = 2
        publisher.announce(snapshot=document("snapshot", 2, publish(uri, b"x")))

        assert "the address" in self.refused(follow, database, publisher)

    def test_cannot_name_an_address_twice(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.serial = 2
        inner = "".join(
            publish(f"{publisher.base}a/1.cer", b"%d" % number) for number in range(10_000)
        )
        publisher.announce(snapshot=document("snapshot", 2, inner))

        assert "names twice" in self.refused(follow, database, publisher)

    def test_cannot_announce_a_delta_twice_or_of_the_future(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/1.cer": b"x"})
        sound = publisher.site.files["/rrdp/notification.xml"]
        assert isinstance(sound, bytes)
        line = sound[sound.index(b"<delta") : sound.index(b"</notification>")]
        for faulty in (
            sound.replace(line, line * 2),
            sound.replace(b'<delta serial="2"', b'<delta serial="3"'),
        ):
            publisher.site.files["/rrdp/notification.xml"] = faulty

            assert "unfitting delta" in self.refused(follow, database, publisher)

    def test_cannot_announce_two_snapshots(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.serial = 2
        line = f'<snapshot uri="{publisher.site.uri("/s.xml")}" hash="{"0" * 64}"/>'
        publisher.notify_with(line * 2)

        assert "two snapshots" in self.refused(follow, database, publisher)

    @pytest.mark.parametrize(
        "inner",
        [
            withdraw("rsync://localhost/repo/a/1.cer", b"one").replace("/>", ">AAAA</withdraw>"),
            withdraw("rsync://localhost/repo/a/9.cer", b"one"),
            withdraw("rsync://localhost/repo/a/1.cer", b"something else"),
            withdraw("rsync://elsewhere.net/repo/a/1.cer", b"one"),
            publish("rsync://localhost/repo/a/1.cer", b"taken over"),
            publish("rsync://localhost/repo/a/1.cer", b"new", b"something else"),
            publish("rsync://localhost/repo/a/9.cer", b"new", b"never there"),
            publish("rsync://localhost/repo/a/9.cer", b"new")
            + publish("rsync://localhost/repo/a/9.cer", b"newer", b"new"),
            withdraw("rsync://localhost/repo/a/1.cer", b"one") * 2,
            '<publish uri="rsync://localhost/repo/a/9.cer">***</publish>',
            "<unknown/>",
        ],
    )
    def test_has_its_snapshot_taken_where_a_delta_does_not_fit(
        self, follow: Follow, publisher: Publisher, database: Database, inner: str
    ) -> None:
        publisher.change({"a/3.cer": b"three"})
        publisher.deltas[2] = document("delta", 2, inner)
        publisher.announce()

        came = follow()

        assert came.way == "snapshot"
        assert came.note is not None
        assert "delta.xml" in came.note.en or "digest" in came.note.en or "twice" in came.note.en
        assert whole(database, publisher)

    def test_shows_that_it_is_out_of_step_by_a_delta_whose_digest_changes(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/3.cer": b"three"})
        follow()
        publisher.deltas[2] += b"<!-- another -->"
        publisher.change({"a/4.cer": b"four"})

        came = follow()

        assert came.way == "snapshot"
        assert came.note is not None
        assert "RFC 9697" in came.note.en
        assert whole(database, publisher)

    def test_has_its_snapshot_taken_where_deltas_are_missing(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        for number in range(3, 7):
            publisher.change({f"a/{number}.cer": b"x"})
        del publisher.deltas[3]
        publisher.announce()

        came = follow()

        assert came.way == "snapshot"
        assert came.note is not None
        assert "do not lead from 1 to 5" in came.note.en
        assert whole(database, publisher)

    def test_has_its_snapshot_taken_where_its_serial_falls(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({"a/3.cer": b"three"})
        follow()
        publisher.serial, publisher.deltas = 0, {}
        publisher.change({"a/4.cer": b"four"}, ("a/1.cer",))

        came = follow()

        assert came.way == "snapshot"
        assert came.note is not None
        assert came.note.en == "the serial fell from 2 to 1"
        assert whole(database, publisher)

    def test_cannot_hold_more_objects_than_it_may(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        before = held(database, publisher)
        publisher.session = OTHER
        publisher.change({f"a/{number}.roa": b"roa" for number in range(20)})

        with pytest.raises(BudgetSpent, match="the number of 12 objects was used up"):
            follow(objects=12)
        assert {name: held(database, publisher)[name] for name in before} == before
        assert len(held(database, publisher)) == len(before)

    def test_cannot_grow_by_deltas_beyond_what_it_may(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({f"a/{number}.roa": b"roa" for number in range(20)})

        with pytest.raises(BudgetSpent, match="the number of 12 objects"):
            follow(objects=12)
        assert len(held(database, publisher)) == 2

    def test_cannot_send_more_than_it_may(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.session = OTHER
        publisher.change({"a/9.roa": bytes(range(256)) * 400})

        with pytest.raises(BudgetSpent, match=r"the size of 64\.0 KiB was used up after"):
            follow(size=65_536)
        assert len(held(database, publisher)) == 2

    def test_cannot_send_more_than_it_may_when_unpacked_and_in_parts(
        self, follow: Follow, publisher: Publisher
    ) -> None:
        publisher.change({"a/8.roa": bytes(11_000)})
        publisher.change({"a/9.roa": bytes(11_000)})
        for serial in (2, 3):
            packed = gzip.compress(publisher.deltas[serial])
            publisher.site.files[f"/rrdp/{serial}/delta.xml"] = partial(
                send, content=packed, Content_Encoding="gzip"
            )

        with pytest.raises(BudgetSpent, match=r"the size of 9\.8 KiB was used up"):
            follow(size=10_000)

    def test_cannot_publish_an_object_larger_than_any_may_be(
        self, follow: Follow, publisher: Publisher
    ) -> None:
        publisher.session = OTHER
        publisher.change({"a/9.roa": bytes(5000)})

        with pytest.raises(ExchangeRefused, match="an object of more than 4,000 bytes"):
            follow(object_size=4000)

    def test_leaves_a_delta_with_too_many_changes_for_the_snapshot(
        self, follow: Follow, publisher: Publisher, database: Database
    ) -> None:
        publisher.change({f"a/{number}.roa": b"roa" for number in range(20)})

        came = follow(delta_changes=10)

        assert came.way == "snapshot"
        assert whole(database, publisher)

    @pytest.mark.parametrize("file", ["notification.xml", "2/delta.xml", "2/snapshot.xml"])
    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
    def test_cannot_spoil_the_copy_by_breaking_off(
        self, follow: Follow, publisher: Publisher, database: Database, file: str, share: float
    ) -> None:
        before = held(database, publisher)
        if file == "2/snapshot.xml":
            publisher.session, publisher.deltas = OTHER, {}
        publisher.change({"a/3.cer": bytes(3000)})
        site, place = publisher.site, f"/rrdp/{file}"
        whole_file = site.files[place]
        assert isinstance(whole_file, bytes)
        sent = whole_file[: int(len(whole_file) * share)]

        def part(handler: BaseHTTPRequestHandler) -> None:
            send(handler, sent, Content_Length=str(len(whole_file)))
            broken_off(handler)

        site.files[place] = part
        if file == "2/delta.xml":
            assert follow().way == "snapshot"
        else:
            with pytest.raises(Unreachable, match="the connection broke"):
                follow()
            assert held(database, publisher) == before
        site.files[place] = whole_file

        follow()
        assert whole(database, publisher)
