"""The house as a thing to be tested: where it stands, a copy of it, a fresh interpreter in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]

_BUILT = (
    *(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info"),
    *("build", "_build"),
)
"""Names of what is built from the repository and does not belong to it."""
_BUILT_AT_THE_TOP = ("demo",)
"""The same, but only beside the README: a system may have a package of this name."""


def copied(to: Path) -> Path:
    """A copy of the repository below `to`, without what is built from it."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        found = set(shutil.ignore_patterns(*_BUILT)(folder, names))
        return found | set(_BUILT_AT_THE_TOP) if Path(folder) == ROOT else found

    return Path(shutil.copytree(ROOT, to / "house", ignore=ignored))


def run(
    *command: str | Path,
    house: Path = ROOT,
    stdin: str | None = None,
    patience_s: float = 300,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program in the house with the house's own code first on Python's path."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(house / "src"), str(house)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MADANG_LANG": "en",
        **variables,
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=house,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )


def python(code: str, *, house: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run this code in a fresh interpreter."""
    return run(sys.executable, "-c", code, house=house, **variables)


def tool(name: str) -> Path:
    """A developer's program of this environment, such as `ruff`."""
    return Path(sys.executable).with_name(name)


def tracked() -> list[Path]:
    """Every file that belongs to the repository: as git lists them, else as they stand."""
    listed = run("git", "ls-files", "-z")
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not _is_built(path)]


def _is_built(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return parts[0] in _BUILT_AT_THE_TOP or any(
        fnmatch(part, pattern) for part in parts for pattern in _BUILT
    )
