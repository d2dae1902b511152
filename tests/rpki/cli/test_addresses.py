from __future__ import annotations

import click
import pytest

from madang.rpki.cli.addresses import address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8282", ("127.0.0.1", 8282)),
        ("[::1]:0", ("::1", 0)),
        ("cache.example.net:65535", ("cache.example.net", 65535)),
        (":323", ("", 323)),
    ],
)
def test_host_and_port_are_taken_apart(text, expected):
    assert address(text, "--listen") == expected


@pytest.mark.parametrize(
    "text", ["", "8282", "host:", "host:65536", "host:-1", "host:٣", "host:x"]
)
def test_anything_else_is_refused_with_the_option(text):
    with pytest.raises(click.UsageError, match="--listen"):
        address(text, "--listen")
