"""What do the funds show outside their own pages? A tile, what is found, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from madang.fund.web.models import Act, Company, Fund, Stake
from madang.fund.web.services import book, desk
from madang.kernel.units import eok
from madang.kernel.words import words
from madang.portal.frame import Found, Tile, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from madang.portal.access import Access

_MOST = 20


def home() -> Tile:
    """How much private money stands beside the public money of published funds."""
    rows = [each for row in Fund.objects.filter(is_published=True) if (each := desk.told(row))]
    whole = desk.whole(rows)
    is_example = bool(rows) and all(each["fund"].is_example for each in rows)
    note = words("", "")
    if rows:
        public = eok(whole["public"])
        note = words(f"공공 {public}과 함께 투자", f"beside {public} of public money")
        if is_example:
            note = words("예시 자료", "Invented example")
    return Tile(
        title=words("AI혁신펀드", "AI innovation fund"),
        sentence=words(
            "펀드의 돈이 어디에서 와서 어디로 갔는지 원 단위로 보여 줍니다.",
            "Where each won of a fund came from and where it went.",
        ),
        url=reverse("fund:index"),
        figure=eok(whole["private"]) if rows else "",
        unit=words("민간 투자", "private investment"),
        note=note,
    )


def search(text: str, access: Access) -> list[Found]:
    """Funds and companies that the reader may see and whose name holds every word."""
    funds = _seen(access)
    fits = Q()
    for word in text.split():
        fits &= Q(title_ko__icontains=word) | Q(title_en__icontains=word)
    found = [
        Found(title=each.title, kind=words("펀드", "Fund"), url=each.get_absolute_url())
        for each in funds.filter(fits)[:_MOST]
    ]
    named = Q()
    for word in text.split():
        named &= Q(name_ko__icontains=word) | Q(name_en__icontains=word)
    rows = Company.objects.filter(named, fund__in=funds)[:_MOST]
    return found + [
        Found(title=each.name, kind=words("투자기업", "Company"), url=each.get_absolute_url())
        for each in rows
    ]


def _seen(access: Access) -> QuerySet[Fund]:
    if access.everywhere("fund.see"):
        return Fund.objects.all()
    return Fund.objects.filter(manager__in=access.holding("fund.see"))


def worklist(access: Access) -> Iterator[Waiting]:
    """Acts that wait for the reader's approval, what is late in its funds, calls to be paid."""
    if access.user is None:
        return
    yield from _approvals(access)
    yield from _late(access)
    yield from _calls(access)


def _late(access: Access) -> Iterator[Waiting]:
    """What the reader's own funds should have done already."""
    for fund in Fund.objects.filter(manager__in=access.holding("fund.keep"))[:_MOST]:
        held = book.book(fund)
        if not held.agreements:
            continue
        for each in desk.duties(fund, held, desk.shown_on(held, book.today())):
            if each.is_late:
                yield Waiting(
                    title=words(
                        f"{fund.title.ko}: {each.what.ko}", f"{fund.title.en}: {each.what.en}"
                    ),
                    reason=each.why,
                    act=each.verb,
                    url=each.url,
                )


def _calls(access: Access) -> Iterator[Waiting]:
    """Calls that the reader's organisation has to pay as a partner."""
    stakes = Stake.objects.filter(organisation__in=access.holding("fund.see"))
    for row in stakes.select_related("fund")[:_MOST]:
        found = desk.stake(row)
        if found["due"]:
            yield Waiting(
                title=words(
                    f"{row.fund.title.ko}: 출자 요청 {found['due']:,d}원",
                    f"{row.fund.title.en}: a call of {found['due']:,d} won",
                ),
                reason=words(
                    f"{found['due_on']}까지 납입합니다.", f"It is due on {found['due_on']}."
                ),
                act=words("통지서 보기", "See the notice"),
                url=found["url"],
            )


def _approvals(access: Access) -> Iterator[Waiting]:
    rows = Act.objects.filter(
        state="waiting", fund__manager__in=access.holding("fund.approve")
    ).exclude(by=access.user)
    for row in rows.select_related("fund", "by").order_by("at")[:_MOST]:
        yield Waiting(
            title=words(
                f"{row.fund.title.ko}: {row.kind_title.ko}",
                f"{row.fund.title.en}: {row.kind_title.en}",
            ),
            reason=words(
                f"{row.by} 님이 올려 승인을 기다립니다.",
                f"{row.by} put it forward; it awaits you.",
            ),
            act=words("확인하기", "Look at it"),
            url=row.get_absolute_url(),
        )
