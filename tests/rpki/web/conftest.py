"""The tests of the registry's pages have a site's folder of their own, and keys out of a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.rpki.web.services import authority
from tests.rpki.engine.authority.land import HeldKeys, new_world, one_time

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _registry(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are slow to make: each is made once for all tests."""
    new_world()
    held = HeldKeys()
    monkeypatch.setattr(authority, "key_store", lambda: held)
    monkeypatch.setattr(authority, "new_key", one_time())
