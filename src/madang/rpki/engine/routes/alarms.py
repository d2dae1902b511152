"""What must somebody be told at once? Alarms, each opened once and closed once.

What is told apart: payloads that vanish while all repositories answer (a loss), and payloads that
vanish because one does not (trouble of the repository, during which routes only turn unknown).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from madang.kernel import clock
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.resources.prefix import Prefix

Kind: TypeAlias = Literal[
    "payload-loss",
    "repository-trouble",
    "hijack",
    "sub-prefix-hijack",
    "new-origin",
    "invalid-announcement",
    "visibility-lost",
]
Severity: TypeAlias = Literal["critical", "warning", "notice"]

SEVERITIES: Final[dict[Kind, Severity]] = {
    "payload-loss": "critical",
    "repository-trouble": "warning",
    "hijack": "critical",
    "sub-prefix-hijack": "critical",
    "new-origin": "notice",
    "invalid-announcement": "warning",
    "visibility-lost": "critical",
}
TITLES: Final[dict[Kind, Words]] = {
    "payload-loss": words("인가 정보 급감", "Loss of payloads"),
    "repository-trouble": words("저장소 장애", "Trouble of a repository"),
    "hijack": words("대역 탈취 의심", "Suspected hijack"),
    "sub-prefix-hijack": words("세부 대역 탈취 의심", "Suspected hijack of a part"),
    "new-origin": words("새 발원 AS", "New origin"),
    "invalid-announcement": words("무효 경로 광고", "Invalid announcement"),
    "visibility-lost": words("경로 소실", "Route no longer seen"),
}


class Watch(NamedTuple):
    """A prefix that somebody wants watched."""

    prefix: Prefix
    origins: frozenset[int] = frozenset()
    """Who may originate it and its parts; where empty, those seen first count as right."""
    member: str = ""


class Repository(NamedTuple):
    """How a repository stands."""

    name: str
    """Its address."""
    answers: bool
    scopes: frozenset[str] = frozenset()
    """Whose payloads it publishes: `anchor:NAME`, `member:NAME`; all where empty."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody must be told."""

    kind: Kind
    scope: str
    """What it is about: `all`, `anchor:NAME`, `member:NAME`, or a prefix with an origin."""
    opened_at: datetime
    sentence: Words
    member: str = ""
    closed_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """Figures for programs, JSON-able."""

    @property
    def key(self) -> tuple[str, str]:
        """At most one open alarm has it."""
        return self.kind, self.scope

    @property
    def severity(self) -> Severity:
        """How urgent it is."""
        return SEVERITIES[self.kind]

    @property
    def title(self) -> Words:
        """What kind of thing it is, for people."""
        return TITLES[self.kind]

    @property
    def ending(self) -> Words:
        """The sentence that tells that it is over."""
        return words(f"해소: {self.sentence.ko}", f"Over: {self.sentence.en}")

    def plain(self) -> dict[str, Any]:
        """The alarm as JSON-able values."""
        return {
            "kind": self.kind,
            "scope": self.scope,
            "severity": self.severity,
            "member": self.member,
            "opened_at": clock.stamp(self.opened_at),
            "closed_at": clock.stamp(self.closed_at) if self.closed_at else None,
            "ko": self.sentence.ko,
            "en": self.sentence.en,
            "facts": self.facts,
        }


def alarm_of(plain: dict[str, Any]) -> Alarm:
    """The alarm that `Alarm.plain` wrote."""
    closed = plain["closed_at"]
    return Alarm(
        plain["kind"],
        plain["scope"],
        clock.read_stamp(plain["opened_at"]),
        words(plain["ko"], plain["en"]),
        member=plain["member"],
        closed_at=clock.read_stamp(closed) if closed else None,
        facts=plain["facts"],
    )


def scope_words(scope: str) -> Words:
    """A scope of payloads as people name it."""
    kind, _, name = scope.partition(":")
    if kind == "anchor":
        return words(f"신뢰 앵커 {name}", f"trust anchor {name}")
    if kind == "member":
        return words(f"회원 {name}", f"member {name}")
    return words("전체", "all of the RPKI")
