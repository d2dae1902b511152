"""Whose is the thing that an address names? A fund's manager, or the partner behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from madang.fund.web.models import Act, Fund, Stake
from madang.portal.access import of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest


def fund_of(fund: str) -> Fund:
    """The fund of an address.

    Raises:
        Http404: There is none.
    """
    found = Fund.objects.select_related("manager").filter(pk=fund).first()
    if found is None:
        raise Http404
    return found


def managers(fund: str, **_: Any) -> Iterable[int]:
    """Who runs the fund of an address."""
    return (fund_of(fund).manager_id,)


def holders(fund: str, partner: int, **_: Any) -> Iterable[int]:
    """Who runs the fund of an address, and who stands behind the partner's number."""
    stakes = Stake.objects.filter(fund=fund, partner=partner)
    return (fund_of(fund).manager_id, *stakes.values_list("organisation_id", flat=True))


def act_of(fund: str, act: str) -> Act:
    """The act of an address.

    Raises:
        Http404: The fund has none of this name.
    """
    rows = Act.objects.select_related("fund", "by", "decided_by", "drafts", "source")
    found = rows.filter(fund=fund, pk=act).first()
    if found is None:
        raise Http404
    return found


def room(request: HttpRequest, fund: Fund) -> dict[str, Any]:
    """What every page of a fund shows beside its own: the fund, and what its reader may do."""
    access = of(request)
    return {
        "fund": fund,
        "may_keep": access.may("fund.keep", fund.manager_id),
        "may_approve": access.may("fund.approve", fund.manager_id),
    }


def posted(request: HttpRequest) -> Any:
    """What was sent with a form; None where its page is only opened."""
    return request.POST if request.method == "POST" else None
