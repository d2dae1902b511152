"""What follows from the final comparison, by the rule that was registered before the first run?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, particle, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.trials.engine.demand import DecisionRule


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The outcome of the rule."""

    passed: tuple[str, ...]
    """Solutions that satisfy the rule and every guard, best first."""
    adopted: str | None
    """The best of them, or None."""
    equals: tuple[str, ...]
    """Solutions that passed and that the data do not tell apart from the adopted one."""
    failed_guard: Mapping[str, tuple[str, ...]]
    """Solution → guards that it broke though it satisfied the rule."""

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "passed": list(self.passed),
            "adopted": self.adopted,
            "equals": list(self.equals),
            "failed_guard": {name: list(guards) for name, guards in self.failed_guard.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Decision:
        """From what `plain` gave."""
        return cls(
            passed=tuple(plain["passed"]),
            adopted=plain["adopted"],
            equals=tuple(plain["equals"]),
            failed_guard={name: tuple(each) for name, each in plain["failed_guard"].items()},
        )


def decide(
    rule: DecisionRule,
    comparison: Mapping[str, Any],
    *,
    solutions: Sequence[str],
    directions: Mapping[str, str],
) -> Decision:
    """Apply the registered rule.

    Superiority: the simultaneous interval of solution − baseline lies below −margin (lower is
    better after turning). Non-inferiority: below +margin. Simultaneous over all solutions, so the
    chance of adopting any solution wrongly is at most alpha.

    Args:
        rule: The registered rule.
        comparison: What the scorer's `compare` gave.
        solutions: The firms' solutions (baselines are never adopted).
        directions: Metric → `lower` or `higher`, for the guards.
    """
    against = comparison["primary"]["against_baseline"]
    bound = -rule.margin if rule.rule == "superiority" else rule.margin
    satisfied = [name for name in solutions if name in against and against[name]["high"] < bound]
    broken = {
        name: tuple(
            guard
            for guard, worst in rule.guard.items()
            if _breaks(comparison["all"][name].get(guard), worst, directions[guard])
        )
        for name in satisfied
    }
    passed = sorted(
        (name for name in satisfied if not broken[name]),
        key=lambda name: (against[name]["difference"], name),
    )
    adopted = passed[0] if passed else None
    return Decision(
        passed=tuple(passed),
        adopted=adopted,
        equals=tuple(_equals(adopted, passed, comparison["primary"]["pairs"])),
        failed_guard={name: guards for name, guards in broken.items() if guards},
    )


def _breaks(value: float | None, worst: float, direction: str) -> bool:
    # A guard that could not be computed is not kept.
    if value is None:
        return True
    return value > worst if direction == "lower" else value < worst


def _equals(
    adopted: str | None, passed: Sequence[str], pairs: Sequence[Mapping[str, Any]]
) -> list[str]:
    undecided = {
        frozenset((pair["first"], pair["second"]))
        for pair in pairs
        if pair["low"] <= 0 <= pair["high"]
    }
    return [name for name in passed if frozenset((name, adopted)) in undecided]


def sentence(decision: Decision, rule: DecisionRule, titles: Mapping[str, Words]) -> Words:
    """The decision in one sentence."""
    if decision.adopted is None:
        return words(
            "미리 정한 규칙을 만족한 해법이 없어 채택하지 않습니다.",
            "No solution satisfied the rule fixed in advance; none is adopted.",
        )
    best = titles[decision.adopted]
    chosen = particle(f"'{best.ko}'", "을", "를")
    ko = f"미리 정한 규칙에 따라 {chosen} 채택합니다."
    en = f"By the rule fixed in advance, '{best.en}' is adopted."
    if decision.equals:
        others_ko = ", ".join(f"'{titles[name].ko}'" for name in decision.equals)
        others_en = ", ".join(f"'{titles[name].en}'" for name in decision.equals)
        ko += f" 다만 이 자료로는 {particle(others_ko, '과', '와')}의 차이를 단정할 수 없습니다."
        en += f" These data do not tell it apart from {others_en}."
    return words(ko, en)
