"""Which moves has an adoption, from which state may each be made, and what is noted of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.trials.engine.record import Record

State: TypeAlias = Literal["waiting", "running", "paused", "stopped", "ended"]
STATES: dict[State, Words] = {
    "waiting": words("시작 전", "not begun"),
    "running": words("운영 중", "running"),
    "paused": words("일시 중지", "paused"),
    "stopped": words("중단", "stopped"),
    "ended": words("종료", "ended"),
}
Move: TypeAlias = Literal[
    "open", "advance", "report", "trip", "pause", "resume", "stop", "roll_back", "end"
]
MOVES: dict[Move, Words] = {
    "open": words("첫 단계 열기", "open the first gate"),
    "advance": words("다음 단계 열기", "open the next gate"),
    "report": words("측정값 보고", "report measures"),
    "trip": words("중단 규칙 작동", "a stop rule trips"),
    "pause": words("일시 중지", "pause"),
    "resume": words("다시 시작", "resume"),
    "stop": words("중단", "stop"),
    "roll_back": words("되돌리기", "roll back"),
    "end": words("종료", "end"),
}
FROM: Mapping[Move, frozenset[State]] = {
    "open": frozenset({"waiting"}),
    "advance": frozenset({"running"}),
    "report": frozenset({"running", "paused"}),
    "pause": frozenset({"running"}),
    "resume": frozenset({"paused"}),
    "stop": frozenset({"running", "paused"}),
    "roll_back": frozenset({"running", "paused", "stopped"}),
    "end": frozenset({"waiting", "running", "paused", "stopped"}),
}
"""The states from which each move may be made."""


@dataclass(frozen=True, kw_only=True)
class Event(Record):
    """One move of an adoption, for ever."""

    at: datetime
    by: str
    organisation: str
    move: Move
    gate: str
    """The gate after the move; empty before the first."""
    attempt: int
    reason: str = ""
    minutes: str = ""
    """Digest of the minutes under which a gate opened."""
    batch: str = ""
    """Digest of the batch that was reported."""


@dataclass(frozen=True, kw_only=True)
class Hand(Record):
    """Who moves: a person, for an organisation, at a moment."""

    by: str
    organisation: str
    at: datetime
