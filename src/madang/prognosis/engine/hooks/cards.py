"""How is a prognosis shown in a hospital's system? (cards of CDS Hooks 2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from madang.kernel.errors import InputError
from madang.kernel.words import Language, Words, within, words

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY_AT_MOST = 139
"""Characters of a summary; CDS Hooks 2.0: fewer than 140."""

Indicator = Literal["info", "warning", "critical"]
INDICATORS = ("info", "warning", "critical")

OVERRIDE_SYSTEM = "urn:madang:prognosis:override"
OVERRIDE_REASONS: dict[str, Words] = {
    "known": words("이미 알고 있음", "Already known"),
    "disagree": words("환자 상태와 맞지 않음", "Does not fit the patient"),
    "data": words("입력 자료가 잘못됨", "The data are wrong"),
    "goals": words("치료 목표가 다름", "Other goals of care"),
}
"""Why a clinician sets a card aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that a card offers; `smart` where it launches a SMART app."""

    label: Words
    url: str
    smart: bool = False
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says what a card says: the model, and where it is described."""

    label: Words
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card.

    Attributes:
        summary: One sentence of fewer than 140 characters in either language.
        indicator: How urgent it is.
        source: Who says so.
        detail: More, in GitHub Markdown; may be empty.
        links: Where to read on.
    """

    summary: Words
    indicator: Indicator
    source: Source
    detail: Words | None = None
    links: Sequence[Link] = ()

    def __post_init__(self) -> None:
        long = max(len(self.summary.ko), len(self.summary.en))
        if long > SUMMARY_AT_MOST or not (self.summary.ko and self.summary.en):
            raise InputError(
                words(f"{long}자인 카드 요약", f"a summary of {long} characters"),
                words(f"{SUMMARY_AT_MOST}자 이하", f"at most {SUMMARY_AT_MOST}"),
            )
        if self.indicator not in INDICATORS:
            raise InputError(
                words(f"카드 표시 '{self.indicator}'", f"the indicator '{self.indicator}'"),
                words(", ".join(INDICATORS), ", ".join(INDICATORS)),
            )


def response(cards: Sequence[Card], language: Language) -> dict[str, Any]:
    """The answer to a call: each card with an id of its own, to which feedback refers."""
    return {"cards": [_told(each, language) for each in cards]}


def _told(card: Card, language: Language) -> dict[str, Any]:
    source = {"label": within(card.source.label, language)}
    if card.source.url:
        source["url"] = card.source.url
    told: dict[str, Any] = {
        "uuid": str(UUID(bytes=token_bytes(16), version=4)),
        "summary": within(card.summary, language),
        "indicator": card.indicator,
        "source": source,
        "overrideReasons": [
            {"code": code, "system": OVERRIDE_SYSTEM, "display": within(text, language)}
            for code, text in OVERRIDE_REASONS.items()
        ],
    }
    if card.detail is not None:
        told["detail"] = within(card.detail, language)
    if card.links:
        told["links"] = [_link(each, language) for each in card.links]
    return told


def _link(link: Link, language: Language) -> dict[str, str]:
    told = {
        "label": within(link.label, language),
        "url": link.url,
        "type": "smart" if link.smart else "absolute",
    }
    if link.smart and link.context:
        told["appContext"] = link.context
    return told


def shortened(text: str, at_most: int = SUMMARY_AT_MOST) -> str:
    """A sentence that fits a summary, cut at a word with an ellipsis where it is too long."""
    if len(text) <= at_most:
        return text
    cut = text[: at_most - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space else cut}…"
