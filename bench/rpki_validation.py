"""What does judging cost, beside other makers' validators on the same trees, in CPU seconds?

Every figure is of a whole process, from start to the payloads on disk: CPU time of it and of
the processes it began, and the largest memory of any of them.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.table import Measurement
from madang.rpki.engine.objects.tal import read_tal_file
from madang.rpki.engine.simulator.store import MemoryStore
from madang.rpki.engine.simulator.tree import MOMENT, Shape, grow
from madang.rpki.engine.store.folder import FolderStore
from madang.rpki.engine.validation.policy import PROFILE_2026
from madang.rpki.engine.validation.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = Shape(cas=2_000, roas=50_000, aspas=2_000)
AT = int(MOMENT.timestamp()) + 10 * 86_400
KEPT = Path(tempfile.gettempdir()) / "madang-bench-rpki"


class Cost(NamedTuple):
    """What a process and its children cost."""

    cpu_s: float
    wall_s: float
    mib: float


def tree(shape: Shape) -> Path:
    """The folder with a tree of this shape: `synth.tal`, `cache/`, `expected`."""
    folder = KEPT / f"{shape.cas}-{shape.roas}-{shape.aspas}"
    if not (folder / "expected").exists():
        shutil.rmtree(folder, ignore_errors=True)
        grown = grow(shape)
        grown.written(folder / "cache")
        (folder / "expected").write_bytes(pickle.dumps(grown.expected))
    return folder


def cost(command: list[str], **options: object) -> Cost:
    """Run a command to its end."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,  # type: ignore[call-overload]
    )
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.monotonic() - began, after.ru_maxrss / 1024)


def ours(folder: Path, workers: int = 1) -> Cost:
    """One cold validation by the command, payloads written as CSV."""
    out = folder / "ours.csv"
    command = [sys.executable, "-m", "madang", "rpki", "validate", "--offline"]
    command += ["--tal", str(folder / "synth.tal"), "--cache", str(folder / "cache")]
    command += ["--at", str(AT), "--workers", str(workers), "--format", "csv", "--out", str(out)]
    return cost(command)


def rpki_client(folder: Path) -> Cost | None:
    """The same by rpki-client, whose cache belongs to its own user."""
    if not shutil.which("rpki-client") or os.geteuid():
        return None
    with tempfile.TemporaryDirectory() as place:
        at = Path(place)
        at.chmod(0o755)
        (at / "out").mkdir()
        cache = at / "cache"
        shutil.copytree(folder / "cache", cache)
        (cache / "ta" / "synth").mkdir(parents=True)
        shutil.copy(folder / "cache" / "localhost" / "repo" / "ta.cer", cache / "ta" / "synth")
        shutil.copy(folder / "synth.tal", at)
        subprocess.run(["chown", "-R", "_rpki-client", place], check=True)
        command = ["rpki-client", "-n", "-c", "-d", str(cache), "-t", str(at / "synth.tal")]
        return cost([*command, str(at / "out")])


def fort(folder: Path) -> Cost | None:
    """The same by FORT."""
    if not shutil.which("fort"):
        return None
    with tempfile.TemporaryDirectory() as place:
        return cost([
            "fort", "--mode=standalone", "--work-offline=true", f"--tal={folder}/synth.tal",
            f"--local-repository={folder}/cache", f"--output.roa={place}/fort.csv",
            "--output.format=csv",
        ])  # fmt: skip


def octorpki(folder: Path) -> Cost | None:
    """The same by OctoRPKI, which refuses to run as root."""
    if not shutil.which("octorpki") or os.geteuid():
        return None
    with tempfile.TemporaryDirectory() as place:
        at = Path(place)
        at.chmod(0o755)
        shutil.copytree(folder / "cache", at / "cache")
        shutil.copy(folder / "synth.tal", at)
        subprocess.run(["chown", "-R", "_cfrpki", place], check=True)
        line = (
            f"octorpki -mode oneoff -tal.root {at}/synth.tal -tal.name SYNTH -cache {at}/cache"
            f" -rrdp=false -rsync.bin /bin/true -output.sign=false -output.roa {at}/out.json"
            f" -rrdp.file {at}/rrdp.json -http.addr 127.0.0.1:0"
        )
        return cost(["su", "-s", "/bin/sh", "_cfrpki", "-c", line])


PEERS: dict[str, Callable[[Path], Cost | None]] = {
    "rpki-client 8.2": rpki_client,
    "FORT 1.5.4": fort,
    "OctoRPKI 1.4.4": octorpki,
}


def cold(shape: Shape) -> list[Measurement]:
    """Cold validation of everything, beside every peer, in turns."""
    folder = tree(shape)
    files = sum(1 for _ in (folder / "cache").rglob("*.*"))
    mine = min((ours(folder) for _ in range(3)), key=lambda each: each.cpu_s)
    both = ours(folder, workers=2)
    expected = pickle.loads((folder / "expected").read_bytes())
    lines = len((folder / "ours.csv").read_text().splitlines()) - 1
    told = {name: run(folder) for name, run in PEERS.items()}
    peers = {name: each for name, each in told.items() if each}
    beside = ", ".join(f"{name} {each.cpu_s:.1f} s" for name, each in peers.items())
    memory = ", ".join(f"{name} {each.mib:.0f} MiB" for name, each in peers.items())
    best = min((each.cpu_s for each in peers.values()), default=float("inf"))
    how = f"{files:,} files, {lines:,} VRPs (expected {len(expected.vrps):,}); best of 3"
    return [
        Measurement(
            what="cold offline validation, all checks",
            figure=f"{mine.cpu_s:.2f} s CPU",
            peer=beside or "no peer installed",
            goal="≤ 9 s CPU, below every peer",
            kept=mine.cpu_s <= 9 and mine.cpu_s < best and lines == len(expected.vrps),
            how=how,
        ),
        Measurement(
            what="its memory",
            figure=f"{mine.mib:.0f} MiB",
            peer=memory,
            goal="≤ 300 MiB",
            kept=mine.mib <= 300,
            how="largest resident size",
        ),
        Measurement(
            what="the same with two workers",
            figure=f"{both.wall_s:.2f} s wall, {both.cpu_s:.2f} s CPU",
            peer=f"one: {mine.wall_s:.2f} s wall",
            how="two cores",
        ),
    ]


def incremental(shape: Shape) -> list[Measurement]:
    """An unchanged tree, and one changed CA, by a validator that stays."""
    from madang.rpki.engine.rtr.feed import Feed

    folder = tree(shape)
    tal = read_tal_file(folder / "synth.tal")
    validator = Validator(FolderStore(folder / "cache"), [tal], PROFILE_2026)
    validator.run(AT)
    again = _cpu_s(lambda: validator.run(AT))
    changed = _one_changed(shape, Feed())
    return [
        Measurement(
            what="the unchanged tree again",
            figure=f"{again:.3f} s CPU",
            goal="≤ 0.3 s CPU",
            kept=again <= 0.3,
            how="every folder looked at on disk, by the process that judged it before",
        ),
        Measurement(
            what=f"one changed CA of {shape.cas:,} → new serial",
            figure=f"{changed * 1000:.0f} ms CPU",
            goal="≤ 100 ms CPU",
            kept=changed <= 0.1,
            how="a delta in the store, judged, published to the feed",
        ),
    ]


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
