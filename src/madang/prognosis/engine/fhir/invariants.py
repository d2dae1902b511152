"""What must hold between the elements of a type? (the invariants of FHIR R4).

`ele-1`, `ref-1`, `dom-2` to `dom-5` and `txt-*` are checked where they arise: in `objects`,
`references` and `narrative`. `dom-6`, that a narrative be there, is advice and is not given:
records sent from machine to machine have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.prognosis.engine.fhir import (
    invariants_of_bundles,
    invariants_of_resources,
    invariants_of_types,
)
from madang.prognosis.engine.fhir.definitions import lines
from madang.prognosis.engine.fhir.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

_MODULES = (invariants_of_types, invariants_of_resources, invariants_of_bundles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """One rule of R4 by its key.

    Attributes:
        key: As R4 names it, such as `obs-6`.
        holds: Whether it holds of a value of its type.
        said: What it asks for.
        path: The step to the element that is named, from the value.
        severity: As R4 says: `error`, or `warning`.
    """

    key: str
    holds: Callable[[dict[str, Any]], bool]
    said: Words
    path: str
    severity: str

    def fault(self) -> Fault:
        """The breach of it."""
        return Fault("invariant", self.key, self.said, severity=self.severity, path=self.path)


@cache
def invariants() -> dict[str, tuple[Invariant, ...]]:
    """The invariants of each type, by its name; the function of `obs-6` is called `obs_6`."""
    found: dict[str, tuple[Invariant, ...]] = {}
    functions = {name: each for module in _MODULES for name, each in vars(module).items()}
    for line in lines("invariants.tsv"):
        key, owner, path, severity, korean, english = line.split("\t")
        row = Invariant(
            key=key,
            holds=functions[key.replace("-", "_")],
            said=words(korean, english),
            path="" if path == "-" else path,
            severity=severity,
        )
        found[owner] = (*found.get(owner, ()), row)
    return found


def of_type(name: str) -> tuple[Invariant, ...]:
    """The invariants of a type; none for most."""
    return invariants().get(name, ())
