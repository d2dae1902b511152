"""Which demands are there, what does each ask for, and what of its data may everybody have?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from pydantic import Field, StringConstraints

from madang.portal.api.description import file_answer
from madang.portal.api.pages import After, Limit, Page, page
from madang.portal.api.shapes import Body, Moment, Words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.telling import demand_facts
from madang.trials.web.api.callers import Name, caller, public, seen
from madang.trials.web.api.router import router
from madang.trials.web.api.shapes import (
    Baseline,
    DemandFull,
    DemandLine,
    File,
    Metric,
    Outputs,
    PublicState,
    line,
)
from madang.trials.web.models import Demand
from madang.trials.web.services import catalogue, evidence, openings
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from collections.abc import Mapping


Sought = Annotated[str, StringConstraints(max_length=100)]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9_.-]*$")]
PublicFile = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z_]{1,40}\.(parquet|csv)$"),
    Field(description="예: open_inputs.parquet · Such as open_inputs.parquet"),
]
WITH = ("agency", "ministry", "origin")


@router.get("/demands", auth=None, response=Page[DemandLine])
def list_demands(
    request: HttpRequest,
    response: HttpResponse,
    q: Sought = "",
    state: PublicState | None = None,
    task: Word = "",
    agency: Word = "",
    sector: Word = "",
    closing: bool = False,
    posted_since: Moment | None = None,
    limit: Limit = 20,
    after: After = "",
) -> Page[DemandLine]:
    """공고된 수요 찾기 · Look for posted demands."""
    wish = catalogue.Wish(
        text=q, state=state or "", task=task, agency=agency, sector=sector, closing=closing
    )
    found = catalogue.find(wish)
    if posted_since:
        found = found.filter(posted__gte=posted_since)
    found = catalogue.with_lists(found)
    return page(request, response, found, DemandLine.of, limit=limit, after=after)


@router.get("/own-demands", response=Page[DemandLine])
def list_own_demands(
    request: HttpRequest, response: HttpResponse, limit: Limit = 20, after: After = ""
) -> Page[DemandLine]:
    """우리 기관의 수요, 초안까지 · The caller's own demands, drafts too."""
    own = caller(request, "trials.post").organisation
    found = Demand.objects.filter(Q(agency=own) | Q(ministry=own)).select_related("agency")
    return page(request, response, found, DemandLine.of, limit=limit, after=after)


@router.get("/demands/{demand}", auth=None, response=DemandFull)
def get_demand(request: HttpRequest, demand: Name) -> DemandFull:
    """수요의 규칙과 공개 자료 · A demand's rule and its public data."""
    return full(seen(request, demand), f"{request.path}/data")


@router.get(
    "/demands/{demand}/data/{file}",
    auth=None,
    response={200: None},
    openapi_extra=file_answer("application/vnd.apache.parquet", "text/csv"),
)
def download_data(request: HttpRequest, demand: Name, file: PublicFile) -> FileResponse:
    """공개 자료 내려받기 · Download public data.

    공개 표본과, 수요가 내어 준 봉인 입력입니다. · The open sample, and sealed inputs that are
    given out.
    """
    found = public(request, demand)
    try:
        content, media_type = openings.opened(found, file)
    except KeyError as fault:
        raise Http404 from fault
    return FileResponse(
        content, as_attachment=True, filename=f"{found.name}-{file}", content_type=media_type
    )


@router.get("/demands/{demand}/evidence", auth=None, response=dict[str, Any])
def get_evidence(request: HttpRequest, demand: Name) -> dict[str, Any]:
    """로그의 기록과 증명 · The log's entries, each with its proof."""
    return evidence.of_demand(public(request, demand))


def full(row: Demand, data: str) -> DemandFull:
    """A demand whole; `data` is the address below which its files lie."""
    registered = row.registration
    told = _told(row)
    return DemandFull(
        **line(row),
        problem=Words.of(row.problem),
        ministry=Body.of(row.ministry) if row.ministry else None,
        origin=row.origin.name if row.origin and row.origin.is_public else None,
        plain=row.plain,
        digest=row.digest,
        sizes=registered.get("sizes", {}),
        tiers=registered.get("tiers", []),
        quota=row.quota,
        limits=registered.get("limits", {}),
        metrics=[_metric(each) for each in registered.get("metrics", [])],
        metric=row.metric,
        baselines=[
            Baseline(name=name, title=Words(ko=each["ko"], en=each["en"]), shown=each["shown"])
            for name, each in row.baselines.items()
        ],
        detectable_difference=registered.get("detectable_difference"),
        outputs=Outputs(**told["outputs"]) if told else None,
        frame=registered.get("frame", {}),
        files=_files(row, data) if row.is_public else [],
    )


def _told(row: Demand) -> Mapping[str, Any]:
    """What the engine says of a sealed demand; nothing of a draft."""
    if not row.registration:
        return {}
    try:
        return demand_facts(office().workspace.demand_folder(row.name))
    except DemandError:
        return {}


def _metric(plain: Mapping[str, Any]) -> Metric:
    return Metric(
        name=plain["name"],
        title=Words(ko=plain["ko"], en=plain["en"]),
        direction=plain["direction"],
        unit=plain["unit"],
    )


def _files(row: Demand, data: str) -> list[File]:
    return [
        File(
            name=each["name"],
            title=Words.of(each["title"]),
            bytes=each["size"],
            digest=each["digest"],
            url=f"{data}/{each['name']}.parquet",
            csv_url=f"{data}/{each['name']}.csv" if each["has_csv"] else None,
        )
        for each in openings.files(row)
    ]
