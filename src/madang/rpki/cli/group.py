"""`madang rpki`: what do its commands share? The group, and the folder of a validator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(cls=InOrder)
def rpki() -> None:
    """인터넷 경로 보안 · Internet route security: who may announce what, proved and explained."""


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The folder in which a validator keeps what is its own; it arrives as `folder`."""
    option = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-rpki"),
        envvar="MADANG_RPKI",
        show_default=True,
        help="The validator's folder.",
    )
    return option(command)
