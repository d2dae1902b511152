"""What do the commands of the trials share: their group, their workspace or site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.remote import Remote
    from madang.trials.engine.office import Office


@click.group(cls=InOrder)
def trials() -> None:
    """공공AX 실증 · Sealed trials of AI solutions on an agency's data."""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every act in a workspace takes."""
    workspace = click.option(
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-workspace"),
        envvar="MADANG_WORKSPACE",
        show_default=True,
        help="The folder of the trials.",
    )
    return workspace(as_json_option(command))


def site(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of a command that works at a site."""
    return click.option(
        "--site", default="", help="Its address; that of the last sign-in if left out."
    )(command)


def afar(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of an act that can be done in a workspace or at a site."""
    remote = click.option("--remote", is_flag=True, help="At a site, not in a workspace.")
    return remote(site(command))


def office(workspace: Path) -> Office:
    """The workspace of this folder, open for business."""
    from madang.trials.engine.office import Office
    from madang.trials.engine.workspace import Workspace

    return Office(Workspace(workspace))


def signed_in(address: str) -> Remote:
    """The site at which this machine is signed in."""
    from madang.kernel import sign_in

    return sign_in.remote(address)
