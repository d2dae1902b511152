"""Which company is invested in, how has it grown, and which support did it receive?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

MilestoneKind: TypeAlias = Literal[
    "employees", "revenue", "customers", "product", "certification", "patent", "export"
]
MILESTONE_KINDS: tuple[MilestoneKind, ...] = get_args(MilestoneKind)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company that is, or may be, invested in."""

    id: str
    """A slug; postings name the company by it."""
    name: Words
    founded_on: date
    region: str
    """Code of the region of the head office, such as `KR-26` (ISO 3166-2)."""
    field: str
    """Code of the AI field, such as `health`."""
    is_listed: bool = False
    business_number: str = ""
    """Ten digits with a check digit, or empty where unknown."""

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.id):
            raise PortfolioRefused(
                words(f"기업 식별자 {self.id!r}", f"the company id {self.id!r}"),
                words("영문 소문자·숫자·줄표", "lower-case letters, digits and hyphens"),
            )
        if self.business_number:
            object.__setattr__(self, "business_number", business_number(self.business_number))


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """What a company reached, and what shows it."""

    company: str
    kind: MilestoneKind
    value: int | str
    """A number of persons, won or customers; the name of a product or certificate."""
    on: date
    evidence: str
    """SHA-256 of the document, in hexadecimal."""

    def __post_init__(self) -> None:
        if self.kind not in MILESTONE_KINDS:
            raise PortfolioRefused(
                words(f"성장 지표 {self.kind!r}", f"the milestone {self.kind!r}"),
                words(", ".join(MILESTONE_KINDS), "one of " + ", ".join(MILESTONE_KINDS)),
            )
        if isinstance(self.value, (bool, float)):
            raise PortfolioRefused(
                words(f"성장 지표 값 {self.value!r}", f"the value {self.value!r}"),
                words("정수나 글", "a whole number or a text"),
            )
        digest(self.evidence, words("성장 지표의 증빙", "evidence of the milestone"))


@dataclass(frozen=True, kw_only=True)
class Support:
    """What a public programme gave the company beside the fund's investment."""

    company: str
    programme: str
    amount_krw: int
    on: date


def digest(text: str, what: Words) -> str:
    """The text, if it is a SHA-256 in hexadecimal.

    Raises:
        PortfolioRefused: With `what` it belongs to.
    """
    if not _SHA256.fullmatch(text):
        raise PortfolioRefused(
            words(f"{what.ko} {text!r}", f"{what.en} {text!r}"),
            words("SHA-256 지문(16진수 64자)", "a SHA-256 digest of 64 hexadecimal digits"),
        )
    return text


def business_number(text: str) -> str:
    """The ten digits of a Korean business registration number (사업자등록번호).

    Args:
        text: With or without hyphens.

    Raises:
        PortfolioRefused: Not ten digits, or the tenth does not follow from the others.

    Source: the weights 1 3 7 1 3 7 1 3 5, of the ninth product also its tens; the check digit
    brings the sum to a multiple of ten (National Tax Service's rule as published).
    """
    digits = text.replace("-", "").strip()
    if not (re.fullmatch(r"[0-9]{10}", digits) and _check_digit(digits[:9]) == int(digits[9])):
        raise PortfolioRefused(
            words(f"사업자등록번호 {text!r}", f"the business number {text!r}"),
            words("검증 숫자가 맞는 숫자 열 자리", "ten digits with the right check digit"),
        )
    return digits


def _check_digit(nine: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(nine, _WEIGHTS, strict=True))
    return -(total + int(nine[8]) * 5 // 10) % 10


def growth(milestones: tuple[Milestone, ...], company: str) -> tuple[Milestone, ...]:
    """A company's milestones, by kind and then by day."""
    own = (each for each in milestones if each.company == company)
    return tuple(sorted(own, key=lambda each: (each.kind, each.on, str(each.value))))
