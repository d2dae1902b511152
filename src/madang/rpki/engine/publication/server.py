"""How does what was handed in come before the world? Whole over RRDP, and whole over rsync.

Every file is written beside what stands and settled on the disk; then one rename makes it known.
So a crash at any call leaves what stood before or what stands now, and nothing between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from madang.kernel import clock
from madang.rpki.engine.publication import rrdp
from madang.rpki.engine.publication.changes import digest
from madang.rpki.engine.publication.disk import Disk, RealDisk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.rpki.engine.publication.catalogue import Catalogue, DeltaEntry, State
    from madang.rpki.engine.publication.changes import FileChange

MOST_DELTAS: Final = 250
"""Below the 300 of rpki-client."""
NOTIFICATION: Final = "notification.xml"
CURRENT: Final = "current"
"""The symbolic link that the rsync module's path is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationServer:
    """Writes the catalogue into a folder: `rrdp/` for a web server, `rsync/current/` for rsync."""

    catalogue: Catalogue
    folder: Path
    web: str
    """The address under which `rrdp/` is served, `https://…/`, ending in a slash."""
    module: str
    """The address of the rsync module, `rsync://…/`, ending in a slash."""
    disk: Disk = field(default_factory=RealDisk)
    keep_s: float = 3600.0
    """So long after it was last offered a file stays, for clients that are slow."""

    @property
    def notify(self) -> str:
        """The address of the notification."""
        return f"{self.web}{NOTIFICATION}"

    def apply(self, handle: str, changes: Sequence[FileChange]) -> None:
        """Take in all of this or nothing, and publish it.

        Raises:
            QueryRefused: One of the changes is not allowed, or does not fit what stands.
        """
        self.catalogue.apply(handle, changes)
        self.write()

    def publisher(self, handle: str) -> LocalPublisher:
        """The server as an authority in this process uses it."""
        return LocalPublisher(self, handle)

    def write(self) -> None:
        """Bring the folder after the catalogue; also finishes what a crash has left."""
        state = self.catalogue.state()
        if not state.serial:
            return
        if not self._is_written(state):
            self._write_rrdp(state)
            self._write_rsync(state)
        self._clean()

    def _is_written(self, state: State) -> bool:
        """Whether both ways already lead to this state."""
        link, told = self.folder / "rsync" / CURRENT, self.folder / "rrdp" / NOTIFICATION
        if not link.is_symlink() or link.readlink().name != f"{state.serial}-{state.token}":
            return False
        path = self._path(state.session, state.serial, state.token, name="snapshot.xml")
        return told.exists() and path.encode() in told.read_bytes()

    def _write_rrdp(self, state: State) -> None:
        root = self.folder / "rrdp"
        whole = rrdp.snapshot(state.session, state.serial, files=self.catalogue.files())
        offered = self._fitting(len(whole))
        snapshot_path = self._path(state.session, state.serial, state.token, name="snapshot.xml")
        listed = [(snapshot_path, whole)]
        deltas = []
        for each in offered:
            path = self._path(state.session, each.serial, each.token, name="delta.xml")
            listed.append((path, each.content))
            deltas.append(rrdp.Offered(each.serial, self.web + path, digest(each.content)))
        for path, content in listed:
            if not self._stands(root / path, len(content)):
                self.disk.write(root / f"{path}.new", content)
                self.disk.rename(root / f"{path}.new", root / path)
        told = rrdp.notification(
            state.session,
            rrdp.Offered(state.serial, self.web + snapshot_path, digest(whole)),
            deltas=deltas,
        )
        present = root / NOTIFICATION
        if not present.exists() or present.read_bytes() != told:
            self.disk.write(root / f"{NOTIFICATION}.new", told)
            self.disk.settle()
            self.disk.rename(root / f"{NOTIFICATION}.new", present)
        self._retire(root, {path for path, _ in listed})

    def _path(self, session: str, serial: int, token: str, *, name: str) -> str:
        return f"{session}/{serial}/{token}/{name}"

    def _stands(self, path: Path, size: int) -> bool:
        # Written under another name and renamed: what has the name is whole.
        return path.exists() and path.stat().st_size == size

    def _fitting(self, snapshot_bytes: int) -> list[DeltaEntry]:
        """The newest deltas that together are no larger than the snapshot (RFC 8182, 3.3.2)."""
        found: list[DeltaEntry] = []
        total = 0
        for each in self.catalogue.deltas():
            total += len(each.content)
            if total > snapshot_bytes or len(found) == MOST_DELTAS:
                with self.catalogue.transaction():
                    self.catalogue.rows.execute(
                        "delete from delta where serial <= ?", (each.serial,)
                    )
                break
            found.append(each)
        return found

    def _write_rsync(self, state: State) -> None:
        root = self.folder / "rsync"
        name = f"{state.serial}-{state.token}"
        link = root / CURRENT
        standing = link.readlink().name if link.is_symlink() else ""
        if standing != name:
            self.disk.remove(root / name)
            self._fill(root / name, root / standing if standing else None)
            self.disk.settle()
            self.disk.point(root / f"{CURRENT}.new", name)
            self.disk.rename(root / f"{CURRENT}.new", link)
        self._retire_generations(root, name)

    def _fill(self, fresh: Path, standing: Path | None) -> None:
        """A new generation: unchanged files are second names of those that stand."""
        serial = int(fresh.name.partition("-")[0])
        known = int(standing.name.partition("-")[0]) if standing else serial
        for uri, since in self.catalogue.changed_at().items():
            path = uri.removeprefix(self.module)
            # A generation that is newer than the catalogue comes from before a backup.
            old = Path(f"{standing}/{path}") if since <= known < serial else None
            if old and old.exists():
                self.disk.link(old, Path(f"{fresh}/{path}"))
            else:
                self.disk.write(Path(f"{fresh}/{path}"), self.catalogue.content(uri))

    def _retire_generations(self, root: Path, present: str) -> None:
        for each in root.iterdir():
            if each.name != present and not each.is_symlink():
                self._note_retired(each)

    def _retire(self, root: Path, offered: set[str]) -> None:
        for path in root.glob("*/*/*/*"):
            if str(path.relative_to(root)) not in offered:
                self._note_retired(path)

    def _note_retired(self, path: Path) -> None:
        self.catalogue.rows.execute(
            "insert or ignore into retired values (?, ?)",
            (str(path.relative_to(self.folder)), clock.epoch_s()),
        )

    def _clean(self) -> None:
        """Remove what has not been offered for a while."""
        due = self.catalogue.rows.execute(
            "select path from retired where since <= ?", (clock.epoch_s() - self.keep_s,)
        ).fetchall()
        for (path,) in due:
            self.disk.remove(self.folder / path)
            self.catalogue.rows.execute("delete from retired where path = ?", (path,))


@dataclass(frozen=True, slots=True)
class LocalPublisher:
    """The publication server as an authority in the same process uses it."""

    server: PublicationServer
    handle: str

    def listed(self) -> Mapping[str, str]:
        """URI → SHA-256, in hexadecimal, of each file that stands published."""
        return self.server.catalogue.listed(self.handle)

    def apply(self, changes: Sequence[FileChange]) -> None:
        """Do all of this or nothing.

        Raises:
            ExchangeRefused: One of the changes is refused.
        """
        self.server.apply(self.handle, changes)

    def finish(self) -> None:
        """Bring out what was taken in before a crash; nothing where all is out."""
        self.server.write()
