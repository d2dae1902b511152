"""Which systems stand in this house, and what does each offer?

The tuple is explicit: its order is the order of the programme and of every menu. A manifest holds
plain strings, so listing all systems imports nothing; `load` turns a string into the object it
names.
"""

from __future__ import annotations

import functools
import importlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError, MissingExtra
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: tuple[str, ...] = (
    "programme",
    "trials",
    "prognosis",
    "fund",
    "rpki",
)


@dataclass(frozen=True, kw_only=True)
class System:
    """What one system says of itself.

    Every value that names code is a string `package.module:attribute`, read by `load`.
    """

    name: str
    title_ko: str
    title_en: str
    sentence_ko: str
    """What it does for whom, in one sentence."""
    sentence_en: str
    lines: tuple[str, ...]
    """Identifiers of the appropriation lines that it answers."""
    extra: str = ""
    """The optional dependency set it needs; empty where the base is enough."""
    commands: str = ""
    """Its Click group."""
    tasks: Mapping[str, str] = field(default_factory=dict)
    """Name of a task → the `kernel.trial.Task` that it offers to the trials."""
    demonstration: str = ""
    """A `kernel.trial.Demonstration`: real data, a demand and solutions that show a trial."""
    jobs: Mapping[str, str] = field(default_factory=dict)
    """Name of a job → the plain function that does it."""
    app: str = ""
    """Its face on the site: the dotted path of a Django app's configuration."""
    urls: str = ""
    """The dotted path of the module with its addresses, below `/<name>/`."""
    api: str = ""
    """Its router below `/api/v1/<name>/`."""
    rights: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name of a right, without the system's → what it allows, in Korean and English."""
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Code of a role of the house (`portal.roles`) → the rights it has in this system."""
    events: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name of an event, without the system's → what happened, in Korean and English."""
    front: str = ""
    """front(request) → what opens the front page (`portal.frame.Front`), above the tiles."""
    home: str = ""
    """home() → its tile on the front page (`portal.frame.Tile`)."""
    search: str = ""
    """search(words, access) → what it finds for this reader (`portal.frame.Found`)."""
    worklist: str = ""
    """worklist(access) → what waits for this reader (`portal.frame.Waiting`)."""
    holds: str = ""
    """holds(organisation) → reasons why it must stay; none where nothing of its is under way."""
    settle: Mapping[str, str] = field(default_factory=dict)
    """Name of a job → settle(run): remembers how a run ended, in the transaction that marks it."""
    tick: str = ""
    """tick(): does what the clock alone has made due; workers ask for it every few seconds."""
    causes: str = ""
    """causes(cause) → `Words` for a typed cause of its jobs; None where it knows none such."""
    faults: tuple[str, ...] = ()
    """Causes of its jobs that are the platform's fault, beside those of the kernel."""
    again: Mapping[str, str] = field(default_factory=dict)
    """Name of a job → again(run, by=user): asks anew for what the platform failed, as another run,
    and gives back that run's identifier."""
    found_by: tuple[str, ...] = ()
    """A job and names of its text parameters, such as `run demand firm`, by which its runs are
    looked up and counted: each an index of the site's queue."""
    keeps: tuple[str, ...] = ()
    """Folders of its own below the site's, which a backup carries whole."""
    seed: str = ""
    """seed(told): fills a new site of development with an example."""


def manifest(name: str) -> System:
    """The manifest of one system.

    Raises:
        InputError: No system has that name.
    """
    if name not in NAMES:
        raise InputError(
            words(f"시스템 이름 {name!r}", f"system {name!r}"),
            words(f"{', '.join(NAMES)} 가운데 하나", f"one of {', '.join(NAMES)}"),
        )
    system: System = load(f"madang.{name}.system:SYSTEM")
    return system


def manifests() -> tuple[System, ...]:
    """The manifests of all systems, in the order of the programme."""
    return tuple(manifest(name) for name in NAMES)


def installed() -> tuple[System, ...]:
    """The manifests of the systems whose libraries are here."""
    return tuple(each for each in manifests() if not each.extra or _is_here(each.extra))


@functools.cache
def _is_here(extra: str) -> bool:
    """Whether an extra's libraries are installed, by the distribution's own list of them.

    Asked once by a process, since reading a distribution's list takes more than a millisecond.
    """
    from importlib import metadata

    wanted = [
        line.partition(";")[0]
        for line in metadata.requires("madang") or ()
        if f'extra == "{extra}"' in line.replace("'", '"')
    ]
    for line in wanted:
        try:
            metadata.distribution(re.split(r"[^\w.-]", line.strip(), maxsplit=1)[0])
        except metadata.PackageNotFoundError:
            return False
    return True


def load(reference: str, *, extra: str = "") -> Any:
    """The object that `package.module:attribute` names. Dynamic import stands here alone.

    Args:
        reference: The name of the object.
        extra: The optional dependency set without which the import may fail.

    Raises:
        MissingExtra: A library outside the product is missing.
    """
    module_name, _, attribute = reference.partition(":")
    try:
        module = importlib.import_module(module_name)  # noqa: TID251 - the one place
    except ModuleNotFoundError as fault:
        if extra and (fault.name or "").partition(".")[0] != "madang":
            system = module_name.removeprefix("madang.").partition(".")[0]
            raise MissingExtra(system=system, extra=extra) from fault
        raise
    return getattr(module, attribute)
