"""Are values missing more often than they used to be? Looked at after every patient.

For each column bets are laid on higher shares of missing values than the largest that is still
taken as normal. While the true share is not above that, what the bets have won is, on average, not
above 1, so reaching 1/α has a chance of at most α, however often one looks.

Source: Waudby-Smith and Ramdas (2024), betting on bounded means.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import exp, log
from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAKES = (0.1, 0.3, 0.6, 0.9)
"""Parts of what may be lost at most, which the bets put at stake."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One column, so far."""

    normal: float
    """The largest share of missing values that is taken as normal, above 0 and below 1."""
    seen: int = 0
    missing: int = 0
    won: tuple[float, ...] = (0.0,) * len(_STAKES)

    def after(self, count: int, missing: int) -> Missing:
        """After more patients, of whom some lack the value."""
        gains = []
        for stake, old in zip(_STAKES, self.won, strict=True):
            bet = stake / self.normal
            gains.append(
                old
                + missing * log(1 + bet * (1 - self.normal))
                + (count - missing) * log(1 - bet * self.normal)
            )
        return replace(
            self,
            seen=self.seen + count,
            missing=self.missing + missing,
            won=tuple(gains),
        )

    @property
    def share(self) -> float:
        """Of missing values; 0 before the first patient."""
        return self.missing / self.seen if self.seen else 0.0

    @property
    def log_evidence(self) -> float:
        """Logarithm of what all bets together have won."""
        highest = max(self.won)
        return highest + log(sum(exp(each - highest) for each in self.won) / len(self.won))


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All columns of a model."""

    columns: Mapping[str, Missing] = field(default_factory=dict)

    @classmethod
    def of(cls, shares: Mapping[str, float], *, more: float = 0.05) -> Inputs:
        """The columns of a training sample.

        Args:
            shares: By column, which share of the values was missing there.
            more: By how much the share may be higher and still be normal.
        """
        return cls(
            columns={
                name: Missing(normal=min(max(share + more, 1e-3), 0.999))
                for name, share in shares.items()
            }
        )

    def seen(self, count: int, missing: Mapping[str, int]) -> Inputs:
        """After more patients.

        Args:
            count: How many came.
            missing: By column, how many of them lack the value; columns left out lack none.

        Raises:
            InputError: A column is not the model's, or more values are missing than came.
        """
        for name, number in missing.items():
            if name not in self.columns or not 0 <= number <= count:
                raise InputError(
                    words(
                        f"{count}명 가운데 {name!r} 없음 {number}명",
                        f"{name!r} missing for {number} of {count}",
                    ),
                    words("모형의 열과 온 환자 수 이내", "a column of the model, at most all"),
                )
        return replace(
            self,
            columns={
                name: each.after(count, missing.get(name, 0))
                for name, each in self.columns.items()
            },
        )
