"""Which packages may a solution import beside the fixed environment? Declared wheels, unpacked.

A demand names each wheel with its version and SHA-256; the operator lays the files into the
workspace's `wheels/`. They are unpacked once, into a folder that the jail sees read-only behind
the runtime, so that nothing of them can take the place of the runtime.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import rfc8785

from madang.kernel import ids
from madang.kernel.errors import Unavailable
from madang.kernel.units import size
from madang.kernel.words import words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.schema import Fault
from madang.trials.engine.wheel_file import WheelFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MOST_BYTES = 1 << 30
"""All wheels of a demand together, unpacked."""
_HARNESS = (
    "__main__ harness jail madang metric metric_harness sitecustomize solution usercustomize"
).split()


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel that a demand declares."""

    name: str
    version: str
    sha256: str

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Wheel:
        """From one item of the demand's `environment.wheels`."""
        return cls(**{key: plain[key] for key in ("name", "version", "sha256")})

    @property
    def canonical(self) -> str:
        """The normal form of its name (PEP 503)."""
        from packaging.utils import canonicalize_name

        return canonicalize_name(self.name)


def declared_faults(wheels: Sequence[Wheel]) -> Iterator[Fault]:
    """What is wrong with the declarations, before any file is looked at."""
    from packaging.version import InvalidVersion, Version

    from madang.kernel.sandbox.runtime import DENIED

    seen: set[str] = set()
    for number, wheel in enumerate(wheels):
        place = f"environment.wheels.{number}"
        if wheel.canonical in seen:
            yield Fault(
                f"{place}.name",
                DemandError(
                    words(f"두 번 적은 휠 {wheel.name}", f"the wheel {wheel.name} twice"),
                    words("패키지마다 휠 하나", "one wheel for each package"),
                ),
            )
        seen.add(wheel.canonical)
        if wheel.canonical in DENIED or wheel.canonical in runtime_versions():
            yield Fault(
                f"{place}.name",
                DemandError(
                    words(f"휠 {wheel.name}", f"the wheel {wheel.name}"),
                    words(
                        "고정 환경에 없고 금지되지 않은 패키지",
                        "a package that is neither in the fixed environment nor forbidden",
                    ),
                ),
            )
        try:
            Version(wheel.version)
        except InvalidVersion:
            yield Fault(
                f"{place}.version",
                DemandError(
                    words(f"판 {wheel.version[:40]!r}", f"the version {wheel.version[:40]!r}"),
                    words("1.2.3과 같은 판", "a version such as 1.2.3"),
                ),
            )


@cache
def runtime_versions() -> Mapping[str, str]:
    """Package → version of the fixed environment, with all that came along."""
    found: dict[str, str] = _runtime().versions()
    return found


@cache
def runtime_names() -> frozenset[str]:
    """Every name that the interpreter, the runtime or the harness already has for importing."""
    from madang.kernel.sandbox.zygote import SITE

    entries = [target.removeprefix(f"{SITE}/") for _, target in _runtime().binds()]
    tops = {entry.partition("/")[0].partition(".")[0] for entry in entries if "/" != entry[0]}
    return frozenset(tops) | sys.stdlib_module_names | frozenset(_HARNESS)


def _runtime() -> Any:
    from madang.kernel.sandbox.runtime import Runtime

    return Runtime()


class Shelf:
    """The wheels that the operator laid into a workspace, and what was unpacked of them.

    Args:
        folder: The workspace's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._files, self._environments = folder / "wheels", folder / "environments"

    def faults(self, wheels: Sequence[Wheel]) -> Iterator[Fault]:
        """Why these wheels cannot be offered to solutions."""
        opened: dict[str, WheelFile] = {}
        owners: dict[str, str] = dict.fromkeys(runtime_names(), "")
        for number, wheel in enumerate(wheels):
            place = f"environment.wheels.{number}"
            try:
                file = WheelFile(self._file(wheel))
                _check_names(file, owners)
                _check_python(file)
            except DemandError as error:
                yield Fault(place, error)
            else:
                opened[wheel.canonical] = file
                owners |= dict.fromkeys(file.top_names, wheel.name)
        versions = {**runtime_versions(), **{wheel.canonical: wheel.version for wheel in wheels}}
        for number, wheel in enumerate(wheels):
            if wheel.canonical in opened:
                for unmet in _unmet(opened[wheel.canonical], versions):
                    yield Fault(f"environment.wheels.{number}", unmet)
        total = sum(file.unpacked_bytes for file in opened.values())
        if total > MOST_BYTES:
            yield Fault(
                "environment.wheels",
                DemandError(
                    words(f"풀어서 {size(total)}인 휠", f"wheels of {size(total)} once unpacked"),
                    words(f"모두 {size(MOST_BYTES)} 이하", f"at most {size(MOST_BYTES)} in all"),
                ),
            )

    def _file(self, wheel: Wheel) -> Path:
        """The file of a wheel.

        Raises:
            DemandError: It is not there, or is another one.
        """
        from packaging.utils import InvalidWheelFilename, parse_wheel_filename
        from packaging.version import Version

        found = []
        for path in sorted(self._files.glob("*")):
            try:
                name, version, _, _ = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            if (name, version) == (wheel.canonical, Version(wheel.version)) and path.is_file():
                if _sha256(path) == wheel.sha256:
                    return path
                found.append(path.name)
        shown = f"{wheel.name} {wheel.version}"
        if found:
            raise DemandError(
                words(f"지문이 다른 휠 {found[0]}", f"{found[0]} with another digest"),
                words(f"SHA-256 {wheel.sha256}", f"SHA-256 {wheel.sha256}"),
            )
        raise DemandError(
            words(f"작업 폴더에 없는 휠 {shown}", f"no wheel {shown} in the workspace"),
            words(
                "작업 폴더의 wheels/에 놓인 .whl 파일 (소스 배포본 제외)",
                "a .whl file in the workspace's wheels/, no source distribution",
            ),
        )

    def unpacked(self, wheels: Sequence[Wheel]) -> Path:
        """The folder of these wheels' packages; made at the first need.

        Raises:
            Unavailable: A wheel is no longer there, or the folder cannot be written.
        """
        place = self._environments / environment_name(wheels)
        if place.is_dir():
            return place
        staged = self._environments / f".{place.name}.{os.getpid()}"
        try:
            shutil.rmtree(staged, ignore_errors=True)
            staged.mkdir(parents=True)
            for wheel in wheels:
                WheelFile(self._file(wheel)).unpack(staged)
            _open_to_all(staged)
            staged.rename(place)
        except (DemandError, OSError) as fault:
            if place.is_dir():  # another process was quicker
                return place
            reason = (
                fault.found if isinstance(fault, DemandError) else os.strerror(fault.errno or 0)
            )
            raise Unavailable(
                words("수요가 선언한 휠", "the wheels that the demand declares"),
                reason=reason,
                remedy=words(
                    "작업 폴더의 wheels/를 확인하십시오.", "See the workspace's folder wheels/."
                ),
            ) from fault
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        return place


def environment_name(wheels: Sequence[Wheel]) -> str:
    """One digest for a set of wheels, in whichever order they are declared."""
    listed: list[Any] = sorted([each.canonical, each.version, each.sha256] for each in wheels)
    return ids.digest(rfc8785.dumps(listed))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_to_all(folder: Path) -> None:
    """Whoever the jail runs as may read all of it, and nobody may write."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o444)


def _check_names(file: WheelFile, owners: Mapping[str, str]) -> None:
    """Does it bring no name that is taken?"""
    taken = sorted(file.top_names & set(owners))
    if not taken:
        return
    owner = owners[taken[0]]
    # An owner without a name is the interpreter, the runtime or the harness.
    whose = (
        words(f"휠 {owner}", f"the wheel {owner}") if owner else words("실행 환경", "the runtime")
    )
    raise DemandError(
        words(
            f"{file.path.name}의 이름 {taken[0]!r}({whose.ko}의 것)",
            f"the name {taken[0]!r} in {file.path.name}, which {whose.en} has",
        ),
        words("겹치지 않는 이름", "names of its own"),
    )


def _check_python(file: WheelFile) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    asked = file.metadata.get("Requires-Python", "")
    here = ".".join(str(part) for part in sys.version_info[:3])
    try:
        fits = here in SpecifierSet(asked)
    except InvalidSpecifier:
        fits = False
    if not fits:
        raise DemandError(
            words(
                f"Python {asked[:40]}용 휠 {file.path.name}", f"{file.path.name} for {asked[:40]}"
            ),
            words(f"Python {here}에서 쓰는 휠", f"a wheel for Python {here}"),
        )


def _unmet(file: WheelFile, versions: Mapping[str, str]) -> Iterator[DemandError]:
    """What it needs and nobody brings."""
    from packaging.utils import canonicalize_name

    for need in file.requires:
        version = versions.get(canonicalize_name(need.name))
        if version is None or not need.specifier.contains(version, prereleases=True):
            yield DemandError(
                words(
                    f"{file.path.name}에 필요하지만 없는 {need.name}{need.specifier}",
                    f"no {need.name}{need.specifier}, which {file.path.name} needs",
                ),
                words(
                    "고정 환경이나 선언한 휠에 있는 패키지",
                    "packages of the fixed environment or of a declared wheel",
                ),
            )
