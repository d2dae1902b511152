"""Demands of the site for tests: drafted, checked, sealed and posted by the real worker.

The scorer is one process for the whole session, so each demand has a name of its own.
"""

from __future__ import annotations

import io
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from madang.kernel import clock
from madang.portal.worker import work
from madang.trials.web.services import demands, intake
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from datetime import datetime

    from madang.portal.models import Organisation, User
    from madang.trials.web.models import Demand


def name(noun: str = "line") -> str:
    """A name that nothing in this session's workspace has."""
    return f"{noun}-x{secrets.token_hex(5)}"


def table(cases: int = 240) -> pl.DataFrame:
    """id, x, colour and whether a noisy 2x + 1 lies above 1; always the same."""
    rng = np.random.default_rng(20250706)
    x = rng.uniform(-5, 5, cases)
    return pl.DataFrame(
        {
            "id": [f"case-{row:04d}" for row in rng.permutation(cases)],
            "x": x.round(3),
            "colour": np.where(rng.random(cases) < 0.5, "파랑", "빨강"),
            "y": (2 * x + 1 + rng.normal(0, 4, cases)).round(3),
        }
    )


def csv(frame: pl.DataFrame) -> bytes:
    """As a file that somebody uploads."""
    file = io.BytesIO()
    frame.write_csv(file)
    return file.getvalue()


def plain(**changes: Any) -> dict[str, Any]:
    """A demand of regression on `table()` as plain data."""
    return {
        "title": {"ko": "직선 맞히기", "en": "Find the line"},
        "problem": {"ko": "x에서 y를 맞힙니다.", "en": "Tell y from x."},
        "task": {"name": "trials.regression", "options": {"outcome": "y"}},
        "data": {
            "id": "id",
            "inputs": [
                {"name": "x", "kind": "number"},
                {"name": "colour", "kind": "category", "levels": ["빨강", "파랑"]},
            ],
            "outcomes": [{"name": "y", "kind": "number"}],
        },
        "parts": {"open": 0.3, "board": 0.3, "final": 0.4},
        "seed": 7,
        "tiers": ["predictions", "onnx", "python"],
        "quota": {"submissions": 5},
        "decision": {"metric": "mae", "baseline": "median", "rule": "superiority"},
        **changes,
    }


def draft(by: User | None = None, *, agency: Organisation | None = None, **given: Any) -> Demand:
    """A draft with everything in it but the table."""
    by = by or somebody("agency", agency)
    agency = agency or by.memberships.get().organisation
    now = clock.now()
    demand = demands.draft(
        by=by, agency=agency, ministry=None, name=name(), plain=plain(**given), sector="health"
    )
    return demands.change(demand, by=by, **dates(now))


def dates(now: datetime) -> dict[str, datetime]:
    """Dates that follow one another from now on."""
    return {
        "questions_until": now + timedelta(days=10),
        "opens": now + timedelta(days=5),
        "closes": now + timedelta(days=30),
        "decide_by": now + timedelta(days=40),
    }


def with_table(demand: Demand, content: bytes | None = None) -> Demand:
    """The draft with its table in the intake."""
    given = intake.take([content or csv(table())], name="표.csv")
    return demands.give_table(demand, given, by=demand.posted_by)


def worked(demand: Demand) -> Demand:
    """The demand after everything in the queue has been done."""
    work(until_idle=True, lease_s=30)
    demand.refresh_from_db()
    return demand


def sealed(by: User | None = None, *, agency: Organisation | None = None, **given: Any) -> Demand:
    """A sealed demand."""
    demand = with_table(draft(by, agency=agency, **given))
    demands.check(demand, by=demand.posted_by)
    assert worked(demand).findings["check"]["findings"] == []
    demands.seal(demand, by=demand.posted_by)
    return worked(demand)


def posted(by: User | None = None, *, agency: Organisation | None = None, **given: Any) -> Demand:
    """A posted demand; it opens in five days."""
    demand = sealed(by, agency=agency, **given)
    return demands.post(demand, by=demand.posted_by)


def post_now(demand: Demand) -> Demand:
    """A draft with its table, checked, sealed and posted; it takes submissions at once."""
    demands.check(demand, by=demand.posted_by)
    assert worked(demand).findings["check"]["findings"] == []
    demands.seal(demand, by=demand.posted_by)
    worked(demand)
    demand.opens = clock.now() - timedelta(minutes=1)
    demand.save(update_fields=["opens"])
    return demands.post(demand, by=demand.posted_by)


def opened(by: User | None = None, *, agency: Organisation | None = None, **given: Any) -> Demand:
    """A demand that takes submissions."""
    demand = sealed(by, agency=agency, **given)
    demand.opens = clock.now() - timedelta(minutes=1)
    demand.save(update_fields=["opens"])
    return demands.post(demand, by=demand.posted_by)


def row(state: str = "open", **given: Any) -> Demand:
    """A bare row in a state, without anything behind it."""
    from madang.trials.web.models import Demand

    agency = given.pop("agency", None) or organisation("agency")
    by = given.pop("by", None) or somebody("agency", agency)
    now = clock.now()
    posted = None if state in ("draft", "sealing", "sealed") else now - timedelta(days=9)
    values = {"posted": posted, **dates(now), **given}
    if state not in ("draft", "sealing", "sealed", "posted"):
        values["opens"] = given.get("opens", now - timedelta(days=1))
    named = values.pop("name", "") or name("row")
    return Demand.objects.create(
        name=named,
        title_ko=values.pop("title_ko", "수요"),
        title_en=values.pop("title_en", "A demand"),
        agency=agency,
        posted_by=by,
        state=state,
        **values,
    )
