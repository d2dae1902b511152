"""The fixed environment is named version by version, and one digest stands for all."""

from __future__ import annotations

import platform
from importlib import metadata

from madang.kernel.sandbox.runtime import DISTRIBUTIONS
from madang.trials.engine import environment


def test_every_package_of_the_jail_is_named_with_its_version():
    found = environment.environment_versions()

    assert found["python"] == platform.python_version()
    assert {name: found[name] for name in DISTRIBUTIONS} == {
        name: metadata.version(name) for name in DISTRIBUTIONS
    }


def test_another_version_is_another_digest(monkeypatch):
    before = environment.environment_digest()

    assert environment.environment_digest() == before
    monkeypatch.setattr(environment.metadata, "version", lambda _: "0")
    assert environment.environment_digest() != before
