"""What was asked for, in plain data? Every act by its name, with the facts that it needs.

A form, a file and a program ask for the same acts in the same words, so that there is one way
from a request to drafts.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import (
    calls,
    closing,
    commitments,
    credit,
    distributing,
    ending,
    fees,
    investing,
)
from madang.fund.engine.purpose import in_book
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Draft

_Flow = Callable[..., "tuple[Draft, ...]"]


@dataclass(frozen=True)
class Act:
    """One thing that can be asked for."""

    title: Words
    flow: _Flow


ACTS: dict[str, Act] = {
    "commit": Act(words("출자 약정 등록", "Enter commitments"), commitments.commit),
    "call": Act(words("출자 요청", "Call capital"), calls.call),
    "pay": Act(words("출자금 납입", "Take payments of a call"), calls.pay),
    "default": Act(words("출자 불이행 처리", "Declare a default"), calls.default),
    "transfer": Act(words("지분 양도", "Transfer an interest"), commitments.transfer),
    "fee": Act(words("관리보수 지급", "Pay the management fee"), fees.fee),
    "expense": Act(words("비용 지급", "Pay an expense"), fees.expense),
    "draw": Act(words("차입", "Draw on the line"), credit.draw),
    "repay": Act(words("차입 상환", "Repay the line"), credit.repay),
    "invest": Act(words("투자", "Invest"), investing.invest),
    "value": Act(words("평가", "Value a holding"), investing.value),
    "convert": Act(words("전환", "Convert a holding"), investing.convert),
    "exit": Act(words("회수", "Sell a holding"), investing.exit),
    "write-off": Act(words("감액·상각", "Write a holding off"), investing.write_off),
    "income": Act(words("이자·배당", "Take income"), investing.income),
    "distribute": Act(words("분배", "Distribute cash"), distributing.distribute),
    "in-kind": Act(words("현물 분배", "Distribute a holding"), distributing.in_kind),
    "clawback": Act(words("성과보수 환수", "Take carry back"), ending.clawback),
    "close": Act(words("기간 마감", "Close a period"), closing.close),
    "liquidate": Act(words("청산", "Liquidate"), ending.liquidate),
}
"""Every act, in the order in which a fund meets them."""
_HIDDEN = ("book", "into", "quotas_reached")
_DAYS = ("on", "due", "through")
_BY_PARTNER = ("amounts", "late_interest")


def needs(name: str) -> dict[str, bool]:
    """The facts that an act takes, and whether it needs them.

    Raises:
        FlowRefused: There is no such act.
    """
    found = inspect.signature(_act(name).flow).parameters
    return {
        key: each.default is inspect.Parameter.empty
        for key, each in found.items()
        if key not in _HIDDEN
    }


def _act(name: str) -> Act:
    if name not in ACTS:
        raise FlowRefused(
            words(f"업무 {name!r}", f"the act {name!r}"),
            words(f"{', '.join(ACTS)} 가운데 하나", f"one of {', '.join(ACTS)}"),
        )
    return ACTS[name]


def drafts(book: Book, asked: Mapping[str, Any], *, row: int = 0) -> tuple[Draft, ...]:
    """The drafts of an act that plain data asks for.

    Args:
        book: The fund.
        asked: `act`, and the facts by name: days as text, shares as text, amounts as whole won.
        row: Its place in what was handed in, which a refusal names.

    Raises:
        FundRefused: It cannot be done; the sentence says why.
    """
    name = str(asked.get("act", ""))
    known = needs(name)
    given = {key: value for key, value in asked.items() if key != "act"}
    missing = [key for key, needed in known.items() if needed and key not in given]
    unknown = [key for key in given if key not in known]
    if missing or unknown:
        raise FlowRefused(
            words(
                f"{row}행 {name}: 빠진 항목 {missing or '없음'}, 모르는 항목 {unknown or '없음'}",
                f"{name} in row {row} without {missing or 'gaps'}, with {unknown or 'no'} unknown",
            ),
            words(f"{', '.join(known)}", f"{', '.join(known)}"),
        )
    facts = {key: _value(key, value) for key, value in given.items()}
    if name == "distribute":
        facts["quotas_reached"] = in_book.are_met(book, facts["on"])
    made = _act(name).flow(book, **facts)
    foreign = {
        key: value for key, value in given.items() if isinstance(value, dict) and _is_won(key)
    }
    if not foreign:
        return made
    return tuple(replace(each, facts={**each.facts, "foreign": foreign}) for each in made)


def _is_won(key: str) -> bool:
    return key.endswith("_krw")


def _value(key: str, value: Any) -> Any:
    where = words(key, key)
    if key in _DAYS:
        return _day(key, value)
    if key in ("part", "share"):
        return money.ratio(value, where=where)
    if key == "evidence":
        return tuple(value)
    if key in _BY_PARTNER:
        return _by_partner(key, value)
    if _is_won(key):
        if isinstance(value, dict):
            return _converted(value, where)
        return money.whole_won(value, where=where, least=0)
    return value


def _converted(value: Mapping[str, Any], where: Words) -> int:
    """Another currency's amount in won, by the rate of its day and who says so."""
    rate = None
    if {"rate", "on", "source"} <= set(value):
        rate = money.ExchangeRate(
            currency=str(value.get("currency", "")),
            krw=money.ratio(value["rate"], where=where),
            on=_day(where.en, value["on"]),
            source=str(value["source"]),
        )
    return money.in_won(value.get("amount"), str(value.get("currency", "")), rate, where=where)


def _day(key: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as fault:
        raise FlowRefused(
            words(f"{key}의 날 {value!r}", f"the day {value!r} at {key}"),
            words("2026-03-31처럼 적은 날", "a day such as 2026-03-31"),
        ) from fault


def _by_partner(key: str, value: Any) -> dict[int, int]:
    try:
        return {
            int(partner): money.whole_won(won, where=words(key, key))
            for partner, won in value.items()
        }
    except (AttributeError, ValueError) as fault:
        raise FlowRefused(
            words(f"{key}: {value!r}", f"{value!r} at {key}"),
            words("조합원 번호와 원 단위 금액", "won by partner number"),
        ) from fault
