"""What was recorded, about which thing, by whom, and does it still prove itself?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from madang.kernel import clock
from madang.kernel.evidence.statement import BASE, Statement
from madang.kernel.words import words
from madang.portal.models import ErasableValue, LogEntry, LogHead, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from django.db.models import QuerySet

VALUES = {
    "before": words("이전 값", "The value before"),
    "after": words("이후 값", "The value after"),
}
"""Members of a statement that name erasable values."""
_HIDDEN = frozenset({"thing", "by", *VALUES})
_AT_ONCE = 500
_LINE = 90
"""Characters of a summary."""
_LAST = chr(0x10FFFF)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which entries somebody asks for; empty words ask for all."""

    kind: str = ""
    """A predicate type."""
    thing: str = ""
    """The beginning of a subject's name, such as `demand/`."""
    person: str = ""
    """An address, or a part of the name, of who acted."""
    since: date | None = None
    until: date | None = None
    """The last day."""

    @property
    def is_all(self) -> bool:
        """Whether nothing narrows it."""
        return self == Asked()


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry as people read it."""

    index: int
    at: datetime
    kind: str
    """The noun of its predicate, such as `question-asked`."""
    subject: str
    who: User | None
    statement: Statement
    values: dict[str, Any]
    """`before` and `after` where the entry names them: the value, or None where it is erased."""

    @property
    def facts(self) -> dict[str, Any]:
        """What stands in the log in the open."""
        return {n: v for n, v in self.statement.predicate.items() if n not in _HIDDEN}

    @property
    def summary(self) -> str:
        """What it says, on one short line."""
        said = [f"{name}: {_short(value)}" for name, value in self.facts.items()]
        if self.values.get("after") is not None:
            said.append(f"→ {_short(self.values['after'])}")
        line = " · ".join(said)
        return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"

    @property
    def is_erased(self) -> bool:
        """Whether a value that it names was erased."""
        return None in self.values.values()

    def plain(self) -> dict[str, Any]:
        """As plain JSON, for a file."""
        return {
            "index": self.index,
            "at": clock.stamp(self.at),
            "type": self.statement.predicate_type,
            "thing": self.subject,
            "by": self.who.email if self.who else None,
            "facts": self.facts,
            **{name: self.values.get(name) for name in VALUES},
        }


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def found(asked: Asked) -> QuerySet[LogEntry]:
    """The entries that were asked for, newest first."""
    entries = LogEntry.objects.order_by("-index").select_related("by")
    if asked.kind:
        entries = entries.filter(predicate_type=asked.kind)
    if asked.thing:
        entries = entries.filter(_begins(asked.thing))
    if asked.person:
        people = User.objects.filter(
            Q(email__iexact=asked.person) | Q(name__icontains=asked.person)
        )
        entries = entries.filter(by__in=people)
    if asked.since:
        entries = entries.filter(at__gte=_midnight(asked.since))
    if asked.until:
        entries = entries.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return entries


def _begins(thing: str) -> Q:
    """Subjects with this beginning, by the index of either database."""
    if connection.vendor == "postgresql":
        return Q(subject__startswith=thing)
    return Q(subject__gte=thing, subject__lt=thing + _LAST)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class Pages(Paginator):
    """Pages of entries; of the whole log, however long, each is as quick as the first."""

    def __init__(self, asked: Asked, *, a_page: int) -> None:
        super().__init__(found(asked), a_page)
        self._asked = asked

    @cached_property
    def count(self) -> int:
        """How many entries there are."""
        if self._asked.is_all:
            return LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
        return found(self._asked).order_by().count()

    def page(self, number: Any) -> Any:
        """One page: entries are numbered without a gap, so it is found by its numbers."""
        if not self._asked.is_all:
            return super().page(number)
        number = self.validate_number(number)
        newest = self.count - 1 - (number - 1) * self.per_page
        rows = found(self._asked).filter(index__lte=newest, index__gt=newest - self.per_page)
        return Page(list(rows), number, self)


def told(entries: Iterable[LogEntry]) -> list[Told]:
    """Entries with their values; one question however many they are."""
    read = [(row, Statement.decode(bytes(row.content))) for row in entries]
    wanted = {
        digest
        for _, statement in read
        for name in VALUES
        if isinstance(digest := statement.predicate.get(name), str)
    }
    known = dict(ErasableValue.objects.filter(digest__in=wanted).values_list("digest", "value"))
    return [_told(row, statement, known) for row, statement in read]


def _told(row: LogEntry, statement: Statement, known: dict[str, Any]) -> Told:
    named = {name: statement.predicate[name] for name in VALUES if name in statement.predicate}
    return Told(
        index=row.index,
        at=row.at,
        kind=noun(row.predicate_type),
        subject=row.subject,
        who=row.by,
        statement=statement,
        values={name: known.get(digest) for name, digest in named.items()},
    )


def noun(predicate_type: str) -> str:
    """What a predicate's type is called: `…/question-asked/v1` → `question-asked`."""
    return predicate_type.removeprefix(BASE).rpartition("/v")[0] or predicate_type


def kinds() -> list[str]:
    """The types of all entries, by jumping from one to the next in their index."""
    table = LogEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE kind(name) AS (SELECT MIN(predicate_type) FROM {table} UNION ALL "  # noqa: S608 - the name of our own table
            f"SELECT (SELECT MIN(predicate_type) FROM {table} WHERE predicate_type > kind.name) "
            "FROM kind WHERE kind.name IS NOT NULL) SELECT name FROM kind WHERE name IS NOT NULL"
        )
        return [name for (name,) in cursor.fetchall()]


def lines(asked: Asked) -> Iterator[dict[str, Any]]:
    """Every entry that was asked for, newest first, as rows of a file."""
    some: list[LogEntry] = []
    for row in found(asked).iterator(chunk_size=_AT_ONCE):
        some.append(row)
        if len(some) == _AT_ONCE:
            yield from (each.plain() for each in told(some))
            some = []
    yield from (each.plain() for each in told(some))


def flat(line: dict[str, Any]) -> dict[str, Any]:
    """A row for a table: what is no plain word is written as JSON."""
    return {
        name: json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict | list | bool)
        else value
        for name, value in line.items()
    }
