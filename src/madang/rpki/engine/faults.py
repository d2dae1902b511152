"""Why is an object not believed? Each reason with the norm that it breaks and where it breaks it.

A fault stands for one failed check on one object. The reasons themselves stand in `reasons.csv`:
code, norm, and the sentence in Korean and English.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from madang.kernel.words import Words, words


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an object is refused, or what is odd about it."""

    code: str
    norm: str
    """The RFC and the section that the object breaks."""
    sentence: Words


class Fault(Exception):
    """One failed check.

    Args:
        code: A code of `reasons.csv`.
        at: The byte of the object at which the check failed, from 0; -1 where the fault lies in
            no byte of it (it is missing, expired, revoked …).
        detail: What was found there, in plain words and numbers.
    """

    def __init__(self, code: str, at: int = -1, detail: str = "") -> None:
        self.code, self.at, self.detail = code, at, detail
        super().__init__(code, at, detail)

    def __str__(self) -> str:
        place = f" at byte {self.at}" if self.at >= 0 else ""
        return f"{self.code}{place}" + (f": {self.detail}" if self.detail else "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)

    @property
    def reason(self) -> Reason:
        """The norm that was broken, and the sentence about it."""
        return reasons()[self.code]


@functools.cache
def reasons() -> dict[str, Reason]:
    """All reasons by their code."""
    with Path(__file__).with_name("reasons.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Reason(row["code"], row["norm"], words(row["ko"], row["en"]))
            for row in csv.DictReader(file)
        }
