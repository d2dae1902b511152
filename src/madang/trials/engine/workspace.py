"""Where does everything of the trials lie? One folder, until a site's database takes its place.

<workspace>/
├── keys/             evidence.key (signs), evidence.pub; inputs, develop, outcomes .key
├── evidence/         the signed log
├── objects/          what firms handed in and what their solutions answered, named by content
├── runs.sqlite3      the runs and their leases
├── registering/      a demand while it is being sealed; what stands here is not registered
└── demands/<name>/   demand.yaml, registration.json, public/ (open sample), sealed/
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.trials.engine.demand import Demand
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.errors import DemandError
from madang.trials.engine.vault import KeyRing, Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from madang.kernel.evidence.keys import SigningKey
    from madang.kernel.evidence.log import Log
    from madang.kernel.jobs.record import LeaseStore
    from madang.kernel.store.objects import Objects
    from madang.trials.engine.scoring import Scale


NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A demand's name, as its schema has it."""
_FOUND_BY = ("demand firm", "demand name")
"""Parameters by which a demand's runs are found and counted; a site's queue has the same."""


class Workspace:
    """The folder of the trials and the parts of the kernel that stand on it.

    Args:
        folder: Where it lies.
        log: A site's log, in place of the folder's own.
        runs: A site's queue, in place of the folder's own.
        objects: Where objects lie, if not in the folder: a path or an address.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: Callable[[], Log] | None = None,
        runs: LeaseStore | None = None,
        objects: str = "",
    ) -> None:
        self.folder = Path(folder).absolute()
        self._log, self._runs, self._objects = log, runs, objects
        self._registered: dict[str, DemandFolder] = {}

    def create(self) -> Workspace:
        """Make the folder with its keys, where they are not there yet.

        Raises:
            Unavailable: The folder cannot be made, read or written here.
        """
        try:
            for name in ("keys", "evidence", "objects", "demands"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            with self.locked("create"):
                self._create_keys()
        except OSError as fault:
            raise Unavailable(
                words(f"작업 폴더 {self.folder}", f"the workspace {self.folder}"),
                reason=fault.strerror or type(fault).__name__,
                remedy=words(
                    "본인이 쓸 수 있는 폴더를 --workspace로 지정하십시오.",
                    "Name a folder of your own with --workspace.",
                ),
            ) from fault
        return self

    def _create_keys(self) -> None:
        from madang.kernel.evidence.keys import SigningKey

        os.chmod(self.folder / "keys", 0o700)
        self.keys.create("inputs", "develop", "marks")  # the scorer makes its own
        if not self._signing_file.exists():
            SigningKey.generate("madang-trials").save(self._signing_file)
        if not self.public_key_file.exists():
            self.signing_key.verifier.save(self.public_key_file)

    @property
    def _signing_file(self) -> Path:
        return self.folder / "keys" / "evidence.key"

    @property
    def public_key_file(self) -> Path:
        """The key that a stranger pins to check the log and the reports."""
        return self.folder / "evidence.pub"

    @property
    def keys(self) -> KeyRing:
        """The keys of the vault."""
        return KeyRing(folder=self.folder / "keys")

    def mark(self, answers: str) -> str:
        """What a record says of answers in place of their digest.

        A firm whose `fit` saw the development part could choose answers whose digest says
        something. The salt stays with the operator: who has it can check the mark, and without
        it the mark says nothing.
        """
        from madang.kernel.evidence.statement import salted_digest

        return salted_digest(answers, self.keys.key("marks"))

    @cached_property
    def signing_key(self) -> SigningKey:
        """The key that signs the log."""
        from madang.kernel.evidence.keys import SigningKey

        return SigningKey.load(self._signing_file)

    @property
    def log(self) -> Log:
        """The evidence log."""
        return self._log() if self._log else self._file_log

    @cached_property
    def _file_log(self) -> Log:
        from madang.kernel.evidence.log import FileLog

        return FileLog(self.folder / "evidence", self.signing_key)

    @cached_property
    def objects(self) -> Objects:
        """What is named by its content."""
        from madang.kernel.store.objects import Objects

        return Objects(self._objects or str(self.folder / "objects"))

    @cached_property
    def runs(self) -> LeaseStore:
        """The runs and their leases."""
        if self._runs:
            return self._runs
        from madang.kernel.jobs.sqlite import SqliteLeaseStore

        return SqliteLeaseStore(self.folder / "runs.sqlite3", found_by=_FOUND_BY)

    @property
    def scorer_command(self) -> list[str]:
        """What starts the scorer on this workspace."""
        place = [self._objects] if self._objects else []
        return [sys.executable, "-m", "madang.trials.engine.scorer", str(self.folder), *place]

    def demand_folder(self, name: str) -> DemandFolder:
        """The folder of a registered demand; read once, since a registered demand never changes.

        Raises:
            DemandError: None of that name is registered.
        """
        if name in self._registered:
            return self._registered[name]
        folder = DemandFolder(self, name)
        # A name that no demand can have is never joined to a path.
        if not NAME.fullmatch(name) or not folder.registration_file.exists():
            known = ", ".join(self.demand_names()) or "–"
            raise DemandError(
                words(f"등록되지 않은 수요 {name!r}", f"no registered demand {name!r}"),
                words(f"등록된 수요: {known}", f"one of the registered demands: {known}"),
                words(
                    "'madang trials register'로 먼저 등록하십시오.",
                    "Register it first with 'madang trials register'.",
                ),
            )
        self._registered[name] = folder
        return folder

    def demand_names(self) -> list[str]:
        """The registered demands."""
        found = (self.folder / "demands").glob("*/registration.json")
        return sorted(file.parent.name for file in found)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """One at a time across processes: the kernel drops the lock when its holder dies."""
        with (self.folder / f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class DemandFolder:
    """The files of one demand."""

    def __init__(self, workspace: Workspace, name: str, *, under: str = "demands") -> None:
        self.workspace, self.name = workspace, name
        self.folder = workspace.folder / under / name

    @property
    def demand_file(self) -> Path:
        """The demand as it was registered."""
        return self.folder / "demand.yaml"

    @property
    def registration_file(self) -> Path:
        """What registration fixed."""
        return self.folder / "registration.json"

    @property
    def public(self) -> Path:
        """What firms may have: the open sample; sealed inputs where the demand gives them out."""
        return self.folder / "public"

    @property
    def vault(self) -> Vault:
        """The sealed files."""
        return Vault(demand=self.name, folder=self.folder / "sealed", keys=self.workspace.keys)

    @cached_property
    def demand(self) -> Demand:
        """The registered demand."""
        return read_demand(self.demand_file.read_bytes())

    @cached_property
    def registration(self) -> dict[str, Any]:
        """What registration fixed: frame, sizes, leaks, commitments."""
        facts: dict[str, Any] = json.loads(self.registration_file.read_text("utf-8"))
        return facts

    @cached_property
    def scale(self) -> Scale:
        """The demand's task with its options and frame."""
        from madang.trials.engine.scoring import Scale

        return Scale.of(self.demand, self.registration["frame"])

    @cached_property
    def given_out(self) -> list[str]:
        """Names of the sealed cases whose inputs firms have, so that they can predict at home."""
        import polars as pl

        files = [self.public / f"{part}_inputs.parquet" for part in ("board", "final")]
        return [case for file in files for case in pl.read_parquet(file, columns=["case"])["case"]]

    def open_sample(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Inputs and outcomes of the open sample."""
        import polars as pl

        return (
            pl.read_parquet(self.public / "open_inputs.parquet"),
            pl.read_parquet(self.public / "open_outcomes.parquet"),
        )
