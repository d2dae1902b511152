"""May this table be sealed and tried on? What must be known of the data before a trial starts.

Three ways in which a table spoils its own trial: a column that gives the outcome away, the same
case in the open sample and in a sealed part, and too few cases to tell solutions apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.trial import PARTS, Leak, Part
from madang.kernel.words import words
from madang.trials.engine.errors import DemandError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.trials.engine.demand import Demand
    from madang.trials.engine.trivial import OpenBaselines

FEWEST_CASES = 20
"""Fewest cases a part may have: below, no interval means anything."""

LARGEST_OVERLAP = 0.01
"""Share of sealed cases that may stand, input for input, in the open sample as well."""

ASSUMED_CORRELATION = 0.8
"""Between two solutions' losses on the same case, for planning: .8 is what paired AUCs and Brier
scores of reasonable models show; the realised figure stands in the report."""


@dataclass(frozen=True, kw_only=True)
class Dealt:
    """A table after it was split: the rows of each part in a new random order, under new names."""

    inputs: dict[Part, pl.DataFrame]
    outcomes: dict[Part, pl.DataFrame]
    """With the columns `__group` and `__id` beside the outcomes: both stay sealed."""


def table_bytes(path: Path) -> bytes:
    """The agency's table as it lies there.

    Raises:
        DemandError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except (OSError, ValueError) as fault:  # a name may hold what no file name can
        raise DemandError(
            words(f"읽을 수 없는 파일 {path.name!r}", f"an unreadable file {path.name!r}"),
            words("읽을 수 있는 CSV 또는 Parquet 파일", "a readable CSV or Parquet file"),
        ) from fault


def find_leaks(demand: Demand, table: pl.DataFrame) -> tuple[Leak, ...]:
    """What gives the outcome away, by the task's own measures."""
    inputs = table.select([column.name for column in demand.inputs])
    outcomes = table.select([column.name for column in demand.outcomes])
    return demand.task.leaks(inputs, outcomes, options=demand.options)


def leak_facts(leak: Leak) -> dict[str, Any]:
    """A leak as JSON."""
    return {
        "column": leak.column,
        "measure": leak.measure,
        "value": round(leak.value, 4),
        "limit": leak.limit,
        "ko": leak.sentence_ko,
        "en": leak.sentence_en,
    }


def deal(demand: Demand, table: pl.DataFrame) -> Dealt:
    """Split the table by the task's rule, shuffle each part and give its cases new names.

    New names and a new order, since identifiers and row order are where outcomes hide most often.

    Raises:
        DemandError: A part has fewer than `FEWEST_CASES` cases.
    """
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(demand.seed)
    labels = _split(demand, table, rng)
    inputs, outcomes = {}, {}
    for position, part in enumerate(PARTS):
        if part not in demand.shares:
            continue
        rows = np.flatnonzero(labels == position)
        _check_size(part, len(rows))
        rng.shuffle(rows)
        cases = (
            table[rows]
            .with_row_index("__row")
            .with_columns(
                pl.format(
                    f"{part}-{{}}", (pl.col("__row") + 1).cast(pl.String).str.zfill(6)
                ).alias("case")
            )
        )
        group = pl.col(demand.group_column or demand.id_column).cast(pl.String).alias("__group")
        inputs[part] = cases.select("case", *[column.name for column in demand.inputs])
        outcomes[part] = cases.select(
            "case",
            *[column.name for column in demand.outcomes],
            *demand.task.scoring_columns(options=demand.options),
            group,
            pl.col(demand.id_column).cast(pl.String).alias("__id"),
        )
    return Dealt(inputs=inputs, outcomes=outcomes)


def open_sample(dealt: Dealt) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Inputs and outcomes of the open part, as firms get them."""
    return dealt.inputs["open"], dealt.outcomes["open"].drop("__group", "__id")


def _split(demand: Demand, table: pl.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    return demand.task.split(
        table.select([column.name for column in demand.inputs]),
        table.select([column.name for column in demand.outcomes]),
        groups=table[demand.group_column].to_numpy() if demand.group_column else None,
        shares=demand.shares,
        rng=rng,
        options=demand.options,
    )


def _check_size(part: str, rows: int) -> None:
    if rows < FEWEST_CASES:
        raise DemandError(
            words(f"{part} 자료의 사례 {rows}건", f"{rows} cases in the part {part}"),
            words(f"{FEWEST_CASES}건 이상", f"at least {FEWEST_CASES}"),
            words("자료를 늘리거나 parts의 몫을 조정하십시오.", "Add cases or change the shares."),
        )


def overlap(dealt: Dealt) -> dict[str, Any]:
    """How many sealed cases stand, input for input, in the open sample too?

    Returns:
        `cases`, `share` (of all sealed cases) and `too_many`.
    """
    import polars as pl

    known = dealt.inputs["open"].drop("case").unique()
    sealed = pl.concat([table for part, table in dealt.inputs.items() if part != "open"])
    same = sealed.join(known, on=known.columns, how="semi", nulls_equal=True).height
    share = same / max(1, sealed.height)
    # With few columns, equal inputs are common people rather than the same person.
    return {
        "cases": same,
        "share": round(share, 4),
        "too_many": share > LARGEST_OVERLAP and len(known.columns) >= 5,
    }


def foreseen_difference(demand: Demand, baselines: OpenBaselines, dealt: Dealt) -> float | None:
    """`detectable_difference` by the decision's metric, from the open sample.

    The losses are those of the decision's baseline, or, where its score cannot vary (the AUC of
    one answer for everybody), of the baseline whose losses vary most. None where all are constant
    or undefined, and for a replay.
    """
    import numpy as np

    rule = demand.decision
    if demand.task.kind != "table":
        return None
    others = [each.name for each in baselines.baselines if each.name != rule.baseline]
    first = baselines.losses(rule.metric, rule.baseline)
    if np.ptp(first) == 0:
        first = max(
            (baselines.losses(rule.metric, name) for name in others), key=np.ptp, default=first
        )
    if not np.isfinite(first).all() or np.ptp(first) == 0:
        return None
    return detectable_difference(first, dealt.inputs["final"].height)


def detectable_difference(losses: NDArray[np.float64], cases: int) -> float:
    """The smallest true difference that the final part shows with 80 % power.

    Args:
        losses: The baseline's losses on the open sample.
        cases: Cases of the final part.
    """
    from madang.kernel.stats.power import smallest_detectable_difference

    spread = float(losses.std(ddof=1)) * (2 * (1 - ASSUMED_CORRELATION)) ** 0.5
    return float(smallest_detectable_difference(spread, cases))
