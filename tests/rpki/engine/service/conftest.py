"""A small registry that is published over HTTPS on loopback, and a validator's folder for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.demo import hosting, land
from madang.rpki.engine.fetch.fetcher import Fetcher
from madang.rpki.engine.fetch.policy import Policy as Ways
from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.payloads import Payloads, Vrp
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.rtr.feed import Feed
from madang.rpki.engine.service.history import History
from madang.rpki.engine.service.rounds import Equipment, Rounds
from madang.rpki.engine.service.workspace import Workspace
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.validation.policy import PROFILE_2026

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INTENDED = Payloads(
    frozenset(vrp for member in land.MEMBERS for vrp in land.wanted(member).vrps),
    frozenset(aspa for member in land.MEMBERS for aspa in member.aspas),
)
"""What the members of the demonstration want to be believed."""


class Country:
    """The registry, its web server's address, and a validator beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = hosting.places(folder / "hosting")
        self.land = land.found(folder / "registry", self.places)
        self.tal = read_tal(self.land.tal, "demo")
        self.ways = Ways(dubious=True, authorities=self.places.certificates, rsync=False)
        self.taken = 0

    def want(self, handle: str, prefix: str, asn: int, *, remove: bool = False) -> Vrp:
        """Let a member authorise a prefix, or withdraw that."""
        found = read_prefix(prefix)
        vrp = Vrp(*found, found.length, asn)
        intents = Intents(frozenset({vrp}))
        changes = Changes(remove=intents) if remove else Changes(add=intents)
        registry = self.land.registry
        registry.commit(registry.plan(handle, changes), by="test")
        return vrp

    def workspace(self, name: str) -> Workspace:
        """A validator's folder that trusts the registry."""
        workspace = Workspace(self.folder / name).prepare()
        workspace.add_tal("demo", self.land.tal)
        return workspace


class Watch:
    """A validator with a feed and a history, whose waves are kept."""

    @classmethod
    def again(cls, watch: Watch, country: Country) -> Watch:
        """The same validator, as a new process begins it."""
        return cls(country, watch.workspace.folder.name)

    def __init__(self, country: Country, name: str) -> None:
        self.workspace = country.workspace(name)
        self.store = Database(self.workspace.store)
        self.history = History(self.workspace.history)
        self.feed = Feed()
        self.waves = []
        self.rounds = Rounds(
            Equipment(
                fetcher=Fetcher(self.store, self.workspace.fetching, country.ways),
                tals=self.workspace.tals(),
                policy=PROFILE_2026,
                feed=self.feed,
                history=self.history,
                told=self.waves.append,
            )
        )


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """The registry, served while the tests of one file run."""
    made = Country(tmp_path_factory.mktemp("country"))
    with hosting.web_served(made.places, made.land.server.folder):
        yield made
