"""How might an agency declare this table? A first draft of a demand's data, to be looked over.

The draft holds names of columns, their kinds, and those texts that stand in many rows; no other
value of the table.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.store.tables import as_it_lies
from madang.kernel.words import Words, particle, words
from madang.trials.engine import intake
from madang.trials.engine.contradictions import is_taken
from madang.trials.engine.survey import PERSONAL, encoding_of, kind_of, present_values

if TYPE_CHECKING:
    import polars as pl

RAREST = 5
"""A text in fewer rows than this is never named: it may point to a person."""

_IDENTIFIERS = re.compile(
    r"(^|_)(id|no|key|code|number)$|^(id|no)(_|$)|번호$|식별자$|아이디$|코드$|키$", re.I
)
_OUTCOMES = re.compile(
    r"^(y|label|target|outcome|result|class|answer|truth)$"
    r"|^(결과|결과값|정답|목표|목푯값|라벨|판정|등급|답)$",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A draft, and what its reader should know of it."""

    data: dict[str, Any]
    """The section `data` of a demand."""
    rows: int
    notes: list[tuple[str, Words]] = field(default_factory=list)
    """Column → a remark; the column is empty where the remark is on the whole table."""

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "data": self.data,
            "rows": self.rows,
            "notes": [
                {"column": column, "ko": said.ko, "en": said.en} for column, said in self.notes
            ],
        }


def suggest(table: str, *, called: str = "") -> Suggestion:
    """Draft the data section of a demand from a table.

    Args:
        table: Path of the agency's CSV or Parquet file.
        called: What its owner calls it, where the path does not say.

    Raises:
        InputError: The file cannot be read, or is no table.
    """
    path = Path(table)
    content = intake.table_bytes(path)
    encoding = encoding_of(content)
    raw = as_it_lies(content, name=called or path.name, encoding=encoding).table
    lies = raw.rename({name: unicodedata.normalize("NFC", name) for name in raw.columns})
    notes: list[tuple[str, Words]] = []
    identifier = _identifier(lies, notes)
    rest = [name for name in lies.columns if name != identifier]
    outcome = _outcome(rest, notes)
    declared = {name: _column(lies[name], notes) for name in rest}
    data: dict[str, Any] = {
        "id": identifier,
        "inputs": [declared[name] for name in rest if name != outcome],
        "outcomes": [declared[name] for name in rest if name == outcome],
    }
    if encoding != "utf-8":
        data["encoding"] = encoding
    return Suggestion(data=data, rows=lies.height, notes=notes)


def _identifier(lies: pl.DataFrame, notes: list[tuple[str, Words]]) -> str:
    """The column that names each case: whole numbers or words, all there and all different."""
    named = [name for name in lies.columns if _could_name(lies[name])]
    named.sort(key=lambda name: not _IDENTIFIERS.search(name))  # stable: leftmost first
    if not named:
        notes.append(
            (
                "",
                words(
                    "사례마다 값이 다른 열이 없습니다. 식별자 열을 표에 추가하십시오.",
                    "No column differs from case to case. Add one that names each case.",
                ),
            )
        )
        return ""
    notes.append(
        (
            named[0],
            words(
                "행마다 값이 달라 식별자로 보았습니다. 식별자는 기업에 나가지 않습니다.",
                "Taken for the identifier, since every row differs. Firms never see it.",
            ),
        )
    )
    return named[0]


def _could_name(values: pl.Series) -> bool:
    kept = present_values(values)
    if len(kept) < len(values) or kept.n_unique() < len(values) or not len(values):
        return False
    return kind_of(kept, rows=len(values)) in ("integer", "text") and not _has_spaces(kept)


def _has_spaces(values: pl.Series) -> bool:
    import polars as pl

    return values.dtype == pl.String and bool(values.str.contains(r"\s").any())


def _outcome(names: list[str], notes: list[tuple[str, Words]]) -> str:
    """The column that is called like an outcome, else the last."""
    if not names:
        return ""
    found = next((name for name in names if _OUTCOMES.search(name)), names[-1])
    said = words(
        "결과 열로 보았습니다. 맞는지 확인하십시오.", "Taken for the outcome. Check that it is."
    )
    notes.append((found, said))
    return found


def _column(values: pl.Series, notes: list[tuple[str, Words]]) -> dict[str, Any]:
    """A column's declaration."""
    kept = present_values(values)
    kind = kind_of(kept, rows=len(values))
    column: dict[str, Any] = {"name": values.name, "kind": kind}
    said: list[Words] = []
    if kind == "category":
        levels, rare = _levels(kept)
        column["levels"] = levels
        if len(levels) < 2:
            column = {"name": values.name, "kind": "text"}
        if rare:
            said.append(
                words(
                    f"{RAREST}건보다 적게 나오는 값 {rare}가지는 적지 않았습니다. "
                    "levels에 더하거나 표에서 합치십시오.",
                    f"{rare} values in fewer than {RAREST} rows are not named. Add them to the "
                    "levels, or merge them in the table.",
                )
            )
    if len(kept) < len(values):
        column["nullable"] = True
    if is_taken(values.name):
        said.append(
            words(
                "플랫폼이 쓰는 이름입니다. 표의 열 이름을 바꾸십시오.",
                "The platform uses this name. Rename the column in the table.",
            )
        )
    notes += [(values.name, each) for each in (*said, *_personal(kept))]
    return column


def _levels(values: pl.Series) -> tuple[list[str], int]:
    """The texts that may be named, in their order, and how many may not."""
    counts = dict(values.value_counts().iter_rows())
    named = sorted(level for level, count in counts.items() if count >= RAREST)
    return named, len(counts) - len(named)


def _personal(values: pl.Series) -> list[Words]:
    import polars as pl

    if values.dtype != pl.String:
        return []
    return [
        words(
            f"{particle(what.ko, '이', '가')} 들어 있는 듯합니다. 기업에 줄 표에서 빼십시오.",
            f"It seems to hold {what.en}. Leave them out of what firms will see.",
        )
        for pattern, what in PERSONAL.items()
        if values.str.contains(pattern).any()
    ]
