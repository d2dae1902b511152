"""What did the validator see, and what of it does it not believe?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.access import public
from madang.portal.files import as_csv, as_json
from madang.rpki.engine.faults import reasons as all_reasons
from madang.rpki.web.forms.asking import PointsForm
from madang.rpki.web.services import reasons, world
from madang.rpki.web.views.reach import page

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from django.http import HttpRequest

_POINTS = ("manifest", "repository", "name", "anchor", "number", "accepted", "refused", "code")
_OBJECTS = ("name", "state", "code", "at", "detail", "oddities", "payloads")
_STATES = {"refused": "refused > 0", "failed": "code <> ''", "": "1"}


@public
def points(request: HttpRequest) -> HttpResponse:
    """Every publication point, with what was accepted and refused of it."""
    form = PointsForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {"q": "", "state": ""}
    like = "%" + said["q"].replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    found = world.Found(
        f"select * from point where {_STATES[said['state']]}"  # noqa: S608 - one of three
        " and (manifest like ? escape '!' or name like ? escape '!') order by depth, manifest",
        (like, like),
    )
    if file := _file(request, found, _POINTS, name="points"):
        return file
    context = {"form": form, "count": len(found), "page": page(request, found)}
    return render(request, "rpki/points.html", context)


@public
def point(request: HttpRequest) -> HttpResponse:
    """One publication point: its chain, its verdict, its objects."""
    row = world.point(request.GET.get("manifest", ""))
    if row is None:
        raise Http404
    objects = world.Found(
        "select * from object where point = ? order by state desc, name", (row.id,)
    )
    if file := _file(request, objects, _OBJECTS, name="objects"):
        return file
    shown = page(request, objects)
    context = {
        "point": row,
        "chain": world.chain(row),
        "looked": world.moment(world.meta()["at"]),
        "count": len(objects),
        "page": shown,
        "objects": [(each, all_reasons().get(each["code"])) for each in shown],
    }
    return render(request, "rpki/point.html", context)


@public
def object_(request: HttpRequest) -> HttpResponse:
    """One object: whether it is believed, why not, and what it says."""
    uri = request.GET.get("uri", "")
    folder, _, name = uri.rpartition("/")
    row = world.point_at(f"{folder}/")
    found = _one(row.id, name) if row else None
    if row is None or found is None:
        raise Http404
    vrps = world.asked("select * from vrp where point = ? and name = ?", row.id, name)
    log = world.history()
    said = [world.vrp(each) for each in vrps]
    turns = [turn for vrp in said[:20] for turn in (log.of(vrp, limit=10) if log else ())]
    context: dict[str, Any] = {
        "uri": uri,
        "object": found,
        "point": row,
        "chain": world.chain(row),
        "reason": all_reasons().get(found["code"]),
        "oddities": [all_reasons()[code] for code in found["oddities"].split()
                     if code in all_reasons()],
        "starts": world.moment(found["not_before"]) if found["not_before"] else None,
        "ends": world.moment(found["not_after"]) if found["not_after"] else None,
        "vrps": said,
        "aspas": world.asked("select * from aspa where point = ? and name = ?", row.id, name),
        "turns": [
            {"at": world.moment(each.at), "what": each.payload, "who": "",
             "note": each.sentence()}
            for each in sorted(turns, reverse=True)
        ],
    }  # fmt: skip
    return render(request, "rpki/object.html", context)


def _one(point: int, name: str) -> sqlite3.Row | None:
    return next(
        iter(world.asked("select * from object where point = ? and name = ?", point, name)), None
    )


@public
def repositories(request: HttpRequest) -> HttpResponse:
    """Every repository: how it was reached last, and what of it is in trouble."""
    rows = world.asked(
        "select p.source as source, count(*) as points, sum(p.accepted) as accepted,"
        " sum(p.refused) as refused, sum(p.code <> '') as failed, max(r.at) as at,"
        " max(r.way) as way, max(r.took_s) as took_s, max(r.received) as received,"
        " max(r.failure_ko) as failure_ko, max(r.failure_en) as failure_en"
        " from point p left join repository r on r.source = p.source"
        " group by p.source order by failed desc, refused desc, p.source"
    )
    columns = ("source", "points", "accepted", "refused", "failed", "way", "failure_en")
    if file := _file(request, rows, columns, name="repositories"):
        return file
    shown = [
        {
            **dict(each),
            "failure": words(each["failure_ko"] or "", each["failure_en"] or ""),
            "seen": world.moment(each["at"]) if each["at"] else None,
        }
        for each in rows
    ]
    context = {"rows": shown, "trouble": [
        (each, [reasons.missed(each.repository, row) for row in reasons.refused(each.id)[:5]])
        for each in world.in_trouble()[:20]
    ]}  # fmt: skip
    return render(request, "rpki/repositories.html", context)


def _file(
    request: HttpRequest, rows: Iterable[sqlite3.Row], columns: tuple[str, ...], *, name: str
) -> Any:
    """The same view as a file, where one is asked for."""
    kind = request.GET.get("format")
    plain = ({column: row[column] for column in columns} for row in rows)
    dated = f"rpki-{name}-{clock.now():%Y%m%d}"
    if kind == "csv":
        return as_csv(plain, columns=columns, name=dated)
    return as_json(plain, name=dated) if kind == "json" else None
