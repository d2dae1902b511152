"""How many observations a second does the intake of FHIR take, with every rule?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.util import find_spec

from bench.fhir_cohort import as_lines, cohort
from bench.table import Measurement, median_cpu_s
from madang.prognosis.engine.fhir.intake import Intake, read_lines
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.strict_json import read_json
from madang.prognosis.engine.fhir.tables import tables

PATIENTS, GOAL = 500, 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def measure() -> list[Measurement]:
    """NDJSON, then the same resources as one Bundle; from bytes to tables, on one core."""
    lines = as_lines(cohort(PATIENTS))
    count = sum(b'"Observation"' in each for each in lines)
    entries = ",".join(f'{{"resource":{each.decode().strip()}}}' for each in lines)
    bundle = f'{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}'
    peer = _peer(lines)

    def from_lines() -> None:
        _tabled(read_lines(lines))

    def from_bundle() -> None:
        intake = Intake()
        intake.take(read_json(bundle))
        _tabled(intake)

    rows = []
    for what, work in (("NDJSON", from_lines), ("one Bundle", from_bundle)):
        rate = count / median_cpu_s(work, times=5)
        rows.append(
            Measurement(
                what=f"FHIR intake of {what}, to tables",
                figure=f"{rate:,.0f} observations/s",
                peer=peer,
                goal=f"{GOAL:,} observations/s",
                kept=rate >= GOAL,
                how=f"{count:,} observations of {PATIENTS} patients, every rule; median of 5",
            )
        )
    return rows


def _tabled(intake: Intake) -> None:
    assert not intake.issues
    found = usable(intake.record, NOW)
    assert not found.issues
    tables(found)


def _peer(lines: list[bytes]) -> str:
    """The rate of fhir.resources on the same observations, rules of form alone."""
    if find_spec("fhir") is None:
        return "fhir.resources: not installed"
    from fhir.resources.R4B.observation import Observation

    texts = [each for each in lines if b'"Observation"' in each]

    def work() -> None:
        for each in texts:
            Observation.model_validate(json.loads(each))

    return f"fhir.resources: {len(texts) / median_cpu_s(work, times=3):,.0f}/s"
