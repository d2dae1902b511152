"""How far is an application, who moved it when, and may it move on?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

State: TypeAlias = Literal[
    "received",
    "screening",
    "due-diligence",
    "committee",
    "term-sheet",
    "invested",
    "declined",
    "withdrawn",
]
STATES: dict[State, Words] = {
    "received": words("접수", "Received"),
    "screening": words("서류 검토", "Screening"),
    "due-diligence": words("실사", "Due diligence"),
    "committee": words("투자심의", "Committee"),
    "term-sheet": words("계약 협의", "Term sheet"),
    "invested": words("투자 완료", "Invested"),
    "declined": words("투자하지 않음", "Declined"),
    "withdrawn": words("신청 취하", "Withdrawn"),
}
_ON: dict[State, State] = {
    "received": "screening",
    "screening": "due-diligence",
    "due-diligence": "committee",
    "committee": "term-sheet",
    "term-sheet": "invested",
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """One step of an application."""

    to: State
    on: date
    by: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Application:
    """A company's request for an investment, with its whole history."""

    id: str
    company: str
    moves: tuple[Move, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.moves[-1].to

    @property
    def is_open(self) -> bool:
        """Whether it may still move."""
        return self.state in _ON


def received(name: str, *, company: str, on: date, by: str) -> Application:
    """A new application."""
    return Application(id=name, company=company, moves=(Move(to="received", on=on, by=by),))


def next_states(state: State) -> tuple[State, ...]:
    """Where an application may go from a state; none from the last ones."""
    return (_ON[state], "declined", "withdrawn") if state in _ON else ()


def moved(
    application: Application, to: State, *, on: date, by: str, reason: str = ""
) -> Application:
    """The application after one step.

    Args:
        application: As it stands.
        to: The next state.
        on: The day, not before the last step.
        by: Who moved it.
        reason: Needed where it is declined or withdrawn.

    Raises:
        PortfolioRefused: An impossible step, a day before the last one, no author or no reason.
    """
    allowed = next_states(application.state)
    if to not in allowed:
        here = STATES[application.state]
        raise PortfolioRefused(
            words(f"'{here.ko}'에서 {to!r}(으)로 이동", f"a move from '{here.en}' to {to!r}"),
            words(
                ", ".join(STATES[each].ko for each in allowed) or "끝난 신청은 그대로 둠",
                ", ".join(STATES[each].en for each in allowed) or "none: it has ended",
            ),
        )
    if on < application.moves[-1].on or not by.strip():
        raise PortfolioRefused(
            words(f"{on}, 처리자 {by!r}", f"a move on {on} by {by!r}"),
            words(
                f"{application.moves[-1].on} 이후의 날과 처리자",
                f"a day from {application.moves[-1].on} on, and who moved it",
            ),
        )
    if to in ("declined", "withdrawn") and not reason.strip():
        raise PortfolioRefused(
            words(f"사유 없는 '{STATES[to].ko}'", f"'{STATES[to].en}' without a reason"),
            words("사유", "a reason"),
        )
    step = Move(to=to, on=on, by=by, reason=reason.strip())
    return replace(application, moves=(*application.moves, step))
