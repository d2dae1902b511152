"""Which model is tested, and on whom? A file of this house, or a published model, and patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.cli.group import opened, refuse_another

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from madang.prognosis.engine.models.intervals import Watched
    from madang.prognosis.engine.outside.model import OutsideModel
    from madang.prognosis.engine.stack.model import Model


class Tested(NamedTuple):
    """A model with its digest, and the patients whose course is known."""

    model: Model | OutsideModel
    digest: str
    table: dict[str, Any]
    watched: Watched


def tested(path: Path, data: Path, chosen: Mapping[str, Any]) -> Tested:
    """Read the model and the patients.

    Args:
        path: The model's file.
        data: The patients' file.
        chosen: Options: `time` and `event`, which a published model needs and a fitted one knows,
            and `digest`.

    Raises:
        InputError: One of the files cannot be used, the digest is another, or the columns of
            follow-up are missing, or named though the model knows them.
    """
    from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
    from madang.prognosis.engine.outside.reading import is_outside
    from madang.prognosis.engine.table import columns, read_table

    given = {name: chosen[name] for name in ("time", "event") if chosen[name]}
    if is_outside(path):
        _refuse_columns(wrong=len(given) < 2, ko="없음", en="without --time and --event")
    else:
        _refuse_columns(wrong=bool(given), ko="있음", en="with --time or --event")
    model, digest = either(path, chosen["digest"])
    named = OutcomeColumns(**(given or model.facts["outcome"]))
    table = read_table(data)
    values = columns(table, list(model.declared))
    return Tested(model, digest, values, read_watched(table, named))


def either(path: Path, wanted: str | None) -> tuple[Model | OutsideModel, str]:
    """A fitted or a published model and its digest.

    Raises:
        InputError: The file cannot be used, or its digest is another than the one wanted.
    """
    from madang.prognosis.engine.outside.reading import is_outside, read_outside

    if not is_outside(path):
        found = opened(path, wanted)
        return found.model, found.digest
    model = read_outside(path)
    digest = str(model.facts["digest"])
    refuse_another(path, digest, wanted)
    return model, digest


def _refuse_columns(*, wrong: bool, ko: str, en: str) -> None:
    if wrong:
        raise InputError(
            words(f"--time, --event {ko}", f"a command {en}"),
            words(
                "외부 모형에는 두 열 모두, 학습한 모형에는 없음",
                "both for a published model, neither for a fitted one, which knows its columns",
            ),
        )
