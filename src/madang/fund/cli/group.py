"""What do the commands of the fund share: their group, their books, their day?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.fund.engine.folder import Folder


@click.group(cls=InOrder)
def fund() -> None:
    """AI혁신펀드 · AI innovation fund: from commitment to distribution, to the won."""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command on a fund's books."""
    folder = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-fund"),
        envvar="MADANG_FUND",
        show_default=True,
        help="The folder of the books.",
    )
    return folder(as_json_option(command))


def on_day(command: Callable[..., Any]) -> Callable[..., Any]:
    """The day of which a command tells."""
    day = click.option(
        "--on",
        type=click.DateTime(["%Y-%m-%d"]),
        help="The last day that counts; today if left out.",
    )
    return day(command)


def opened(path: Path) -> Folder:
    """The books of this folder."""
    from madang.fund.engine.folder import Folder

    return Folder(path)


def day(on: Any) -> date:
    """The day that was given, or today in Korea."""
    from datetime import timedelta, timezone

    from madang.kernel import clock

    korea = timezone(timedelta(hours=9))
    found: date = on.date() if on else clock.now().astimezone(korea).date()
    return found
