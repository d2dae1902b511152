"""A key, a forger's key, and a document with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.kernel.evidence.keys import SigningKey
from tests.kernel.evidence.samples import BODIES, NAME, blank_pdf, documented

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.bundle import Bundle


@pytest.fixture
def key() -> SigningKey:
    """A signing key that is the same in every run."""
    return SigningKey(name=NAME, seed=bytes(range(32)))


@pytest.fixture
def other() -> SigningKey:
    """Another key under the same name: a forger's."""
    return SigningKey(name=NAME, seed=bytes(range(1, 33)))


@pytest.fixture
def bodies() -> dict[str, bytes]:
    """A body of each kind."""
    return {**BODIES, "pdf": blank_pdf()}


@pytest.fixture
def bundle(tmp_path: Path, key: SigningKey, bodies: dict[str, bytes]) -> Bundle:
    """The evidence of a document that was rendered in three ways."""
    return documented(tmp_path / "log", key, bodies)
