"""The run for a clean clone installs what tests need, and hides nothing that it could not get."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import RPKI_PEERS
from tests.house import ROOT, run

if TYPE_CHECKING:
    from subprocess import CompletedProcess

VALIDATORS_AND_ROUTERS = (
    *("rpki-client", "fort-validator", "octorpki", "stayrtr", "rtr-tools"),
    *("bird2", "frr", "frr-rpki-rtrlib"),
)
MAKE = 'echo "make $* CI=$CI require=$MADANG_REQUIRE"'


class Machine:
    """A machine that has only the programs it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("bash", "chmod", "dirname", "env", "touch"):
            (folder / name).symlink_to(shutil.which(name) or "")
        self.has("make", MAKE)
        self.has("id", "echo 0")

    def has(self, name: str, script: str = "exit 0") -> None:
        """Install a program."""
        file = self.folder / name
        file.write_text(f"#!{shutil.which('bash')}\n{script}\n", encoding="utf-8")
        file.chmod(0o755)

    def ci(self, **variables: str) -> CompletedProcess[str]:
        """Run `.ci/run` on it."""
        return run(ROOT / ".ci/run", PATH=str(self.folder), **{"MADANG_REQUIRE": ""} | variables)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "bin")


def test_a_bare_machine_gets_what_the_tests_need(machine: Machine) -> None:
    machine.has("apt-get", 'echo "$*" >> "${0%/*}/asked"')

    ended = machine.ci()

    asked = (machine.folder / "asked").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("update") for line in asked[::2])
    assert all(line.startswith("install -y -qq --no-install-recommends ") for line in asked[1::2])
    assert [line.split()[4:] for line in asked[1::2]] == [
        ["git", "bubblewrap", "python3", "python3-venv"],
        ["postgresql"],
        ["chromium"],
        [*VALIDATORS_AND_ROUTERS, "rsync", "softhsm2"],
    ]
    assert ended.returncode == 0


def test_a_machine_that_has_everything_is_asked_for_nothing(machine: Machine) -> None:
    for name in ("git", "bwrap", "python3", "pg_ctlcluster", "chromium", *RPKI_PEERS):
        machine.has(name)
    machine.has("apt-get", "exit 7")

    ended = machine.ci()

    assert ended.stdout.splitlines() == [
        "make fhir-server CI=true require=",
        "make test CI=true require=bwrap,postgres,browser,rpki_peers,fhir",
        "make test-postgres CI=true require=bwrap,postgres,browser,rpki_peers,fhir",
    ]


def test_what_cannot_be_installed_is_still_required(machine: Machine) -> None:
    machine.has("python3")
    machine.has("apt-get", "exit 100")

    ended = machine.ci()

    assert "could not install git bubblewrap" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "make test CI=true require=bwrap,fhir"


def test_another_makers_server_is_required_where_it_could_be_had(machine: Machine) -> None:
    machine.has("python3")
    machine.has("make", f"case $1 in fhir-server) exit 2;; esac; {MAKE}")

    ended = machine.ci()

    assert "no other FHIR server here" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "make test CI=true require=bwrap"


@pytest.mark.parametrize(
    ("program", "said", "require"),
    [
        ("pg_ctlcluster", "no Chromium here", "bwrap,postgres,fhir"),
        ("chromium", "no PostgreSQL here", "bwrap,browser,fhir"),
    ],
)
def test_a_server_and_a_browser_are_required_where_they_could_be_had(
    machine: Machine, program: str, said: str, require: str
) -> None:
    for name in ("git", "bwrap", "python3"):
        machine.has(name)
    machine.has(
        "apt-get",
        f'case "$*" in *{"postgresql" if program[0] == "p" else program}) '
        f'echo "#!/bin/true" > "${{0%/*}}/{program}"; chmod +x "${{0%/*}}/{program}";; '
        "update*) ;; *) exit 100;; esac",
    )

    ended = machine.ci()

    assert said in ended.stdout
    assert f"make test CI=true require={require}" in ended.stdout.splitlines()
    assert ("make test-postgres" in ended.stdout) is (program == "pg_ctlcluster")


def test_who_names_what_is_required_is_believed(machine: Machine) -> None:
    machine.has("python3")

    ended = machine.ci(MADANG_REQUIRE="browser")

    assert ended.stdout.splitlines()[-1] == "make test CI=true require=browser"


def test_an_ordinary_user_installs_nothing(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    machine.has("apt-get", 'touch "${0%/*}/asked"')

    machine.ci()

    assert not (machine.folder / "asked").exists()


def test_a_failing_test_fails_the_run(machine: Machine) -> None:
    machine.has("make", "exit 1")

    assert machine.ci().returncode == 1


def test_it_runs_from_anywhere(machine: Machine, tmp_path: Path) -> None:
    machine.has("make", 'echo "$PWD"')

    ended = run("env", "-C", tmp_path, ROOT / ".ci/run", PATH=f"{machine.folder}:/usr/bin")

    assert ended.stdout.splitlines()[-1] == str(ROOT)
