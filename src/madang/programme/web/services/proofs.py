"""What may a reader see of what an indicator counts: which statements, proofs and files?

Numbers, digests and states are for everybody. What a statement names of others is told once it is
public in their own room, as the log itself says; the names that firms give their files are for
those who may see the programme's evidence, or the whole log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence.proof import prove
from madang.kernel.evidence.statement import predicate_type
from madang.kernel.words import Words, words
from madang.portal.log import log
from madang.portal.models import LogEntry
from madang.programme.engine.counting import filled
from madang.programme.web.models import CountedStatement
from madang.programme.web.services.indicators import named
from madang.programme.web.services.statements import proving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from madang.kernel.evidence.statement import Statement
    from madang.portal.access import Access
    from madang.programme.engine.indicators import Indicator, Needed

NOUNS = {
    "run": words("실행 기록", "The run"),
    "submission": words("제출 기록", "The submission"),
    "demand": words("수요 등록과 봉인", "The demand, registered and sealed"),
    "adoption-live": words("전면 운영 시작", "The solution gone live"),
}
"""Noun of a statement → what readers call it; others are called by their noun."""
NOW = {
    "whole": words("확인됨", "Holds"),
    "changed": words("내용이 바뀜", "Changed"),
    "missing": words("파일 없음", "Missing"),
    "unreadable": words("읽을 수 없음", "Unreadable"),
}
"""How a file stands, in a word or two."""
UNREADABLE = words(
    "이 항목은 증거 로그에서 증명되지 않아 내용을 보이지 않습니다.",
    "This entry does not prove itself, so what it says is not shown.",
)


@dataclass(frozen=True, kw_only=True)
class SeenFile:
    """A file on which a counted statement leans."""

    number: int
    of: int
    name: str
    """Empty where the reader may not know it."""
    digest: str
    found: str
    """The digest that it has now, where its content was changed."""
    holds: bool
    how: Words

    @property
    def short(self) -> str:
        """The digest's beginning."""
        return f"{self.digest[:12]}…"


@dataclass(frozen=True, kw_only=True)
class SeenProof:
    """A statement of the log, with the entry for which its proof is asked."""

    entry: int
    counted: int
    title: Words | str
    is_open: bool
    """Whether this reader may have the proof, and with it the whole statement."""


@dataclass(frozen=True, kw_only=True)
class SeenStatement:
    """A counted statement as this reader may see it."""

    entry: int
    at: datetime | None
    sentence: Words
    holds: bool
    files: tuple[SeenFile, ...]
    proofs: tuple[SeenProof, ...]


def sees_all(access: Access) -> bool:
    """Whether a reader may know what is a firm's own: names of its files, statements whole."""
    return access.may("programme.see") or access.everywhere("portal.audit")


def seen(
    indicator: Indicator, rows: Sequence[CountedStatement], *, sees: bool
) -> list[SeenStatement]:
    """Counted statements as a reader may see them.

    Args:
        indicator: Whose they are.
        rows: Which, as they were last looked at.
        sees: Whether the reader may know what is a firm's own.
    """
    places = {entry for row in rows for entry in (row.entry, *row.rests_on)}
    statements = proving(places)
    moments = dict(LogEntry.objects.filter(index__in=places).values_list("index", "at"))
    opened = _opened(indicator, [statements[row.entry] for row in rows if row.entry in statements])
    return [
        SeenStatement(
            entry=row.entry,
            at=moments.get(row.entry),
            sentence=_sentence(indicator, statements.get(row.entry), opened),
            holds=row.holds,
            files=_files(row, sees=sees),
            proofs=_proofs(indicator, row, statements, opened, sees=sees),
        )
        for row in rows
    ]


def _opened(indicator: Indicator, counted: Iterable[Statement]) -> set[tuple[str, str]]:
    """Which statements stand in the log that make something public: noun and subject."""
    rule = indicator.rule
    nouns = {rule.named_when, rule.counted.open_when, *(each.open_when for each in rule.rests_on)}
    kinds = {predicate_type(noun): noun for noun in nouns if noun}
    subjects = {filled(rule.open_subject, each) for each in counted} - {""}
    found = LogEntry.objects.filter(predicate_type__in=kinds, subject__in=subjects)
    pairs = found.values_list("predicate_type", "subject").distinct()
    return {(kinds[kind], subject) for kind, subject in pairs}


def _sentence(
    indicator: Indicator, statement: Statement | None, opened: set[tuple[str, str]]
) -> Words:
    if statement is None:
        return UNREADABLE
    rule = indicator.rule
    subject = filled(rule.open_subject, statement)
    if rule.named_when and (rule.named_when, subject) not in opened:
        return indicator.sentence(None)
    return indicator.sentence({name: str(statement.predicate.get(name)) for name in rule.named})


def _files(row: CountedStatement, *, sees: bool) -> tuple[SeenFile, ...]:
    faults = {each["number"]: each for each in row.faults if each["kind"] == "file"}
    return tuple(
        SeenFile(
            number=number,
            of=len(row.files),
            name=each["name"] if sees else "",
            digest=each["digest"],
            found=faults[number]["found"] if number in faults else "",
            holds=number not in faults,
            how=NOW[faults[number]["state"] if number in faults else "whole"],
        )
        for number, each in enumerate(row.files, start=1)
    )


def _proofs(
    indicator: Indicator,
    row: CountedStatement,
    statements: dict[int, Statement],
    opened: set[tuple[str, str]],
    *,
    sees: bool,
) -> tuple[SeenProof, ...]:
    counted = statements.get(row.entry)
    kinds = {each.predicate_type: each for each in _kinds(indicator)}
    found = []
    for entry in (row.entry, *row.rests_on):
        statement = statements.get(entry)
        kind = kinds.get(statement.predicate_type) if statement else None
        if kind is None or counted is None:
            continue
        subject = filled(indicator.rule.open_subject, counted)
        is_open = sees or (bool(kind.open_when) and (kind.open_when, subject) in opened)
        title = NOUNS.get(kind.noun, kind.noun)
        found.append(SeenProof(entry=entry, counted=row.entry, title=title, is_open=is_open))
    return tuple(found)


def _kinds(indicator: Indicator) -> tuple[Needed, ...]:
    return (indicator.rule.counted, *indicator.rule.rests_on)


def proof(indicator: Indicator, entry: int, *, counted: int, sees: bool) -> bytes | None:
    """The proof of an entry as a file that `madang evidence verify` checks offline.

    Args:
        indicator: For which the statement counts.
        entry: Its place in the log.
        counted: The counted statement that rests on it, or itself.
        sees: Whether the reader may know what is a firm's own.

    Returns:
        None where it does not count for the indicator, or this reader may not have it.
    """
    row = CountedStatement.objects.filter(indicator=indicator.id, entry=counted).first()
    if row is None:
        return None
    (shown,) = seen(indicator, [row], sees=sees)
    if entry not in {each.entry for each in shown.proofs if each.is_open}:
        return None
    try:
        return prove(log(), entry).encode()
    except InputError:
        return None


def faults(rows: Iterable[dict[str, Any]], *, sees: bool) -> list[tuple[Words, str, str]]:
    """What does not hold: its name for this reader, the digest expected and the one found."""
    return [
        (named(each, sees=sees), each.get("digest", ""), each.get("found", "")) for each in rows
    ]
