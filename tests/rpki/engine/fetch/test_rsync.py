"""Debian's rsync brings ordinary files with proper names, within a budget, and nothing else."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.fetch import rsync
from madang.rpki.engine.fetch.budget import Budget, BudgetSpent
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.fetch.rsync import mirror, single
from madang.rpki.engine.fetch.uri import file_uri, folder_uri
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.store.update import Counts
from tests.rpki.engine.fetch.publisher import listening

pytestmark = pytest.mark.rpki_peers
Mirror = Callable[..., Counts]


@pytest.fixture
def copy(database: Database, tmp_path: Path, policy: Callable[..., Policy]) -> Mirror:
    def run(base: str, **limits: object) -> Counts:
        chosen = policy(**limits)
        budget = Budget(base, chosen)
        folder = tmp_path / "work"
        return mirror(database, folder_uri(base), budget=budget, policy=chosen, folder=folder)

    return run


def laid(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_a_module_is_copied_and_then_followed(
    rsync_module: tuple[str, Path], copy: Mirror, database: Database
) -> None:
    base, folder = rsync_module
    laid(folder, {"a/1.cer": b"one", "a/b/2.roa": b"two", "3.mft": b"three"})
    first = copy(base)
    unchanged = copy(base)
    laid(folder, {"a/1.cer": b"other", "a/4.crl": b"four"})
    (folder / "3.mft").unlink()
    second = copy(base)

    assert (first, unchanged, second) == ((3, 0, 0), (0, 0, 0), (1, 1, 1))
    point = database.point(f"{base}a/", "")
    assert point is not None
    assert point.source == base
    assert {name: point.read(name) for name in point.names()} == {
        "1.cer": b"other",
        "4.crl": b"four",
    }
    assert database.point(base, "") is None


def test_only_ordinary_files_with_proper_names_are_taken(
    rsync_module: tuple[str, Path], copy: Mirror, database: Database
) -> None:
    base, folder = rsync_module
    laid(folder, {"a/1.cer": b"one", "a/ä.cer": b"x", "a/b c.cer": b"x", "a/%2e.cer": b"x"})
    (folder / "a" / "link.cer").symlink_to("/etc/hostname")
    (folder / "a" / "inside.cer").symlink_to("1.cer")
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "a" / "pipe.cer")

    copy(base)

    point = database.point(f"{base}a/", "")
    assert point is not None
    assert point.names() == ("1.cer",)
    assert database.point(f"{base}out/", "") is None


def test_what_is_no_ordinary_file_beside_the_store_is_not_taken_either(tmp_path: Path) -> None:
    laid(tmp_path, {"a/1.cer": b"one"})
    (tmp_path / "a" / "link.cer").symlink_to("/etc/hostname")
    (tmp_path / "out").symlink_to("/etc")
    os.mkfifo(tmp_path / "a" / "pipe.cer")

    found = [uri for uri, _ in rsync._files(tmp_path, "rsync://h.net/m/")]
    assert found == ["rsync://h.net/m/a/1.cer"]


def test_only_what_came_in_this_round_counts_as_received(
    rsync_module: tuple[str, Path],
    database: Database,
    tmp_path: Path,
    policy: Callable[..., Policy],
) -> None:
    base, folder = rsync_module
    received = []
    for name in ("1.roa", "2.roa"):
        laid(folder, {name: os.urandom(6000)})
        budget = Budget(base, policy(size=13_000))
        place = tmp_path / "work"
        uri = folder_uri(base)
        mirror(database, uri, budget=budget, policy=policy(size=13_000), folder=place)
        received.append(budget.received)

    assert received == [6000, 6000]


def test_what_a_module_holds_counts_whenever_it_came(
    rsync_module: tuple[str, Path], copy: Mirror
) -> None:
    base, folder = rsync_module
    laid(folder, {"1.roa": os.urandom(6000)})
    copy(base, size=10_000)
    laid(folder, {"2.roa": os.urandom(6000)})

    with pytest.raises(BudgetSpent, match=r"the size of 9\.8 KiB was used up"):
        copy(base, size=10_000)


def test_a_file_larger_than_any_may_be_is_left_out(
    rsync_module: tuple[str, Path], copy: Mirror, database: Database
) -> None:
    base, folder = rsync_module
    laid(folder, {"a/1.cer": b"one", "a/2.cer": bytes(20_000)})

    copy(base, object_size=10_000)

    point = database.point(f"{base}a/", "")
    assert point is not None
    assert point.names() == ("1.cer",)


def test_a_module_of_too_many_files_is_left_alone(
    rsync_module: tuple[str, Path], copy: Mirror, database: Database, tmp_path: Path
) -> None:
    base, folder = rsync_module
    laid(folder, {"a/1.cer": b"one"})
    copy(base)
    laid(folder, {f"a/{number}.roa": b"x" for number in range(50)})

    with pytest.raises(BudgetSpent, match="the number of 20 objects was used up"):
        copy(base, objects=20)
    point = database.point(f"{base}a/", "")
    assert point is not None
    assert point.names() == ("1.cer",)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_module_of_too_many_bytes_is_left_alone(
    rsync_module: tuple[str, Path], copy: Mirror, database: Database
) -> None:
    base, folder = rsync_module
    laid(folder, {f"a/{number}.roa": os.urandom(5000) for number in range(50)})

    with pytest.raises(BudgetSpent, match=r"the size of 97\.7 KiB was used up"):
        copy(base, size=100_000)
    assert database.point(f"{base}a/", "") is None


def test_a_server_that_hangs_is_left_when_the_time_is_up(copy: Mirror) -> None:
    began = time.monotonic()

    with listening(lambda wire: wire.recv(1 << 16) and wire.recv(1)) as port:
        with pytest.raises(BudgetSpent, match=r"the time of 0\.5 s was used up"):
            copy(f"rsync://localhost:{port}/repo/", time_s=0.5)
    assert time.monotonic() - began < 10


def test_a_server_that_hangs_is_left_when_it_was_silent(copy: Mirror) -> None:
    with listening(lambda wire: wire.recv(1 << 16) and wire.recv(1)) as port:
        with pytest.raises(Unreachable, match="rsync failed"):
            copy(f"rsync://localhost:{port}/repo/", silent_s=1, connect_s=1)


def babbling(wire: socket.socket) -> None:
    """A greeting, then lines that never end."""
    wire.sendall(b"@RSYNCD: 31.0\n")
    while True:
        wire.sendall(b"words without meaning\n" * 1000)


@pytest.mark.parametrize("behave", [babbling, lambda wire: wire.sendall(b"no rsync\n" * 999)])
def test_a_server_that_speaks_something_else_is_a_failure(
    copy: Mirror, behave: Callable[[socket.socket], None]
) -> None:
    with listening(behave) as port, pytest.raises(Unreachable):
        copy(f"rsync://localhost:{port}/repo/", time_s=1.0)


def test_a_module_that_is_not_there_is_told_in_rsyncs_words(
    rsync_module: tuple[str, Path], copy: Mirror
) -> None:
    base = rsync_module[0].replace("/repo/", "/none/")

    with pytest.raises(Unreachable, match="Unknown module"):
        copy(base)


def test_a_machine_without_rsync_says_so(copy: Mirror) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        copy("rsync://localhost:1/repo/", rsync_program="/nowhere/rsync")


def test_this_machines_own_network_is_not_asked(
    rsync_module: tuple[str, Path], copy: Mirror
) -> None:
    with pytest.raises(Unreachable, match="no address of a public server"):
        copy(rsync_module[0], dubious=False)


def test_one_file_is_fetched_alone(
    rsync_module: tuple[str, Path], policy: Callable[..., Policy], tmp_path: Path
) -> None:
    base, folder = rsync_module
    laid(folder, {"ta/root.cer": b"root", "ta/large.cer": bytes(9999)})
    (folder / "ta" / "link.cer").symlink_to("/etc/hostname")

    def fetch(name: str) -> bytes:
        uri, chosen = file_uri(base + name), policy(object_size=5000)
        return single(uri, budget=Budget(base, chosen), policy=chosen, folder=tmp_path)

    assert fetch("ta/root.cer") == b"root"
    for absent in ("ta/none.cer", "ta/large.cer", "ta/link.cer", "ta"):
        with pytest.raises(Unreachable):
            fetch(absent)


def test_rsync_goes_through_the_proxy(rsync_module: tuple[str, Path], copy: Mirror) -> None:
    from tests.rpki.engine.fetch.test_http import relay

    base, folder = rsync_module
    laid(folder, {"a/1.cer": b"one"})
    asked: list[bytes] = []

    with listening(relay(asked)) as port:
        assert copy(base, proxy=f"http://127.0.0.1:{port}") == (1, 0, 0)
    assert asked[0].startswith(b"CONNECT localhost:")
