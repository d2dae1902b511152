"""Sealing: what the engine registered becomes a row, a record and an empty intake."""

from __future__ import annotations

import pytest

from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.models import LogEntry
from madang.trials.web.services import demands as acts
from madang.trials.web.services import intake
from tests.trials.web import demands

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sealed_demand_holds_what_registration_fixed() -> None:
    demand = demands.sealed()

    assert demand.state == "sealed"
    assert demand.task == "trials.regression"
    assert demand.metric == "mae"
    assert demand.quota == 5
    assert demand.registration["tiers"] == ["predictions", "onnx", "python"]
    # Ten bands of 24 cases by 0.3, 0.3 and 0.4: 7.2, 7.2 and 9.6 by largest remainder.
    assert demand.registration["sizes"] == {"open": 70, "board": 70, "final": 100}
    assert set(demand.baselines) >= {"median"}
    assert len(demand.digest) == 64


def test_sealing_records_the_engines_own_statement_and_erases_the_table() -> None:
    draft = demands.with_table(demands.draft())
    file = intake.folder() / draft.table["file"]
    assert file.stat().st_mode & 0o777 == 0o600
    acts.check(draft, by=draft.posted_by)
    demands.worked(draft)
    acts.seal(draft, by=draft.posted_by)
    demands.worked(draft)

    assert draft.table == {}
    assert not file.exists()
    subject = f"demand/{draft.name}"
    (entry,) = LogEntry.objects.filter(subject=subject, predicate_type=predicate_type("demand"))
    assert Statement.decode(bytes(entry.content)).subjects[subject] == draft.digest
