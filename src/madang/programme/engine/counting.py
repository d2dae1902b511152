"""Which evidence statements count for an indicator, and on which files do they lean?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from madang.kernel.evidence.statement import Statement, predicate_type
from madang.programme.engine.indicators import FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from madang.programme.engine.indicators import Indicator, Needed

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Logged(NamedTuple):
    """A statement and its place in the evidence log."""

    entry: int
    statement: Statement


class Statements(Protocol):
    """Where statements are found by what they are and what they speak of."""

    def of(self, noun: str) -> Iterable[Logged]:
        """All of a predicate's noun, in the order of the log."""

    def last(self, noun: str, subject: str, *, before: int) -> Logged | None:
        """The last of that noun about a subject that stands before an entry; None if none does."""


class Leaning(NamedTuple):
    """A file on which a counted statement leans."""

    digest: str
    name: str
    """What the statement calls it; often a text of whoever handed it in."""
    entry: int
    """The entry of the log that names it."""


class Counted(NamedTuple):
    """A statement that counts."""

    entry: int
    statement: Statement
    value: str
    """What it counts for; two of the same value count once."""
    rests_on: tuple[Logged, ...]
    files: tuple[Leaning, ...]


class Found(NamedTuple):
    """What the statements say of an indicator, before anybody looked whether they hold."""

    counted: tuple[Counted, ...]

    @property
    def value(self) -> int:
        """How many distinct values are counted."""
        return len({each.value for each in self.counted})


class Gathered:
    """Statements that are at hand.

    Args:
        logged: In the order of the log.
    """

    def __init__(self, logged: Iterable[tuple[int, Statement]]) -> None:
        self._logged = [Logged(*each) for each in logged]

    def of(self, noun: str) -> Iterator[Logged]:
        """All of a predicate's noun, in the order of the log."""
        wanted = predicate_type(noun)
        return (each for each in self._logged if each.statement.predicate_type == wanted)

    def last(self, noun: str, subject: str, *, before: int) -> Logged | None:
        """The last of that noun about a subject before an entry."""
        found = [
            each
            for each in self.of(noun)
            if each.entry < before and subject in each.statement.subjects
        ]
        return found[-1] if found else None


def evaluate(indicator: Indicator, statements: Statements) -> Found:
    """What statements say of an indicator.

    Args:
        indicator: Which one.
        statements: Where they are found; one may give out only those after an earlier look.
    """
    counted = (
        counts(indicator, each, statements) for each in statements.of(indicator.rule.counted.noun)
    )
    return Found(tuple(each for each in counted if each is not None))


def counts(indicator: Indicator, logged: Logged, statements: Statements) -> Counted | None:
    """Whether and for what one statement counts; None where it does not.

    What it rests on has to stand before it in the log.
    """
    rule, statement = indicator.rule, logged.statement
    if not rule.counted.fits(statement, statement):
        return None
    rested: dict[str, Logged] = {}
    files = list(_files(rule.counted, logged))
    for each in rule.rests_on:
        subject = filled(each.subject, statement)
        other = subject and statements.last(each.noun, subject, before=logged.entry)
        if not other or not each.fits(other.statement, statement):
            return None
        rested[each.name] = other
        files += _files(each, other)
    name, _, member = rule.counts.rpartition(".")
    source = rested[name].statement if name else statement
    value = source.predicate.get(member)
    if not isinstance(value, str | int) or value == "":
        return None
    return Counted(logged.entry, statement, str(value), tuple(rested.values()), tuple(files))


def filled(pattern: str, statement: Statement) -> str:
    """A subject with the members of a statement in it; empty where one is missing or no text."""
    values = {name: statement.predicate.get(name) for name in FIELD.findall(pattern)}
    if not all(isinstance(each, str) and each for each in values.values()):
        return ""
    return FIELD.sub(lambda match: str(values[match[1]]), pattern)


def _files(needed: Needed, logged: Logged) -> Iterator[Leaning]:
    for member in needed.files:
        found = logged.statement.predicate.get(member)
        if isinstance(found, dict):
            pairs = [(str(name), digest) for name, digest in sorted(found.items())]
        else:
            pairs = [("", digest) for digest in (found if isinstance(found, list) else [found])]
        for name, digest in pairs:
            # What is no digest cannot be looked at: it is kept, and found missing.
            yield Leaning(_text(digest), name, logged.entry)


def _text(digest: object) -> str:
    return digest if isinstance(digest, str) and _SHA256.fullmatch(digest) else ""
