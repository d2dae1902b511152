"""What does a fund's act say to the evidence log, for others to count and to compare?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.fund.engine.purpose import in_book
from madang.fund.web import models
from madang.portal.log import remember

if TYPE_CHECKING:
    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Entry
    from madang.portal.models import User


def tell(noun: str, act: models.Act, by: User, **facts: Any) -> int:
    """Record an act; its place in the evidence log."""
    return remember(noun, f"fund/{act.fund_id}/{act.pk}", by=by, kind=act.kind, **facts).index


def investment(row: models.Act, entry: Entry, *, by: User) -> None:
    """An investment that was paid and proved: the programme's indicator counts its company."""
    if not entry.evidence:
        return
    company = str(entry.facts.get("company", ""))
    known = models.Paper.objects.filter(fund=row.fund_id, sha256__in=entry.evidence)
    # A digest whose file the site does not keep proves nothing to anybody.
    if company.startswith("fund:") or known.count() < len(set(entry.evidence)):
        return
    public = sum(each.amount_krw for each in entry.postings if each.tag == "public")
    private = sum(each.amount_krw for each in entry.postings) - public
    tell(
        "investment-paid",
        row,
        by,
        company=_whole_site(row.fund_id, company),
        evidence=list(entry.evidence),
        public_krw=public,
        private_krw=private,
        head=entry.digest,
    )


def _whole_site(fund: str, code: str) -> str:
    """A company's name across the funds of this site, which says no more than its own fund's.

    Companies of the same business number are one: all go by the one that was entered first.
    """
    own = models.Company.objects.filter(fund=fund, code=code).first()
    if own is not None and own.business_number:
        same = models.Company.objects.filter(business_number=own.business_number).order_by("pk")
        own = same.first() or own
    return f"{own.fund_id}/{own.code}" if own else f"{fund}/{code}"


def beside(row: models.Act, held: Book, entry: Entry, *, by: User) -> None:
    """At a close: how much private money stands beside the public; nothing is said of causes."""
    found = in_book.drawn(held, entry.on)
    ratio = found.private_per_public
    tell(
        "private-beside-public",
        row,
        by,
        through=entry.on.isoformat(),
        private_per_public="" if ratio is None else str(ratio),
        krw={tag.replace("-", "_"): won for tag, won in found.by_tag.items()},
        addends=len(found.addends),
        head=entry.digest,
    )
