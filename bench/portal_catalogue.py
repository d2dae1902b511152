"""How quick are the lists, the search and the boards of a site with 10,000 demands?

`python -m bench.portal_catalogue fill DEMANDS SUBMISSIONS | ask` are its processes. The site's
example is made as on any new site, its demand is copied with other titles, agencies and dates, and
the pages are asked for through the whole stack of the site in one process: middleware, rights,
database and templates, without the network.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.sites import kinds, set_up, site
from bench.table import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.sites import Site
    from madang.portal.models import Organisation
    from madang.trials.web.models import Demand, Team

_ME = "bench.portal_catalogue"
_DEMANDS, _SUBMISSIONS = 10_000, 200_000
_FEW = 200
"""Demands of the small site, whose pages may ask the database no less often."""
_COMPANIES, _AGENCIES = 400, 60
_HOT = 2_000
"""Teams on the board that everybody looks at."""
_LOOKS = 60
_GOAL_MS = 150
_WHERE = ("서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "강원", "제주")
_WHAT = (
    "응급실 대기 예측",
    "도로 파손 탐지",
    "민원 분류",
    "전력 수요 예측",
    "산불 위험 평가",
    "하천 수위 예측",
    "보조금 부정수급 탐지",
    "치매 진행 예측",
)
_SEEKS = ("예측", "산불 제주", "민원", "없는말은없다", "forecast", "치매 진행 부산")
_STATES = ("open", "open", "posted", "evaluated", "decided", "final", "live", "ended")


def measure() -> list[Measurement]:
    """Both databases, large and small."""
    rows = []
    for kind in kinds():
        with site(kind) as small:
            small.ask(_ME, "fill", str(_FEW), str(20 * _FEW))
            few = small.ask(_ME, "ask")
        with site(kind) as made:
            made.ask(_ME, "fill", str(_DEMANDS), str(_SUBMISSIONS))
            rows += _told(made, made.ask(_ME, "ask"), few)
    return rows


def _told(made: Site, found: dict[str, Any], few: dict[str, Any]) -> Iterator[Measurement]:
    for what, each in found.items():
        asked, before = each["queries"], few[what]["queries"]
        yield Measurement(
            what=f"{what}, {_DEMANDS:,} demands and {_SUBMISSIONS:,} submissions, {made.kind}",
            figure=f"p95 {each['p95_ms']:.0f} ms, median {each['median_ms']:.0f} ms; "
            f"{asked} queries at most",
            peer=f"{_FEW} demands: p95 {few[what]['p95_ms']:.0f} ms; {before} queries at most",
            goal=f"p95 at most {_GOAL_MS} ms, no more queries than on the small site",
            kept=each["p95_ms"] <= _GOAL_MS and asked <= before,
            how=f"{each['looks']} requests through the whole stack, one process, no network",
        )


def _fill(demands: int, submissions: int) -> None:
    from django.db import connection

    from madang.kernel import systems
    from madang.portal import example, worker
    from madang.trials.web.models import Demand, Submission

    example.create()
    for system in systems.installed():
        if system.seed:
            systems.load(system.seed, extra=system.extra)(lambda _: None)
    worker.work(until_idle=True, lease_s=60)
    chance = random.Random(1)
    companies = _organisations("company", _COMPANIES)
    agencies = _organisations("agency", _AGENCIES)
    pattern, handed = Demand.objects.get(), Submission.objects.filter(state="done")[0]
    made = _copied(pattern, demands - 1, agencies, chance)
    teams = _teams(made, submissions, companies, chance)
    _submissions(handed, teams, submissions, chance)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print("{}")


def _organisations(kind: str, count: int) -> list[Organisation]:
    from madang.portal.models import Organisation

    return Organisation.objects.bulk_create(
        [
            Organisation(
                slug=f"{kind}-{n}",
                kind=kind,
                name_ko=f"{_WHERE[n % 10]} {kind} {n}",
                name_en=f"{kind} {n}",
            )
            for n in range(count)
        ]
    )


def _copied(
    pattern: Demand, count: int, agencies: list[Organisation], chance: random.Random
) -> list[Demand]:
    """The same demand again and again, by other agencies, of other days, in other states."""
    from copy import copy

    from madang.kernel import clock
    from madang.trials.web.models import Demand

    now = clock.now()
    made = []
    for n in range(count):
        one = copy(pattern)
        agency = chance.choice(agencies)
        title = f"{agency.name_ko} {chance.choice(_WHAT)} {n}"
        one.pk, one.name, one.title_ko, one.title_en = None, f"copy-{n}", title, f"forecast {n}"
        one.agency, one.state = agency, chance.choice(_STATES)
        one.sought = f"{title} forecast {n} {pattern.sought}".casefold()
        one.posted = now - timedelta(days=chance.uniform(40, 900))
        is_open = one.state in ("open", "posted")
        ends = now + timedelta(days=chance.uniform(2, 30))
        if not is_open:
            ends = one.posted + timedelta(days=20)
        one.opens = now + timedelta(days=1) if one.state == "posted" else one.posted
        one.questions_until, one.closes = ends, ends + timedelta(days=2)
        one.decide_by = one.closes + timedelta(days=14)
        made.append(one)
    return Demand.objects.bulk_create(made, batch_size=200)


def _teams(
    demands: list[Demand], submissions: int, companies: list[Organisation], chance: random.Random
) -> list[Team]:
    """A few companies at each demand; at the first, as many as a country has."""
    from madang.trials.web.models import Team, TeamMember

    hot = min(_HOT, submissions // 10)
    crowd = [*companies, *_organisations("crowd", max(0, hot - len(companies)))][:hot]
    pairs = [(demands[0], each) for each in crowd]
    for demand in demands[1:]:
        pairs += [(demand, each) for each in chance.sample(companies, k=4)]
    teams = Team.objects.bulk_create(
        [Team(demand=demand, lead=lead, name=lead.slug) for demand, lead in pairs], batch_size=500
    )
    TeamMember.objects.bulk_create(
        [TeamMember(team=each, company=each.lead, agreed=each.created) for each in teams],
        batch_size=500,
    )
    return teams


def _submissions(handed: Any, teams: list[Team], count: int, chance: random.Random) -> None:
    """The example's submission by every team, several times, the best of each on the board."""
    from copy import copy

    from madang.trials.web.models import BoardRow, Submission

    best: dict[int, Any] = {}
    for start in range(0, count, 2000):
        rows = []
        for n in range(start, min(start + 2000, count)):
            one, team = copy(handed), teams[n % len(teams)]
            one.pk, one.run = f"copy-{n}", f"copy-run-{n}"
            one.demand_id, one.team, one.company_id = team.demand_id, team, team.lead_id
            one.name = f"s-{n}"
            one.received = handed.received - timedelta(minutes=n % 5000)
            rows.append(one)
            best.setdefault(team.pk, one)
        Submission.objects.bulk_create(rows, batch_size=500)
    BoardRow.objects.bulk_create(
        [
            BoardRow(
                **{"demand_id": each.demand_id, "team_id": team, "submission": each},
                **{"shown": (at := chance.random()), "low": at - 0.1, "high": at + 0.1},
            )
            for team, each in best.items()
        ],
        batch_size=500,
    )


def _pages(chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """What is asked for: kind of page, who asks, address."""
    from django.db.models import Max

    from madang.trials.web.models import Demand

    last = Demand.objects.aggregate(most=Max("pk"))["most"]
    names = list(Demand.objects.filter(name__startswith="copy-").values_list("name", flat=True))
    boards = list(
        Demand.objects.filter(name__startswith="copy-")
        .exclude(state="posted")
        .values_list("name", flat=True)[:500]
    )
    for _ in range(_LOOKS):
        yield "catalogue", "", f"/trials/?page={chance.randint(1, max(1, last // 20))}"
        seek = chance.choice(_SEEKS)
        yield "catalogue, searched", "", f"/trials/?q={seek}&state=open&page=1"
        yield "search of the house", "", f"/search?q={chance.choice(_SEEKS)}"
        yield "demand", "", f"/trials/demands/{chance.choice(names)}"
        yield "board", "", f"/trials/demands/{chance.choice(boards)}/board"
        yield (
            f"board of {_HOT:,} teams",
            "",
            f"/trials/demands/copy-0/board?page={chance.randint(1, 40)}",
        )
        yield "companies", "", f"/trials/companies/?page={chance.randint(1, 20)}"
        yield "register of adopted solutions", "", "/trials/register"
        yield "front page", "company@example.org", "/"
        yield "own submissions", "company@example.org", "/trials/mine"
        yield "matching", "company@example.org", "/trials/matching"
        yield (
            "submissions to a demand",
            "operator@example.org",
            "/trials/demands/copy-0/submissions",
        )


def _ask() -> None:
    """Ask for every kind of page, in turns, and tell the times."""
    from django.conf import settings
    from django.db import connection, reset_queries
    from django.test import Client

    from madang.portal.models import User
    from madang.trials.web.models import Demand

    Demand.objects.filter(name="copy-0").update(state="open")
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    readers = {"": Client()}
    for email in ("company@example.org", "operator@example.org"):
        readers[email] = Client()
        readers[email].force_login(User.objects.get(email=email))
    found: dict[str, dict[str, list[float]]] = {}
    connection.force_debug_cursor = True
    for n, (what, who, path) in enumerate(_pages(random.Random(2))):
        reset_queries()
        start = time.perf_counter()
        response = readers[who].get(path)
        took = 1000 * (time.perf_counter() - start)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
        if n >= 24:  # the first rounds fill caches, as a server's first seconds do
            kept = found.setdefault(what, {"ms": [], "queries": []})
            kept["ms"].append(took)
            kept["queries"].append(len(connection.queries))
    print(json.dumps({what: _summed(kept) for what, kept in found.items()}))


def _summed(kept: dict[str, list[float]]) -> dict[str, float]:
    return {
        "p95_ms": statistics.quantiles(kept["ms"], n=20)[-1],
        "median_ms": statistics.median(kept["ms"]),
        "queries": max(kept["queries"]),
        "looks": len(kept["ms"]),
    }


if __name__ == "__main__":
    set_up()
    verb, *rest = sys.argv[1:]
    if verb == "fill":
        _fill(*map(int, rest))
    else:
        _ask()
