"""May this file be unpacked for the jail? One wheel, looked at before a byte of it is written.

Source: PEP 427 (wheels), PEP 425 (tags), the core metadata specification.
"""

from __future__ import annotations

import email.parser
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from madang.kernel.units import size
from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from packaging.requirements import Requirement

MOST_BYTES = 512 << 20
"""One wheel, packed or unpacked."""
MOST_FILES = 20_000
_LONGEST_PATH = 240
_METADATA_BYTES = 1 << 20
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
)


_BROKEN = words("읽을 수 없는 압축", "an unreadable archive")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of a wheel, and where it goes."""

    info: zipfile.ZipInfo
    target: str


class WheelFile:
    """One wheel that has passed every check of its form.

    Args:
        path: The file.

    Raises:
        DemandError: It is no wheel for this interpreter, too large, or holds what no wheel may.
    """

    def __init__(self, path: Path) -> None:
        from packaging.utils import InvalidWheelFilename, parse_wheel_filename

        self.path, self._shown = path, ascii(path.name)[1:-1]
        try:
            self.name, self.version, _, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename as fault:
            raise self._refused(words("이름 형식", "a name of another form")) from fault
        if not _supported() & {str(tag) for tag in tags}:
            raise self._refused(words("이 실행 환경에 맞지 않는 태그", "tags of another platform"))
        try:
            with zipfile.ZipFile(path) as archive:
                self.members = self._members(archive)
                self.metadata = self._metadata(archive)
        except _UNREADABLE as fault:
            raise self._refused(_BROKEN) from fault
        self.requires = self._requires()
        """What it needs here, extras left aside."""

    def _refused(self, found: Words) -> DemandError:
        return DemandError(
            words(f"{self._shown}: {found.ko}", f"{found.en} in {self._shown}"),
            words(
                "이 Python의 순수 또는 manylinux 휠",
                "a wheel for this Python, pure or manylinux",
            ),
        )

    @property
    def top_names(self) -> set[str]:
        """What can be imported from it by its first name."""
        tops = {member.target.partition("/")[0] for member in self.members}
        return {top.partition(".")[0] for top in tops if not top.endswith(".dist-info")}

    @property
    def unpacked_bytes(self) -> int:
        """What its files take on disk."""
        return sum(member.info.file_size for member in self.members)

    def _requires(self) -> list[Requirement]:
        from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            found = [Requirement(each) for each in self.metadata.get_all("Requires-Dist", [])]
            return [
                each
                for each in found
                if each.marker is None or each.marker.evaluate({"extra": ""})
            ]
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName) as fault:
            raise self._refused(words("읽을 수 없는 요구 사항", "unreadable needs")) from fault

    def _members(self, archive: zipfile.ZipFile) -> list[Member]:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise self._refused(words(f"파일 {len(infos):,}개", f"{len(infos):,} files"))
        total = sum(info.file_size for info in infos)
        if max(total, self.path.stat().st_size) > MOST_BYTES:
            raise self._refused(words(f"크기 {size(total)}", size(total)))
        members = [
            Member(info=info, target=target) for info in infos if (target := self._target(info))
        ]
        targets = {member.target for member in members}
        folders = {
            "/".join(steps[:depth])
            for steps in (target.split("/") for target in targets)
            for depth in range(1, len(steps))
        }
        if len(targets) < len(members) or targets & folders:
            raise self._refused(words("같은 자리의 두 파일", "two files in one place"))
        return members

    def _target(self, info: zipfile.ZipInfo) -> str:
        """Where a file goes; empty for what no import needs (scripts, headers).

        Raises:
            DemandError: Its path leaves the folder, or it is no plain file.
        """
        steps = info.filename.split("/")
        mode = info.external_attr >> 16
        if (
            {"", ".", ".."} & set(steps)
            or "\\" in info.filename
            or not info.filename.isprintable()
            or len(info.filename.encode("utf-8", "surrogatepass")) > _LONGEST_PATH
        ):
            raise self._refused(words("폴더를 벗어나는 경로", "a path that leaves its folder"))
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise self._refused(words("일반 파일이 아닌 항목", "a member that is no plain file"))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._refused(words("다른 압축 방식", "another method of compression"))
        if steps[0].endswith(".data"):
            if len(steps) < 3 or steps[1] not in ("purelib", "platlib"):
                return ""
            steps = steps[2:]
        if len(steps) == 1 and steps[0].endswith((".pth", ".egg-link")):
            raise self._refused(words("경로 파일(.pth)", "a path file (.pth)"))
        return "/".join(steps)

    def _metadata(self, archive: zipfile.ZipFile) -> Message:
        from packaging.utils import canonicalize_name
        from packaging.version import Version

        found = [
            member.info
            for member in self.members
            if member.target.endswith(".dist-info/METADATA") and member.target.count("/") == 1
        ]
        if len(found) != 1 or found[0].file_size > _METADATA_BYTES:
            raise self._refused(words("METADATA가 하나가 아님", "not one METADATA"))
        metadata = email.parser.BytesParser().parsebytes(archive.read(found[0]), headersonly=True)
        named = canonicalize_name(metadata.get("Name", ""))
        if (named, Version(metadata.get("Version", ""))) != (self.name, self.version):
            raise self._refused(words("파일 이름과 다른 METADATA", "METADATA of another package"))
        return metadata

    def unpack(self, folder: Path) -> None:
        """Write its files below a folder.

        Raises:
            DemandError: A member is broken, or larger than it says.
        """
        with zipfile.ZipFile(self.path) as archive:
            for member in self.members:
                try:
                    content = archive.read(member.info)
                except _UNREADABLE as fault:
                    raise self._refused(_BROKEN) from fault
                path = folder / member.target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


@cache
def _supported() -> frozenset[str]:
    """The tags of wheels that this interpreter takes: pure ones and manylinux ones."""
    from packaging.tags import sys_tags

    return frozenset(
        str(tag)
        for tag in sys_tags()
        if tag.platform == "any" or tag.platform.startswith("manylinux")
    )
