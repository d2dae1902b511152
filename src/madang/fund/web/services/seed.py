"""What stands on a new site of development? The invented fund and its sub-fund, up to today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.acts import drafts as asked_drafts
from madang.fund.engine.demo.play import play, terms
from madang.fund.engine.ledger.entry import Draft
from madang.fund.web import models
from madang.fund.web.services import acts, book, roster
from madang.kernel.words import Words, words
from madang.portal import example
from madang.portal.models import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from madang.fund.engine.demo.cast import Company
    from madang.fund.engine.ledger.entry import Entry
    from madang.portal.models import Organisation

_FILES = {"ai-fund": "main", "ai-fund-regional": "regional"}
_PARTNER_NUMBER = 2


def seed(told: Callable[[Words], None]) -> None:
    """Register the invented funds, post what happened to them, and leave one act to approve."""
    told(
        words(
            "예시 펀드를 등록하고 오늘까지의 장부를 기록합니다.",
            "Registering an example fund and posting its books up to today.",
        )
    )
    manager, maker, checker = people()
    played = play(until=book.today())
    for name, each in played.items():
        act = acts.put_terms_forward(
            terms(_FILES[name]), manager=manager, by=maker, is_example=True
        )
        fund = acts.approve(act, by=checker).fund
        _companies(fund, each.companies, by=maker)
        post(fund, each.book.journal.entries, maker=maker, checker=checker)
        models.Fund.objects.filter(pk=fund.pk).update(is_published=not each.book.latest.parent)
    # The manager's own fund is the first partner of its sub-fund.
    roster.give_stake(models.Fund.objects.get(pk="ai-fund-regional"), 1, manager, by=maker)
    _waits(models.Fund.objects.get(pk="ai-fund"), by=maker)


def people() -> tuple[Organisation, User, User]:
    """The invented manager with two persons; all live on a new site of development."""
    found = [User.objects.get(email=f"fund-{name}@example.org") for name in ("maker", "checker")]
    return example.organisation(example.VENTURES), found[0], found[1]


def post(fund: models.Fund, entries: Iterable[Entry], *, maker: User, checker: User) -> models.Act:
    """Post entries that were played elsewhere, as one import of existing books."""
    drafts = [
        Draft(
            on=each.on,
            kind=each.kind,
            memo=each.memo,
            postings=each.postings,
            facts=each.facts,
            evidence=each.evidence,
        )
        for each in entries
    ]
    act = acts.put_forward(fund, drafts, kind="books", by=maker, title="example.jsonl")
    return acts.approve(act, by=checker)


def _companies(fund: models.Fund, known: dict[str, Company], *, by: User) -> None:
    for code, company in known.items():
        roster.add_company(
            fund,
            by=by,
            code=code,
            name_ko=company.name.ko,
            name_en=company.name.en,
            founded_on=company.founded_on,
            region=company.region,
            field=company.field,
            revenue_krw=company.revenue_krw,
        )
    fund.companies.update(is_published=True)


def _waits(fund: models.Fund, *, by: User) -> None:
    """One call of capital that awaits the second person, and a partner who may look in."""
    bank = example.organisation(example.BANK)
    roster.give_stake(fund, _PARTNER_NUMBER, bank, by=by)
    today = book.today()
    asked = {
        "act": "call",
        "on": today.isoformat(),
        "due": today.fromordinal(today.toordinal() + 14).isoformat(),
        "purposes": {"investment": 4_000_000_000},
    }
    drafts = asked_drafts(book.book(fund), asked)
    acts.put_forward(fund, drafts, kind="call", by=by, asked=asked, title=drafts[0].memo)
