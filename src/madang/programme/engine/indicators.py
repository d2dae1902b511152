"""What has the money achieved? Indicators whose values are counted from evidence statements alone.

An indicator says which statements of another system count, on which other statements they rest,
of what each distinct value counts once, and which files have to lie in the store for it. Nobody
types a value in. Whether entries and files hold is for the face that reads them; here it is said
which ones they are.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import yaml

from madang.kernel import systems
from madang.kernel.evidence.statement import predicate_type
from madang.kernel.words import Words, words
from madang.programme.engine import lines
from madang.programme.engine.errors import FactsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.evidence.statement import Statement
    from madang.programme.engine.lines import Programme

FILE = lines.FACTS / "indicators.yaml"
FIRST_PROOF = 1
"""The target where the source names none: that it is shown at all."""
Direction: TypeAlias = Literal["up", "down"]
State: TypeAlias = Literal["proved", "unproved", "broken", "not_built"]
STATES: dict[State, Words] = {
    "proved": words("증명됨", "Proved"),
    "unproved": words("아직 증거 없음", "No proof yet"),
    "broken": words("확인되지 않음", "Unproved: evidence does not hold"),
    "not_built": words("아직 만들지 않음", "System not built yet"),
}
_MISSING = object()
FIELD = re.compile(r"\{(\w+)\}")
"""A member's name in a sentence or a subject."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a member of a predicate has to be; exactly one of the three is named."""

    member: str
    """Its name; a member of a member is reached by a point, as in `task.name`."""
    equals: Any = _MISSING
    begins: str = ""
    same_as: str = ""
    """A member of the statement that counts."""

    def holds(self, predicate: Mapping[str, Any], counted: Mapping[str, Any]) -> bool:
        """Whether a predicate fulfils it.

        Args:
            predicate: The one that is looked at.
            counted: That of the statement that counts.
        """
        found = _member(predicate, self.member)
        if self.begins:
            return isinstance(found, str) and found.startswith(self.begins)
        wanted = counted.get(self.same_as, _MISSING) if self.same_as else self.equals
        # JSON's true is not its 1.
        return found is not _MISSING and type(found) is type(wanted) and found == wanted


def _member(predicate: Mapping[str, Any], path: str) -> Any:
    found: Any = predicate
    for name in path.split("."):
        found = found.get(name, _MISSING) if isinstance(found, dict) else _MISSING
    return found


@dataclass(frozen=True, kw_only=True)
class Needed:
    """A kind of statement: the one that counts, or one that it rests on."""

    noun: str
    """The noun of its predicate's type."""
    subject: str = ""
    """What it speaks of, with members of the counted statement in braces, such as
    `demand/{demand}`; empty for the statement that counts."""
    name: str = ""
    """By which `counts` finds a member of a statement that is rested on."""
    where: tuple[Condition, ...] = ()
    files: tuple[str, ...] = ()
    """Members that hold SHA-256 digests of files: a text, a list, or names with digests."""
    open_when: str = ""
    """Noun of the statement about `open_subject` after which anybody may read this one whole;
    empty where only those may who see the evidence of the programme."""

    @property
    def predicate_type(self) -> str:
        """The URI of its predicate."""
        return predicate_type(self.noun)

    def fits(self, statement: Statement, counted: Statement) -> bool:
        """Whether a statement is of this kind, given the one that counts."""
        return statement.predicate_type == self.predicate_type and all(
            each.holds(statement.predicate, counted.predicate) for each in self.where
        )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which statements count, and for what."""

    counted: Needed
    counts: str
    """The member whose distinct values are counted; `name.member` of a statement rested on."""
    rests_on: tuple[Needed, ...] = ()
    named: tuple[str, ...] = ()
    """Members that may be told to anybody, once `named_when` stands in the log."""
    named_when: str = ""
    """Noun of that statement; empty where they may be told at once."""
    open_subject: str = ""
    """What `named_when` and `open_when` speak of, with members in braces."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One number that shows whether a deliverable came about."""

    id: str
    line: str
    deliverable: str
    system: str
    """The room that answers for it."""
    title: Words
    unit: Words
    """What is counted, for many."""
    one: Words
    """The same for one."""
    told: Words
    """How it is counted, in plain words."""
    says: Words
    """What one counted statement says, with named members in braces."""
    rule: Rule
    direction: Direction = "up"
    target: int = FIRST_PROOF
    is_first_proof: bool = True
    """Whether the source names no target, so that the first proof is it."""

    @property
    def is_built(self) -> bool:
        """Whether the room that answers for it stands."""
        return self.system in systems.NAMES

    def is_reached(self, value: int) -> bool:
        """Whether a value is the target or better."""
        return value >= self.target if self.direction == "up" else value <= self.target

    def sentence(self, named: Mapping[str, str] | None) -> Words:
        """What a counted statement says.

        Args:
            named: Members that may be told; None where none may.
        """
        hidden = words("비공개", "not public")

        def put(text: str, lang: Literal["ko", "en"]) -> str:
            def value(match: re.Match[str]) -> str:
                return hidden.within(lang) if named is None else named.get(match[1], "–")

            return FIELD.sub(value, text)

        return words(put(self.says.ko, "ko"), put(self.says.en, "en"))


@functools.cache
def load() -> tuple[Indicator, ...]:
    """The indicators of the programme's lines, checked against them.

    Raises:
        FactsError: The facts cannot be read, or do not fit the lines.
    """
    return read(FILE.read_bytes(), lines.load())


def of(indicator_id: str) -> Indicator | None:
    """The indicator of that name; None where there is none."""
    return next((each for each in load() if each.id == indicator_id), None)


def read(content: bytes, programme: Programme) -> tuple[Indicator, ...]:
    """Indicators from the text of their facts.

    Args:
        content: YAML in UTF-8, in the form of `facts/indicators.yaml`.
        programme: Whose lines they belong to.

    Raises:
        FactsError: A member is missing or of another kind, a line or deliverable is not there, or
            an itemised line has no indicator.
    """
    try:
        facts = yaml.safe_load(content.decode("utf-8"))
        found = tuple(_indicator(each) for each in facts["indicators"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as fault:
        raise FactsError(
            words(f"읽을 수 없는 지표({fault!r})", f"indicators that cannot be read ({fault!r})"),
            words("facts/indicators.yaml의 형식", "the form of facts/indicators.yaml"),
        ) from fault
    _check(found, programme)
    return found


def _check(found: tuple[Indicator, ...], programme: Programme) -> None:
    for each in found:
        line = programme.line(each.line)
        known = {deliverable.id for deliverable in line.deliverables}
        if each.deliverable not in known or each.system not in line.systems:
            raise FactsError(
                words(
                    f"지표 {each.id!r}의 산출물 {each.deliverable!r}, 시스템 {each.system!r}",
                    f"deliverable {each.deliverable!r} and system {each.system!r} of {each.id!r}",
                ),
                words(f"항목 {line.id!r}에 있는 것", f"those of the line {line.id!r}"),
            )
    names = [each.id for each in found]
    bare = {line.id for line in programme.lines if line.itemised} - {each.line for each in found}
    if bare or len(set(names)) < len(names):
        raise FactsError(
            words(f"지표가 없는 항목 {sorted(bare)}", f"lines without indicator: {sorted(bare)}")
            if bare
            else words("두 번 나오는 지표", "an indicator twice"),
            words("항목마다 하나 이상, 이름은 한 번씩", "one or more a line, each name once"),
        )


def _indicator(facts: dict[str, Any]) -> Indicator:
    return Indicator(
        id=facts["id"],
        line=facts["line"],
        deliverable=facts["deliverable"],
        system=facts["system"],
        title=_both(facts, "title"),
        unit=words(facts["unit_ko"], facts["unit_en"].rpartition("/")[2]),
        one=words(facts["unit_ko"], facts["unit_en"].partition("/")[0]),
        told=_both(facts, "told"),
        says=_both(facts, "says"),
        rule=_rule(facts["rule"]),
        direction={"up": "up", "down": "down"}[facts.get("direction", "up")],  # type: ignore[arg-type]
        target=int(facts.get("target", FIRST_PROOF)),
        is_first_proof="target" not in facts,
    )


def _both(facts: dict[str, Any], name: str) -> Words:
    return words(facts[f"{name}_ko"], facts[f"{name}_en"])


def _rule(facts: dict[str, Any]) -> Rule:
    return Rule(
        counted=_needed(facts),
        counts=facts["counts"],
        rests_on=tuple(_needed(each) for each in facts.get("rests_on", ())),
        named=tuple(facts.get("named", ())),
        named_when=facts.get("named_when", ""),
        open_subject=facts.get("open_subject", ""),
    )


def _needed(facts: dict[str, Any]) -> Needed:
    return Needed(
        noun=facts["statement"],
        subject=facts.get("subject", ""),
        name=facts.get("name", facts["statement"]),
        where=tuple(Condition(**each) for each in facts.get("where", ())),
        files=tuple(facts.get("files", ())),
        open_when=facts.get("open_when", ""),
    )
