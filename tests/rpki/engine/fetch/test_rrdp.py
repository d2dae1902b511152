"""What a notification says is taken as it stands, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.fetch.rrdp import Notification, NotificationReader, way
from madang.rpki.engine.fetch.uri import https_uri
from tests.rpki.engine.fetch.publisher import SESSION, document

HERE = https_uri("https://rrdp.example.net/n.xml")
SNAPSHOT = f'<snapshot uri="https://rrdp.example.net/3/s.xml" hash="{"AB" * 32}"/>'


def delta(serial: int | str, digest: str = "cd" * 32) -> str:
    uri = f"https://rrdp.example.net/{serial}/d.xml"
    return f'<delta serial="{serial}" uri="{uri}" hash="{digest}"/>'


def read(content: bytes) -> Notification:
    reader = NotificationReader(HERE)
    reader.feed(content)
    return reader.finish()


WHOLE = document("notification", 7, SNAPSHOT + delta(7) + delta(5) + delta(6))


def test_a_notification_is_read() -> None:
    told = read(WHOLE)

    assert (told.session, told.serial) == (SESSION, 7)
    assert told.snapshot == (7, https_uri("https://rrdp.example.net/3/s.xml"), b"\xab" * 32)
    assert set(told.deltas) == {5, 6, 7}
    assert told.deltas[5].digest == b"\xcd" * 32
    assert str(told.deltas[5].uri) == "https://rrdp.example.net/5/d.xml"


def test_a_session_knows_no_case() -> None:
    assert read(WHOLE.replace(SESSION.encode(), SESSION.upper().encode())).session == SESSION


@pytest.mark.parametrize(
    ("held", "most", "steps"),
    [
        (7, 300, ()),
        (6, 300, (7,)),
        (4, 300, (5, 6, 7)),
        (4, 3, (5, 6, 7)),
        (4, 2, None),
        (3, 300, None),
        (8, 300, None),
    ],
)
def test_deltas_lead_on_only_where_none_is_missing(
    held: int, most: int, steps: tuple[int, ...] | None
) -> None:
    found = way(read(WHOLE), held, most=most)

    assert (None if found is None else tuple(each.serial for each in found)) == steps


@pytest.mark.parametrize(
    "content",
    [
        document("notification", 7, ""),
        document("notification", 7, SNAPSHOT * 2),
        document("notification", 7, SNAPSHOT + delta(8)),
        document("notification", 7, SNAPSHOT + delta(7) * 2),
        document("notification", 7, SNAPSHOT + delta(7, "cd" * 31)),
        document("notification", 7, SNAPSHOT + delta(7, "cd" * 33)),
        document("notification", 7, SNAPSHOT + delta(7, "zz" * 32)),
        *(document("notification", serial, SNAPSHOT) for serial in (0, -1, "07", "", "٧", "1e3")),
        document("notification", "9" * 19, SNAPSHOT),
        document("notification", 7, SNAPSHOT, session="x"),
        document("notification", 7, SNAPSHOT).replace(b'version="1"', b'version="2"'),
        document("notification", 7, SNAPSHOT).replace(b"version", b"also='x' version"),
        document("notification", 7, SNAPSHOT).replace(b"ripe.net", b"ripe.example"),
        document("notification", 7, SNAPSHOT.replace("https", "http")),
        document("notification", 7, SNAPSHOT.replace("rrdp.", "other.")),
        document("notification", 7, SNAPSHOT.replace(".net/", ".net:8443/")),
        document("notification", 7, SNAPSHOT.replace("3/s", "../s")),
        document("notification", 7, SNAPSHOT.replace("/>", ">AAAA</snapshot>")),
        document("snapshot", 7, ""),
    ],
)
def test_what_is_no_notification_is_refused(content: bytes) -> None:
    with pytest.raises(ExchangeRefused):
        read(content)


def test_the_largest_serial_is_one_that_the_store_can_count() -> None:
    assert read(document("notification", "9" * 18, SNAPSHOT)).serial == 10**18 - 1


def test_there_is_an_end_of_deltas() -> None:
    lines = "".join(delta(serial) for serial in range(1, 20_002))

    with pytest.raises(ExchangeRefused, match="too many deltas"):
        read(document("notification", 10**6, SNAPSHOT + lines))


@given(st.binary(max_size=40), st.integers(0, 800), st.integers(0, 60))
def test_any_damage_is_read_or_refused(damage: bytes, at: int, gone: int) -> None:
    try:
        told = read(WHOLE[:at] + damage + WHOLE[at + gone :])
    except ExchangeRefused:
        return
    assert told.snapshot.uri.origin == HERE.origin
    assert all(each.uri.origin == HERE.origin for each in told.deltas.values())
