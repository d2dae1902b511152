from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.bmp import (
    MOST_MESSAGE,
    Bye,
    Counted,
    Fallen,
    Hello,
    Monitored,
    Passed,
    Raised,
    Router,
    Told,
    front,
)
from madang.rpki.engine.routes.live import Peer
from madang.rpki.engine.routes.malformed import Malformed
from madang.rpki.engine.routes.route import AsPath
from tests.rpki.engine.routes import dumps, monitoring

V4 = read_prefix("10.1.0.0/16")
PEER = monitoring.head(64500, "192.0.2.1")
SAID = dumps.update_body(b"", dumps.path_attributes([64500, 9]), dumps.nlri(V4))


def tell(router: Router, content: bytes) -> Told:
    length, kind = front(content[:6])
    assert length == len(content) - 6
    return router.told(kind, content[6:])


def raised(*ups: bytes) -> Router:
    router = Router("r")
    for each in ups or (monitoring.up(PEER),):
        tell(router, each)
    return router


def test_hears_who_the_router_is_and_when_it_ends() -> None:
    router = Router("r")

    assert tell(router, monitoring.initiation("a\nb")) == Hello("a b", "a router")
    assert tell(router, monitoring.bmp(5, monitoring.item(1, b"\0\1"))) == Bye(1)


def test_hears_routes_of_a_session_that_came_up() -> None:
    router = Router("r")

    came = tell(router, monitoring.up(PEER))
    said = tell(router, monitoring.monitoring(PEER, SAID))

    peer = Peer(64500, "192.0.2.1", "pre", "r")
    assert came == Raised(peer)
    assert isinstance(said, Monitored)
    assert (said.peer, said.update.path) == (peer, AsPath((64500, 9)))


VIEWS = [
    (monitoring.head(1, "192.0.2.1", monitoring.POST), "post"),
    (monitoring.head(1, "2001:db8::1"), "pre"),
    (monitoring.head(1, "192.0.2.1", monitoring.OUT), "out-pre"),
    (monitoring.head(1, "192.0.2.1", monitoring.OUT | monitoring.POST), "out-post"),
    (monitoring.head(1, "0.0.0.0", 0x80, monitoring.LOCAL_TABLE), "loc"),
]


@pytest.mark.parametrize(("peer", "view"), VIEWS)
def test_tells_views_apart(peer: bytes, view: str) -> None:
    """RFC 7854 section 4.2, RFC 8671 section 4, RFC 9069 section 4.1."""
    said = tell(raised(monitoring.up(peer)), monitoring.monitoring(peer, SAID))

    assert isinstance(said, Monitored)
    assert said.peer.view == view
    # The table of the router itself has no address: the flag there means another thing.
    assert said.peer.address in ("192.0.2.1", "2001:db8::1" if view == "pre" else "0.0.0.0")


def test_sessions_of_other_routing_tables_are_told_apart() -> None:
    one, two = (monitoring.head(1, "192.0.2.1", kind=1, rd=rd) for rd in (1, 2))

    peers = {
        said.peer
        for said in (tell(raised(), monitoring.up(each)) for each in (one, two))
        if isinstance(said, Raised)
    }

    assert len(peers) == 2


def test_reads_two_byte_paths_where_the_header_says_so() -> None:
    peer = monitoring.head(64500, "192.0.2.1", monitoring.NARROW)
    body = dumps.update_body(b"", dumps.path_attributes([64500, 9], width=2), dumps.nlri(V4))

    said = tell(raised(monitoring.up(peer)), monitoring.monitoring(peer, body))

    assert isinstance(said, Monitored)
    assert said.update.path == AsPath((64500, 9))


@pytest.mark.parametrize(
    ("sent", "received", "out", "many"),
    [(1, 2, 0, True), (3, 3, 0, True), (2, 1, 0, False), (2, 1, 0x10, True), (1, None, 0, False)],
)
def test_path_identifiers_are_read_where_both_ends_agreed(
    sent: int, received: int | None, out: int, many: bool
) -> None:
    up = monitoring.up(
        PEER, sent=monitoring.opening(paths=sent), received=monitoring.opening(paths=received)
    )
    peer = monitoring.head(64500, "192.0.2.1", out)
    body = dumps.update_body(b"", dumps.path_attributes([1]), dumps.nlri(V4, 7 if many else None))

    said = tell(raised(up), monitoring.monitoring(peer, body))

    assert isinstance(said, Monitored)
    assert said.update.announced == ((V4, 7 if many else 0),)


def test_a_session_that_goes_down_takes_all_its_views() -> None:
    router = raised()

    said = tell(router, monitoring.down(PEER))

    assert isinstance(said, Fallen)
    assert {peer.view for peer in said.peers} == {"pre", "post", "out-pre", "out-post"}
    with pytest.raises(Malformed, match="unknown-peer"):
        tell(router, monitoring.monitoring(PEER, SAID))


def test_hears_counters_and_passes_over_mirrored_messages() -> None:
    counters = (2).to_bytes(4, "big") + monitoring.item(0, bytes([0, 0, 0, 5]))
    counters += monitoring.item(7, bytes(7) + b"\x09") + monitoring.item(9, b"odd")

    said = tell(raised(), monitoring.bmp(1, PEER + counters))

    assert isinstance(said, Counted)
    assert said.counters == {0: 5, 7: 9}
    assert tell(raised(), monitoring.bmp(6, b"anything")) == Passed(6)


def test_a_router_cannot_make_up_sessions_without_end() -> None:
    router = Router("r", most_sessions=2)
    for number in (1, 2, 2):
        tell(router, monitoring.up(monitoring.head(1, f"192.0.2.{number}")))

    with pytest.raises(Malformed, match="peers"):
        tell(router, monitoring.up(monitoring.head(1, "192.0.2.3")))


@pytest.mark.parametrize(
    "content",
    [
        b"\x02\0\0\0\x06\0",
        b"\x03\0\0\0\x05\0",
        b"\x03" + (MOST_MESSAGE + 1).to_bytes(4, "big") + b"\0",
    ],
)
def test_a_front_of_another_version_or_size_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        front(content)


BROKEN = [
    monitoring.bmp(0, PEER[:-1]),
    monitoring.bmp(1, PEER + b"\0"),
    monitoring.bmp(2, PEER),
    monitoring.bmp(3, PEER + bytes(20)),
    monitoring.bmp(3, PEER + bytes(20) + monitoring.opening()),
    monitoring.bmp(3, PEER + bytes(20) + dumps.bgp(bytes(10), 4) + monitoring.opening()),
    monitoring.bmp(3, PEER + bytes(20) + dumps.bgp(bytes(9) + b"\x05", 1) + monitoring.opening()),
    monitoring.bmp(4, b"\0\1\0\5x"),
    monitoring.bmp(7, b""),
    monitoring.bmp(0, PEER + dumps.bgp(b"", 4)),
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_message_is_refused_alone(content: bytes) -> None:
    router = raised()

    with pytest.raises(Malformed):
        tell(router, content)

    assert isinstance(tell(router, monitoring.monitoring(PEER, SAID)), Monitored)


@given(
    st.integers(0, 8),
    st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: PEER + bytes(20) + rest),
)
def test_no_bytes_do_more_than_be_refused(kind: int, body: bytes) -> None:
    try:
        said = raised().told(kind, body)
    except Malformed:
        return
    assert isinstance(said, Told)
