"""Small wheels made for tests: sound ones, and ones that nobody should unpack."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from tests.trials.acts import LINE_DEMAND

GREETING = {
    "greet/__init__.py": b"from greet.words import FACTOR\n",
    "greet/words.py": b"FACTOR = 2\n",
}


def metadata(name: str, version: str, requires: tuple[str, ...] = (), more: str = "") -> bytes:
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}{more}\n".encode()


def make_wheel(
    folder: Path,
    name: str = "greet",
    version: str = "1.0",
    files: dict[str, bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    requires: tuple[str, ...] = (),
    more: str = "",
    members: list[tuple[zipfile.ZipInfo | str, bytes]] | None = None,
) -> Path:
    """A wheel in the folder; `members` are added as they stand."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for target, content in (GREETING if files is None else files).items():
            archive.writestr(target, content)
        archive.writestr(f"{info}/METADATA", metadata(name, version, requires, more))
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
        for member, content in members or []:
            archive.writestr(member, content)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def declared(*paths: Path) -> list[dict[str, str]]:
    """What a demand says of these files."""
    found = []
    for path in paths:
        name, version, *_ = path.name.split("-")
        found.append({"name": name, "version": version, "sha256": sha256(path)})
    return found


def demand_with(*wheels: dict[str, str], text: str = LINE_DEMAND) -> str:
    """The line demand with these wheels declared."""
    return text + f"environment: {json.dumps({'wheels': list(wheels)})}\n"
