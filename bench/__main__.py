"""`python -m bench [area] [module]`: run `bench/<area>_*.py` and write `docs/bench/<area>.md`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from bench.table import Measurement, as_markdown, write

FOLDER = Path(__file__).parent
AREAS = ("kernel", "programme", "trials", "prognosis", "fund", "rpki", "portal")


def measure(area: str, only: str = "") -> list[Measurement]:
    """The measurements of every module `<area>_*.py`, each of which offers `measure()`."""
    rows: list[Measurement] = []
    for file in sorted(FOLDER.glob(f"{area}_*.py")):
        if not only or file.stem == f"{area}_{only}":
            rows += importlib.import_module(f"bench.{file.stem}").measure()  # noqa: TID251
    return rows


def main() -> None:
    """Measure the named area, or all; a single module is only printed, never written."""
    area, only = [*sys.argv[1:], "", ""][:2]
    for each in [area] if area else AREAS:
        rows = measure(each, only)
        print(as_markdown(f"Measured: {each}", rows, f"make bench-{each}"))
        if not only:
            write(FOLDER.parent / "docs" / "bench", each, rows)


if __name__ == "__main__":
    main()
