"""What is wrong with a line of a file, where, and what to do about it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import Language, Words, within, words

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_FAULTS = 1000
"""How many are collected before the reading stops looking: nobody mends more in one sitting."""
_TOLD = 5


class FileRefused(InputError):
    """The file cannot be read as a table of its kind at all."""


class CellFault(ValueError):
    """A cell does not say what its column is for; the row is added by who reads the row.

    Args:
        found: What stands there.
        expected: What would have been accepted.
        remedy: What to do; may be empty.
        may_be_meant: Whether it may be right all the same, once a person has looked at the row.
    """

    def __init__(
        self,
        found: Words | str,
        expected: Words | str,
        remedy: Words | str = "",
        *,
        may_be_meant: bool = False,
    ) -> None:
        self.found, self.expected, self.remedy = found, expected, remedy
        self.may_be_meant = may_be_meant
        super().__init__(found, expected, remedy)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to mend in the file."""

    row: int
    """Line of a CSV file, or row of a sheet, counted from 1 as programs show it; 0: the file."""
    column: str
    """The heading of the column as the file has it; empty where the whole row is meant."""
    found: Words | str
    expected: Words | str
    remedy: Words | str = ""
    may_be_meant: bool = False
    """Whether the row is taken in once a person says that it was looked at."""

    def sentence(self, language: Language) -> str:
        """Where, what was found, what was expected and what to do."""
        found, expected, remedy = (
            within(each, language) for each in (self.found, self.expected, self.remedy)
        )
        end = f" {remedy}" if remedy else ""
        if language == "ko":
            place = f"{self.row}행" if self.row else "파일"
            place += f" '{self.column}'" if self.column else ""
            return f"{place}: 확인된 내용 {found}, 필요한 내용 {expected}.{end}"
        place = f"Row {self.row}" if self.row else "File"
        place += f", '{self.column}'" if self.column else ""
        return f"{place}: found {found}, expected {expected}.{end}"

    def plain(self, language: Language) -> dict[str, Any]:
        """The fault for a program or a page, in one language."""
        return {
            "row": self.row,
            "column": self.column,
            "found": within(self.found, language),
            "expected": within(self.expected, language),
            "remedy": within(self.remedy, language),
        }


class ImportRefused(InputError):
    """Rows do not hold; nothing of the file was taken in.

    Args:
        faults: What is to be mended, in the order of the rows; at least one.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - _TOLD
        told = self.faults[:_TOLD]
        super().__init__(
            words(
                " / ".join(each.sentence("ko").rstrip(".") for each in told)
                + (f" / 그 밖에 {more:,}건" if more > 0 else ""),
                " / ".join(each.sentence("en").rstrip(".") for each in told)
                + (f" / and {more:,} more" if more > 0 else ""),
            ),
            words("모든 행이 맞는 파일", "a file in which every row holds"),
            words(
                "파일을 고쳐 다시 올리십시오. 반영된 행은 없습니다.",
                "Mend the file and hand it in again; no row of it was taken in.",
            ),
        )
