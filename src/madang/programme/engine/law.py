"""Until when is what lawful? The Korean fiscal year and the days that its laws set.

Articles of the National Finance Act (국가재정법) that the dates rest on:

    2    the fiscal year runs from 1 January to 31 December
    3    a year's expenses are met from that year's revenue
    45   no spending beyond the purpose that was voted
    46   전용, between details of one item, with the finance minister's approval or within what
         the minister delegated; a booking of the running year, so 31 December is its last day
    47   이용, between items, only as the budget itself allows it beforehand
    48   이월: an appropriation is not carried into the next year, but for the cases it lists, such
         as commitments made in the year and unavoidably unpaid; the statement of what was carried
         over goes out by 31 January of the next year

The closing of accounts on 10 February rests on article 4-2 of the Treasury Funds Management Act
(국고금 관리법). Article 2 and the gist of 47 and 48 were compared with published texts; the other
numbers, 31 January and 10 February were not, and should be before anybody relies on them.
Whether moving money between two of these lines is 전용 or 이용 depends on the items of the budget
document, which the published facts do not show. The finance ministry's yearly guideline may ask
for requests earlier than the law does; it is not carried in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from madang.kernel.words import Words, words


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A day that the law sets."""

    id: str
    on: date
    what: Words
    article: Words

    def days_left(self, today: date) -> int:
        """Days from today to the deadline; negative once it has passed."""
        return (self.on - today).days


def year_begins(year: int) -> date:
    """The first day of a fiscal year. Source: National Finance Act, article 2."""
    return date(year, 1, 1)


def year_ends(year: int) -> date:
    """The last day of a fiscal year. Source: National Finance Act, article 2."""
    return date(year, 12, 31)


def deadlines(year: int) -> tuple[Deadline, ...]:
    """The legal days of a fiscal year's money, in their order."""
    finance, treasury = ("국가재정법 제{}조", "National Finance Act, article {}"), "4-2"
    last = year_ends(year)

    def article(number: str) -> Words:
        return words(finance[0].format(number), finance[1].format(number))

    return (
        Deadline(
            id="transfer",
            on=last,
            what=words("전용을 기록할 수 있는 마지막 날", "Last day to book a transfer"),
            article=article("46"),
        ),
        Deadline(
            id="commitment",
            on=last,
            what=words(
                "이월하려면 지출원인행위를 마쳐야 하는 날",
                "Last day for a commitment that may be carried over",
            ),
            article=article("48"),
        ),
        Deadline(
            id="carry_over_statement",
            on=date(year + 1, 1, 31),
            what=words("이월명세서를 보내는 기한", "Statement of what is carried over is due"),
            article=article("48"),
        ),
        Deadline(
            id="accounts_closed",
            on=date(year + 1, 2, 10),
            what=words("출납 사무를 마치는 기한", "Receipts and payments of the year are closed"),
            article=words(
                "국고금 관리법 제4조의2", f"Treasury Funds Management Act, article {treasury}"
            ),
        ),
    )


def days_of(first: date, last: date) -> tuple[date, ...]:
    """Every day from the first to the last."""
    return tuple(first + timedelta(days=after) for after in range((last - first).days + 1))
