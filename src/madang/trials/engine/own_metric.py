"""What is a metric that an agency writes itself? A reviewed function, declared with its demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import rfc8785

from madang.kernel import ids
from madang.kernel.trial import Metric
from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.metric_source import source_faults
from madang.trials.engine.schema import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "own."
"""Before the name of such a metric, wherever the demand speaks of it."""


@dataclass(frozen=True, kw_only=True)
class OwnMetric:
    """A metric of the agency's own: metric(outcomes, answers) → one number, or one a case."""

    name: str
    title: Words
    direction: Literal["lower", "higher"]
    per: Literal["case", "whole"]
    """Does it give one number a case, whose mean is the score, or one for all cases at once?"""
    lowest: float
    highest: float
    """Every value lies within these bounds; what a firm's answers make of it beyond them counts
    as the bound, and what is no number counts as the worse of them."""
    unit: str
    decimals: int
    source: str
    reviewed_by: str
    reviewed_digest: str
    """The digest that the reviewer confirmed."""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> OwnMetric:
        """From the demand's `own_metric`."""
        reviewed = plain.get("reviewed", {})
        return cls(
            name=plain["name"],
            title=words(plain["title"]["ko"], plain["title"]["en"]),
            direction=plain["direction"],
            per=plain["per"],
            lowest=float(plain["bounds"]["lowest"]),
            highest=float(plain["bounds"]["highest"]),
            unit=plain.get("unit", ""),
            decimals=int(plain.get("decimals", 4)),
            source=plain["source"],
            reviewed_by=reviewed.get("by", ""),
            reviewed_digest=reviewed.get("digest", ""),
        )

    @property
    def digest(self) -> str:
        """What a reviewer confirms: SHA-256 of the source with its direction and bounds."""
        confirmed: dict[str, Any] = {
            "name": self.name,
            "direction": self.direction,
            "per": self.per,
            "lowest": self.lowest,
            "highest": self.highest,
            "source": self.source,
        }
        return ids.digest(rfc8785.dumps(confirmed))

    @property
    def metric(self) -> Metric:
        """As the trials know it."""
        return Metric(
            name=PREFIX + self.name,
            title_ko=self.title.ko,
            title_en=self.title.en,
            direction=self.direction,
            lowest=self.lowest,
            highest=self.highest,
            unit=self.unit,
            decimals=self.decimals,
        )

    @property
    def worst(self) -> float:
        """The worse of the bounds."""
        return self.highest if self.direction == "lower" else self.lowest

    def faults(self) -> Iterator[Fault]:
        """What is wrong with it before it is tried."""
        if self.lowest >= self.highest:
            yield Fault(
                "own_metric.bounds",
                DemandError(
                    words(
                        f"범위 {self.lowest:g}–{self.highest:g}",
                        f"the bounds {self.lowest:g} to {self.highest:g}",
                    ),
                    words("highest보다 작은 lowest", "lowest below highest"),
                ),
            )
        for line, found in source_faults(self.source):
            yield Fault(
                "own_metric.source",
                DemandError(
                    words(
                        f"자체 지표 원본 {line}행의 {found.ko}",
                        f"{found.en} in line {line} of the agency's own metric",
                    ),
                    words(
                        "numpy와 math의 계산 함수만 쓰는 metric(outcomes, answers) 함수",
                        "a function metric(outcomes, answers) that computes with numpy and math",
                    ),
                ),
            )
        if self.reviewed_digest != self.digest:
            yield Fault("own_metric.reviewed", self._unreviewed())

    def _unreviewed(self) -> DemandError:
        found = words("검토하지 않은 자체 지표", "a metric of the agency's own without a review")
        if self.reviewed_digest:
            shown = self.reviewed_digest[:12]
            found = words(
                f"검토한 것(지문 {shown}…)과 다른 자체 지표",
                f"a metric that differs from the one that was reviewed (digest {shown}…)",
            )
        return DemandError(
            found,
            words(f"지문 {self.digest}의 검토", f"a review of the digest {self.digest}"),
            words(
                "다른 사람이 원본을 읽고 이 지문을 own_metric.reviewed에 적어야 합니다.",
                "Let somebody else read the source and enter this digest in own_metric.reviewed.",
            ),
        )
