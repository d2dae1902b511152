"""Is this value plain JSON, the same after a journey through a database row or another process?"""

from __future__ import annotations

import json
import math
from typing import Any

from madang.kernel.jobs.errors import NotPlain

_DEEPEST = 64


def check(value: Any, *, what: str) -> None:
    """Refuse what JSON would change or lose: tuples, numpy numbers, NaN, keys that are no text.

    Args:
        value: The parameters or the result of a job.
        what: The name that the error's path starts with.

    Raises:
        NotPlain: The value is not a dict of plain JSON; the error names the first place.
    """
    if type(value) is not dict:
        raise NotPlain(what, _kind(value))
    _check(value, what, 0)


def dumps(value: Any, *, what: str) -> str:
    """A checked dict as JSON text with sorted keys."""
    check(value, what=what)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)


def _check(value: Any, place: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise NotPlain(place, f"nested more than {_DEEPEST} deep")
    if type(value) is dict:
        for key, each in value.items():
            if type(key) is not str:
                raise NotPlain(place, f"keyed by {_kind(key)}")
            _check_text(key, place)
            _check(each, f"{place}.{key}", depth + 1)
    elif type(value) is list:
        for number, each in enumerate(value):
            _check(each, f"{place}[{number}]", depth + 1)
    else:
        _check_leaf(value, place)


def _check_leaf(value: Any, place: str) -> None:
    if type(value) is float and not math.isfinite(value):
        raise NotPlain(place, "a float that is not finite")
    if type(value) is str:
        _check_text(value, place)
    elif value is not None and type(value) not in (bool, int, float):
        raise NotPlain(place, _kind(value))


def _check_text(text: str, place: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise NotPlain(place, "text with a lone surrogate") from fault


def _kind(value: Any) -> str:
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
