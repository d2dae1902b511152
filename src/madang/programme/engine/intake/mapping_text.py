"""How does an agency say what its columns are? A mapping file in YAML.

columns: {집행금액: disbursed, 내역: memo}
unit: 천원
sheet: 3분기
lines: {RPKI 구축: rpki}
repeats: [line]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.words import words
from madang.kernel.yaml_text import read_yaml
from madang.programme.engine.intake.headings import read_mapping

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.programme.engine.intake.headings import Given

_LARGEST_BYTES = 1 << 18


def read_text(text: str) -> Given:
    """The mapping that a text says; see `read_file`."""
    return read_file(text.encode())


def read_file(content: bytes) -> Given:
    """The mapping that a file says.

    Raises:
        FileRefused: It is no YAML of that form, or names an unknown role or unit.
    """
    try:
        plain = read_yaml(content) if len(content) <= _LARGEST_BYTES else None
    except InputError as fault:
        raise _refused(words("YAML이 아닌 내용", "no YAML")) from fault
    if not isinstance(plain, dict):
        raise _refused(words("이름과 값이 아닌 내용", "no names with values"))
    return read_mapping(plain)


def _refused(found: Words) -> FileRefused:
    return FileRefused(
        words(f"매핑 파일: {found.ko}", f"{found.en} in the mapping file"),
        words(
            "columns, unit, sheet, lines, repeats가 든 YAML",
            "YAML of columns, unit, sheet, lines and repeats",
        ),
    )
