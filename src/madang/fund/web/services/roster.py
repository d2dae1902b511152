"""Who and what stands beside a fund's ledger: companies, papers, partners' organisations?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.fund.engine.errors import FundRefused
from madang.fund.web import models
from madang.kernel import ids
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.log import remember

if TYPE_CHECKING:
    from madang.portal.models import Organisation, User


def paper(fund: models.Fund, content: bytes, *, name: str, by: User) -> str:
    """Keep an evidence file; its SHA-256."""
    digest = ids.digest(content)
    if not models.Paper.objects.filter(fund=fund, sha256=digest).exists():
        kept = objects.keep(
            content,
            name=name[:120],
            media_type="application/octet-stream",
            owner=fund.manager,
            by=by,
        )
        models.Paper.objects.get_or_create(
            fund=fund, sha256=digest, defaults={"name": name[:200], "kept": kept, "by": by}
        )
    return digest


@transaction.atomic
def publish(fund: models.Fund, *, by: User, is_published: bool) -> None:
    """Show a fund to everybody, or no longer."""
    before = fund.is_published
    fund.is_published = is_published
    fund.save(update_fields=["is_published"])
    remember(
        "fund-published",
        f"fund/{fund.pk}",
        by=by,
        before={"is_published": before},
        after={"is_published": is_published},
    )


@transaction.atomic
def add_company(fund: models.Fund, *, by: User, **facts: Any) -> models.Company:
    """Enter a company that the fund looks at.

    Raises:
        FundRefused: The fund has one of this name in its books.
    """
    code = facts["code"]
    if models.Company.objects.filter(fund=fund, code=code).exists():
        raise FundRefused(
            words(f"이미 쓰는 이름 {code!r}", f"the name {code!r}, taken"),
            words("장부에 없는 이름", "a name that the books have not"),
        )
    row = models.Company.objects.create(fund=fund, **facts)
    remember("fund-company", f"fund/{fund.pk}/{code}", by=by, after={"code": code})
    return row


@transaction.atomic
def show_company(company: models.Company, *, by: User, is_published: bool) -> None:
    """Name a company on the fund's public page, or no longer; it has agreed to it."""
    company.is_published = is_published
    company.save(update_fields=["is_published"])
    remember(
        "fund-company-published",
        f"fund/{company.fund_id}/{company.code}",
        by=by,
        is_published=is_published,
    )


@transaction.atomic
def give_stake(
    fund: models.Fund, partner: int, organisation: Organisation, *, by: User
) -> models.Stake:
    """Let an organisation see the fund as one of its partners."""
    row, _ = models.Stake.objects.update_or_create(
        fund=fund, partner=partner, defaults={"organisation": organisation}
    )
    remember(
        "fund-stake",
        f"fund/{fund.pk}/{partner}",
        by=by,
        after={"organisation": organisation.slug},
    )
    return row


@transaction.atomic
def take_stake(stake: models.Stake, *, by: User) -> None:
    """Let an organisation no longer see the fund as one of its partners."""
    remember(
        "fund-stake-ended",
        f"fund/{stake.fund_id}/{stake.partner}",
        by=by,
        before={"organisation": stake.organisation.slug},
    )
    stake.delete()
