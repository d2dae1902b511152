"""How quick are the programme's pages beside 100,000 bookings, and what does a booking cost?

`python -m bench.programme_site fill N | ask` are its processes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bench.sites import kinds, set_up, site
from bench.table import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.sites import Site

_ME = "bench.programme_site"
RECORDS, LOOKS, COLD = 100_000, 300, 12
VOTE = date(2025, 7, 7)


def measure() -> list[Measurement]:
    """Both databases."""
    rows = []
    for kind in kinds():
        with site(kind) as made:
            empty = made.ask(_ME, "ask")
            filled = made.ask(_ME, "fill", str(RECORDS))
            rows += _told(made, filled, empty, made.ask(_ME, "ask"))
    return rows


def _told(made: Site, filled: Any, empty: Any, full: Any) -> list[Measurement]:
    front, few = full["front"], empty["front"]
    return [
        Measurement(
            what=f"front page beside {RECORDS:,} bookings, {made.kind}",
            figure=f"p95 {front['p95_ms']:.0f} ms",
            peer=f"without bookings (example year): p95 {few['p95_ms']:.0f} ms",
            goal="p95 at most 100 ms",
            kept=front["p95_ms"] <= 100,
            how=f"{LOOKS} looks in one process; {front['queries']} questions to the database",
        ),
        Measurement(
            what=f"the first look after a booking, {made.kind}",
            figure=f"median {full['cold_ms']:,.0f} ms",
            how=f"{COLD} bookings of one record each; sums, forecast and chart are made anew",
        ),
        Measurement(
            what=f"page of a line, {made.kind}",
            figure=f"p95 {full['line']['p95_ms']:.0f} ms",
            goal="p95 at most 150 ms",
            kept=full["line"]["p95_ms"] <= 150,
            how=f"{full['line']['queries']} questions to the database",
        ),
        Measurement(
            what=f"list of bookings, {made.kind}",
            figure=f"p95 {full['entries']['p95_ms']:.0f} ms",
            goal="p95 at most 150 ms",
            kept=full["entries"]["p95_ms"] <= 150,
            how=f"{full['entries']['queries']} questions to the database",
        ),
        Measurement(
            what=f"put {RECORDS:,} bookings forward, {made.kind}",
            figure=f"{filled['forward_cpu_s']:.1f} s CPU",
            how="every limit of every line and day is held against them",
        ),
        Measurement(
            what=f"approve them: into the database, in one transaction, {made.kind}",
            figure=f"{filled['approve_cpu_s']:.1f} s CPU",
            how="with their digest in the evidence log",
        ),
    ]


def _fill(count: int) -> None:
    """Two officers book a year: what is granted first, then many small vouchers."""
    from madang.programme.engine.ledger import Kind
    from madang.programme.web.services import acts, book

    maker, checker = _officers()
    lines = book.programme().lines
    grants = [_entry(f"g-{line.id}", line.id, Kind.GRANT, line.amount_krw, 0) for line in lines]
    acts.approve(acts.put_forward(grants, kind="booking", title="교부", by=maker), by=checker)
    entries = [
        _entry(
            f"e-{number}",
            lines[number % len(lines)].id,
            Kind.DISBURSEMENT,
            1_000 + number % 40_000,
            10 + number % 160,
            voucher=f"v-{number}",
            recipient=f"업체 {number % 500}",
        )
        for number in range(count)
    ]
    start = time.process_time()
    act = acts.put_forward(entries, kind="import", title="기록", by=maker, batch="import-a")
    forward = time.process_time() - start
    start = time.process_time()
    acts.approve(act, by=checker)
    told = {"forward_cpu_s": forward, "approve_cpu_s": time.process_time() - start}
    print(json.dumps(told))


def _officers() -> list[Any]:
    from madang.portal.models import Membership, Organisation, Role, User

    home, _ = Organisation.objects.get_or_create(
        slug="treasury", defaults={"kind": "ministry", "name_ko": "부처", "name_en": "Ministry"}
    )
    found = []
    for name in ("maker", "checker"):
        user = User.objects.filter(email=f"{name}@example.org").first()
        if user is None:
            user = User.objects.create_user(f"{name}@example.org", name=name)
            role = Role.objects.get(code="programme")
            Membership.objects.create(user=user, organisation=home, role=role)
        found.append(user)
    return found


def _entry(name: str, line: str, kind: Any, amount_krw: int, days: int, **more: Any) -> Any:
    from madang.kernel import clock
    from madang.programme.engine.ledger import Entry

    return Entry(
        id=name,
        line=line,
        kind=kind,
        amount_krw=amount_krw,
        booked_on=VOTE + timedelta(days=days),
        recorded_at=clock.now(),
        by="",
        approved_by="",
        **more,
    )


def _ask() -> None:
    """Ask for each page in turns, then for the front page right after a booking."""
    from django.conf import settings
    from django.test import Client

    from madang.programme.web.services import book

    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    officer = Client()
    officer.force_login(_officers()[0])
    anybody = Client()
    pages: dict[str, Callable[[], Any]] = {
        "front": lambda: anybody.get("/"),
        "line": lambda: anybody.get("/programme/lines/rpki"),
        "entries": lambda: officer.get("/programme/entries/", {"line": "rpki"}),
    }
    told: dict[str, Any] = {name: _looked(page) for name, page in pages.items()}
    told["cold_ms"] = _cold(anybody) if book.has_records() else 0.0
    print(json.dumps(told))


def _looked(page: Callable[[], Any]) -> dict[str, float]:
    from django.db import connection, reset_queries

    connection.force_debug_cursor = True
    times = []
    for number in range(LOOKS + 5):
        reset_queries()
        start = time.perf_counter()
        status = page().status_code
        took = 1000 * (time.perf_counter() - start)
        if status != 200:
            raise RuntimeError(f"status {status}")
        if number >= 5:  # the first looks fill caches, as a server's first seconds do
            times.append(took)
    return {
        "p95_ms": statistics.quantiles(times, n=20)[-1],
        "queries": len(connection.queries),
    }


def _cold(client: Any) -> float:
    from madang.programme.engine.ledger import Kind
    from madang.programme.web.services import acts

    maker, checker = _officers()
    times = []
    for number in range(COLD):
        # Another amount gives another chart, drawn anew.
        name = f"cold-{time.time_ns()}"
        entry = _entry(name, "rpki", Kind.DISBURSEMENT, 10_000_000 + number, 90)
        act = acts.put_forward([entry], kind="booking", title=name, by=maker)
        acts.approve(act, by=checker)
        start = time.perf_counter()
        client.get("/")
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


if __name__ == "__main__":
    set_up()
    verb, *rest = sys.argv[1:]
    if verb == "fill":
        _fill(*map(int, rest))
    else:
        _ask()
