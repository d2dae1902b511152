"""What is known of a company's shares and growth, and who would get what of a sale?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.fund.engine.portfolio import exits, record
from madang.fund.web import models
from madang.fund.web.services import book
from madang.portal import objects
from madang.portal.log import remember

if TYPE_CHECKING:
    from madang.fund.engine.portfolio.record import Record
    from madang.portal.models import User


@transaction.atomic
def keep(company: models.Company, content: bytes, *, by: User) -> models.CompanyRecord:
    """Keep another version of a company's record.

    Raises:
        InputError: It cannot be read, or could not have happened; the row is named.
    """
    record.read(content, company=company.code)
    kept = objects.keep(
        content,
        name=f"{company.code}.yaml",
        media_type="application/yaml",
        owner=company.fund.manager,
        by=by,
    )
    entry = remember(
        "fund-company-record", f"fund/{company.fund_id}/{company.code}", by=by, record=kept.digest
    )
    return models.CompanyRecord.objects.create(
        company=company, content=kept, by=by, log_entry=entry.index
    )


def latest(company: models.Company) -> Record | None:
    """The newest record of a company; None where there is none."""
    row = company.records.select_related("content").first()
    if row is None:
        return None
    return record.read(objects.objects().get(row.content.digest), company=company.code)


def shown(found: Record) -> dict[str, Any]:
    """A record as a page shows it."""
    table = found.table()
    issued, diluted = table.ownership(), table.ownership_diluted()
    return {
        "holders": [
            {
                "holder": holder or "–",
                "shares": table.held(holder),
                "issued": float(issued.get(holder, 0)),
                "diluted": float(diluted.get(holder, 0)),
            }
            for holder in sorted(set(issued) | set(diluted))
        ],
        "outstanding": table.outstanding,
        "rounds": [
            {
                "on": each.on,
                "name": each.share_class,
                "price": round(each.price_krw),
                "pre": round(each.pre_money_krw),
                "post": round(each.post_money_krw),
            }
            for each in table.valued
        ],
        "milestones": found.milestones,
        "support": found.support,
    }


def sold(found: Record, price_krw: int) -> list[dict[str, Any]]:
    """Who would get what if the company were sold today, by preference and conversion."""
    paid: dict[str, int] = {}
    claims = exits.claims(found.table(), on=book.today())
    for each in exits.distributed(price_krw, claims):
        paid[each.claim.holder] = paid.get(each.claim.holder, 0) + each.krw
    return [{"holder": holder, "krw": won} for holder, won in sorted(paid.items())]
