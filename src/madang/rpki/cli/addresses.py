"""Where does a server listen? `host:port` as people write it, IPv6 in brackets."""

from __future__ import annotations

import click


def address(text: str, option: str) -> tuple[str, int]:
    """The host and the port that an option names.

    Raises:
        click.UsageError: It is no `host:port`.
    """
    host, colon, port = text.rpartition(":")
    plain = port.isascii() and port.isdigit() and len(port) < 6
    if not colon or not plain or int(port) > 65535:
        raise click.UsageError(f"{option} is {text!r}; expected host:port, such as 127.0.0.1:8282")
    return host.removeprefix("[").removesuffix("]"), int(port)
