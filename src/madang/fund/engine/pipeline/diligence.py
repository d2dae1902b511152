"""What was looked at before an investment, what is still open, and who bears the cost?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio.companies import digest
from madang.kernel.words import Words, words
from madang.kernel.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

Outcome: TypeAlias = Literal["done", "not-applicable"]
AREAS: dict[str, Words] = {
    "business": words("사업", "Business"),
    "technology": words("기술·인공지능", "Technology and AI"),
    "data-rights": words("자료 권리", "Data rights"),
    "legal": words("법무", "Legal"),
    "finance": words("재무", "Finance"),
    "tax": words("세무", "Tax"),
    "people": words("인력", "People"),
    "security": words("보안", "Security"),
    "esg": words("사회적 책임", "ESG"),
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to look at."""

    code: str
    area: str
    title: Words
    needs_evidence: bool


@dataclass(frozen=True, kw_only=True)
class Check:
    """What came of one item."""

    code: str
    outcome: Outcome
    by: str
    on: date
    evidence: tuple[str, ...] = ()
    """SHA-256 of the documents."""
    reason: str = ""
    """Why it does not apply."""


@dataclass(frozen=True, kw_only=True)
class Diligence:
    """How far the checklist is."""

    done: tuple[Item, ...]
    not_applicable: tuple[Item, ...]
    open: tuple[Item, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is open."""
        return not self.open


@cache
def checklist() -> tuple[Item, ...]:
    """The house's items, in the order of the file."""
    path = files("madang.fund.engine.pipeline") / "facts/diligence.yaml"
    return items(path.read_bytes())


def items(content: bytes) -> tuple[Item, ...]:
    """The items that a checklist file writes.

    Raises:
        InputError: It is no YAML.
        PortfolioRefused: An item lacks something, has an unknown area, or a code stands twice.
    """
    plain = read_yaml(content)
    rows = plain.get("items") if isinstance(plain, dict) else None
    try:
        found = tuple(
            Item(
                code=str(row["code"]),
                area=row["area"],
                title=words(row["title"]["ko"], row["title"]["en"]),
                needs_evidence=row["evidence"],
            )
            for row in rows or ()
        )
    except (KeyError, TypeError):
        found = ()
    if not found or any(each.area not in AREAS for each in found):
        raise PortfolioRefused(
            words("실사 점검표", "the checklist"),
            words(
                f"code, area({', '.join(AREAS)}), title, evidence가 있는 항목",
                f"items with code, area ({', '.join(AREAS)}), title and evidence",
            ),
        )
    _once([each.code for each in found])
    return found


def progress(listed: tuple[Item, ...], checks: Iterable[Check]) -> Diligence:
    """Which items are done, do not apply, or are open.

    Raises:
        PortfolioRefused: A check of an unknown item, one without its evidence or reason, or two.
    """
    by_code = {each.code: each for each in listed}
    told = list(checks)
    _once([each.code for each in told])
    for each in told:
        _check(each, by_code)
    outcome = {each.code: each.outcome for each in told}
    return Diligence(
        done=tuple(each for each in listed if outcome.get(each.code) == "done"),
        not_applicable=tuple(e for e in listed if outcome.get(e.code) == "not-applicable"),
        open=tuple(each for each in listed if each.code not in outcome),
    )


def _check(told: Check, known: dict[str, Item]) -> None:
    if told.code not in known:
        raise PortfolioRefused(
            words(f"실사 항목 {told.code!r}", f"the item {told.code!r}"),
            words(", ".join(known), "one of " + ", ".join(known)),
        )
    lacks_proof = told.outcome == "done" and known[told.code].needs_evidence and not told.evidence
    lacks_reason = told.outcome == "not-applicable" and not told.reason.strip()
    if lacks_proof or lacks_reason or not told.by.strip():
        raise PortfolioRefused(
            words(f"실사 항목 {told.code}의 확인", f"the check of item {told.code}"),
            words(
                "확인한 사람, 완료는 증빙, 해당 없음은 사유",
                "who checked it; evidence where done, a reason where it does not apply",
            ),
        )
    for each in told.evidence:
        digest(each, words("실사 증빙", "evidence of the check"))


def cost(amount_krw: int, *, fund_share: Fraction) -> tuple[int, int]:
    """The cost of due diligence: what the fund bears, and what its managing company bears.

    Args:
        amount_krw: The whole cost.
        fund_share: Of the fund, by its terms, from 0 to 1.

    Raises:
        AmountRefused: No whole number of won.
        PortfolioRefused: No such share.
    """
    total = money.whole_won(amount_krw, where=words("실사 비용", "cost of due diligence"), least=0)
    given: object = fund_share
    if not isinstance(given, (Fraction, int)) or not 0 <= given <= 1:
        raise PortfolioRefused(
            words(f"실사 비용 부담률 {fund_share}", f"the fund's share {fund_share}"),
            words("0 이상 1 이하의 분수", "an exact fraction from 0 to 1"),
        )
    parts = money.apportioned(total, {1: fund_share, 2: 1 - fund_share})
    return parts[1], parts[2]


def _once(codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise PortfolioRefused(
                words(f"실사 항목 {code!r}, 두 번", f"the item {code!r} twice"),
                words("항목마다 한 번", "each item once"),
            )
