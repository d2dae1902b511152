from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.payloads import Payloads
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.client import everything
from madang.rpki.engine.rtr.feed import Feed
from tests.rpki.engine.rtr.asking import SMALL, known_to
from tests.rpki.engine.rtr.routers import served


@contextlib.contextmanager
def _cache(*pieces):
    """A cache that sends these bytes to one router, whatever it asks, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            line, _ = listener.accept()
            with line:
                line.recv(8)
                for piece in pieces:
                    line.sendall(piece)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(20)


@pytest.mark.parametrize("version", pdu.VERSIONS)
def test_a_feed_is_heard_as_it_was_published(version):
    feed = Feed()
    feed.publish(SMALL, serial=41)
    with served(feed) as port:
        heard = everything("127.0.0.1", port, version=version)

    assert heard.payloads == known_to(version, SMALL)
    assert (heard.session, heard.serial) == (feed.sessions[version], 41)


def test_a_cache_without_data_is_named():
    with served(Feed()) as port, pytest.raises(Unreachable, match="validation has not ended"):
        everything("127.0.0.1", port)


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"\x01",),
        (pdu.cache_response(1, 7),),
        (pdu.cache_response(1, 7), b"\x01\x04\x00\x00\xff\xff\xff\xff"),
        (pdu.cache_response(1, 7), bytes(8)),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
    ],
)
def test_a_cache_that_breaks_off_or_talks_nonsense_is_named(pieces):
    with _cache(*pieces) as port, pytest.raises(Unreachable, match=str(port)):
        everything("127.0.0.1", port, version=1, timeout_s=10)


def test_pieces_of_any_size_make_up_the_same():
    whole = b"".join(
        (
            pdu.cache_response(1, 7),
            bytes.fromhex("0104000000000014 01 18 18 00 c0000200 0000fbf4"),
            bytes.fromhex("0106000000000020 01 20 30 00 20010db8") + bytes(12) + b"\0\0\0\1",
            pdu.end_of_data(1, 7, serial=9, timing=pdu.Timing()),
        )
    )
    with _cache(*(whole[at : at + 7] for at in range(0, len(whole), 7))) as port:
        heard = everything("127.0.0.1", port, version=1)

    assert len(heard.payloads.vrps) == 2
    assert heard.payloads.aspas == Payloads().aspas
    assert heard.serial == 9


def test_nobody_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Unreachable, match=str(port)):
        everything("127.0.0.1", port, timeout_s=2)
