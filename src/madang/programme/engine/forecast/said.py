"""How is an outlook said in plain words, and of what does it know nothing?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.units import eok
from madang.kernel.words import Words, words
from madang.programme.engine.forecast.moving import SURE, THRESHOLD

if TYPE_CHECKING:
    from datetime import date

    from madang.programme.engine.forecast.outlook import Outlook

NOT_FORESEEN_TITLE = words("전망 구간이 맞지 않는 경우", "The intervals do not hold where")
NOT_FORESEEN: tuple[Words, ...] = (
    words(
        "가을에 모든 사업이 한두 달 멈추는 경우",
        "all work stands still for a month or two in autumn",
    ),
    words(
        "항목의 예산을 한 번에 모두 쓰거나 올해에는 쓰지 못하는 경우",
        "a line is spent in one payment, or not at all this year",
    ),
    words(
        "이미 인정한 증빙을 연말에 다시 인정하지 않는 경우",
        "evidence that was accepted is rejected again late in the year",
    ),
)
"""When the intervals do not hold; to be shown beside a forecast, under `NOT_FORESEEN_TITLE`.

On invented years of these kinds far fewer lines ended within their 80 % interval than on others:
`docs/bench/programme.md`, the rows `freeze`, `lump` and `clawback`.
"""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def day_words(day: date) -> Words:
    """A day of the running year as people say it: 10월 17일, 17 October."""
    return words(f"{day.month}월 {day.day}일", f"{day.day} {_MONTHS[day.month - 1]}")


def sentence(told: Outlook, today: date) -> Words:
    """What the year will end with, how sure that is, and until when money can be moved."""
    whole, middle = told.appropriation_krw, told.middle_krw
    share = middle / whole if whole else 0.0
    low, high = eok(told.low_krw), eok(told.high_krw)
    act = _of_moving(told, today)
    return words(
        f"연말 실집행은 {eok(middle)}({share:.0%})으로 예상되며, 열에 여덟은 {low}~{high}입니다."
        f" 예산의 {THRESHOLD:.0%} 넘게 남을 가능성은 {told.unspent_chance:.0%}입니다.{act.ko}",
        f"Spending by the end of the year is expected at {eok(middle)} ({share:.0%}), eight times"
        f" in ten between {low} and {high}; the chance that over {THRESHOLD:.0%} stays unspent is"
        f" {told.unspent_chance:.0%}.{act.en}",
    )


def _of_moving(told: Outlook, today: date) -> Words:
    begin, until = told.reallocate_from, day_words(told.reallocate_until)
    if begin is None:
        if told.unspent_chance < SURE:
            return words("", "")
        return words(
            f" {until.ko}이 지나, 지금 옮긴 돈은 연내에 쓰기 어렵습니다.",
            f" It is too late to move money; what was moved by {until.en} could be spent in time.",
        )
    since = day_words(begin)
    if not told.line:
        return words(
            f" {since.ko}부터 {until.ko}까지 항목 사이에서 옮긴 돈은 연내에 쓸 수 있습니다.",
            f" What is moved between lines from {since.en} to {until.en} can be spent in time.",
        )
    if begin == today == told.reallocate_until:
        return words(
            f" 오늘({until.ko})까지 옮긴 돈은 다른 항목에서 연내에 쓸 수 있습니다.",
            f" What is moved away by today ({until.en}) can be spent in time.",
        )
    if begin == today:
        return words(
            f" 오늘({since.ko})부터 {until.ko}까지 옮긴 돈은 다른 항목에서 연내에 쓸 수 있습니다.",
            f" What is moved away from today ({since.en}) to {until.en} can be spent in time.",
        )
    return words(
        f" {since.ko}까지 실집행이 늘지 않으면 그때부터 {until.ko}까지 옮기는 편이 낫습니다.",
        f" If nothing more is spent by {since.en}, money is better moved away between then and"
        f" {until.en}.",
    )
