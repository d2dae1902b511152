"""Which services does the product offer to a hospital's system, and what do they read first?

Source: CDS Hooks 2.0 (cds-hooks.hl7.org/2.0), Discovery and Prefetch Template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.prognosis.engine.fhir.laboratory import BY_LOINC

if TYPE_CHECKING:
    from collections.abc import Collection

SERVICE = "madang-prognosis"
"""The id of the service: its address is `…/cds-services/madang-prognosis`."""
HOOK = "patient-view"

PATIENT = "patient"
SEARCHES = {
    "observations": "Observation?patient={{context.patientId}}&code={codes}"
    "&_sort=-date&_count=500",
    "conditions": "Condition?patient={{context.patientId}}",
    "procedures": "Procedure?patient={{context.patientId}}",
    "medications": "MedicationStatement?patient={{context.patientId}}",
}
"""Key of the prefetch → its search; the laboratory codes are put in for `{codes}`."""
NEEDED = (PATIENT, "observations")
"""Without these there is no prognosis; the others may be missing."""


def prefetch(codes: Collection[str] = tuple(BY_LOINC)) -> dict[str, str]:
    """The templates of what a client sends along with the call.

    Args:
        codes: LOINC codes of the laboratory values that the model reads.
    """
    told = ",".join(f"http://loinc.org|{code}" for code in sorted(codes))
    found = {key: text.replace("{codes}", told) for key, text in SEARCHES.items()}
    return {PATIENT: "Patient/{{context.patientId}}", **found}


def discovery(codes: Collection[str] = tuple(BY_LOINC)) -> dict[str, Any]:
    """The document that a client finds at `GET {base}/cds-services`.

    Args:
        codes: LOINC codes of the laboratory values that the model reads.
    """
    return {
        "services": [
            {
                "hook": HOOK,
                "id": SERVICE,
                "title": "Madang prognosis",
                "description": "The expected course of the patient, with its uncertainty, or why "
                "there is none. For trial use. 환자의 예상 경과를 보여 줍니다(시험용).",
                "prefetch": prefetch(codes),
            }
        ]
    }
