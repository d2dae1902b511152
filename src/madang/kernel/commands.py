"""What do the commands of every system share: order, the switch for programs, output?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


class InOrder(click.Group):
    """Lists its commands in the order in which they are written: that in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands as they are written."""
        return list(self.commands)


def as_json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of every command that shows something; it arrives as `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
    return option(command)


def say(value: Any, *, as_json: bool, text: str) -> None:
    """Show something, to a program or to a person."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else text)
