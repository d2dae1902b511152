"""The tests of the prognosis pages have a site's folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _folder(site_folder: Path) -> None:
    """The site keeps its objects there."""
