"""Who acts now, in which request? Known to whatever is called from it, and to nobody else."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Acting:
    """One request, or one job."""

    request: str = ""
    """Its identifier, which every line of the logs carries."""
    user: int | None = None


_acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039 - frozen


def now() -> Acting:
    """The request at hand."""
    return _acting.get()


def user_id() -> int | None:
    """The acting user's number, if anybody is signed in."""
    return _acting.get().user


@contextmanager
def as_(*, request: str = "", user: int | None = None) -> Iterator[None]:
    """Act within the block; what is not named stays as it was."""
    before = _acting.get()
    token = _acting.set(
        Acting(request=request or before.request, user=user if user is not None else before.user)
    )
    try:
        yield
    finally:
        _acting.reset(token)
