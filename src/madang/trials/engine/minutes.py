"""What is written down of a consultation, and about which solution? Conditions, costs, duties.

Their digest is what both sides sign (`madang.trials.engine.consultation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.trials.engine.errors import ConsultationError
from madang.trials.engine.record import Record

Every: TypeAlias = Literal["once", "month", "year", "case"]
EVERY: dict[Every, Words] = {
    "once": words("한 번", "once"),
    "month": words("매월", "a month"),
    "year": words("매년", "a year"),
    "case": words("건마다", "a case"),
}


@dataclass(frozen=True, kw_only=True)
class Condition(Record):
    """Something that must hold before the solution is used."""

    name: str
    text: str
    bearer: str
    """The organisation that must fulfil it; the other one finds it met, or waives it."""
    due: date | None = None


@dataclass(frozen=True, kw_only=True)
class Cost(Record):
    """An amount of money and who pays it."""

    name: str
    text: str
    amount_krw: int
    payer: str
    every: Every = "once"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.amount_krw < 0:
            raise ConsultationError(
                words(f"비용 {self.amount_krw}원", f"a cost of {self.amount_krw} KRW"),
                words("0원 이상", "0 KRW or more"),
            )


@dataclass(frozen=True, kw_only=True)
class Duty(Record):
    """What somebody must keep doing while the solution is used."""

    name: str
    text: str
    bearer: str


@dataclass(frozen=True, kw_only=True)
class Minutes(Record):
    """What was agreed, about which solution. Its digest is what both sides sign.

    Raises:
        ConsultationError: One party only, names that occur twice, or somebody who is no party.
    """

    demand: str
    agency: str
    company: str
    """The company, or the lead of the team."""
    solution: str
    """Digest of the adopted submission."""
    plan: str = ""
    """Digest of the adoption plan with its gates and stop rules, if it is agreed here."""
    held: date
    agenda: str
    conditions: tuple[Condition, ...] = ()
    costs: tuple[Cost, ...] = ()
    duties: tuple[Duty, ...] = ()
    amends: str = ""
    """Digest of the minutes that these replace; empty for the first."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.agency == self.company:
            raise ConsultationError(
                words(f"양쪽 모두 {self.agency!r}", f"{self.agency!r} on both sides"),
                words("서로 다른 기관과 기업", "an agency and a company that differ"),
            )
        condition_names = [each.name for each in self.conditions]
        cost_names = [each.name for each in self.costs]
        for names in (condition_names, cost_names, [each.name for each in self.duties]):
            if len(set(names)) != len(names):
                raise ConsultationError(
                    words("겹치는 항목 이름", "items of the same name"),
                    words("종류마다 서로 다른 이름", "names that differ within each kind"),
                )
        named = [each.bearer for each in self.conditions]
        named += [each.bearer for each in self.duties] + [each.payer for each in self.costs]
        strangers = [each for each in named if each not in self.parties]
        if strangers:
            raise ConsultationError(
                words(f"당사자가 아닌 {strangers[0]!r}", f"{strangers[0]!r}, who is no party"),
                words(f"{self.agency} 또는 {self.company}", f"{self.agency} or {self.company}"),
            )

    @property
    def parties(self) -> tuple[str, str]:
        """Agency and company."""
        return self.agency, self.company

    def other(self, organisation: str) -> str:
        """The party across the table."""
        return self.company if organisation == self.agency else self.agency
