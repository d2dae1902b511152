"""The tests of trials on the site share a folder, with its scorer and its warm jails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _folder(trial_folder: Path) -> None:
    """The site works on it."""
