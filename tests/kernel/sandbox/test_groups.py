"""Control groups of both versions, found by trying, and nothing left of a dead owner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from madang.kernel.sandbox import groups
from madang.kernel.sandbox.groups import Groups, GroupV1, GroupV2, NoGroup, Usage, find

FILES_V1 = (
    "tasks",
    "cgroup.procs",
    "memory.limit_in_bytes",
    "memory.memsw.limit_in_bytes",
    "pids.max",
)
FILES_V2 = ("cgroup.procs", "memory.max", "memory.swap.max", "pids.max")


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """kernel(mounts, own): the files of a machine; a new group comes with its control files."""
    plain = Path.mkdir

    def mkdir(self, *arguments, **options):
        plain(self, *arguments, **options)
        for name in (*FILES_V1, *FILES_V2) if self.name.startswith("madang-") else ():
            (self / name).write_text("")

    monkeypatch.setattr(Path, "mkdir", mkdir)

    def build(lines: list[str], own: str) -> tuple[Path, Path]:
        mounts, mine = tmp_path / "mountinfo", tmp_path / "cgroup"
        mounts.write_text("\n".join(lines))
        mine.write_text(own)
        return mounts, mine

    return build


def mount_v1(point: Path, controllers: str, root: str = "/") -> str:
    point.mkdir(parents=True)
    return f"30 24 0:26 {root} {point} rw,relatime shared:9 - cgroup cgroup rw,{controllers}"


def mount_v2(point: Path) -> str:
    point.mkdir(parents=True)
    return f"30 24 0:26 / {point} rw shared:4 - cgroup2 cgroup2 rw,nsdelegate"


class TestFinding:
    def test_version_1_is_found_in_its_three_hierarchies(self, kernel, tmp_path):
        lines = [
            mount_v1(tmp_path / "memory", "memory"),
            mount_v1(tmp_path / "pids", "pids"),
            mount_v1(tmp_path / "cpu,cpuacct", "cpu,cpuacct"),
        ]
        (tmp_path / "memory/service").mkdir()
        mounts, own = kernel(lines, "4:memory:/service\n3:pids:/\n2:cpu,cpuacct:/\n0::/\n")
        found = find(mounts=mounts, own=own)

        assert found.kind == "v1"
        assert found.folders == (
            tmp_path / "memory/service",
            tmp_path / "pids",
            tmp_path / "cpu,cpuacct",
        )

    def test_a_container_sees_its_own_group_at_the_mount_point(self, kernel, tmp_path):
        lines = [
            mount_v1(tmp_path / name, name, "/docker/1") for name in ("memory", "pids", "cpuacct")
        ]
        mounts, own = kernel(
            lines, "".join(f"1:{n}:/docker/1\n" for n in ("memory", "pids", "cpuacct"))
        )

        assert find(mounts=mounts, own=own).folders[0] == tmp_path / "memory"

    def test_version_2_is_found_where_controllers_are_handed_on(self, kernel, tmp_path):
        point = tmp_path / "unified"
        lines = [mount_v2(point)]
        (point / "slice/service").mkdir(parents=True)
        for folder, handed in (
            (point / "slice/service", ""),
            (point / "slice", "cpu memory pids"),
            (point, "memory pids"),
        ):
            (folder / "cgroup.controllers").write_text("cpu memory pids")
            (folder / "cgroup.subtree_control").write_text(handed)
        (point / "slice/service/cgroup.subtree_control").unlink()
        (point / "slice/service/cgroup.subtree_control").mkdir()  # a file that cannot be written
        mounts, own = kernel(lines, "0::/slice/service\n")
        found = find(mounts=mounts, own=own)

        assert (found.kind, found.folders) == ("v2", (point / "slice",))

    def test_version_2_without_the_memory_controller_is_not_enough(self, kernel, tmp_path):
        lines = [mount_v2(tmp_path / "unified")]
        (tmp_path / "unified/cgroup.controllers").write_text("cpu io")
        mounts, own = kernel(lines, "0::/\n")
        found = find(mounts=mounts, own=own)

        assert (found.kind, found.folders) == ("rlimits", ())
        assert found.refused

    def test_what_cannot_be_written_is_not_used(self, kernel, tmp_path):
        lines = [mount_v1(tmp_path / name, name) for name in ("memory", "pids", "cpuacct")]
        (tmp_path / "pids").rmdir()
        mounts, own = kernel(lines, "".join(f"1:{n}:/\n" for n in ("memory", "pids", "cpuacct")))
        found = find(mounts=mounts, own=own)

        assert found.kind == "rlimits"
        assert "No such file" in found.refused

    def test_without_any_the_limits_of_each_process_must_do(self):
        group = Groups(kind="rlimits").make()

        assert isinstance(group, NoGroup)
        assert (group.doors(), group.usage()) == ([], Usage(None, 0, False))


class TestAGroup:
    def test_version_1_writes_and_reads_its_files(self, tmp_path):
        group = GroupV1(memory=tmp_path, pids=tmp_path, cpuacct=tmp_path)
        (tmp_path / "memory.memsw.limit_in_bytes").write_text("")
        group.tighten(memory_bytes=1000, processes=7)
        (tmp_path / "cpuacct.usage").write_text("2500000000\n")
        (tmp_path / "memory.max_usage_in_bytes").write_text("4096\n")
        (tmp_path / "memory.oom_control").write_text(
            "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
        )

        written = {name: (tmp_path / name).read_text() for name in FILES_V1[2:]}
        assert written == {
            "memory.limit_in_bytes": "1000",
            "memory.memsw.limit_in_bytes": "1000",
            "pids.max": "7",
        }
        assert group.usage() == Usage(2.5, 4096, True)
        assert group.doors() == [str(tmp_path / "tasks")]

    def test_version_2_writes_and_reads_its_files(self, tmp_path):
        group = GroupV2(folder=tmp_path)
        (tmp_path / "memory.swap.max").write_text("max")
        group.tighten(memory_bytes=1000, processes=7)
        (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
        (tmp_path / "memory.peak").write_text("8192\n")
        (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")

        written = {name: (tmp_path / name).read_text() for name in FILES_V2[1:]}
        assert written == {"memory.max": "1000", "memory.swap.max": "0", "pids.max": "7"}
        assert group.usage() == Usage(1.5, 8192, False)
        assert group.doors() == [str(tmp_path / "cgroup.procs")]

    def test_version_2_asks_the_kernel_to_kill(self, tmp_path):
        (tmp_path / "cgroup.kill").write_text("")
        GroupV2(folder=tmp_path).remove()

        assert (tmp_path / "cgroup.kill").read_text() == "1"

    def test_a_process_of_another_namespace_is_not_killed(self, tmp_path, monkeypatch):
        """It is listed as 0, and `kill(0)` would kill the caller's own process group."""
        killed = []
        monkeypatch.setattr(groups.os, "kill", lambda pid, _: killed.append(pid))
        (tmp_path / "cgroup.procs").write_text("0\n77\n")
        groups._empty_and_remove(tmp_path)

        assert killed == [77]

    @pytest.mark.bwrap
    def test_a_real_group_holds_and_is_removed_with_what_is_inside(self):
        real = find()
        if real.kind == "rlimits":
            pytest.skip("no control group can be made here")
        group = real.make()
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        for door in group.doors():
            Path(door.replace("/tasks", "/cgroup.procs")).write_text(str(sleeper.pid))
        folders = [Path(door).parent for door in group.doors()]
        group.remove()

        assert sleeper.wait(10) == -9
        assert not [folder for folder in folders if folder.exists()]


class TestTheDead:
    def test_groups_of_dead_owners_are_removed_and_those_of_the_living_stay(self, tmp_path):
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        mine = f"{groups._owner_name(os.getpid())}-1"
        dead = f"{groups._OURS}-{ended.pid}-12345-1"
        reborn = f"{groups._OURS}-{os.getpid()}-1-1"  # our number, another start
        elsewhere = f"madang-1-{ended.pid}-12345-1"  # another pid namespace
        here, beside = tmp_path / "here", tmp_path / "beside"
        for name in (mine, dead, reborn, elsewhere, "other"):
            (here / name).mkdir(parents=True)
        (beside / dead).mkdir(parents=True)

        assert Groups(kind="v2", folders=(here,)).sweep() == 3
        assert {each.name for each in here.iterdir()} == {mine, elsewhere, "other"}
        assert list(beside.iterdir()) == []
