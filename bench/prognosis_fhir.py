"""How many observations a second does the intake of FHIR take, and how soon is a card there?"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fhir_cohort import as_lines, cohort
from bench.table import Measurement, median_cpu_s
from madang.kernel.words import words
from madang.prognosis.engine.fhir.intake import Intake, read_file, read_lines
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.strict_json import write_json
from madang.prognosis.engine.fhir.tables import tables
from madang.prognosis.engine.hooks.answers import Told, patient_view
from madang.prognosis.engine.hooks.cards import Source

PATIENTS, GOAL = 500, 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALLS, AFTER = 200, timedelta(days=36_525)


def measure() -> list[Measurement]:
    """NDJSON, then the same resources as one Bundle; from bytes to tables, on one core."""
    lines = as_lines(cohort(PATIENTS))
    count = sum(b'"Observation"' in each for each in lines)
    entries = ",".join(f'{{"resource":{each.decode().strip()}}}' for each in lines)
    bundle = f'{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}'
    folder = TemporaryDirectory()
    file = Path(folder.name) / "bundle.json"
    file.write_text(bundle, encoding="utf-8")
    peer = _peer(lines)

    def from_lines() -> None:
        _tabled(read_lines(lines))

    def from_bundle() -> None:
        _tabled(read_file(file))

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
    folder.cleanup()
    return [*rows, _card()]


def _card() -> Measurement:
    """A call of `patient-view` with ten years of values, all but the model's own time."""
    patient, *others = cohort(1, visits=60)
    values = [{"resource": each} for each in others if each["resourceType"] == "Observation"]
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": patient["id"]},
        "prefetch": {
            "patient": patient,
            "observations": {"resourceType": "Bundle", "type": "searchset", "entry": values},
        },
    }
    body = write_json(call).encode()
    told = Told(outcome=words("사망", "die"), years=2, probability=0.2, low=0.1, high=0.3)
    source = Source(label=words("모형", "Model"))
    taken = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        patient_view(
            body, prognosis=lambda *_: told, source=source, now=NOW + AFTER, language="ko"
        )
        taken.append((time.perf_counter() - begin) * 1000)
    late = sorted(taken)[int(CALLS * 0.95)]
    return Measurement(
        what="A card of CDS Hooks, without the model",
        figure=f"p95 {late:.0f} ms",
        goal="p95 200 ms with the model",
        kept=late <= 200,
        how=f"{len(values)} observations sent along, {CALLS} calls in one process, wall clock",
    )


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
