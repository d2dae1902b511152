"""Where an answer ends is never a matter of opinion."""

from __future__ import annotations

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.fetch.message import Message

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def read(content: bytes) -> tuple[int, bytes, bool, bytes]:
    """Status, body, whether the connection lasts, and what follows the answer."""
    stream = io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]
    message = Message(stream)
    body = b"".join(message.pieces())
    assert message.ended
    return message.status, body, message.lasting, stream.read()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", (200, b"abc", True, b"d")),
        (b"HTTP/1.1 200 OK\r\ncontent-length:3\r\n\r\nabc", (200, b"abc", True, b"")),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
            (200, b"a", True, b""),
        ),
        (b"HTTP/1.1 200 \r\n\r\nabc", (200, b"abc", False, b"")),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nab", (200, b"a", False, b"b")),
        (
            b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\na",
            (200, b"a", False, b""),
        ),
        (b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\nnext", (304, b"", True, b"next")),
        (CHUNKED + b"1;x=y\r\na\r\n2 \r\nbc\r\n0\r\nt: u\r\n\r\nn", (200, b"abc", True, b"n")),
        (
            b"HTTP/1.1 102 Wait\r\nX: y\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            (404, b"", True, b""),
        ),
    ],
)
def test_an_answer_ends_where_the_norm_says(
    content: bytes, expected: tuple[int, bytes, bool, bytes]
) -> None:
    assert read(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        CHUNKED + b"-1\r\nabc",
        CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"+1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"1_0\r\na\r\n0\r\n\r\n",
        CHUNKED + b"fffffffff\r\na\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"2\r\na",
        CHUNKED + b"0\r\nt: u\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"",
    ],
)
def test_an_answer_of_two_meanings_or_none_is_refused(content: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read(content)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b'"x"', '"x"'), (b" \t x \t ", "x"), (b"\xe4", ""), (b"x" * 3000, ""), (b"a\tb", "")],
)
def test_a_header_that_could_not_be_sent_back_is_as_none(value: bytes, expected: str) -> None:
    content = b"HTTP/1.1 200 OK\r\nETag: " + value + b"\r\nContent-Length: 0\r\n\r\n"

    message = Message(io.BufferedReader(io.BytesIO(content)))  # type: ignore[arg-type]

    assert message.header("etag") == expected


@given(st.binary(max_size=60), st.integers(0, 90), st.integers(0, 30))
def test_any_damage_is_read_or_refused(damage: bytes, at: int, gone: int) -> None:
    for whole in (
        CHUNKED + b"5\r\nhello\r\n0\r\nt: u\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 5\r\n\r\nhello",
    ):
        try:
            _, body, _, _ = read(whole[:at] + damage + whole[at + gone :])
        except http.client.HTTPException:
            continue
        assert len(body) <= len(whole) + len(damage)
