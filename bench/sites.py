"""Where does a site to be measured come from? A folder and a database of its own, then gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A new, empty site. Whatever works on it is a process of its own."""

    kind: str
    folder: Path
    server: postgres.Server | None = None
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in their environment."""
        return os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": "madang.portal.settings.dev",
            "MADANG_DATA": str(self.folder),
            "MADANG_DATABASE": self.database,
        }

    def start(self, *command: str, **more: Any) -> subprocess.Popen[str]:
        """Start `python -m …` on it."""
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=self.environment, text=True, **more
        )

    def ask(self, *command: str) -> Any:
        """Run `python -m …` on it; the JSON of the last line that it prints."""
        process = self.start(*command, stdout=subprocess.PIPE)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        return json.loads(said.splitlines()[-1]) if said.strip() else None


def set_up() -> None:
    """Make Django ready in a process that works on a site."""
    import django

    django.setup()


@contextmanager
def site(kind: str) -> Iterator[Site]:
    """A new site on `SQLite` or on a `PostgreSQL` that waits for the disk, as in production."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = Path(folder) / "site"
        data.mkdir()
        if kind == "SQLite":
            made = Site(kind=kind, folder=data)
            _migrate(made)
            yield made
            return
        with postgres.Server(durable=True) as server:
            made = Site(kind=kind, folder=data, server=server, database=server.create("site"))
            _migrate(made)
            yield made


def kinds() -> list[str]:
    """The databases that can be measured here."""
    return ["SQLite"] if postgres.why_not() else ["SQLite", "PostgreSQL"]


def _migrate(made: Site) -> None:
    made.start("madang", "manage", "migrate", "-v0").wait()
