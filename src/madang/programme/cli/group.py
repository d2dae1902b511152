"""What do the commands of the programme share: their group, their ledger, their day?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.programme.engine.folder import Folder


@click.group(cls=InOrder)
def programme() -> None:
    """추경 집행 · The programme itself: its lines, what is spent, and what proves it."""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every act on a ledger."""
    folder = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-programme"),
        envvar="MADANG_PROGRAMME",
        show_default=True,
        help="The folder of the ledger.",
    )
    return folder(as_json_option(command))


def hands(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who stands behind a booking."""
    by = click.option("--by", default="", help="Who proposes it.")
    approved = click.option("--approved-by", default="", help="Who approves it: somebody else.")
    return by(approved(command))


def on_day(command: Callable[..., Any]) -> Callable[..., Any]:
    """The day of which a command tells."""
    day = click.option(
        "--on",
        type=click.DateTime(["%Y-%m-%d"]),
        help="The last day that counts; today if left out.",
    )
    return day(command)


def opened(path: Path) -> Folder:
    """The ledger of this folder."""
    from madang.programme.engine.folder import Folder

    return Folder(path)


def day(on: Any) -> date:
    """The day that was given, or today in Korea."""
    from madang.kernel import clock
    from madang.programme.engine.ledger import KOREA

    found: date = on.date() if on else clock.now().astimezone(KOREA).date()
    return found
