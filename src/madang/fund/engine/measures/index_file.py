"""What levels did a public index have? Read from CSV with the columns `day` and `level`."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.measures.public_market import Index
from madang.kernel.words import words


def read(content: bytes, *, name: str) -> Index:
    """The index of a file; its name is the file's.

    Raises:
        PortfolioRefused: No such table, or a row that is no day and level; with its line.
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    levels: dict[date, Fraction] = {}
    if not {"day", "level"} <= set(rows.fieldnames or ()):
        raise PortfolioRefused(
            words(f"{name}의 열 {rows.fieldnames}", f"the columns {rows.fieldnames} in {name}"),
            words("day, level", "day and level"),
        )
    for row in rows:
        try:
            levels[date.fromisoformat(row["day"].strip())] = Fraction(row["level"].strip())
        except (ValueError, AttributeError, ZeroDivisionError) as fault:
            raise PortfolioRefused(
                words(
                    f"{name} {rows.line_num}행의 {row['day']!r}, {row['level']!r}",
                    f"{row['day']!r} and {row['level']!r} in line {rows.line_num} of {name}",
                ),
                words("2026-01-31 같은 날과 지수", "a day such as 2026-01-31 and a level"),
            ) from fault
    return Index(name, name, levels)
