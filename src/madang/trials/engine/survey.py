"""What does a table really hold, beside what a demand declares of it? Kinds and counts, no value.

Where the table's own reader stops at the first thing that does not fit, a survey goes on, so that
an officer sees all of them at once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel.store import cells, header
from madang.kernel.store.errors import TableError
from madang.kernel.store.tables import as_it_lies
from madang.kernel.words import Words, words
from madang.trials.engine.contradictions import places
from madang.trials.engine.schema import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from madang.kernel.store.delimited import Encoding, Raw
    from madang.kernel.trial import Column
    from madang.trials.engine.demand import Demand

Kind: TypeAlias = Literal["number", "integer", "boolean", "category", "text"]
Role: TypeAlias = Literal["id", "group", "input", "outcome", "undeclared"]

MOST_LEVELS = 30
"""More different texts than this are taken for free text."""
ROWS_A_LEVEL = 5
"""Fewest rows for each level, on the average, for texts to be taken for a category."""
_MOSTLY_MISSING = 0.5
_LONGEST_CODE = 40

PERSONAL: Mapping[str, Words] = {
    r"(^|[^0-9])\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-[1-8]\d{6}([^0-9]|$)": words(
        "주민등록번호나 외국인등록번호", "resident registration numbers"
    ),
    r"(^|[^0-9])01[016789]-?\d{3,4}-?\d{4}([^0-9]|$)": words(
        "휴대전화 번호", "mobile phone numbers"
    ),
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}": words(
        "전자우편 주소", "e-mail addresses"
    ),
}
"""What must not stand in a table that firms will see: form → what it looks like."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One column, as it is declared and as it is."""

    name: str
    role: Role
    declared: str = ""
    """The declared kind; empty where the column is not declared."""
    present: bool = True
    kind: str = ""
    """What the values look like."""
    missing: int = 0
    distinct: int = 0
    fits: bool = True

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


@dataclass(kw_only=True)
class Survey:
    """What was seen of a table."""

    rows: int = 0
    columns: list[Observed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """What keeps the table from being the declared one."""
    doubts: list[tuple[str, Words]] = field(default_factory=list)
    """Column → what an officer should look at before registering."""
    table: pl.DataFrame | None = None
    """The table as registration would read it; None where something does not fit."""


def survey(content: bytes, *, name: str, demand: Demand | None) -> Survey:
    """Look at every column of a table.

    Args:
        content: The whole file.
        name: What its owner calls it.
        demand: What declares the columns; None where nothing readable does.
    """
    seen = Survey()
    encoding: Encoding = demand.encoding if demand else encoding_of(content)
    try:
        raw = as_it_lies(content, name=name, encoding=encoding)
    except TableError as error:
        seen.faults.append(Fault("data", error))
        return seen
    seen.rows = raw.table.height
    left = header.composed(demand.ignored if demand else ())
    held = {each: lies for each, lies in _composed(raw.table.columns).items() if each not in left}
    declared: dict[str, tuple[str, Column]] = {}
    for place, column in places(demand) if demand else []:
        declared.setdefault(column.name, (place, column))
    if demand and not _has_names(seen, held, declared, name=name):
        return seen
    fitted = [
        _declared(seen, raw, held, place=place, column=column, name=name)
        for place, column in declared.values()
    ]
    known = _composed(declared)
    seen.columns += [
        _undeclared(raw.table[held[each]], each) for each in held if each not in known
    ]
    if demand and not seen.faults:
        import polars as pl

        seen.table = pl.DataFrame([each for each in fitted if each is not None])
        _check_cases(seen, seen.table, demand)
    return seen


def encoding_of(content: bytes) -> Encoding:
    """UTF-8, or CP949 where only that makes text of the file; Parquet is always UTF-8."""
    encodings: tuple[Encoding, ...] = ("utf-8", "cp949")
    for encoding in encodings if not content.startswith(b"PAR1") else ():
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8"


def _composed(names: Iterable[str]) -> dict[str, str]:
    """Name in Unicode's composed form → the name as it is written; macOS writes it decomposed."""
    return {unicodedata.normalize("NFC", each): each for each in names}


def _has_names(
    seen: Survey,
    held: Mapping[str, str],
    declared: Mapping[str, tuple[str, Column]],
    *,
    name: str,
) -> bool:
    """Note columns that are missing or undeclared; is at least one of the declared ones there?"""
    wanted = _composed(declared)
    present = [each for each in wanted if each in held]
    for expected, extra_ok in ((list(wanted), True), (present, False)):
        try:
            header.positions(list(held), expected, name=name, extra_ok=extra_ok)
        except TableError as error:
            seen.faults.append(Fault("data", error))
        if not present:
            return False
    return True


def _declared(
    seen: Survey, raw: Raw, held: Mapping[str, str], *, place: str, column: Column, name: str
) -> pl.Series | None:
    """Note one declared column; gives it in its declared type where it fits."""
    role = _role(place)
    lies = held.get(unicodedata.normalize("NFC", column.name))
    declared = column.kind if role not in ("id", "group") else "text"
    if lies is None:
        seen.columns.append(
            Observed(name=column.name, role=role, declared=declared, present=False, fits=False)
        )
        return None
    fitted, fits = None, False
    try:
        fitted = cells.fitted(raw.table[lies], column, name=name, place=raw.place)
        if role == "id":
            cells.unique(fitted, name=name, place=raw.place)
        fits = True
    except TableError as error:
        seen.faults.append(Fault(place, error))
    values = present_values(raw.table[lies])
    seen.columns.append(
        Observed(
            name=column.name,
            role=role,
            declared=declared,
            kind=kind_of(values, rows=raw.table.height),
            missing=raw.table.height - len(values),
            distinct=values.n_unique(),
            fits=fits,
        )
    )
    if fitted is not None and role in ("input", "outcome"):
        _doubt(seen, fitted, column)
    return fitted


def _role(place: str) -> Role:
    steps = place.split(".")
    roles: dict[str, Role] = {"id": "id", "group": "group", "inputs": "input"}
    return roles.get(steps[1], "outcome")


def _undeclared(values: pl.Series, name: str) -> Observed:
    kept = present_values(values)
    return Observed(
        name=name,
        role="undeclared",
        kind=kind_of(kept, rows=len(values)),
        missing=len(values) - len(kept),
        distinct=kept.n_unique(),
        fits=False,
    )


def present_values(values: pl.Series) -> pl.Series:
    """The column without what counts as missing: nothing, empty text, NaN."""
    import polars as pl

    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    if values.dtype == pl.String:
        values = values.set(values == "", None)
    if values.dtype.is_float():
        values = values.fill_nan(None)
    return values.drop_nulls()


def kind_of(values: pl.Series, *, rows: int) -> Kind:
    """What the values of a column look like.

    Args:
        values: What `present_values` gave.
        rows: How many rows the table has.
    """
    import polars as pl

    kind = values.dtype
    if kind == pl.Boolean:
        return "boolean"
    if kind.is_integer():
        return "boolean" if set(values.unique()) == {0, 1} else "integer"
    if kind.is_numeric():
        return "number"
    if kind != pl.String or not len(values):
        return "text"
    return _kind_of_text(values, rows)


def _kind_of_text(values: pl.Series, rows: int) -> Kind:
    import polars as pl

    bare = values.str.strip_chars(" ")
    if bare.n_unique() == 2 and set(bare.str.to_lowercase().unique()) in (
        {"true", "false"},
        {"0", "1"},
    ):
        return "boolean"
    # 00412 is a code, not the number 412.
    if not bare.str.contains(r"^[-+]?0\d").any():
        if not bare.cast(pl.Int64, strict=False).null_count():
            return "integer"
        numbers = bare.cast(pl.Float64, strict=False)
        if not numbers.null_count() and numbers.is_finite().all():
            return "number"
    levels = values.n_unique()
    return "category" if levels <= min(MOST_LEVELS, rows // ROWS_A_LEVEL) else "text"


def _doubt(seen: Survey, values: pl.Series, column: Column) -> None:
    """What fits its declaration and may be a mistake all the same."""
    import polars as pl

    kept = values.drop_nulls()
    said: list[Words] = []
    if len(kept) and kept.n_unique() == 1:
        said.append(words("값이 하나뿐입니다.", "It holds one value alone."))
    if len(values) and len(kept) < (1 - _MOSTLY_MISSING) * len(values):
        share = round(100 * (1 - len(kept) / len(values)))
        said.append(words(f"{share} %가 비어 있습니다.", f"{share} % of it is missing."))
    held = set(kept.unique()) if column.levels else set()
    unused = [level for level in column.levels if level not in held]
    if unused:
        shown = header.listed(unused)
        said.append(
            words(f"한 번도 나오지 않는 범주: {shown}", f"Levels that never occur: {shown}.")
        )
    if kept.dtype == pl.String:
        said += _personal(kept)
        if _is_code(kept) and not column.levels:
            said.append(
                words(
                    "행마다 값이 다릅니다. 사람이나 사례를 가리키는 번호인지 확인하십시오.",
                    "Every row has a value of its own. See that it names no person or case.",
                )
            )
    seen.doubts += [(column.name, each) for each in said]


def _personal(values: pl.Series) -> list[Words]:
    found = [(int(values.str.contains(pattern).sum()), what) for pattern, what in PERSONAL.items()]
    return [
        words(
            f"{what.ko}처럼 보이는 값이 {count:,}건 있습니다.",
            f"{count:,} values look like {what.en}.",
        )
        for count, what in found
        if count
    ]


def _is_code(values: pl.Series) -> bool:
    """Is each a short word of its own, as identifiers are and sentences are not?"""
    if len(values) < 2 or values.n_unique() < len(values):
        return False
    longest = values.str.len_chars().max()
    no_space = not values.str.contains(r"\s").any()
    return isinstance(longest, int) and longest <= _LONGEST_CODE and no_space


def _check_cases(seen: Survey, table: pl.DataFrame, demand: Demand) -> None:
    """Rows that are alike, and groups that hold most of the cases."""
    alike = int(table.drop(demand.id_column).is_duplicated().sum())
    if alike:
        seen.doubts.append(
            (
                "",
                words(
                    f"식별자 말고는 모든 값이 같은 행이 {alike:,}건 있습니다.",
                    f"{alike:,} rows are alike in all but the identifier.",
                ),
            )
        )
    if demand.group_column:
        largest = table[demand.group_column].value_counts()["count"].max()
        if isinstance(largest, int) and largest > table.height / 2:
            seen.doubts.append(
                (
                    demand.group_column,
                    words(
                        "한 묶음에 사례의 절반 이상이 들어 있어 나누기 어렵습니다.",
                        "One group holds more than half of the cases, which cannot be parted.",
                    ),
                )
            )
