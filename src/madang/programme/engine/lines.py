"""For what was the money voted? The appropriation lines, carried in as facts with their source."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.programme.engine.errors import BookingRefused, FactsError

FACTS = Path(__file__).parent / "facts"
DEFAULT = "2025-2"


@dataclass(frozen=True, kw_only=True)
class Deliverable:
    """One thing that a line promised; a line with two has one undivided amount for both."""

    id: str
    sentence: Words


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """Money of the same purpose from an earlier vote: beside the line, never in its sum."""

    amount_krw: int
    sentence: Words


@dataclass(frozen=True, kw_only=True)
class Line:
    """One appropriation line as it was voted."""

    id: str
    title: Words
    amount_krw: int
    """As voted; transfers change what a line may spend, never this."""
    pillar: str = ""
    """Empty where the source puts the amount under no pillar."""
    itemised: bool = True
    """False for the amount that the source names no project for."""
    deliverables: tuple[Deliverable, ...] = ()
    systems: tuple[str, ...] = ()
    """The rooms of the house that answer for it, built or not."""
    urgency: Words | None = None
    """Why it could not wait, where the source says so of this line."""
    earlier: tuple[Earlier, ...] = ()

    @property
    def not_built(self) -> tuple[str, ...]:
        """The rooms that answer for it and do not stand yet."""
        return tuple(name for name in self.systems if name not in systems.NAMES)

    @property
    def earlier_krw(self) -> int:
        """Earlier money of the same purpose, which is no part of `amount_krw`."""
        return sum(each.amount_krw for each in self.earlier)


@dataclass(frozen=True, kw_only=True)
class Pillar:
    """A heading under which the source tells of lines."""

    id: str
    title: Words
    stated_krw: int | None = None
    """The subtotal that the source states itself; None where it states none."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the facts were taken from."""

    title: str
    publisher: str
    published_on: date
    note: Words


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What was voted: a total and the lines that make it up, to the won.

    Raises:
        FactsError: The lines do not add up to the total, or a pillar's to its stated subtotal.
    """

    id: str
    title: Words
    ministry: Words
    approved_on: date
    fiscal_year: int
    total_krw: int
    urgency: Words
    source: Source
    pillars: tuple[Pillar, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        _check_sum(words("모든 항목", "all lines"), self.lines, self.total_krw)
        for pillar in self.pillars:
            if pillar.stated_krw is not None:
                own = tuple(line for line in self.lines if line.pillar == pillar.id)
                _check_sum(pillar.title, own, pillar.stated_krw)
        names = [line.id for line in self.lines]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise FactsError(
                words(f"두 번 나오는 항목 {twice!r}", f"line {twice!r} twice"),
                words("항목마다 다른 이름", "a name of its own for every line"),
            )
        for line in self.lines:
            _check_line(line, {pillar.id for pillar in self.pillars})

    def line(self, line_id: str) -> Line:
        """The line of that name.

        Raises:
            BookingRefused: The programme has no such line.
        """
        for line in self.lines:
            if line.id == line_id:
                return line
        raise BookingRefused(
            words(f"항목 {line_id!r}", f"line {line_id!r}"),
            words(
                f"{', '.join(line.id for line in self.lines)} 가운데 하나",
                f"one of {', '.join(line.id for line in self.lines)}",
            ),
        )

    @property
    def not_itemised_krw(self) -> int:
        """What the source names no project for."""
        return sum(line.amount_krw for line in self.lines if not line.itemised)


def _check_sum(what: Words, lines: tuple[Line, ...], stated_krw: int) -> None:
    found = sum(line.amount_krw for line in lines)
    if found != stated_krw:
        raise FactsError(
            words(f"{what.ko}의 합 {found:,d}원", f"a sum of {found:,d} won for {what.en}"),
            words(f"밝혀진 금액 {stated_krw:,d}원", f"the stated {stated_krw:,d} won"),
        )


def _check_line(line: Line, pillars: set[str]) -> None:
    if line.amount_krw <= 0:
        raise FactsError(
            words(
                f"항목 {line.id!r}의 금액 {line.amount_krw:,d}원",
                f"{line.amount_krw:,d} won for line {line.id!r}",
            ),
            words("0원보다 큰 금액", "an amount above 0"),
        )
    if line.pillar and line.pillar not in pillars:
        raise FactsError(
            words(f"항목 {line.id!r}의 분야 {line.pillar!r}", f"pillar {line.pillar!r}"),
            words(f"{sorted(pillars)} 가운데 하나", f"one of {sorted(pillars)}"),
        )


@functools.cache
def load(name: str = DEFAULT) -> Programme:
    """The programme whose facts come with the product, checked.

    Raises:
        FactsError: They do not add up or cannot be read, or there are none of that name.
    """
    file = FACTS / f"{name}.yaml"
    if not file.is_file():
        here = ", ".join(sorted(path.stem for path in FACTS.glob("[0-9]*.yaml")))
        raise FactsError(
            words(f"예산 이름 {name!r}", f"the budget {name!r}"),
            words(f"{here} 가운데 하나", f"one of {here}"),
        )
    return read(file.read_bytes())


def read(content: bytes) -> Programme:
    """A programme from the text of its facts.

    Args:
        content: YAML in UTF-8, in the form of `facts/2025-2.yaml`.

    Raises:
        FactsError: A member is missing or of another kind, or amounts do not add up.
    """
    try:
        facts = yaml.safe_load(content.decode("utf-8"))
        head, source = facts["programme"], facts["source"]
        return Programme(
            id=head["id"],
            title=_both(head, "title_"),
            ministry=_both(head, "ministry_"),
            approved_on=_day(head["approved_on"]),
            fiscal_year=_whole(head["fiscal_year"]),
            total_krw=_whole(head["total_krw"]),
            urgency=_both(head, "urgency_"),
            source=Source(
                title=source["title"],
                publisher=source["publisher"],
                published_on=_day(source["published_on"]),
                note=_both(source, "note_"),
            ),
            pillars=tuple(_pillar(each) for each in facts["pillars"]),
            lines=tuple(_line(each) for each in facts["lines"]),
        )
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as fault:
        raise FactsError(
            words(f"읽을 수 없는 예산 자료({fault})", f"facts that cannot be read ({fault})"),
            words("facts/2025-2.yaml의 형식", "the form of facts/2025-2.yaml"),
        ) from fault


def _both(facts: dict[str, Any], name: str = "") -> Words:
    return words(str(facts[f"{name}ko"]), str(facts[f"{name}en"]))


def _day(value: object) -> date:
    if type(value) is not date:
        raise TypeError(f"{value!r} is no date")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _pillar(facts: dict[str, Any]) -> Pillar:
    stated = facts.get("stated_krw")
    return Pillar(
        id=facts["id"],
        title=_both(facts, "title_"),
        stated_krw=None if stated is None else _whole(stated),
    )


def _line(facts: dict[str, Any]) -> Line:
    return Line(
        id=facts["id"],
        title=_both(facts, "title_"),
        amount_krw=_whole(facts["amount_krw"]),
        pillar=facts.get("pillar", ""),
        itemised=facts.get("itemised", True),
        deliverables=tuple(
            Deliverable(id=each["id"], sentence=_both(each)) for each in facts["deliverables"]
        ),
        systems=tuple(facts["systems"]),
        urgency=_both(facts, "urgency_") if "urgency_ko" in facts else None,
        earlier=tuple(
            Earlier(amount_krw=_whole(each["amount_krw"]), sentence=_both(each))
            for each in facts.get("earlier", ())
        ),
    )
