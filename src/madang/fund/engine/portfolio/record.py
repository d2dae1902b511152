"""What is known of a company: its shares, its growth, its support? One YAML text.

    cap_table    a list of events, each with `event` and the fields of `events`
    milestones   a list of what was reached, each with its evidence
    support      a list of what programmes gave

A day is written as 2026-03-31, a rate as '20%' or '1/5', an amount as a whole number of won.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio import events
from madang.fund.engine.portfolio.cap_table import CapTable, cap_table
from madang.fund.engine.portfolio.companies import Milestone, Support
from madang.fund.engine.portfolio.instruments import instrument
from madang.kernel.words import words
from madang.kernel.yaml_text import read_yaml

EVENTS: dict[str, type[Any]] = {
    "founded": events.Founded,
    "pool": events.PoolReserved,
    "exercised": events.OptionsExercised,
    "safe": events.SafeSigned,
    "bond": events.BondIssued,
    "bond-converted": events.BondConverted,
    "round": events.Round,
    "converted": events.Converted,
    "transferred": events.Transferred,
    "split": events.Split,
    "exited": events.Exited,
}
"""What an event is called in the text."""
_FRACTIONS = (
    *("issue_price_krw", "conversion_price_krw", "preference", "participation_cap"),
    *("redemption_rate", "coupon", "discount"),
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RATE = re.compile(r"-?\d+(\.\d+)? ?%|-?\d+/\d+")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A company's history, checked as a whole."""

    events: tuple[events.Event, ...]
    milestones: tuple[Milestone, ...]
    support: tuple[Support, ...]

    def table(self, on: date | None = None) -> CapTable:
        """The cap table of a day; of all events where None."""
        return cap_table(self.events, on=on)


def read(content: bytes, *, company: str) -> Record:
    """The record of a company.

    Args:
        content: YAML in UTF-8.
        company: Its name in the books.

    Raises:
        InputError: It is no YAML.
        PortfolioRefused: A row is unknown, lacks something or cannot have happened; its place is
            named.
    """
    found = read_yaml(content)
    if not isinstance(found, dict) or not set(found) <= {"cap_table", "milestones", "support"}:
        raise PortfolioRefused(
            words("기업 이력이 아닌 파일", "a file that is no company's record"),
            words("cap_table, milestones, support", "cap_table, milestones and support"),
        )
    record = Record(
        events=tuple(_rows(found, "cap_table", _event)),
        milestones=tuple(
            _rows(found, "milestones", lambda each: Milestone(company=company, **each))
        ),
        support=tuple(_rows(found, "support", lambda each: Support(company=company, **each))),
    )
    record.table()
    return record


def _rows(found: dict[str, Any], name: str, make: Any) -> list[Any]:
    made = []
    for row, each in enumerate(found.get(name) or [], start=1):
        try:
            made.append(make(_exact(each)))
        except (TypeError, ValueError, AttributeError, KeyError) as fault:
            raise PortfolioRefused(
                words(f"{name} {row}번째 줄: {fault}", f"row {row} of {name}: {fault}"),
                words("서식에 맞는 값", "the fields of its kind"),
            ) from fault
    return made


def _exact(value: Any) -> Any:
    """Days and rates out of text; a float is refused."""
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, float):
        raise TypeError(f"the float {value}")
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and _RATE.fullmatch(value):
        return money.ratio(value, where=words("비율", "rate"))
    return value


def _fraction(name: str, value: Any) -> Any:
    """Prices and rates are exact fractions: two whole numbers would divide into a float."""
    return Fraction(value) if name in _FRACTIONS and type(value) is int else value


def _event(found: dict[str, Any]) -> events.Event:
    name = found.get("event")
    if name not in EVENTS:
        raise ValueError(f"event {name!r}, not one of {', '.join(EVENTS)}")
    kind = EVENTS[str(name)]
    known = {each.name for each in fields(kind)}
    given = {key: value for key, value in found.items() if key != "event"}
    for key, default in (("safe", "safe"), ("bond", "cb"), ("terms", "rcps")):
        if key in given and key in known:
            terms = {name: _fraction(name, value) for name, value in given[key].items()}
            given[key] = instrument(str(terms.pop("instrument", default)), **terms)
    made: events.Event = kind(**given)
    return made
