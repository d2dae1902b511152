"""What do commands that judge share? A cache or a validator's folder, locators, a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.slurm.applying import Applied
    from madang.rpki.engine.slurm.exceptions import Slurm
    from madang.rpki.engine.store.point import Store
    from madang.rpki.engine.validation.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What was judged, and what came of it."""

    store: Store
    outcome: Outcome
    applied: Applied
    """What local exceptions made of the payloads."""


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--tal",
        "tals",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="A trust-anchor locator, or a folder of them; repeatable.",
    ),
    click.option(
        "--cache",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A cache of objects under <host>/<module>/…, as rpki-client and FORT keep it.",
    ),
    click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-rpki"),
        envvar="MADANG_RPKI",
        show_default=True,
        help="The validator's folder, where no --cache is given.",
    ),
    click.option(
        "--slurm", multiple=True, type=_FILE, help="Local exceptions (RFC 8416); repeatable."
    ),
    click.option("--at", help="The moment to judge at, such as 2026-11-24T00:00:00Z; now."),
    click.option(
        "--profile",
        type=click.Choice(["2026", "2011", "strict"]),
        default="2026",
        show_default=True,
        help="Which rules: those of 2026, of 2011, or the RFCs to the letter.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=2,
        show_default=True,
        help="Processes that judge.",
    ),
)


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command knows what to judge; `judged` takes them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def judged(chosen: dict[str, Any]) -> Judging:
    """Judge what the options name.

    Raises:
        SettingRefused: A locator cannot be read, or there is none.
    """
    from madang.rpki.engine.slurm.applying import Applied, apply
    from madang.rpki.engine.store.database import Database
    from madang.rpki.engine.store.folder import FolderStore
    from madang.rpki.engine.validation.policy import PROFILES
    from madang.rpki.engine.validation.validator import Validator

    cache, folder = chosen["cache"], chosen["folder"]
    tals = locators(chosen["tals"], folder)
    store: Store = FolderStore(cache) if cache else Database(_existing(folder / "store.sqlite3"))
    validator = Validator(store, tals, PROFILES[chosen["profile"]], workers=chosen["workers"])
    outcome = validator.run(_moment(chosen["at"]))
    slurm = _exceptions(chosen["slurm"], None if cache else folder)
    applied = apply(outcome.payloads, slurm) if slurm else Applied(outcome.payloads)
    return Judging(store=store, outcome=outcome, applied=applied)


def _exceptions(files: Sequence[Path], folder: Path | None) -> Slurm | None:
    """The local exceptions of the files named, else of the validator's folder."""
    from madang.rpki.engine.service.workspace import Workspace
    from madang.rpki.engine.slurm.merging import merged
    from madang.rpki.engine.slurm.reading import read_slurm

    if files:
        return merged([read_slurm(path.read_bytes(), name=path.name) for path in files])
    return Workspace(folder).slurm() if folder else None


def _existing(path: Path) -> Path:
    from madang.rpki.engine.errors import SettingRefused

    if not path.is_file():
        raise SettingRefused(
            words(f"{path} 없음", f"no {path}"),
            words("--cache 폴더, 또는 serve가 채운 폴더", "a --cache, or a folder serve filled"),
        )
    return path


def locators(named: Sequence[Path], folder: Path) -> list[Tal]:
    """The locators in these files and folders; those of a validator's folder where none is named.

    Raises:
        SettingRefused: A file is no locator, or there is none at all.
    """
    from madang.rpki.engine.errors import SettingRefused
    from madang.rpki.engine.objects.tal import read_tal_file
    from madang.rpki.engine.service.workspace import Workspace

    files: list[Path] = []
    for path in named:
        files += sorted(path.glob("*.tal")) if path.is_dir() else [path]
    found = [read_tal_file(path) for path in files] or list(Workspace(folder).tals())
    if not found:
        raise SettingRefused(
            words("신뢰 앵커 없음", "no trust anchor"),
            words(
                "--tal 파일, 또는 tal add로 추가한 신뢰 앵커", "--tal, or one taken in by tal add"
            ),
        )
    return found


def _moment(text: str | None) -> int:
    from madang.kernel import clock

    if not text:
        return int(clock.epoch_s())
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.UsageError(
            str(
                words(
                    f"--at {text!r}: 2026-11-24T00:00:00Z 꼴이 아닙니다.",
                    f"--at is {text!r}; expected a moment such as 2026-11-24T00:00:00Z",
                )
            )
        ) from fault
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
