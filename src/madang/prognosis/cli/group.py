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


def outcome_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The columns of follow-up, which a published model cannot know."""
    for name, told in (
        ("--event", "Column of the end (1 event, 0 none), of a published model alone."),
        ("--time", "Column of the follow-up, in the model's unit, of a published model alone."),
    ):
        command = click.option(name, help=told)(command)
    return command


def fractions(text: str) -> list[float]:
    """Numbers separated by commas.

    Raises:
        InputError: One is none.
    """
    from madang.kernel.errors import InputError
    from madang.kernel.words import words

    try:
        return [float(each) for each in text.split(",")]
    except ValueError as fault:
        raise InputError(
            words(f"값 {text!r}", f"{text!r}"),
            words("쉼표로 나눈 숫자", "numbers separated by commas"),
        ) from fault


def opened(path: Path, digest: str | None) -> Any:
    """The fitted model of this file.

    Raises:
        InputError: It is no model, was changed, or is another than the digest says.
    """
    from madang.prognosis.engine.model_file import read_model

    found = read_model(path)
    refuse_another(path, found.digest, digest)
    return found


def refuse_another(path: Path, digest: str, wanted: str | None) -> None:
    """Refuse a file that is another than the one wanted.

    Raises:
        InputError: Its digest is another.
    """
    from madang.kernel.errors import InputError
    from madang.kernel.words import words

    if wanted is not None and wanted != digest:
        raise InputError(
            words(f"{path.name}: 해시값 {digest}", f"{path.name} with {digest}"),
            words(f"해시값 {wanted}", f"the digest {wanted}"),
        )
