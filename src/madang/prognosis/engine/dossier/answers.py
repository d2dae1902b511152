"""Which items of TRIPOD+AI does the record answer, and which the team? The rest is not reported.

An answer of the record is whole or only a part of what its item asks; a part becomes whole where
the team adds its own text. Nothing is taken for granted: where neither knows, the item says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import known_methods, known_results, tripod
from madang.prognosis.engine.dossier.figures import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dossier.record import Record

Status: TypeAlias = Literal["reported", "partly", "not reported"]
From: TypeAlias = Literal["record", "team", "record and team", "nobody"]

STATUSES: dict[Status, Words] = {
    "reported": words("보고됨", "Reported"),
    "partly": words("일부 보고", "Partly"),
    "not reported": words("보고되지 않음", "Not reported"),
}
FROM: dict[From, Words] = {
    "record": words("기록", "record"),
    "team": words("연구팀", "team"),
    "record and team": words("기록, 연구팀", "both"),
    "nobody": words("없음", "–"),
}
NOT_REPORTED = words("보고되지 않음.", "Not reported.")
_ASK = words(
    "보고되지 않음(about.yaml의 {key}).",
    "Not reported (about.yaml: {key}).",
)
_NO_EVALUATION = words(
    "보고되지 않음. 다른 환자에서 평가하지 않았습니다.",
    "Not reported. There was no evaluation on other patients.",
)
_KNOWN = known_methods.KNOWN | known_results.KNOWN


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a dossier says to one item of TRIPOD+AI."""

    number: str
    section: str
    title: Words
    applies: str
    status: Status
    answered_in: From
    text: Words


def answers(record: Record, about: Mapping[str, Words]) -> tuple[Answer, ...]:
    """One answer for each of the 52 sub-items, in their order."""
    return tuple(_answer(item, record, about) for item in tripod.ITEMS)


def _answer(item: tripod.Item, record: Record, about: Mapping[str, Words]) -> Answer:
    known = _KNOWN[item.number](record, about) if item.number in _KNOWN else None
    told = about.get(item.about)
    parts = [part for part in (told, known.text if known else None) if part is not None]
    status: Status = "not reported"
    if told is not None or (known is not None and known.is_whole):
        status = "reported"
    elif known is not None:
        status = "partly"
    return Answer(
        number=item.number,
        section=item.section,
        title=item.title,
        applies=item.applies,
        status=status,
        answered_in=_from(known is not None, told is not None),
        text=joined(parts) if parts else _nothing(item, record),
    )


def _from(by_record: bool, by_team: bool) -> From:
    if by_record:
        return "record and team" if by_team else "record"
    return "team" if by_team else "nobody"


def _nothing(item: tripod.Item, record: Record) -> Words:
    if item.about:
        return words(_ASK.ko.format(key=item.about), _ASK.en.format(key=item.about))
    return _NO_EVALUATION if record.evaluation is None else NOT_REPORTED


def counted(found: tuple[Answer, ...]) -> dict[Status, int]:
    """How many items are reported, partly reported and not reported."""
    return {each: sum(answer.status == each for answer in found) for each in STATUSES}
