"""Where do the keys of the patients lie on this site?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from madang.prognosis.engine import privacy

if TYPE_CHECKING:
    from pathlib import Path

FILE = "prognosis.key"


@cache
def _read(file: Path) -> privacy.Keys:
    return privacy.read_keys(file)


def keys() -> privacy.Keys:
    """The site's keys; made at their first use, and carried by its backups."""
    return _read(settings.DATA / "keys" / FILE)
