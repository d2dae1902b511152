"""What does another program call our accounts, partners and companies? A mapping file in YAML.

accounts: {보통예금: cash, 감사보수: audit}
partners: {한빛은행 신탁부: 2}
companies: {(주)새벽: saebyeok}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.words import words
from madang.kernel.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAPPINGS = ("accounts", "partners", "companies")


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What a mapping file says of another program's words."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Title there → name of an account of the chart."""
    partners: Mapping[str, int] = field(default_factory=dict)
    companies: Mapping[str, str] = field(default_factory=dict)
    """Company there → its identifier here."""


def read_mapping(content: bytes) -> Mapped:
    """The mapping that a YAML file says: `accounts`, `partners`, `companies`, each optional.

    Raises:
        FileRefused: It is no such file.
    """
    try:
        plain = read_yaml(content)
        found = {name: dict(plain.get(name) or {}) for name in _MAPPINGS}
        unknown = sorted(map(str, set(plain) - set(_MAPPINGS)))
    except (InputError, AttributeError, TypeError, ValueError):
        found, unknown = {}, ["?"]
    values = (str, int, str)
    misfit = [
        key
        for name, kind in zip(_MAPPINGS, values, strict=True)
        for key, value in found.get(name, {}).items()
        if not isinstance(key, str) or type(value) is not kind
    ]
    if unknown or misfit:
        raise FileRefused(
            words(
                f"매핑 파일의 {(unknown or misfit)[0]!r}",
                f"{(unknown or misfit)[0]!r} in the mapping file",
            ),
            words(
                "accounts(과목: 계정), partners(이름: 번호), companies(이름: 식별자)가 든 YAML",
                "YAML of accounts, partners (numbers) and companies",
            ),
        )
    return Mapped(**found)
