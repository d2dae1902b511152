"""Does what is published obey the standards that it names? Checked against their own schemas."""

from __future__ import annotations

import functools
import json
import re
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import Draft4Validator

Standard: TypeAlias = Literal[
    "ocds/release-package", "ocds/record-package", "oc4ids/project-package"
]
_FILES = (
    "ocds/release-schema.json",
    "ocds/release-package-schema.json",
    "ocds/record-schema.json",
    "ocds/record-package-schema.json",
    "ocds/versioned-release-validation-schema.json",
    "oc4ids/project-schema.json",
    "oc4ids/project-package-schema.json",
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MOST = 20


class NotConforming(InputError):
    """What would be published does not obey the standard; nothing was written."""


def faults(made: Mapping[str, Any], standard: Standard) -> list[str]:
    """What in it breaks the standard's schema, at most 20, each with its place."""
    found = []
    for fault in _validator(standard).iter_errors(made):
        place = "/".join(str(each) for each in fault.absolute_path) or "."
        found.append(f"{place}: {fault.message[:200]}")
        if len(found) == _MOST:
            break
    return found


def check(made: Mapping[str, Any], standard: Standard) -> None:
    """Refuse what breaks the standard's schema.

    Raises:
        NotConforming: It does; the sentence names the first place.
    """
    found = faults(made, standard)
    if found:
        raise NotConforming(
            words(f"{standard}의 {found[0]}", f"{found[0]} in {standard}"),
            words("표준의 스키마에 맞는 값", "what the standard's schema allows"),
        )


@functools.cache
def _contents() -> dict[str, dict[str, Any]]:
    """File → schema."""
    folder = resources.files(__package__).joinpath("schemas")
    return {name: json.loads(folder.joinpath(name).read_text("utf-8")) for name in _FILES}


@functools.cache
def _validator(standard: Standard) -> Draft4Validator:
    """The schema with every other that it names; a network is never asked."""
    import jsonschema
    import referencing
    from referencing.jsonschema import DRAFT4

    known: list[tuple[str, referencing.Resource[Any]]] = [
        (each["id"], DRAFT4.create_resource(each)) for each in _contents().values()
    ]
    registry: referencing.Registry[Any] = referencing.Registry().with_resources(known)
    return jsonschema.Draft4Validator(
        _contents()[f"{standard}-schema.json"], registry=registry, format_checker=_formats()
    )


def _formats() -> Any:
    """Dates and addresses, which the library looks at only with packages that are not needed."""
    import jsonschema

    checker = jsonschema.FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(_is_moment)
    checker.checks("uri")(_is_address)
    return checker


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(_MOMENT.fullmatch(value) and datetime.fromisoformat(value))


def _is_address(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"\s", value)
