"""What of a demand's data may everybody have? The open sample; sealed inputs where given out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from madang.trials.web.models import Demand

FILES: dict[str, Words] = {
    "open_inputs": words("공개 표본의 입력", "Inputs of the open sample"),
    "open_outcomes": words("공개 표본의 결과", "Outcomes of the open sample"),
    "board_inputs": words("순위판 사례의 입력", "Inputs of the board's cases"),
    "final_inputs": words("최종 비교 사례의 입력", "Inputs of the final cases"),
}
MOST_FOR_CSV = 16 << 20
"""Bytes of Parquet beyond which no CSV is written on demand."""


def files(demand: Demand) -> list[dict[str, Any]]:
    """The public files that lie there: name, title, size, digest, whether as CSV too."""
    folder = _public(demand)
    commitments = demand.registration.get("commitments", {})
    found = []
    for name, title in FILES.items():
        path = folder / f"{name}.parquet" if folder else None
        if path and path.exists():
            size = path.stat().st_size
            found.append(
                {
                    "name": name,
                    "title": title,
                    "size": size,
                    "digest": commitments.get(f"public/{name}.parquet", ""),
                    "has_csv": size <= MOST_FOR_CSV,
                }
            )
    return found


def opened(demand: Demand, file: str) -> tuple[BinaryIO, str]:
    """A public file and its media type.

    Args:
        demand: A posted demand.
        file: `<name>.parquet` or `<name>.csv`.

    Raises:
        KeyError: There is no such public file.
    """
    name, _, ending = file.rpartition(".")
    folder = _public(demand)
    path = folder / f"{name}.parquet" if folder and name in FILES else None
    if path is None or not path.exists() or ending not in ("parquet", "csv"):
        raise KeyError(file)
    if ending == "parquet":
        return path.open("rb"), "application/vnd.apache.parquet"
    if path.stat().st_size > MOST_FOR_CSV:
        raise KeyError(file)
    import polars as pl

    content = io.BytesIO()
    pl.read_parquet(path).write_csv(content)
    content.seek(0)
    return content, "text/csv; charset=utf-8"


def _public(demand: Demand) -> Path | None:
    try:
        return office().workspace.demand_folder(demand.name).public
    except DemandError:
        return None
