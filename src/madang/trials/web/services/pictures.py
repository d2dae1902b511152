"""Where does a chart lie once it is drawn? In a file that says of which numbers it is the picture.

Drawing takes a tenth of a second and more; a page that is asked for has no such time. So workers
draw when numbers change, pages show what is drawn, and what is not drawn yet is asked for apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from madang.kernel import ids
from madang.kernel.report.edition import NARROW_PX, WIDE_PX
from madang.kernel.words import Words, language
from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.kernel.report.document import Drawing
    from madang.kernel.words import Language

FORM = 1
"""Of the drawing: another number makes every picture be drawn anew."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A chart of certain numbers; drawn at its first need, then kept."""

    name: str
    """Which picture it is, such as `heart-board`: a newer one takes the place of an older one."""
    numbers: Any
    """What it shows, as JSON with `Words`: the same numbers give the same picture."""
    chart: Callable[[], Drawing]

    @property
    def key(self) -> str:
        """Names the numbers."""
        told = json.dumps([FORM, self.numbers], ensure_ascii=False, default=_both)
        return ids.digest(told.encode())

    @property
    def is_kept(self) -> bool:
        """Whether it is drawn in the reader's language."""
        return self._kept(language()) is not None

    def svg(self, spoken: Language, *, width_px: int) -> str:
        """The picture; drawn now where it is not kept."""
        found = self._kept(spoken) or self.draw(spoken)
        return found[str(width_px)]

    def draw(self, spoken: Language) -> dict[str, str]:
        """Draw it at both widths and keep it."""
        chart = self.chart()
        drawn = {str(width): chart.svg(spoken, width_px=width) for width in (WIDE_PX, NARROW_PX)}
        file = self._file(spoken)
        file.parent.mkdir(parents=True, exist_ok=True)
        told = json.dumps({"key": self.key, "drawn": drawn}, ensure_ascii=False)
        write_whole(file, told.encode())
        return drawn

    def _kept(self, spoken: Language) -> dict[str, str] | None:
        try:
            kept = json.loads(self._file(spoken).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        drawn: dict[str, str] = kept["drawn"]
        return drawn if kept["key"] == self.key else None

    def _file(self, spoken: Language) -> Path:
        folder: Path = settings.DATA / "charts"
        return folder / f"{self.name}-{spoken}.json"


def _both(value: Words) -> list[str]:
    return [value.ko, value.en]
