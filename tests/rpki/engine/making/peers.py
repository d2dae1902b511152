"""What do other makers' validators say of a repository? Each run offline on a copy of it.

The tree is the rsync module `repo` of `localhost`; commands as in the programme's notes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.resources.prefix import read_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
MODULE = "rsync://localhost/repo/"
ENVIRONMENT = {"PATH": PATH, "HOME": "/tmp"}


class Verdict(NamedTuple):
    """What a validator believes, and all that it said."""

    vrps: frozenset[Vrp]
    log: str


@contextmanager
def _folder() -> Iterator[Path]:
    # These programs run as users of their own: a test's own folder is closed to them.
    path = Path(tempfile.mkdtemp(prefix="rpki-peer-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _run(*command: str, folder: Path) -> str:
    ended = subprocess.run(
        command, capture_output=True, timeout=120, env=ENVIRONMENT, cwd=folder, check=False
    )
    return (ended.stdout + ended.stderr).decode(errors="replace")


def _vrp(asn: str, prefix: str, longest: str) -> Vrp:
    return Vrp(*read_prefix(prefix), int(longest), int(asn.upper().removeprefix("AS")))


def rpki_client(tree: Path, locator: str) -> Verdict:
    """rpki-client's verdict."""
    with _folder() as at:
        anchor = at / "cache" / "ta" / "synth"
        anchor.mkdir(parents=True)
        shutil.copy(tree / locator.split()[0].removeprefix(MODULE), anchor)
        shutil.copytree(tree, at / "cache" / "localhost" / "repo")
        (at / "out").mkdir()
        (at / "synth.tal").write_text(locator)
        _run("chown", "-R", "_rpki-client", "cache", "out", folder=at)
        log = _run(
            "rpki-client", "-n", "-c", "-d", str(at / "cache"), "-t", str(at / "synth.tal"),
            str(at / "out"), folder=at,
        )  # fmt: skip
        found = at / "out" / "csv"
        text = found.read_text() if found.exists() else ""
        rows = list(csv.DictReader(io.StringIO(text)))
        return Verdict(
            frozenset(_vrp(r["ASN"], r["IP Prefix"], r["Max Length"]) for r in rows), log
        )


def rpki_client_file(content: bytes, name: str) -> dict[str, object]:
    """One object as rpki-client decodes it."""
    with _folder() as at:
        (at / name).write_bytes(content)
        (at / name).chmod(0o644)
        shown = subprocess.run(
            ("rpki-client", "-j", "-d", str(at), "-f", name),
            capture_output=True, timeout=60, env=ENVIRONMENT, cwd=at, check=False,
        )  # fmt: skip
        return dict(json.loads(shown.stdout or b"{}"))


def fort(tree: Path, locator: str) -> Verdict:
    """FORT's verdict."""
    with _folder() as at:
        shutil.copytree(tree, at / "cache" / "localhost" / "repo")
        (at / "synth.tal").write_text(locator)
        log = _run(
            "fort", "--mode=standalone", "--work-offline=true", f"--tal={at}/synth.tal",
            f"--local-repository={at}/cache", f"--output.roa={at}/fort.csv",
            "--output.format=csv", "--log.output=console", "--validation-log.enabled=true",
            "--validation-log.output=console", folder=at,
        )  # fmt: skip
        text = (at / "fort.csv").read_text() if (at / "fort.csv").exists() else ""
        rows = list(csv.reader(io.StringIO(text)))[1:]
        return Verdict(frozenset(_vrp(*row[:3]) for row in rows), log)


def octorpki(tree: Path, locator: str) -> Verdict:
    """OctoRPKI's verdict."""
    with _folder() as at:
        shutil.copytree(tree, at / "cache" / "localhost" / "repo")
        (at / "synth.tal").write_text(locator)
        _run("chown", "-R", "_cfrpki", ".", folder=at)
        log = _run(
            "su", "-s", "/bin/sh", "_cfrpki", "-c",
            f"octorpki -mode oneoff -tal.root {at}/synth.tal -tal.name SYNTH -cache {at}/cache"
            f" -rrdp=false -rsync.bin /bin/true -output.sign=false -output.roa {at}/out.json"
            f" -rrdp.file {at}/rrdp.json -http.addr 127.0.0.1:0", folder=at,
        )  # fmt: skip
        text = (at / "out.json").read_text() if (at / "out.json").exists() else "{}"
        roas = json.loads(text).get("roas") or []
        return Verdict(
            frozenset(_vrp(r["asn"], r["prefix"], str(r["maxLength"])) for r in roas), log
        )


JUDGES = {"rpki-client": rpki_client, "fort": fort, "octorpki": octorpki}
