"""Where do jobs find what outlives them? A folder and an object store their process is told of.

Parameters of a job name things, not paths: the same job may run on another machine.

    MADANG_DATA      the folder of the site
    MADANG_OBJECTS   another place for objects than the folder's
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Place:
    """What this process works on."""

    data: Path
    objects: str


def place() -> Place:
    """The place that the environment names."""
    data = Path(os.environ.get("MADANG_DATA", "madang-site")).absolute()
    return Place(data=data, objects=os.environ.get("MADANG_OBJECTS", "") or str(data / "objects"))
