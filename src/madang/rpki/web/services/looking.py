"""What would a validator say of what this site publishes? Judged here, without a network.

Where `madang rpki serve` runs on the site's folder, it draws the picture. Until then the site
judges its own publication with each change, so that nobody waits for what they have signed.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.objects.tal import read_tal
from madang.rpki.engine.publication.server import CURRENT
from madang.rpki.engine.service.history import History
from madang.rpki.engine.service.picture import Picture
from madang.rpki.engine.service.rounds import Round
from madang.rpki.engine.slurm.applying import Applied
from madang.rpki.engine.store.folder import FolderStore
from madang.rpki.engine.store.place import path_of
from madang.rpki.engine.validation.policy import PROFILE_2026
from madang.rpki.engine.validation.validator import Validator
from madang.rpki.web.services import authority, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.validation.outcome import Outcome

TAL_NAME = "madang"


@contextmanager
def watched() -> Iterator[None]:
    """Judge what is published before and after the block, and note what it changed."""
    _outcome()
    yield
    outcome = _outcome()
    if outcome is not None:
        workspace = world.workspace().prepare()
        workspace.add_tal(TAL_NAME, authority.tal().encode())
        Picture(workspace.picture).draw(Round(outcome=outcome, applied=Applied(outcome.payloads)))
        history = History(workspace.history)
        history.record(outcome, serial=None, baseline=history.began() is None)


def _outcome() -> Outcome | None:
    """What is believed now of the own publication; None where another one looks, or none is."""
    locator = authority.tal()
    if world.workspace().store.exists() or not locator:
        return None
    _point_to_published()
    return _validator(_tree(), locator).run(int(clock.epoch_s()))


@lru_cache(maxsize=2)
def _validator(tree: Path, locator: str) -> Validator:
    """Kept by a process, so that only what changed is verified again."""
    return Validator(FolderStore(tree), (read_tal(locator.encode(), TAL_NAME),), PROFILE_2026)


def _tree() -> Path:
    return world.workspace().folder / "own"


def _point_to_published() -> None:
    """Let the published files be found under their addresses."""
    place = authority.place()
    assert place is not None
    link = Path(path_of(str(_tree()), place.module))
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(authority.published() / "rsync" / CURRENT)
