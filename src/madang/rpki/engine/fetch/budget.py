"""Has a repository used up what it may cost? Its time, its bytes, its objects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from madang.kernel.units import size as size_text
from madang.kernel.words import words
from madang.rpki.engine.errors import Unreachable

if TYPE_CHECKING:
    import threading

    from madang.kernel.words import Words
    from madang.rpki.engine.fetch.policy import Policy


class BudgetSpent(Unreachable):
    """A repository used up what it may cost in one round; what it held before stands."""


class Budget:
    """What one repository may still cost in this round, whichever way it is fetched.

    Args:
        source: Whose budget it is, as messages name it.
        policy: The limits. The time runs from now on.
        stopped: Set when nothing more shall be fetched at all.
    """

    def __init__(
        self, source: str, policy: Policy, *, stopped: threading.Event | None = None
    ) -> None:
        self.source, self._policy, self._stopped = source, policy, stopped
        self._began = time.monotonic()
        self.received = 0
        """Bytes that came over the line."""
        self.objects = 0

    @property
    def took_s(self) -> float:
        """Seconds since the repository's turn began."""
        return time.monotonic() - self._began

    def left_s(self) -> float:
        """Seconds that are left, more than none.

        Raises:
            BudgetSpent: None are left.
            Unreachable: Nothing more shall be fetched.
        """
        if self._stopped is not None and self._stopped.is_set():
            raise Unreachable(self.source, reason=words("가져오기 중지됨", "fetching was stopped"))
        left = self._policy.time_s - self.took_s
        if left <= 0:
            limit = self._policy.time_s
            raise self._spent(words(f"{limit:g}초의 시간", f"the time of {limit:g} s"))
        return left

    def receive(self, count: int) -> None:
        """So many bytes more came over the line.

        Raises:
            BudgetSpent: They are too many.
        """
        self.received += count
        if self.received > self._policy.size:
            raise self.too_large()

    def too_large(self) -> BudgetSpent:
        """The repository sends or holds more bytes than it may."""
        limit = size_text(self._policy.size)
        return self._spent(words(f"{limit}의 용량", f"the size of {limit}"))

    def hold(self, count: int) -> None:
        """The repository holds so many objects by now.

        Raises:
            BudgetSpent: They are too many.
        """
        self.objects = count
        if count > self._policy.objects:
            limit = f"{self._policy.objects:,}"
            raise self._spent(words(f"{limit}개의 객체 수", f"the number of {limit} objects"))

    def _spent(self, what: Words) -> BudgetSpent:
        after = size_text(self.received)
        return BudgetSpent(
            self.source,
            reason=words(
                f"{what.ko} 한도를 모두 사용함 ({after} 수신, 객체 {self.objects:,}개)",
                f"{what.en} was used up after {after} and {self.objects:,} objects",
            ),
            remedy=words(
                "저장소에 문제가 없다면 가져오기 한도를 늘리십시오.",
                "If the repository is sound, raise the limit of fetching.",
            ),
        )
