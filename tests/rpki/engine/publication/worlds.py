"""A publication server in a folder, a disk that breaks, and what a client finds on it."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from base64 import b64decode
from typing import TYPE_CHECKING

from madang.rpki.engine.publication.catalogue import Catalogue, PublisherEntry
from madang.rpki.engine.publication.disk import RealDisk
from madang.rpki.engine.publication.server import PublicationServer

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "rsync://localhost/repo/"
WEB = "https://localhost/rrdp/"
SPACE = "{http://www.ripe.net/rpki/rrdp}"


class PowerCut(BaseException):
    """The process ends here."""


class BreakingDisk(RealDisk):
    """A disk whose call number `last` is left half done, and after which nothing is done."""

    def __init__(self, last: int) -> None:
        self.left = last

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise PowerCut

    def write(self, path: Path, content: bytes) -> None:
        if self.left == 0:
            super().write(path, content[: len(content) // 2])
        self._count()
        super().write(path, content)

    def link(self, present: Path, path: Path) -> None:
        self._count()
        super().link(present, path)

    def settle(self) -> None:
        self._count()

    def rename(self, present: Path, path: Path) -> None:
        self._count()
        super().rename(present, path)

    def point(self, path: Path, target: str) -> None:
        self._count()
        super().point(path, target)

    def remove(self, path: Path) -> None:
        self._count()
        super().remove(path)


class QuickDisk(RealDisk):
    """A disk that is not waited for."""

    def settle(self) -> None:
        pass


def server(folder: Path, disk: RealDisk | None = None, *, keep_s: float = 0) -> PublicationServer:
    """The server in a folder, as if its process had just begun."""
    folder.mkdir(exist_ok=True, parents=True)
    made = PublicationServer(
        catalogue=Catalogue(folder / "catalogue.sqlite"), folder=folder / "www", web=WEB,
        module=MODULE, disk=disk or QuickDisk(), keep_s=keep_s,
    )  # fmt: skip
    made.catalogue.admit(PublisherEntry("one", f"{MODULE}one/", b""))
    return made


def rsync_files(folder: Path) -> dict[str, bytes] | None:
    """What an rsync client finds; None where there is no module yet."""
    current = folder / "www" / "rsync" / "current"
    if not current.exists():
        return None
    return {
        MODULE + str(path.relative_to(current.resolve())): path.read_bytes()
        for path in current.resolve().rglob("*")
        if path.is_file()
    }


def fetched(folder: Path, uri: str, digest: str) -> ET.Element:
    """A file of RRDP, checked by its digest."""
    content = (folder / "www" / "rrdp" / uri.removeprefix(WEB)).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest, uri
    return ET.fromstring(content)


def rrdp_files(folder: Path) -> dict[str, bytes] | None:
    """What an RRDP client finds in the snapshot; the deltas must be whole and of a row."""
    path = folder / "www" / "rrdp" / "notification.xml"
    if not path.exists():
        return None
    told = ET.fromstring(path.read_bytes())
    whole = told.find(f"{SPACE}snapshot")
    root = fetched(folder, whole.get("uri"), whole.get("hash"))
    assert root.get("serial") == told.get("serial")
    serials = [int(each.get("serial")) for each in told.findall(f"{SPACE}delta")]
    top = int(told.get("serial"))
    assert serials == list(range(top, top - len(serials), -1))
    for each in told.findall(f"{SPACE}delta"):
        step = fetched(folder, each.get("uri"), each.get("hash"))
        assert step.get("serial") == each.get("serial")
    return {each.get("uri"): b64decode(each.text) for each in root}


def by_deltas(folder: Path, files: dict[str, bytes], serial: int) -> dict[str, bytes]:
    """What a client has that comes from a serial number by the deltas alone."""
    told = ET.fromstring((folder / "www" / "rrdp" / "notification.xml").read_bytes())
    found = dict(files)
    for each in reversed(told.findall(f"{SPACE}delta")):
        if int(each.get("serial")) <= serial:
            continue
        for step in fetched(folder, each.get("uri"), each.get("hash")):
            standing = found.get(step.get("uri"))
            digest = hashlib.sha256(standing).hexdigest() if standing is not None else None
            assert step.get("hash") == digest
            if step.tag.endswith("withdraw"):
                del found[step.get("uri")]
            else:
                found[step.get("uri")] = b64decode(step.text)
    return found
