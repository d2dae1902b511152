"""What do the commands of prognosis share: their group, and how a file is named?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(cls=InOrder)
def prognosis() -> None:
    """AI 의료 예후관리 · Medical prognosis: curves with their doubts, for trial use."""


EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The file of patients."""
    option = click.option(
        "--data", type=EXISTING, required=True, help="Patients: CSV, a row each, with a header."
    )
    return option(command)


def digest_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The digest that the model must have."""
    option = click.option("--digest", help="Refuse the model if its digest is another.")
    return option(command)


def opened(path: Path, digest: str | None) -> Any:
    """The model of this file.

    Raises:
        InputError: It is no model, was changed, or is another than the digest says.
    """
    from madang.kernel.errors import InputError
    from madang.kernel.words import words
    from madang.prognosis.engine.model_file import read_model

    found = read_model(path)
    if digest is not None and digest != found.digest:
        raise InputError(
            words(f"{path.name}: 해시값 {found.digest}", f"{path.name} with {found.digest}"),
            words(f"해시값 {digest}", f"the digest {digest}"),
        )
    return found
