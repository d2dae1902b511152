"""A registry in the test's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rpki.engine.authority.land import Land, new_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _world() -> None:
    new_world()


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Land]:
    made = Land(tmp_path)
    yield made
    made.close()
