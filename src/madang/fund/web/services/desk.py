"""How does a fund stand today, for who runs it, who oversees it, and for everybody?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from madang.fund.engine import reconciling
from madang.fund.engine.flows import calls, credit, fees
from madang.fund.engine.ledger.accounts import DISTRIBUTED
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.purpose import in_book
from madang.fund.engine.purpose.quotas import STATES
from madang.fund.web.models import Stake
from madang.fund.web.services import book
from madang.fund.web.services.shown import Names
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.fund.engine.book import Book
    from madang.fund.engine.purpose.quotas import Standing
    from madang.fund.web.models import Entry, Fund

_BADGES = {"met": "good", "on-track": "info", "warning": "late", "unreachable": "danger"}
_QUARTER_DAYS = 100
"""After so many days a valuation is older than the quarter it was made for."""


@dataclass(frozen=True)
class Figures:
    """The first numbers of a fund, in won."""

    committed: int
    paid_in: int
    invested: int
    distributed: int
    nav: int
    cash: int
    unfunded: int


def figures(held: Book, on: date) -> Figures:
    """The numbers of a day."""
    journal = held.journal
    return Figures(
        committed=-journal.total("committed", on),
        paid_in=-journal.total("paid-in", on),
        invested=sum(each.krw for each in in_book.invested(held, on)),
        distributed=sum(journal.total(name, on) for name in DISTRIBUTED),
        nav=held.nav(on),
        cash=held.cash(on),
        unfunded=journal.total("unfunded", on),
    )


def shown_on(held: Book, today: date) -> date:
    """The day that pages show: today, or the last of a ledger that is an example ahead of it."""
    last = held.journal.last_day
    return max(today, last) if last else today


def summary(fund: Fund) -> dict[str, Any]:
    """A fund in one row."""
    held = book.book(fund)
    found: dict[str, Any] = {"fund": fund, "figures": None}
    if held.agreements:
        found["figures"] = figures(held, shown_on(held, book.today()))
    return found


def stake(row: Stake) -> dict[str, Any]:
    """What an organisation has in a fund, in one row."""
    held = book.book(row.fund)
    on = shown_on(held, book.today())
    due = [each for each in calls.open_calls(held).values() if each.unpaid.get(row.partner)]
    return {
        "stake": row,
        "url": reverse("fund:partner", args=[row.fund_id, row.partner]),
        "committed": held.committed(row.partner, on),
        "unfunded": held.unfunded(row.partner, on),
        "due": sum(each.unpaid[row.partner] for each in due),
        "due_on": min((each.due for each in due), default=None),
    }


def desk(fund: Fund, held: Book, today: date) -> dict[str, Any]:
    """Everything on a fund's desk."""
    on, names = shown_on(held, today), Names(held, fund)
    return {
        "on": on,
        "figures": figures(held, on),
        "quotas": [quota(each) for each in in_book.standings(held, on)],
        "drawn": in_book.drawn(held, on),
        "duties": duties(fund, held, on),
        "entries": told_entries(fund, names, fund.entries.order_by("-number")[:8]),
        "head": held.journal.head,
        "closed_through": held.journal.closed_through,
        "sub_funds": sub_funds(fund, held),
    }


def told_entries(fund: Fund, names: Names, rows: Iterable[Entry]) -> list[tuple[Entry, Words]]:
    """Entries with what they are about."""
    return [(each, names.about(each.kind, each.memo, each.facts)) for each in rows]


def sub_funds(fund: Fund, held: Book) -> list[dict[str, Any]]:
    """The sub-funds of a fund, each with what the books of both say of it."""
    found = []
    for stake in Stake.objects.filter(organisation=fund.manager).select_related("fund"):
        child = book.book(stake.fund)
        if child.agreements and child.latest.parent == fund.pk:
            checks = reconciling.between(held, child, partner=stake.partner)
            found.append({"fund": stake.fund, "checks": checks})
    return found


def quota(standing: Standing) -> dict[str, Any]:
    """A quota as a page shows it."""
    return {
        "standing": standing,
        "state": STATES[standing.state],
        "badge": _BADGES[standing.state],
        "share": float(Fraction(standing.within_krw, standing.goal_krw))
        if standing.goal_krw
        else 1.0,
        "least": float(standing.quota.least_share),
    }


@dataclass(frozen=True)
class Duty:
    """Something that the manager has to do."""

    what: Words
    why: Words
    url: str
    verb: Words
    is_late: bool = False


def duties(fund: Fund, held: Book, on: date) -> list[Duty]:
    """What is due, what is late first."""
    found = [*_unpaid(fund, held, on), *_fee(fund, held, on), *_line(fund, held, on)]
    found += [*_valuations(fund, held, on), *_quotas(fund, held, on), *_close(fund, held, on)]
    return sorted(found, key=lambda each: not each.is_late)


def _do(fund: Fund, kind: str) -> str:
    return reverse("fund:do", args=[fund.pk, kind])


def _unpaid(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    for each in calls.open_calls(held).values():
        left, late = sum(each.unpaid.values()), (on - each.due).days
        yield Duty(
            words(
                f"{each.number}차 출자 요청 납입 {left:,d}원",
                f"Call {each.number}: {left:,d} won",
            ),
            words(f"기한이 {late}일 지났습니다.", f"It is {late} days late.")
            if late > 0
            else words(f"기한은 {each.due}입니다.", f"It is due on {each.due}."),
            _do(fund, "pay"),
            words("납입 기록하기", "Take the payment"),
            is_late=late > 0,
        )


def _fee(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    period = fees.next_period(held)
    if period.end <= on and held.journal.total("committed"):
        yield Duty(
            words(f"{period.first}부터의 관리보수", f"The fee from {period.first}"),
            words(f"{period.end}부터 지급할 수 있습니다.", f"It can be paid from {period.end}."),
            _do(fund, "fee"),
            words("지급하기", "Pay it"),
        )


def _line(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    owed = credit.owed(held, on)
    draws = [each for each in held.journal.entries if each.kind is Kind.DRAW]
    if owed and draws:
        repay_by = str(draws[-1].facts["repay_by"])
        yield Duty(
            words(f"차입 잔액 {owed:,d}원", f"{owed:,d} won drawn on the line"),
            words(f"{repay_by}까지 갚아야 합니다.", f"To be repaid by {repay_by}."),
            _do(fund, "repay"),
            words("상환하기", "Repay it"),
            is_late=repay_by < on.isoformat(),
        )


def _valuations(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    last: dict[str, date] = {}
    for entry in held.journal.entries:
        if entry.kind in (Kind.VALUATION, Kind.INVESTMENT):
            company = str(entry.facts.get("company", ""))
            last[company] = max(last.get(company, entry.on), entry.on)
    old = [each for each in held.held(on) if (on - last.get(each, on)).days > _QUARTER_DAYS]
    names = Names(held, fund)
    told = [names.company(each) for each in old[:3]]
    if old:
        yield Duty(
            words(
                f"평가가 오래된 기업 {len(old)}곳",
                f"{len(old)} holdings whose valuation is old",
            ),
            words(
                ", ".join(each.ko for each in told) + " 등",
                ", ".join(each.en for each in told) + " …",
            ),
            _do(fund, "value"),
            words("평가하기", "Value one"),
        )


def _close(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    """The first quarter that has ended and is not closed; late once the next one has ended too."""
    closed = held.journal.closed_through
    first = held.journal.first_day
    if first is None or (held.journal.entries[-1].kind is Kind.LIQUIDATION):
        return
    end = _quarter_end(closed + timedelta(days=1) if closed else first)
    if end >= on:
        return
    yield Duty(
        words(f"{end}까지의 분기 마감", f"Close the quarter to {end}"),
        words(
            "손익을 조합원에게 나누고 자본계정을 확정합니다.",
            "It allocates the results and settles the capital accounts.",
        ),
        _do(fund, "close"),
        words("마감하기", "Close it"),
        is_late=_quarter_end(end + timedelta(days=1)) < on,
    )


def _quarter_end(day: date) -> date:
    month = (day.month + 2) // 3 * 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _quotas(fund: Fund, held: Book, on: date) -> Iterable[Duty]:
    for each in in_book.standings(held, on):
        if each.state not in ("warning", "unreachable"):
            continue
        title, day = each.quota.title, each.too_late_after
        told = (
            words(f"{day} 뒤에는 채울 수 없습니다.", f"After {day} it is too late.")
            if day
            else words("더 이상 채울 수 없습니다.", "It can no longer be reached.")
        )
        yield Duty(
            words(
                f"의무투자 {title.ko} {each.needed_krw:,d}원 남음",
                f"Quota {title.en}: {each.needed_krw:,d} won to go",
            ),
            told,
            _do(fund, "invest"),
            words("투자하기", "Invest"),
            is_late=each.state == "unreachable",
        )


def told(fund: Fund) -> dict[str, Any] | None:
    """What everybody may know: sums, and the companies that agreed to be named."""
    held = book.book(fund)
    if not held.agreements:
        return None
    on = shown_on(held, book.today())
    invested: dict[str, int] = {}
    for each in in_book.invested(held, on):
        invested[each.company] = invested.get(each.company, 0) + each.krw
    named = fund.companies.filter(is_published=True, code__in=invested)
    return {
        "fund": fund,
        "on": on,
        "figures": figures(held, on),
        "drawn": in_book.drawn(held, on),
        "companies": [(each, invested[each.code]) for each in named],
        "count": sum(not name.startswith("fund:") for name in invested),
        "quotas": [quota(each) for each in in_book.standings(held, on)],
    }


def overseen(fund: Fund) -> dict[str, Any] | None:
    """A fund as the ministry sees it."""
    found = told(fund)
    if found is None:
        return None
    held = book.book(fund)
    return found | {
        "waiting": fund.acts.filter(state="waiting").count(),
        "closed_through": held.journal.closed_through,
        "head": held.journal.head,
    }


def whole(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All funds together; what a fund paid into its sub-fund is left out of the sums."""
    top = [row for row in rows if not book.book(row["fund"]).latest.parent]
    public = sum(row["drawn"].by_tag["public"] for row in top)
    private = sum(sum(row["drawn"].by_tag.values()) for row in top) - public
    return {
        "count": len(rows),
        "public": public,
        "private": private,
        "committed": sum(row["figures"].committed for row in top),
    }


def publishing(fund: Fund) -> dict[str, Any]:
    """The page that asks before a fund is shown to everybody, or no longer."""
    verb = words("공개 중지하기", "Stop showing it")
    sentence = words("공개 화면에서 이 펀드가 사라집니다.", "Nobody but its own will see it.")
    if not fund.is_published:
        verb = words("공개하기", "Show it to everybody")
        sentence = words(
            "약정·투자·회수의 합계와, 공개에 동의한 기업의 이름을 누구나 볼 수 있습니다.",
            "Everybody will see its sums and the companies that agreed to be named.",
        )
    return {
        "title": verb,
        "act": verb,
        "sentence": sentence,
        "facts": [(words("펀드", "Fund"), fund.title)],
        "back": fund.get_absolute_url(),
        "fund": fund,
    }
