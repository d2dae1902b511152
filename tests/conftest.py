"""Which tests can run on this machine? What is missing is skipped, saying so, or required."""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

# onnxruntime keeps an identifier of the machine unless told so before its first import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

SHARED = Path(__file__).parents[2] / "shared" / "data"


@functools.cache
def _why_not(marker: str) -> str:
    """Why tests with this marker cannot run here; empty where they can."""
    if marker == "shared":
        return (
            "" if SHARED.is_dir() else "the programme's reference data is not beside the checkout"
        )
    if marker == "ray":
        return "" if importlib.util.find_spec("ray") else "the extra `ray` is not installed"
    if marker == "judge":
        return (
            "" if importlib.util.find_spec("sksurv") else "requirements/judges.txt not installed"
        )
    if marker == "bwrap":
        from madang.kernel.sandbox.probe import probe

        return probe().refusal_text()
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run; where MADANG_REQUIRE names it, a skip would hide a fault: fail."""
    required = os.environ.get("MADANG_REQUIRE", "").split(",")
    for marker in ("shared", "ray", "judge", "bwrap"):
        if item.get_closest_marker(marker) and (reason := _why_not(marker)):
            if marker in required:
                pytest.fail(f"MADANG_REQUIRE names {marker}, but {reason}")
            pytest.skip(reason)


@pytest.fixture
def shared() -> Path:
    """The folder of the programme's reference data."""
    return SHARED


@pytest.fixture
def site_folder(
    tmp_path: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of this test's own for the site, its worker and its jobs."""
    folder = tmp_path / "site"
    (folder / "static").mkdir(parents=True)
    settings.DATA, settings.OBJECTS = folder, str(folder / "objects")
    monkeypatch.setenv("MADANG_DATA", str(folder))
    return folder
