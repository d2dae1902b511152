"""Has somebody else read the metric that an agency wrote itself? Else nothing is sealed by it.

The site remembers who wrote a source and who reviewed it; what the text itself says of a review
counts for nothing here, since whoever writes the text could say anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.web.models import Demand
from madang.trials.web.services import drafts
from madang.trials.web.services.annals import recorded

if TYPE_CHECKING:
    from madang.portal.models import User


def own_metric(demand: Demand) -> OwnMetric | None:
    """The metric of a draft's own, as far as it can be read."""
    plain = demand.plain.get("own_metric")
    if not isinstance(plain, dict):
        return None
    try:
        return OwnMetric.from_plain(plain)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # unfinished; the check says in what


def note(demand: Demand, *, by: User) -> None:
    """Remember on a row that is being saved who wrote its metric, where it is another one now."""
    own, told = own_metric(demand), demand.findings.get("metric") or {}
    if own is None:
        demand.findings = {k: v for k, v in demand.findings.items() if k != "metric"}
    elif told.get("digest") != own.digest:
        demand.findings = {**demand.findings, "metric": {"digest": own.digest, "by": by.pk}}


def is_writer(demand: Demand, user: User) -> bool:
    """Whether this person wrote the metric as it now is."""
    return bool((demand.findings.get("metric") or {}).get("by") == user.pk)


def is_reviewed(demand: Demand) -> bool:
    """Whether somebody else has confirmed the metric as it now is."""
    own, told = own_metric(demand), demand.findings.get("metric") or {}
    return own is not None and told.get("digest") == own.digest and "reviewed_by" in told


def hindrance(demand: Demand) -> list[Words]:
    """What keeps a demand with a metric of its own from being sealed."""
    if "own_metric" not in demand.plain or is_reviewed(demand):
        return []
    return [
        words(
            "기관의 자체 지표를 쓴 사람이 아닌 사람이 검토해야 합니다.",
            "Somebody other than its writer must review the agency's own metric.",
        )
    ]


def review(demand: Demand, *, by: User) -> Demand:
    """Confirm the metric as it now is.

    Raises:
        DemandError: There is none that can be read, or the reviewer wrote it.
    """
    with transaction.atomic():
        rows = Demand.objects.select_for_update(of=("self",)).select_related("agency", "ministry")
        row = rows.get(pk=demand.pk)
        own = own_metric(row)
        if own is None or row.state != "draft":
            raise DemandError(
                words("검토할 자체 지표가 없는 초안", "no metric of its own to review"),
                words("자체 지표를 적은 초안", "a draft that declares one"),
            )
        if is_writer(row, by):
            raise DemandError(
                words("자신이 쓴 지표의 검토", "a review of one's own metric"),
                words("다른 사람의 검토", "a review by somebody else"),
                words(
                    "기관이나 부처의 다른 담당자에게 부탁하십시오.",
                    "Ask another member of the agency or the ministry.",
                ),
            )
        _confirm(row, own, by=by)
        recorded("metric-reviewed", row, by=by, metric=own.metric.name, digest=own.digest)
    return row


def _confirm(row: Demand, own: OwnMetric, *, by: User) -> None:
    owner = row.ministry or row.agency
    review: dict[str, Any] = {"by": f"{owner.slug}/{by.pk}", "digest": own.digest}
    metric = {**row.plain["own_metric"], "reviewed": review}
    row.plain = {**row.plain, "own_metric": metric}
    row.text = drafts.as_yaml(row.plain)
    told = {**row.findings["metric"], "reviewed_by": by.pk}
    row.findings = {**row.findings, "metric": told}
    row.save(update_fields=["plain", "text", "findings"])
