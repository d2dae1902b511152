"""What may a firm hand in? A predictions file, an ONNX model, or Python source.

Whatever is refused here is refused before any run and costs no quota.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import rfc8785

from madang.kernel import ids
from madang.kernel.units import size
from madang.kernel.words import Words, words
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.source import check_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from madang.trials.engine.demand import Demand, Tier

MOST_FILES = 200
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_REQUIRED: dict[str, tuple[str, ...]] = {
    "predictions": ("predictions.csv", "predictions.parquet"),
    "onnx": ("model.onnx",),
    "python": ("solution.py",),
}
_UNREADABLE_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,  # a member without a name
)
_PICKLE_ENDINGS = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a firm handed in for a demand."""

    id: str
    demand: str
    firm: str
    name: str
    title: Words
    tier: Tier
    files: Mapping[str, str]
    """File name → digest of its content."""
    received: str

    @property
    def digest(self) -> str:
        """SHA-256 over tier and files, whoever hands them in."""
        return ids.digest(rfc8785.dumps({"tier": self.tier, "files": dict(self.files)}))

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "demand": self.demand,
            "firm": self.firm,
            "name": self.name,
            "title": {"ko": self.title.ko, "en": self.title.en},
            "tier": self.tier,
            "files": dict(self.files),
            "received": self.received,
            "digest": self.digest,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Submission:
        """From what `plain` gave."""
        facts = {name: plain[name] for name in ("id", "demand", "firm", "name", "tier", "files")}
        title = words(plain["title"]["ko"], plain["title"]["en"])
        return cls(**facts, title=title, received=plain["received"])


class Handed(NamedTuple):
    """A file as it is handed in, not read yet."""

    name: str
    size: int
    read: Callable[[], bytes]


def read_files(paths: list[Path], *, largest_bytes: int) -> dict[str, bytes]:
    """The files that a firm names on its command line: single files, a folder, or one zip archive.

    Raises:
        SubmissionError: A link, an odd name, too many or too large, or a zip that would unpack to
        more.
    """
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(path for path in paths[0].iterdir() if path.name != "__pycache__")
    if len(paths) > MOST_FILES:
        raise _too_many(len(paths))
    return unpacked([_handed(path) for path in paths], largest_bytes=largest_bytes)


def unpacked(handed: Sequence[Handed], *, largest_bytes: int) -> dict[str, bytes]:
    """The files of a submission, from wherever they are handed in; archives are opened.

    Nothing is read before the sizes of all have been looked at.

    Raises:
        SubmissionError: An odd name, too many or too large, or a zip that would unpack to more.
    """
    if len(handed) > MOST_FILES:
        raise _too_many(len(handed))
    for each in handed:
        if each.size > largest_bytes:
            raise _too_large(_shown(each.name), each.size, largest_bytes)
    if (total := sum(each.size for each in handed)) > largest_bytes:
        raise _too_large("제출물/submission", total, largest_bytes)
    files: dict[str, bytes] = {}
    for each in handed:
        if each.name.lower().endswith(".zip"):
            found = _unzipped(each, largest_bytes)
        else:
            found = [(_safe(each.name), each.read())]
        for name, content in found:
            if name in files:
                raise _twice(name)
            files[name] = content
        check_size(files, largest_bytes)
    return files


def _twice(name: str) -> SubmissionError:
    return SubmissionError(
        words(f"두 번 나온 파일 이름 {name}", f"the file name {name} twice"),
        words("서로 다른 파일 이름", "file names that differ"),
    )


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:100]


def _handed(path: Path) -> Handed:
    shown = _shown(path.name)
    if path.is_symlink() or not path.is_file():
        raise SubmissionError(
            words(f"일반 파일이 아닌 {shown}", f"{shown}, which is no regular file"),
            words("링크나 폴더가 아닌 파일", "a file, no link and no folder"),
        )

    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as fault:
            raise SubmissionError(
                words(f"읽을 수 없는 파일 {shown}", f"an unreadable file {shown}"),
                words("읽기 권한이 있는 파일", "a file that may be read"),
            ) from fault

    return Handed(path.name, path.stat().st_size, read)


def _unzipped(handed: Handed, largest_bytes: int) -> list[tuple[str, bytes]]:
    content = handed.read()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            total = sum(member.file_size for member in members)
            if len(members) > MOST_FILES:
                raise _too_many(len(members))
            if total > largest_bytes:
                raise _too_large(_shown(handed.name), total, largest_bytes)
            return [(_safe(member.filename), _member(archive, member)) for member in members]
    except _UNREADABLE_ZIP as fault:
        shown = _shown(handed.name)
        raise SubmissionError(
            words(f"읽을 수 없는 압축 파일 {shown}", f"an unreadable archive {shown}"),
            words(
                "암호 없이 stored 또는 deflate로 압축한 zip 파일",
                "a zip archive without a password, stored or deflated",
            ),
        ) from fault


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # Of other methods a few bytes may unpack to gigabytes before anybody can count them.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("another method of compression")
    # The stated size can lie: read one byte more than it, never all there is.
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) > member.file_size:
        raise zipfile.BadZipFile("a member is larger than it says")
    return content


def _safe(name: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        shown = name.encode("ascii", "backslashreplace").decode()[:60]
        raise SubmissionError(
            words(f"파일 이름 {shown!r}", f"the file name {shown!r}"),
            words(
                "영문자, 숫자, 점, 밑줄, 붙임표로 된 100자 이하의 이름 (폴더 없음)",
                "up to 100 letters, digits, dots, underscores and hyphens, and no folder",
            ),
        )
    return name


def check_name(name: str) -> str:
    """A solution's name, fit for file names and records.

    Raises:
        SubmissionError: Other characters than letters, digits and underscores, or the prefix of
        baselines.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", name):
        shown = name.encode("ascii", "backslashreplace").decode()[:60]
        raise SubmissionError(
            words(f"해법 이름 {shown!r}", f"the solution name {shown!r}"),
            words(
                "영문자로 시작하는 영문자·숫자·밑줄 60자 이하",
                "up to 60 letters, digits and underscores that begin with a letter",
            ),
        )
    return name


def check_firm(firm: str) -> str:
    """A firm's name, fit for records and tables.

    Raises:
        SubmissionError: Empty, long, or with signs that cannot be shown.
    """
    if not firm.strip() or len(firm) > 100 or not firm.isprintable():
        raise SubmissionError(
            words(f"기업 이름 {ascii(firm)[:60]}", f"the firm's name {ascii(firm)[:60]}"),
            words("100자 이하의 이름", "a name of up to 100 characters"),
        )
    return firm


def _too_large(name: str, found: int, largest: int) -> SubmissionError:
    return SubmissionError(
        words(f"{name}의 크기 {size(found)}", f"{size(found)} in {name}"),
        words(f"{size(largest)} 이하", f"at most {size(largest)}"),
    )


def _too_many(count: int) -> SubmissionError:
    return SubmissionError(
        words(f"파일 {count}개", f"{count} files"),
        words(f"{MOST_FILES}개 이하", f"at most {MOST_FILES} files"),
    )


def check_size(files: Mapping[str, bytes], largest_bytes: int) -> None:
    """Are the files few and small enough?

    Raises:
        SubmissionError: They are not.
    """
    total = sum(len(content) for content in files.values())
    if len(files) > MOST_FILES:
        raise _too_many(len(files))
    if total > largest_bytes:
        raise _too_large("제출물/submission", total, largest_bytes)


def check_form(demand: Demand, tier: Tier, files: Mapping[str, bytes]) -> None:
    """Is this what the tier asks for?

    Raises:
        SubmissionError: The tier is not open, a file is missing, or there are pickles.
    """
    if tier not in demand.tiers:
        allowed = ", ".join(demand.tiers)
        raise SubmissionError(
            words(f"제출 단계 {tier}", f"the tier {tier}"),
            words(f"이 수요가 받는 단계: {allowed}", f"a tier that this demand takes: {allowed}"),
        )
    if not set(_REQUIRED[tier]) & set(files):
        wanted = " / ".join(_REQUIRED[tier])
        raise SubmissionError(
            words(
                f"파일 {', '.join(sorted(files)) or '없음'}",
                f"the files {', '.join(sorted(files)) or 'none'}",
            ),
            words(f"{wanted} 파일", f"a file {wanted}"),
        )
    for name, content in files.items():
        _safe(name)
        _check_no_pickle(name, content)
    if tier == "python":
        check_source(files)


def _check_no_pickle(name: str, content: bytes) -> None:
    if name.lower().endswith(_PICKLE_ENDINGS) or (content[:1] == b"\x80" and content[-1:] == b"."):
        raise SubmissionError(
            words(f"피클 파일 {name}", f"the pickle {name}"),
            words(
                "ONNX 모델, 또는 JSON·CSV와 Python 소스",
                "an ONNX model, or Python source with JSON or CSV",
            ),
            words(
                "피클은 읽기만 해도 코드가 실행되므로 받지 않습니다.",
                "Reading a pickle runs code.",
            ),
        )
