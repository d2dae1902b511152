from __future__ import annotations

import bz2
import gzip
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.rpki.engine.errors import RoutesRefused
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.mrt import Import, read_dump, read_stream
from madang.rpki.engine.routes.route import NO_ORIGIN, AsPath, Route
from tests.rpki.engine.routes import dumps

if TYPE_CHECKING:
    from pathlib import Path

V4 = read_prefix("10.1.0.0/16")
V6 = read_prefix("2001:db8::/32")
INDEX = dumps.peer_index((64500, "192.0.2.1"), (64501, "2001:db8::1"))
FIRST = dumps.path_attributes([64500, 3, 3, 9])
SECOND = dumps.path_attributes([64501, 9])


def read(content: bytes) -> Import:
    return read_stream(io.BytesIO(content))


def faults(found: Import) -> list[tuple[int, str]]:
    return [(offset, sentence.en) for offset, sentence in found.corrupt]


WHOLE = INDEX + dumps.rib(V4, (0, FIRST), (1, SECOND)) + dumps.rib(V6, (1, SECOND))


def test_reads_a_table_into_routes_peers_and_paths() -> None:
    found = read(WHOLE)

    assert list(found.table.routes()) == [Route(V4, 9, 2), Route(V6, 9, 1)]
    assert found.table.paths == {AsPath((64500, 3, 3, 9)): 1, AsPath((64501, 9)): 2}
    assert found.table.peers == ["AS64500 192.0.2.1", "AS64501 2001:db8::1"]
    assert (found.records, found.rib.entries, found.corrupt_count) == (3, 3, 0)


def test_reads_entries_with_path_identifiers() -> None:
    """RFC 8050, section 4.1."""
    content = INDEX + dumps.rib(V4, (0, FIRST), (0, SECOND), path_ids=True)

    assert list(read(content).table.routes()) == [Route(V4, 9, 1)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_reads_packed_files(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    file = tmp_path / "rib"
    file.write_bytes(pack(WHOLE))

    assert len(read_dump(file).table) == 2


def test_two_dumps_with_the_same_peer_know_it_as_one() -> None:
    found = read(WHOLE + dumps.peer_index((64501, "2001:db8::1")) + dumps.rib(V6, (0, SECOND)))

    assert Route(V6, 9, 1) in list(found.table.routes())


def test_an_empty_path_originates_at_the_peer_and_a_set_nowhere() -> None:
    in_set = dumps.attribute(2, dumps.segment([64500]) + dumps.segment([7, 8], 1))
    content = INDEX + dumps.rib(V4, (0, dumps.path_attributes([])), (1, in_set))

    assert {route.origin for route in read(content).table.routes()} == {64500, NO_ORIGIN}


def test_routes_that_came_by_no_session_are_passed_over() -> None:
    """BIRD dumps its static routes too, without an AS_PATH or with flags of none."""
    unflagged = dumps.attribute(2, dumps.segment([64500, 9]), 0)
    found = read(INDEX + dumps.rib(V4, (0, dumps.ORIGIN_IGP), (1, unflagged)))

    assert list(found.table.routes()) == [Route(V4, 9, 1)]
    assert (found.rib.local, found.corrupt_count) == (1, 0)


@pytest.mark.parametrize("number", [1, 0xAC000000])
def test_path_identifiers_of_old_collectors_are_noticed(number: int) -> None:
    """Read without identifiers, the first names 0.0.0.0/0 thrice, the second a prefix /172."""
    body = dumps.update_body(b"", dumps.path_attributes([64500, 9]), dumps.nlri(V4, number))

    found = read(dumps.exchange(64500, dumps.bgp(body)))

    assert list(found.table.routes()) == [Route(V4, 9, 1)]
    assert found.corrupt_count == 0


def told(prefix: str, ases: list[int]) -> bytes:
    announced = dumps.nlri(read_prefix(prefix))
    return dumps.bgp(dumps.update_body(b"", dumps.path_attributes(ases), announced))


def test_updates_leave_what_was_not_withdrawn() -> None:
    gone = dumps.bgp(dumps.update_body(dumps.nlri(V4)))
    content = (
        dumps.exchange(64500, told("10.1.0.0/16", [64500, 9]))
        + dumps.exchange(64500, told("10.2.0.0/16", [64500, 8]), extended=True)
        + dumps.exchange(64500, gone)
        + dumps.exchange(64500, dumps.bgp(b"", 4))
    )

    found = read(content)

    assert list(found.table.routes()) == [Route(read_prefix("10.2.0.0/16"), 8, 1)]
    assert (found.updates, found.other) == (3, 1)


def test_a_session_that_ends_takes_its_routes_with_it() -> None:
    up = dumps.exchange(64500, told("10.1.0.0/16", [64500, 9]))

    assert len(read(up + dumps.exchange(64500, b"\0\6\0\1", 5)).table) == 0
    assert len(read(up + dumps.exchange(64500, b"\0\5\0\6", 5)).table) == 1


def test_two_byte_sessions_tell_their_path_in_two_attributes() -> None:
    path = dumps.path_attributes([64500, 23456], width=2)
    path += dumps.attribute(17, dumps.segment([400000]), 0xC0)
    body = dumps.update_body(b"", path, dumps.nlri(V4))

    found = read(dumps.exchange(64500, dumps.bgp(body), subtype=1))

    assert list(found.table.routes()) == [Route(V4, 400000, 1)]


BROKEN = [
    (dumps.rib(V4, (5, FIRST)), "it names a peer that no index lists (5)"),
    (dumps.rib(V4, (0, FIRST[:-1])), "an attribute reaches beyond its block"),
    (dumps.rib(V4, (0, dumps.attribute(2, b"\x02\x00"))), "its AS_PATH is malformed"),
    (
        dumps.record(13, 2, bytes(4) + b"\x21" + bytes(7)),
        "a prefix is longer than an address (/33)",
    ),
    (dumps.record(13, 2, bytes(5)), "it ends before what it announces"),
    (dumps.record(13, 2, bytes(4) + b"\0\0\0x"), "bytes are left behind its content"),
    (dumps.exchange(64500, b"\0" * 19), "the marker of a BGP message is wrong"),
    (dumps.record(16, 4, bytes(10) + b"\0\3" + bytes(8)), "its address family is unknown"),
    (dumps.record(17, 4, b"\0"), "it ends before what it announces"),
    (
        dumps.exchange(64500, dumps.bgp(dumps.update_body(b"", dumps.ORIGIN_IGP, dumps.nlri(V4)))),
        "it has no AS_PATH",
    ),
]


@pytest.mark.parametrize(("broken", "reason"), BROKEN)
def test_a_broken_record_is_named_and_the_rest_is_read(broken: bytes, reason: str) -> None:
    found = read(INDEX + broken + dumps.rib(V6, (1, SECOND)))

    assert faults(found) == [(len(INDEX), reason)]
    assert list(found.table.routes()) == [Route(V6, 9, 1)]


def test_after_a_broken_index_no_entry_is_given_to_a_peer_of_the_one_before() -> None:
    broken = dumps.peer_index((64502, "192.0.2.9"))[:-1]
    broken = broken[:11] + bytes([broken[11] - 1]) + broken[12:]

    found = read(INDEX + broken + dumps.rib(V6, (1, SECOND)))

    assert found.corrupt_count == 2
    assert len(found.table) == 0


def test_after_an_unbelievable_length_reading_goes_on_at_the_next_record() -> None:
    lying = dumps.rib(V4, (0, FIRST))
    lying = lying[:8] + b"\xff\xff\xff\xff" + lying[12:]

    found = read(INDEX + lying + dumps.rib(V6, (1, SECOND)))

    assert [offset for offset, _ in found.corrupt] == [len(INDEX)]
    assert list(found.table.routes()) == [Route(V6, 9, 1)]


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    file = tmp_path / "rib.gz"
    file.write_bytes(gzip.compress(WHOLE)[:-20])

    found = read_dump(file)

    assert found.corrupt_count >= 1
    assert found.corrupt[-1].sentence.en == "the compressed stream is broken"
    assert faults(read(WHOLE[:-3]))[-1][1] == "it ends before what it announces"


def test_a_bomb_is_unpacked_only_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(dumps.record(11, 0, bytes(1000)) * 20_000))

    found = read_dump(file, most_bytes=100_000)

    assert found.records <= 100_000 // 1012
    assert found.corrupt[-1].sentence.en == "there is more than may be read"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoutesRefused):
        read_dump(tmp_path / "none")


@settings(max_examples=200)
@given(st.data())
def test_no_damage_does_more_than_lose_records(data: st.DataObject) -> None:
    content = bytearray(WHOLE + dumps.exchange(64500, told("10.1.0.0/16", [64500, 9])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    found = read(bytes(content))

    assert found.corrupt_count == len(found.corrupt)
    assert all(0 <= offset <= len(content) for offset, _ in found.corrupt)


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    assert read(content).corrupt_count <= len(content)


def test_reads_what_another_program_reads(tmp_path: Path) -> None:
    mrtparse = pytest.importorskip("mrtparse", reason="mrtparse, which judges here, is missing")
    file = tmp_path / "rib"
    file.write_bytes(WHOLE)

    theirs = set()
    for entry in mrtparse.Reader(str(file)):
        said = entry.data
        for each in said.get("rib_entries", []):
            path = next(a for a in each["path_attributes"] if 2 in a["type"])
            hops = tuple(int(asn) for part in path["value"] for asn in part["value"])
            theirs.add((f"{said['prefix']}/{said['length']}", hops))

    ours = read_dump(file)
    assert {path.hops for path in ours.table.paths} == {hops for _, hops in theirs}
    assert {str(prefix) for prefix in ours.table.seen} == {prefix for prefix, _ in theirs}
