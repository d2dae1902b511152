"""Which tests can run on this machine? What is missing is skipped, saying so, or required."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.prognosis import fhir_server
from tools import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

# onnxruntime keeps an identifier of the machine unless told so before its first import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

SHARED = Path(__file__).parents[2] / "shared" / "data"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MARKERS = ("shared", "ray", "judge", "bwrap", "postgres", "browser", "fhir", "rpki_peers")
RPKI_PEERS = ("rpki-client", "fort", "octorpki", "stayrtr", "rtrclient", "bird", "vtysh", "rsync")
"""What a machine may lack."""


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
        judges = ("sksurv", "beancount", "numpy_financial")
        there = all(map(importlib.util.find_spec, judges))
        return "" if there else "requirements/judges.txt is not installed"
    if marker == "bwrap":
        from madang.kernel.sandbox.probe import probe

        return probe().refusal_text()
    if marker == "postgres":
        return postgres.why_not()
    if marker == "browser":
        return "" if CHROMIUM else "Chromium is not installed (apt install chromium)"
    if marker == "fhir":
        return fhir_server.why_not()
    if marker == "rpki_peers":
        return _absent_peers()
    return ""


def _absent_peers() -> str:
    """Why other makers' programs cannot judge here; they also stand where only root looks."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/frr"))
    missing = [name for name in RPKI_PEERS if not shutil.which(name, path=path)]
    return f"other makers' programs are not installed: {', '.join(missing)}" if missing else ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run; where MADANG_REQUIRE names it, a skip would hide a fault: fail."""
    required = os.environ.get("MADANG_REQUIRE", "").split(",")
    for marker in MARKERS:
        if item.get_closest_marker(marker) and (reason := _why_not(marker)):
            if marker in required:
                pytest.fail(f"MADANG_REQUIRE names {marker}, but {reason}")
            pytest.skip(reason)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL of this session's own; its tests carry the marker `postgres`."""
    with postgres.Server() as started:
        yield started


@pytest.fixture
def shared() -> Path:
    """The folder of the programme's reference data."""
    return SHARED


@pytest.fixture
def site_folder(
    tmp_path: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of this test's own for the site, its worker and its jobs."""
    return _settle(tmp_path / "site", settings, monkeypatch)


@pytest.fixture
def trial_folder(
    tmp_path_factory: pytest.TempPathFactory,
    settings: SettingsWrapper,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """One folder for all tests that run trials: their scorer and their warm jails live on.

    Each of them makes demands of names that nothing else has.
    """
    return _settle(tmp_path_factory.getbasetemp() / "trials-site", settings, monkeypatch)


def _settle(folder: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "static").mkdir(parents=True, exist_ok=True)
    settings.DATA, settings.OBJECTS = folder, str(folder / "objects")
    monkeypatch.setenv("MADANG_DATA", str(folder))
    return folder
