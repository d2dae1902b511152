"""Every repository has its turn and its budget, and no bad one keeps another from being heard."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from madang.kernel import clock
from madang.rpki.engine.errors import SettingRefused, Unreachable
from madang.rpki.engine.fetch.fetched import Fetched, Repository
from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.store.database import Database
from tests.rpki.engine.fetch.publisher import (
    Authority,
    Publisher,
    Site,
    broken_off,
    listening,
    send,
)
from tests.rpki.engine.fetch.test_rsync import laid

Made = Callable[..., Fetcher]


def named(publisher: Publisher, base: str = "rsync://localhost/repo/") -> Repository:
    return Repository(notify=publisher.notify, rsync_base=base, anchor="ta")


def stopped_web(publisher: Publisher) -> None:
    publisher.site.files[f"{publisher.path}/notification.xml"] = broken_off


def silent(port: int, number: int = 0) -> Repository:
    return Repository(notify=f"https://localhost:{port}/{number}/n.xml", anchor="ta")


def wait_for_end(wire: socket.socket) -> None:
    while wire.recv(1 << 16):
        continue


def test_what_came_is_told_and_remembered(
    publisher: Publisher, fetcher: Made, database: Database
) -> None:
    publisher.change({"a/1.cer": b"one"})

    (came,) = fetcher().refresh([named(publisher)])

    state = database.state(publisher.notify)
    assert (came.way, came.counts, came.failure) == ("snapshot", (1, 0, 0), None)
    assert came.received > 0
    assert state is not None
    assert (state.objects, state.size, state.failure) == (1, 3, None)
    assert state.succeeded_s is not None


def test_what_came_is_said_in_both_languages(publisher: Publisher, fetcher: Made) -> None:
    publisher.change({"a/1.cer": b"one"})
    made = fetcher()
    (came,) = made.refresh([named(publisher)])
    stopped_web(publisher)
    (failed,) = made.refresh([named(publisher)])

    assert "taken from its snapshot, 1 added, 0 changed, 0 withdrawn (" in came.sentence.en
    assert "스냅샷으로 갱신함. 추가 1개" in came.sentence.ko
    assert failed.failure is not None
    assert failed.sentence.en == f"{publisher.notify}: {failed.failure.en}"


def test_a_failure_is_told_and_remembered_and_the_copy_stays(
    publisher: Publisher, fetcher: Made, database: Database
) -> None:
    publisher.change({"a/1.cer": b"one"})
    made = fetcher()
    made.refresh([named(publisher)])
    good = database.state(publisher.notify)
    stopped_web(publisher)

    (came,) = made.refresh([named(publisher)])

    state = database.state(publisher.notify)
    assert came.way == "failed"
    assert came.failure is not None
    assert "the connection broke" in came.failure.en
    assert "연결이 끊어짐" in came.failure.ko
    assert state is not None
    assert good is not None
    assert state.failure == came.failure
    assert state.succeeded_s == good.succeeded_s
    point = database.point("rsync://localhost/repo/a/", publisher.notify)
    assert point is not None
    assert point.read("1.cer") == b"one"


def test_a_repository_is_asked_once_in_a_round(publisher: Publisher, fetcher: Made) -> None:
    publisher.change({"a/1.cer": b"one"})
    other = named(publisher, "rsync://localhost/elsewhere/x/")

    with fetcher().round() as round_:
        first = list(round_.fetch([named(publisher), other, named(publisher)]))
        again = list(round_.fetch([named(publisher)]))

    assert {each.repository for each in first} == {named(publisher), other}
    assert [each.way for each in again] == ["snapshot"]
    assert publisher.site.asked.count("/rrdp/notification.xml") == 1


def test_hanging_repositories_delay_nobody(site: Site, fetcher: Made, database: Database) -> None:
    good = [Publisher(site, f"/{number}") for number in range(3)]
    for each in good:
        each.change({"a/1.cer": b"one"})
    made = fetcher(connect_s=3.0, at_once=4, patience_s=60.0)
    made.refresh([named(each) for each in good])
    for each in good:
        each.change({"a/2.cer": b"two"})

    came = threading.Semaphore(0)

    def hang(wire: socket.socket) -> None:
        came.release()
        wait_for_end(wire)

    with listening(hang) as port, made.round() as round_:
        hostile = [silent(port, number) for number in range(12)]
        waiting = threading.Thread(target=lambda: list(round_.fetch(hostile)))
        waiting.start()
        for _ in range(4):  # they have all the turns of their lane
            assert came.acquire(timeout=20)
        began = time.monotonic()
        quick = list(round_.fetch(map(named, good)))
        took_s = time.monotonic() - began
        made.stop()
        waiting.join()

    assert {each.way for each in quick} == {"delta"}
    assert took_s < 3.0  # one hanging repository before them would take as long


def test_known_repositories_that_turn_slow_together_delay_nobody_for_long(
    publisher: Publisher, fetcher: Made, database: Database
) -> None:
    publisher.change({"a/1.cer": b"one"})
    made = fetcher(at_once=2, patience_s=0.1, slow_ones=20, connect_s=5.0)
    made.refresh([named(publisher)])

    with listening(wait_for_end) as port, made.round() as round_:
        hostile = [silent(port, number) for number in range(10)]
        for each in hostile:
            database.reached(each.source, took_s=0.1)
        began = time.monotonic()
        came = next(round_.fetch([*hostile, named(publisher)]))
        took_s = time.monotonic() - began
        made.stop()

    assert came.way == "unchanged"
    assert took_s < 10  # of the 25 s that two threads would need


def test_a_dripping_repository_delays_nobody_and_is_told(
    site: Site, publisher: Publisher, fetcher: Made
) -> None:
    def drip(handler) -> None:  # noqa: ANN001
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)

    site.files["/drip/n.xml"] = drip
    publisher.change({"a/1.cer": b"one"})
    hostile = Repository(notify=site.uri("/drip/n.xml"))

    with fetcher(time_s=0.8).round() as round_:
        order = list(round_.fetch([hostile, named(publisher)]))

    assert [each.way for each in order] == ["snapshot", "failed"]
    assert order[1].failure is not None
    assert "the time of 0.8 s was used up after" in order[1].failure.en


def test_stopping_ends_what_runs(fetcher: Made) -> None:
    made = fetcher(connect_s=0.3)

    with listening(wait_for_end) as port:
        timer = threading.Timer(0.1, made.stop)
        timer.start()
        began = time.monotonic()
        (came,) = made.refresh([silent(port)])
        timer.join()

    assert came.way == "failed"
    assert time.monotonic() - began < 10


def test_an_anchor_has_so_many_repositories_and_known_ones_stay(site: Site, fetcher: Made) -> None:
    publishers = [Publisher(site, f"/{number}") for number in range(6)]
    for each in publishers:
        each.change({"a/1.cer": b"one"})
    made = fetcher(repositories=3)
    first = made.refresh([named(each) for each in publishers[3:]])
    second = made.refresh([named(each) for each in publishers])

    assert {each.way for each in first} == {"snapshot"}
    assert [each.way for each in second[3:]] == ["unchanged"] * 3
    refused = [each for each in second[:3] if each.way == "refused"]
    assert len(refused) == 3
    assert refused[0].failure is not None
    assert "the 3 repositories of the trust anchor ta were used up" in refused[0].failure.en


def test_known_repositories_stay_even_where_they_are_too_many(site: Site, fetcher: Made) -> None:
    publishers = [Publisher(site, f"/{number}") for number in range(4)]
    for each in publishers:
        each.change({"a/1.cer": b"one"})
    wanted = [named(each) for each in publishers]
    fetcher().refresh(wanted)

    came = fetcher(repositories=2).refresh(wanted)

    assert {each.way for each in came} == {"unchanged"}


def test_a_proxy_that_is_none_is_raised(publisher: Publisher, fetcher: Made) -> None:
    with pytest.raises(SettingRefused):
        fetcher(proxy="nonsense").refresh([named(publisher)])


@pytest.mark.parametrize(
    "wanted",
    [
        Repository(notify="http://h.net/n.xml"),
        Repository(notify="https://h.net/../n.xml", rsync_base="rsync://h.net/"),
        Repository(rsync_base="rsync://h/../m/"),
        Repository(rsync_base="file:///etc/"),
        Repository(rsync_base="x" * 100_000),
        Repository(),
    ],
)
def test_a_name_that_nobody_could_bear_is_told_and_not_remembered(
    fetcher: Made, database: Database, wanted: Repository
) -> None:
    (came,) = fetcher().refresh([wanted])

    assert came.way == "failed"
    assert came.failure is not None
    assert "the address" in came.failure.en
    assert len(came.failure.en) < 1000
    assert database.states() == ()


@pytest.mark.rpki_peers
class TestFallingBack:
    def test_rsync_alone_serves_where_rrdp_is_not_wanted(
        self, publisher: Publisher, fetcher: Made, database: Database, rsync_module: tuple
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"a/1.cer": b"by rsync"})

        (came,) = fetcher(https=False).refresh([named(publisher, base)])

        assert came.way == "rsync"
        assert read(database, f"{base}a/", publisher) == b"by rsync"
        assert publisher.site.asked == []

    def test_nothing_is_asked_by_rsync_where_it_is_not_wanted(
        self, publisher: Publisher, fetcher: Made, rsync_module: tuple, tmp_path: Path
    ) -> None:
        base, _ = rsync_module
        stopped_web(publisher)

        came = fetcher(rsync=False).refresh([named(publisher, base), Repository(rsync_base=base)])

        assert [each.way for each in came] == ["failed", "failed"]
        assert "rsync on repo/" not in (tmp_path / "rsyncd.log").read_text()

    def test_a_module_that_nobody_asks_for_any_more_is_removed(
        self, fetcher: Made, database: Database, rsync_module: tuple, tmp_path: Path
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"a/1.cer": b"one"})
        made = fetcher()
        made.refresh([Repository(rsync_base=base)])
        left = []
        for days in (29, 31):
            with clock.stopped_at(clock.now() + timedelta(days=days)):
                made.tidy()
            left.append((len(list((tmp_path / "work/rsync").iterdir())), database.states() != ()))

        assert left == [(1, True), (0, False)]

    def test_a_repository_never_reached_is_asked_by_rsync(
        self, publisher: Publisher, fetcher: Made, database: Database, rsync_module: tuple
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"a/1.cer": b"by rsync"})
        stopped_web(publisher)

        (came,) = fetcher().refresh([named(publisher, base)])

        assert (came.way, came.source) == ("rsync", base)
        assert came.note is not None
        assert "the connection broke" in came.note.en
        assert read(database, f"{base}a/", publisher) == b"by rsync"

    def test_a_copy_is_used_until_it_is_old_and_again_when_the_web_is_back(
        self, publisher: Publisher, fetcher: Made, database: Database, rsync_module: tuple
    ) -> None:
        base, folder = rsync_module
        publisher.base = base
        publisher.change({"a/1.cer": b"by web"})
        laid(folder, {"a/1.cer": b"by rsync"})
        made, wanted = fetcher(fall_back_s=(100.0, 200.0)), named(publisher, base)
        began = clock.now()
        seen = []
        for minutes, broken in ((0, False), (1, True), (4, True), (5, False)):
            if broken:
                stopped_web(publisher)
            else:
                publisher.announce()
            at = began + timedelta(minutes=minutes)
            seen.append((at_moment(made, wanted, at), read(database, f"{base}a/", publisher)))

        assert seen == [
            ("snapshot", b"by web"),
            ("failed", b"by web"),
            ("rsync", b"by rsync"),
            ("unchanged", b"by web"),
        ]

    @pytest.mark.parametrize(("choice", "way"), [("never", "failed"), ("new", "rsync")])
    def test_the_policy_says_when(
        self, publisher: Publisher, fetcher: Made, rsync_module: tuple, choice: str, way: str
    ) -> None:
        stopped_web(publisher)
        laid(rsync_module[1], {"a/1.cer": b"one"})

        (came,) = fetcher(fall_back=choice).refresh([named(publisher, rsync_module[0])])

        assert came.way == way

    def test_where_both_fail_both_are_told(self, publisher: Publisher, fetcher: Made) -> None:
        stopped_web(publisher)

        (came,) = fetcher().refresh([named(publisher, "rsync://localhost:1/repo/")])

        assert came.way == "failed"
        assert came.failure is not None
        assert "the connection broke" in came.failure.en
        assert "rsync failed" in came.failure.en

    def test_a_module_that_two_repositories_share_is_fetched_once(
        self, site: Site, fetcher: Made, rsync_module: tuple, tmp_path: Path
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"a/1.cer": b"one"})
        wanted = [
            Repository(notify=site.uri(f"/{number}/n.xml"), rsync_base=f"{base}{number}/")
            for number in range(4)
        ] + [Repository(rsync_base=f"{base}a/")]

        came = fetcher().refresh(wanted)

        assert {each.way for each in came} == {"rsync"}
        assert [each.repository for each in came] == wanted
        log = (tmp_path / "rsyncd.log").read_text()
        assert log.count("rsync on repo/") == 1

    def test_each_module_of_one_failing_repository_is_fetched(
        self, publisher: Publisher, fetcher: Made, rsync_module: tuple, database: Database
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"a/1.cer": b"one"})
        stopped_web(publisher)
        absent = base.replace("/repo/", "/none/")

        came = fetcher().refresh([named(publisher, absent), named(publisher, base)])

        assert [each.source for each in came] == [absent, base]
        assert came[0].failure is not None
        assert came[1].way == "rsync"
        assert database.state(base) is not None


def read(database: Database, folder: str, publisher: Publisher) -> bytes | None:
    point = database.point(folder, publisher.notify)
    assert point is not None
    return point.read("1.cer")


def at_moment(fetcher: Fetcher, wanted: Repository, at) -> str:  # noqa: ANN001
    """The way of one fetch at a moment; in this thread, since each has a clock of its own."""
    with clock.stopped_at(at):
        came: Fetched = fetcher.one(wanted, fetcher.module)
    return came.way


class TestATrustAnchor:
    def test_is_asked_for_by_the_web_first(
        self, site: Site, fetcher: Made, database: Database
    ) -> None:
        site.files["/ta.cer"] = b"certificate"
        asked: list[socket.socket] = []

        with listening(asked.append) as port:
            uris = (f"rsync://localhost:{port}/ta/ta.cer", site.uri("/ta.cer"))
            content = fetcher().anchor(uris, lambda _: True)

        assert content == b"certificate"
        assert asked == []
        assert database.anchor(uris) == b"certificate"
        assert database.anchor(("https://other.net/ta.cer",)) is None

    def test_with_another_key_is_not_taken(
        self, site: Site, fetcher: Made, database: Database
    ) -> None:
        site.files |= {"/1.cer": b"stranger", "/2.cer": b"certificate"}
        uris = (site.uri("/1.cer"), site.uri("/2.cer"))

        assert fetcher().anchor(uris, lambda content: content[0:1] == b"c") == b"certificate"
        with pytest.raises(Unreachable, match="another key"):
            fetcher().anchor(uris[:1], lambda _: False)
        assert database.anchor(uris) == b"certificate"

    def test_that_cannot_be_had_is_told_for_each_address(self, site: Site, fetcher: Made) -> None:
        with pytest.raises(Unreachable) as caught:
            fetcher().anchor((site.uri("/none.cer"), "nonsense"), lambda _: True)

        assert "status 404" in str(caught.value)
        assert "nonsense" in str(caught.value)

    @pytest.mark.rpki_peers
    def test_is_asked_for_by_rsync_too(
        self, site: Site, fetcher: Made, rsync_module: tuple
    ) -> None:
        base, folder = rsync_module
        laid(folder, {"ta.cer": b"certificate"})

        assert fetcher().anchor((site.uri("/x"), f"{base}ta.cer"), lambda _: True) == (
            b"certificate"
        )


CLIENT = """
import sys
from pathlib import Path
from madang.rpki.engine.fetch.fetched import Repository
from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.store.database import Database
folder, authorities, good, bad = sys.argv[1:]
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024
policy = Policy(authorities=Path(authorities), dubious=True, fall_back="never", time_s=60)
fetcher = Fetcher(Database(Path(folder) / "store"), Path(folder), policy)
(came,) = fetcher.refresh([Repository(notify=good)])
assert came.failure is None, came
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = peak()
(came,) = fetcher.refresh([Repository(notify=bad)])
print(came.way, peak() - before, sep="|")
"""


def many_folders(publisher: Publisher) -> None:
    publisher.change({f"{'x/' * 14}{number}/{'n' * 200}.roa": b"r" for number in range(50_000)})


def largest_object(publisher: Publisher) -> None:
    publisher.change({f"{number}.roa": os.urandom(8 << 20) for number in range(4)})


def too_large_object(publisher: Publisher) -> None:
    publisher.change({"1.roa": bytes(32 << 20)})


def long_notification(publisher: Publisher) -> None:
    publisher.change({"1.roa": b"r"})
    line = '<delta serial="{}" uri="{}" hash="{}"/>\n'
    publisher.serial = 10**9
    uri = publisher.site.uri("/d")
    publisher.notify_with("".join(line.format(n, uri, "0" * 64) for n in range(1, 19_000)))


def bomb(publisher: Publisher) -> None:
    import gzip

    packed = gzip.compress(bytes(1 << 30), 1)
    publisher.site.files[f"{publisher.path}/notification.xml"] = lambda handler: send(
        handler, packed, Content_Encoding="gzip"
    )


@pytest.mark.parametrize(
    "attack", [many_folders, largest_object, too_large_object, long_notification, bomb]
)
def test_a_hostile_repository_costs_less_than_64_mib(
    site: Site, trusted: Authority, tmp_path: Path, attack: Callable[[Publisher], None]
) -> None:
    good, bad = Publisher(site, "/good"), Publisher(site, "/bad")
    good.change({"a/1.cer": b"one"})
    attack(bad)

    ended = subprocess.run(
        [sys.executable, "-c", CLIENT, tmp_path, trusted.ca, good.notify, bad.notify],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stderr
    way, grown = ended.stdout.strip().split("|")
    print(attack.__name__, way, int(grown) >> 20, "MiB")
    assert int(grown) < 64 << 20
