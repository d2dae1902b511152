"""Of what does a forecast know nothing, and how is a day said in plain words?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

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
