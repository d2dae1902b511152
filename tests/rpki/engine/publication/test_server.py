"""What is published is whole at every instant: after each change, and after each crash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from madang.kernel import clock
from madang.rpki.engine.publication.changes import FileChange, changes_towards, digest
from tests.rpki.engine.publication import worlds

if TYPE_CHECKING:
    from pathlib import Path

ONE = f"{worlds.MODULE}one/"
STATES = [
    {ONE + "a.roa": b"first" * 30, ONE + "b.roa": b"second" * 30, ONE + "0/c.cer": b"third" * 30},
    {ONE + "a.roa": b"changed" * 30, ONE + "0/c.cer": b"third" * 30, ONE + "1/d.mft": b"new"},
    {ONE + "1/d.mft": b"new", ONE + "b.roa": b"again" * 30},
]


def publish(server: worlds.PublicationServer, wanted: dict[str, bytes]) -> None:
    server.apply("one", towards(wanted, server.catalogue.listed("one")))


def towards(wanted: dict[str, bytes], listed: dict[str, str]) -> list[FileChange]:
    named = {uri: (digest(content), content) for uri, content in wanted.items()}
    return changes_towards(named, listed, content=bytes)


def test_each_state_is_seen_whole_over_both_ways(tmp_path: Path) -> None:
    server = worlds.server(tmp_path)

    for wanted in STATES:
        publish(server, wanted)
        assert worlds.rsync_files(tmp_path) == wanted
        assert worlds.rrdp_files(tmp_path) == wanted


def test_a_client_of_an_earlier_serial_number_comes_along_by_deltas(tmp_path: Path) -> None:
    server = worlds.server(tmp_path)
    large = {ONE + "large.roa": b"x" * 5000}
    publish(server, {**STATES[0], **large})
    publish(server, {**STATES[1], **large})
    publish(server, {**STATES[2], **large})

    found = worlds.by_deltas(tmp_path, {**STATES[0], **large}, 1)

    assert found == {**STATES[2], **large}


def test_deltas_are_never_larger_than_the_snapshot(tmp_path: Path) -> None:
    server = worlds.server(tmp_path)
    for number in range(8):
        publish(server, {ONE + "a.roa": bytes([number]) * 3000, ONE + "b.roa": b"x" * 3000})

    offered = server.catalogue.deltas()

    # RFC 8182, 3.3.2: two files of 4,000 base64 characters hold one such delta, not two.
    assert [each.serial for each in offered] == [8]
    assert worlds.rrdp_files(tmp_path) is not None


def _states_after_crash(folder: Path, last: int) -> bool:
    """Whether the second change went through; the crash is at call number `last`."""
    publish(worlds.server(folder), STATES[0])
    broken = worlds.server(folder, worlds.BreakingDisk(last))
    try:
        publish(broken, STATES[1])
        done = True
    except worlds.PowerCut:
        done = False
    for found in (worlds.rsync_files(folder), worlds.rrdp_files(folder)):
        assert found in (STATES[0], STATES[1]), f"call {last}"
    # The next process finishes the work.
    worlds.server(folder).write()
    assert worlds.rsync_files(folder) == STATES[1]
    assert worlds.rrdp_files(folder) == STATES[1]
    publish(worlds.server(folder), STATES[2])
    assert worlds.rsync_files(folder) == worlds.rrdp_files(folder) == STATES[2]
    return done


def test_a_crash_at_any_call_leaves_one_state_or_the_other(tmp_path: Path) -> None:
    for last in range(100):
        if _states_after_crash(tmp_path / str(last), last):
            break

    assert 10 <= last < 99  # so many calls there are


def test_a_crash_at_the_very_first_change_leaves_nothing_or_all(tmp_path: Path) -> None:
    for last in range(100):
        folder = tmp_path / str(last)
        try:
            publish(worlds.server(folder, worlds.BreakingDisk(last)), STATES[0])
            break
        except worlds.PowerCut:
            assert worlds.rsync_files(folder) in (None, STATES[0])
            assert worlds.rrdp_files(folder) in (None, STATES[0])
            worlds.server(folder).write()
            assert worlds.rrdp_files(folder) == worlds.rsync_files(folder) == STATES[0]

    assert 8 <= last < 99


def test_what_is_no_longer_offered_stays_for_slow_clients_and_then_goes(tmp_path: Path) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    server = worlds.server(tmp_path, keep_s=3600)
    with clock.stopped_at(begin):
        publish(server, STATES[0])
        told = (tmp_path / "www/rrdp/notification.xml").read_text()
        old_tree = (tmp_path / "www/rsync/current").resolve()
    with clock.stopped_at(begin + timedelta(minutes=1)):
        publish(server, STATES[1])
    snapshot = (
        tmp_path
        / "www/rrdp"
        / told.split('snapshot uri="')[1].split('"')[0].removeprefix(worlds.WEB)
    )
    assert snapshot.exists()
    assert old_tree.exists()

    with clock.stopped_at(begin + timedelta(minutes=62)):
        server.write()

    assert not snapshot.exists()
    assert not old_tree.exists()
    assert worlds.rsync_files(tmp_path) == worlds.rrdp_files(tmp_path) == STATES[1]


def test_unchanged_files_are_the_same_file_in_the_next_generation(tmp_path: Path) -> None:
    server = worlds.server(tmp_path, keep_s=3600)
    publish(server, STATES[0])
    before = (tmp_path / "www/rsync/current/one/0/c.cer").stat().st_ino

    publish(server, STATES[1])

    assert (tmp_path / "www/rsync/current/one/0/c.cer").stat().st_ino == before


def test_a_new_session_offers_no_delta_and_its_folder_is_whole(tmp_path: Path) -> None:
    server = worlds.server(tmp_path)
    publish(server, STATES[0])
    session = server.catalogue.state().session
    publish(server, STATES[1])

    server.catalogue.new_session()
    server.write()

    assert server.catalogue.state().session != session
    assert server.catalogue.deltas() == []
    assert worlds.rsync_files(tmp_path) == worlds.rrdp_files(tmp_path) == STATES[1]


def test_addresses_cannot_be_guessed(tmp_path: Path) -> None:
    server = worlds.server(tmp_path)
    publish(server, STATES[0])
    first = server.catalogue.state().token
    publish(server, STATES[1])

    assert len(first) == 32  # 128 bits
    assert first != server.catalogue.state().token


@pytest.mark.parametrize("keep", [0, 3600])
def test_writing_again_changes_nothing(tmp_path: Path, keep: float) -> None:
    server = worlds.server(tmp_path, keep_s=keep)
    publish(server, STATES[0])
    told = (tmp_path / "www/rrdp/notification.xml").read_bytes()

    server.write()
    publish(server, STATES[0])

    assert (tmp_path / "www/rrdp/notification.xml").read_bytes() == told


def test_a_change_names_what_it_replaces() -> None:
    wanted = {"a": b"1", "b": b"2"}

    found = towards(wanted, {"b": digest(b"0"), "c": digest(b"3")})

    assert found == [
        FileChange("c", None, digest(b"3")),
        FileChange("a", b"1", ""),
        FileChange("b", b"2", digest(b"0")),
    ]
