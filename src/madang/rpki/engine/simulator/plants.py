"""What is a planted fault? One thing spoiled in a small tree, and the verdict it must get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from madang.rpki.engine.validation.policy import PROFILE_2026

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.simulator.scene import Scene
    from madang.rpki.engine.validation.policy import Policy

ANYWHERE = b""
"""The fault lies in no byte, or in any."""


class Sown(NamedTuple):
    """Where a plant came to stand."""

    uri: str
    """What must be refused."""
    where: bytes = ANYWHERE
    """The bytes of the object in which the fault must lie; empty where in none in particular."""


class Plant(NamedTuple):
    """One fault: how it is planted, and what a validator must say of it."""

    name: str
    code: str
    """Of `reasons.csv`; empty where nothing must be refused."""
    sow: Callable[[Scene], Sown]
    loses: Literal["object", "point", "tree"] = "object"
    """What is lost beside the spoiled thing: the erring member's point, or everything."""
    policy: Policy = PROFILE_2026
    peers: str = ""
    """What the reference programs do where they differ (the notes, section 6)."""
