"""Who is related to whom, and who was supported already? Findings for a person to judge.

No finding is a verdict: each says what was found and why it was compared, and none is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

Kind: TypeAlias = Literal[
    "related-party",
    "member-interest",
    "cross-fund",
    "partner-affiliate",
    "double-support",
]
Matched: TypeAlias = Literal["business-number", "name", "name-other-number"]
KINDS: dict[Kind, Words] = {
    "related-party": words("운용사 관계인", "Related to the fund's managing company"),
    "member-interest": words("이해관계 있는 위원의 의결", "A committee member with an interest"),
    "cross-fund": words("운용사의 다른 펀드와 거래", "A deal with another fund of the house"),
    "partner-affiliate": words("출자자의 관계회사", "A partner's affiliate"),
    "double-support": words("다른 사업의 지원", "Support by another programme"),
}
MATCHES: dict[Matched, Words] = {
    "business-number": words("사업자등록번호가 같음", "the same business number"),
    "name": words("이름이 같고, 번호는 확인되지 않음", "the same name; a number is not known"),
    "name-other-number": words("이름은 같으나 번호가 다름", "the same name, another number"),
}
_FORMS = re.compile(
    r"\((?:주|유|합|사|재|株)\)|주식회사|유한회사|유한책임회사|합자회사|합명회사|"
    r"\b(?:co\.?,? ?ltd|inc|ltd|corp|llc)\b\.?"
)


@dataclass(frozen=True, kw_only=True)
class Party:
    """A person or company as somebody wrote it down."""

    name: str
    business_number: str = ""
    """With or without hyphens; empty where unknown."""


@dataclass(frozen=True, kw_only=True)
class Related:
    """A party that stands in a relation to the fund."""

    party: Party
    kind: Kind
    relation: Words
    """Such as: director of the managing company; another fund, which sells the shares."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a programme gave, as its statement in the evidence log says."""

    party: Party
    programme: str
    amount_krw: int
    on: date


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a person has to look at."""

    kind: Kind
    party: Party
    matched: Matched
    reason: Words


def normalised(name: str) -> str:
    """A company's name without its legal form, spaces, punctuation, case and full-width signs.

    >>> normalised("㈜ 마당 ＡＩ") == normalised("주식회사 마당AI") == normalised("마당ai(주)")
    True
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"[\W_]+", "", _FORMS.sub(" ", plain))
    return bare or re.sub(r"\s+", "", plain)


def matched(one: Party, other: Party) -> Matched | None:
    """By what two parties look like the same one; None where by nothing.

    Equal names with different numbers are told too: one of the numbers may be mistaken, or the
    business may have been registered anew.
    """
    numbers = [re.sub(r"\D", "", each.business_number) for each in (one, other)]
    if all(numbers) and numbers[0] == numbers[1]:
        return "business-number"
    if normalised(one.name) != normalised(other.name):
        return None
    return "name-other-number" if all(numbers) else "name"


def conflicts(parties: Iterable[Party], related: Iterable[Related]) -> tuple[Finding, ...]:
    """Relations between the parties to a deal and those around the fund.

    Args:
        parties: The company, its owners and directors, the sellers of shares.
        related: Persons and companies of the managing company, other funds, partners' affiliates.
    """
    known = list(related)
    found = [
        _finding(each.kind, party, by, each.relation)
        for party in parties
        for each in known
        if (by := matched(party, each.party))
    ]
    return _ordered(found)


def voting_with_interest(
    votes: Iterable[str], interests: Iterable[tuple[str, Party, Words]], *, parties: list[Party]
) -> tuple[Finding, ...]:
    """Members who voted though a party to the deal is one in which they have an interest.

    Args:
        votes: Names of those who voted (a recusal is no vote).
        interests: Member, party, and which interest it is.
        parties: Those of the deal.
    """
    voters = {normalised(each) for each in votes}
    found = [
        _finding("member-interest", party, by, words(f"{who}: {why.ko}", f"{who}: {why.en}"))
        for who, other, why in interests
        if normalised(who) in voters
        for party in parties
        if (by := matched(party, other))
    ]
    return _ordered(found)


def double_support(party: Party, grants: Iterable[Grant]) -> tuple[Finding, ...]:
    """Grants of programmes to what looks like the same company; each one is a finding."""
    found = [
        _finding(
            "double-support",
            each.party,
            by,
            words(
                f"{each.programme}, {each.on}, {each.amount_krw:,d}원",
                f"{each.programme}, {each.on}, {each.amount_krw:,d} won",
            ),
        )
        for each in grants
        if (by := matched(party, each.party))
    ]
    return _ordered(found)


def _finding(kind: Kind, party: Party, by: Matched, told: Words) -> Finding:
    reason = words(f"{told.ko} ({MATCHES[by].ko})", f"{told.en} ({MATCHES[by].en})")
    return Finding(kind=kind, party=party, matched=by, reason=reason)


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda each: (each.kind, each.party.name, each.reason.en)))
