"""What did the investment committee decide, by which votes, and is its record unchanged?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel import ids
from madang.kernel.evidence import canonical
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

Choice: TypeAlias = Literal["for", "against", "abstain", "recused"]
Result: TypeAlias = Literal["approved", "rejected", "no-quorum"]
CHOICES: dict[Choice, Words] = {
    "for": words("찬성", "For"),
    "against": words("반대", "Against"),
    "abstain": words("기권", "Abstained"),
    "recused": words("회피", "Recused"),
}
RESULTS: dict[Result, Words] = {
    "approved": words("가결", "Approved"),
    "rejected": words("부결", "Rejected"),
    "no-quorum": words("정족수 미달", "No quorum"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a committee can decide, and when it agrees."""

    quorum: Fraction
    """Of the members who are not recused, at least so many vote or abstain."""
    majority: Fraction
    """Of the base, more than so much is for it (1/2: more than half)."""
    base: Literal["present", "cast", "members"]
    """`cast` leaves abstentions out; `present` counts them; `members` counts absent ones too."""
    is_at_least: bool = False
    """Exactly the majority is enough (two thirds or more)."""

    def __post_init__(self) -> None:
        given: tuple[object, ...] = (self.quorum, self.majority)
        for share in given:
            if not isinstance(share, (Fraction, int)) or not 0 <= share <= 1:
                raise PortfolioRefused(
                    words(f"의결 비율 {share!r}", f"the share {share!r}"),
                    words("0 이상 1 이하의 분수", "an exact fraction from 0 to 1"),
                )
        if self.base not in ("present", "cast", "members"):
            raise PortfolioRefused(
                words(f"의결 기준 {self.base!r}", f"the base {self.base!r}"),
                words("present·cast·members 가운데 하나", "one of present, cast, members"),
            )


@dataclass(frozen=True, kw_only=True, order=True)
class Vote:
    """What one member said."""

    member: str
    choice: Choice


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """The record of one decision."""

    application: str
    on: date
    members: tuple[str, ...]
    votes: tuple[Vote, ...]
    rule: Rule
    result: Result
    text: str
    digest: str
    """SHA-256 of all the rest in canonical JSON."""


def decided(
    application: str,
    *,
    on: date,
    members: Collection[str],
    votes: Iterable[Vote],
    rule: Rule,
    conflicted: Collection[str] = (),
    text: str = "",
) -> Minutes:
    """The minutes of a vote, with its result.

    Args:
        application: Id of the application.
        on: The day.
        members: All members, each once.
        votes: One from each member present; their order means nothing.
        rule: Quorum and majority.
        conflicted: Members with an interest; they may only be recused.
        text: What was discussed.

    Raises:
        PortfolioRefused: A stranger, a second vote, an unknown choice, or a vote despite an
            interest.
    """
    cast = tuple(sorted(votes))
    _check(cast, members, conflicted)
    result = _result(cast, members, conflicted, rule)
    found = Minutes(
        application=application,
        on=on,
        members=tuple(sorted(members)),
        votes=cast,
        rule=rule,
        result=result,
        text=text,
        digest="",
    )
    object.__setattr__(found, "digest", digest(found))
    return found


def digest(minutes: Minutes) -> str:
    """SHA-256 over everything in the minutes but the digest itself."""
    rule = minutes.rule
    return ids.digest(
        canonical.encode(
            {
                "application": minutes.application,
                "on": minutes.on.isoformat(),
                "members": list(minutes.members),
                "votes": [[each.member, each.choice] for each in minutes.votes],
                "rule": [str(rule.quorum), str(rule.majority), rule.base, rule.is_at_least],
                "result": minutes.result,
                "text": minutes.text,
            }
        )
    )


def is_unchanged(minutes: Minutes) -> bool:
    """Whether the digest is that of the content."""
    return digest(minutes) == minutes.digest


def _check(votes: tuple[Vote, ...], members: Collection[str], conflicted: Collection[str]) -> None:
    seen: set[str] = set()
    if not members or len(set(members)) != len(members):
        raise _refused("위원 명단", "the members", "위원마다 한 번", "one or more, each once")
    for each in votes:
        if each.member not in members or each.member in seen:
            raise _refused(
                f"{each.member!r}의 표", f"a vote of {each.member!r}",
                "위원 한 명에 한 표", "one vote of each member",
            )  # fmt: skip
        if each.choice not in CHOICES:
            raise _refused(
                f"표결 {each.choice!r}", f"the choice {each.choice!r}",
                ", ".join(each.ko for each in CHOICES.values()), "one of " + ", ".join(CHOICES),
            )  # fmt: skip
        if each.member in conflicted and each.choice != "recused":
            raise _refused(
                f"이해관계가 있는 {each.member!r}의 표",
                f"a vote of {each.member!r} with an interest",
                "회피", "a recusal",
            )  # fmt: skip
        seen.add(each.member)


def _result(
    votes: tuple[Vote, ...], members: Collection[str], conflicted: Collection[str], rule: Rule
) -> Result:
    count = Counter(each.choice for each in votes)
    out = {each.member for each in votes if each.choice == "recused"} | (
        set(conflicted) & set(members)
    )
    able = len(members) - len(out)
    present = count["for"] + count["against"] + count["abstain"]
    if not present or present < rule.quorum * able:
        return "no-quorum"
    base = {"present": present, "cast": present - count["abstain"], "members": able}[rule.base]
    needed = rule.majority * base
    is_enough = count["for"] >= needed if rule.is_at_least else count["for"] > needed
    return "approved" if is_enough and count["for"] else "rejected"


def _refused(ko: str, en: str, expected_ko: str, expected_en: str) -> PortfolioRefused:
    return PortfolioRefused(words(ko, en), words(expected_ko, expected_en))
