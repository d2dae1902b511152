"""The board of a demand: released scores beside the baselines, and what has left the seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import render

from madang.kernel.words import Words, words
from madang.portal.access import of, public
from madang.trials.web.services import boards
from madang.trials.web.views.catalogue import as_csv
from madang.trials.web.views.demand import head, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.trials.web.models import Demand

A_PAGE = 50
WITHOUT = ("draft", "sealing", "sealed", "posted")


@public
def board(request: HttpRequest, demand: str) -> HttpResponseBase:
    """Released scores with their intervals, the baselines, and after the decision its figures."""
    access = of(request)
    found = visible(demand, access)
    if found.state in WITHOUT:
        raise Http404
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        # Written down now: what streams later has forgotten its reader's language.
        return as_csv([*_lines(found)], name=f"{found.name}-board")
    if wanted == "json":
        return JsonResponse({"demand": found.name, "bits": found.bits, "board": [*_lines(found)]})
    if request.GET.get("picture") and request.headers.get("HX-Request"):
        return render(request, "trials/_board_picture.html", _picture(found, is_wanted=True))
    page = Paginator(boards.ranked(found), A_PAGE).get_page(request.GET.get("page"))
    scored = boards.metric(found)
    budget = boards.budget(found)
    context = {
        **head(found, access),
        **_picture(found, is_wanted=bool(request.GET.get("picture"))),
        "page": page,
        "count": page.paginator.count,
        "rows": [_row(scored, each) for each in _ranked(page)],
        "baselines": [_row(scored, each) for each in boards.baselines(found)],
        "metric": scored,
        "base": boards.base(found),
        "budget": budget,
        "bits": round(found.bits, 1),
        "left": max(0.0, round(budget - found.bits, 1)),
        "commitments": sorted(found.registration.get("commitments", {}).items()),
        "is_decided": found.state in ("decided", "final", "adopting", "live", "ended"),
    }
    return render(request, "trials/board.html", context)


def _ranked(page: Any) -> list[boards.Row]:
    return boards.rows(page.object_list, first=page.start_index())


def _row(scored: boards.Scored, row: boards.Row) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "title": row.title,
        "solution": row.solution,
        "shown": scored.written(row.shown),
        "interval": None if row.low is None else scored.between(row.low, row.high),
        "releases": row.releases,
    }


def _picture(demand: Demand, *, is_wanted: bool) -> dict[str, Any]:
    """The picture where it is drawn, or was asked for by itself."""
    picture = boards.board_picture(demand)
    teams, better = boards.clearly_better(demand)
    is_shown = picture is not None and (is_wanted or picture.is_kept)
    return {
        "demand": demand,
        "picture": picture if is_shown else None,
        "is_waiting": picture is not None and not is_shown,
        "finding": _finding(teams, better),
        "alt": words(
            "팀마다 공개된 점수와 95 % 구간, 그리고 기준의 점수를 한 줄씩 그렸습니다.",
            "One line a team: its released score with a 95 % interval, and the baselines.",
        ),
    }


def _finding(teams: int, better: int) -> Words:
    if not teams:
        return words(
            "아직 기준보다 뚜렷이 나은 팀이 없습니다",
            "No team is clearly better than the baseline yet",
        )
    return words(
        f"점수가 공개된 {teams}팀 가운데 {better}팀의 구간이 기준을 벗어납니다",
        f"Of {teams} teams with a score, the intervals of {better} are clear of the baseline",
    )


def _lines(demand: Demand) -> Iterator[dict[str, Any]]:
    for each in [*boards.rows(boards.ranked(demand)), *boards.baselines(demand)]:
        yield {
            "rank": each.rank,
            "team": str(each.title),
            "solution": str(each.solution),
            "shown": each.shown,
            "low": each.low,
            "high": each.high,
            "scorings": each.releases,
        }
