"""What does a jail see of this machine? The interpreter, system libraries, and named packages.

Nothing is bound by its folder where a neighbour could be something else: packages are bound entry
by entry as their own metadata lists them, the interpreter as its program and its standard library
with every `site-packages` covered. The product's environment, its checkout and its data are not
there.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.sandbox.zygote import SITE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

DISTRIBUTIONS = ("numpy", "scipy", "scikit-learn", "pandas", "onnxruntime", "onnx")
DENIED = frozenset({"madang", "lifelines"})
"""Never bound, whoever depends on them: the product, and the package whose data a trial seals."""

EXTRA = "/runtime/extra"
"""Where a jail sees the folder of further packages; a script that wants them adds it to its path,
behind the runtime's own."""

_SYSTEM_PREFIXES = ("/usr", "/usr/local")


class Bind(NamedTuple):
    """A file or folder of this machine, and where the jail sees it, read-only."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The interpreter and the packages that a jail offers.

    Args:
        distributions: Names of installed distributions; what they declare to need comes with them.
        preload: Modules that the zygote imports before any data arrive.
        denied: Distributions that must not come along.
        whole_environment: Only for the test that shows what the mask is for: binds the product's
            whole `site-packages` instead of the named packages.
        also: Further files to bind at their own place.
        extra: A folder of further packages, seen at `EXTRA`. Nothing of it is imported before the
            run.
    """

    distributions: tuple[str, ...] = DISTRIBUTIONS
    preload: tuple[str, ...] = ("numpy", "onnxruntime")
    denied: frozenset[str] = DENIED
    whole_environment: bool = False
    also: tuple[str, ...] = ()
    extra: str = ""
    _binds: list[Bind] = field(default_factory=list, init=False, repr=False, compare=False)

    def packages(self) -> tuple[str, ...]:
        """The distributions that are bound: the named ones that are installed, and their needs."""
        return tuple(sorted(_closure(self.distributions, self.denied)))

    def versions(self) -> dict[str, str]:
        """Distribution → version, and `python`: what a record of a run should carry."""
        found = {name: importlib.metadata.version(name) for name in self.packages()}
        return {"python": sys.version.split()[0], **found}

    def binds(self) -> tuple[Bind, ...]:
        """Everything that is bound, read-only; computed once."""
        if not self._binds:
            self._binds.extend(dict.fromkeys([*_interpreter(), *self._site(), *self._others()]))
        return tuple(self._binds)

    def masks(self) -> tuple[str, ...]:
        """Folders inside what is bound that an empty one covers."""
        covered = [
            f"{folder}/{name}"
            for folder in _standard_library()
            for name in ("site-packages", "dist-packages")
        ]
        return tuple(sorted({folder for folder in covered if os.path.isdir(folder)}))

    def links(self) -> tuple[Bind, ...]:
        """Symbolic links of the root folder that programs rely on, such as `/lib`."""
        return tuple(
            Bind(os.readlink(path), path) for path in ("/lib", "/lib64") if os.path.islink(path)
        )

    def _site(self) -> Iterator[Bind]:
        if self.whole_environment:
            some = importlib.metadata.distribution(self.packages()[0])
            yield Bind(os.path.realpath(str(some.locate_file(""))), SITE)
            return
        for name in self.packages():
            distribution = importlib.metadata.distribution(name)
            for entry in _entries(distribution):
                source = os.path.realpath(str(distribution.locate_file(entry)))
                if os.path.exists(source):
                    yield Bind(source, f"{SITE}/{entry}")

    def _others(self) -> Iterator[Bind]:
        for path in self.also:
            yield Bind(os.path.realpath(path), path)
        if self.extra:
            yield Bind(os.path.realpath(self.extra), EXTRA)


def program() -> str:
    """The interpreter's own file, behind whatever links an environment puts before it."""
    return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)


def _interpreter() -> Iterator[Bind]:
    """The interpreter, its standard library, and the shared libraries that either may load."""
    for path in (program(), *_standard_library()):
        yield Bind(path, path)
    if sys.base_prefix not in _SYSTEM_PREFIXES:
        for library in sorted(Path(sys.base_prefix, "lib").glob("*.so*")):
            yield Bind(os.path.realpath(library), str(library))
    for library in sorted(Path("/usr/local/lib").glob("libpython*.so*")):
        yield Bind(os.path.realpath(library), str(library))
    for path in _system_libraries():
        yield Bind(path, path)


def _standard_library() -> tuple[str, ...]:
    """The folders of the interpreter's own modules, not those of a virtual environment."""
    bases = {
        "base": sys.base_prefix,
        "platbase": sys.base_exec_prefix,
        "installed_base": sys.base_prefix,
        "installed_platbase": sys.base_exec_prefix,
    }
    found = (sysconfig.get_path(name, vars=bases) for name in ("stdlib", "platstdlib"))
    return tuple(dict.fromkeys(os.path.realpath(folder) for folder in found))


def _system_libraries() -> Iterator[str]:
    """The folders in which the loader looks, without what else stands under `/usr`."""
    triplet = sysconfig.get_config_var("MULTIARCH") or ""
    folders = [f"/usr/lib/{triplet}"] if triplet and os.path.isdir(f"/usr/lib/{triplet}") else []
    folders += ["/usr/lib64", "/lib64", "/lib"]
    for folder in folders:
        if os.path.isdir(folder) and not os.path.islink(folder):
            yield folder
    if os.path.exists("/etc/ld.so.cache"):
        yield "/etc/ld.so.cache"


def _closure(names: Collection[str], denied: Collection[str]) -> set[str]:
    """The installed ones among these distributions, with all that they declare to need."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = _canonical(waiting.pop())
        if name in found or name in denied:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += _needs(distribution)
    return found


def _needs(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """Names that the distribution needs outside its extras (PEP 508)."""
    for line in distribution.requires or ():
        requirement, _, marker = line.partition(";")
        match = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
        if match and "extra" not in marker:
            yield match[0]


def _canonical(name: str) -> str:
    """The normal form of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(distribution: importlib.metadata.Distribution) -> list[str]:
    """What the distribution put into `site-packages`.

    A folder without `__init__.py` (such as `google`) may be shared with other distributions:
    there, its own entries one level deeper are named instead.
    """
    files = [file.parts for file in distribution.files or ()]
    packages = {parts[0] for parts in files if len(parts) == 2 and parts[1] == "__init__.py"}
    entries = set()
    for parts in files:
        if parts[0] in ("..", "/", "__pycache__") or parts[0].endswith(".pth"):
            continue
        shared = len(parts) > 2 and parts[0] not in packages and "." not in parts[0]
        entries.add("/".join(parts[:2] if shared else parts[:1]))
    return sorted(entries)
