"""Offices of the trials that know the toys."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from madang.kernel import systems
from madang.trials.engine.office import Office
from madang.trials.engine.workspace import Workspace
from tests.trials import toy_house


@contextmanager
def toys_in_the_house(monkeypatch: pytest.MonkeyPatch):
    """For offices that live as long as a module: what opens one that knows the toys."""
    monkeypatch.setattr(systems, "manifests", toy_house.manifests)
    command = property(
        lambda workspace: [sys.executable, "-m", "tests.trials.toy_house", str(workspace.folder)]
    )
    monkeypatch.setattr(Workspace, "scorer_command", command)
    yield Office


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch):
    """The toys stand in the house, here and in the scorer."""
    with toys_in_the_house(monkeypatch):
        yield


@pytest.fixture
def office(tmp_path: Path, toys: None):
    """An office on an empty workspace."""
    with Office(Workspace(tmp_path / "workspace")) as opened:
        yield opened
