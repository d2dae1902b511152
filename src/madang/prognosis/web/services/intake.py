"""How does a hospital's file of records become patients? What cannot be used is named and kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import remember
from madang.prognosis.engine.fhir.intake import Intake as Read
from madang.prognosis.engine.fhir.intake import read_lines
from madang.prognosis.engine.fhir.issues import operation_outcome
from madang.prognosis.engine.fhir.kr_core import RESIDENT_SYSTEM
from madang.prognosis.engine.fhir.plausibility import usable
from madang.prognosis.engine.fhir.strict_json import read_json
from madang.prognosis.engine.fhir.tables import COMPETING, DIED, tables
from madang.prognosis.web import models
from madang.prognosis.web.services import people

if TYPE_CHECKING:
    from collections.abc import Collection

    from madang.portal.models import Organisation, User
    from madang.prognosis.engine.fhir.plausibility import Usable
    from madang.prognosis.engine.fhir.record import Person

_MOST_ISSUES = 1000
"""Refusals that are kept with their places; all are counted."""


class Taken(NamedTuple):
    """What became of a file's patients."""

    new: int = 0
    seen_again: int = 0
    visits: int = 0
    ended: int = 0


def read(content: bytes, name: str) -> Read:
    """A file of NDJSON or one Bundle.

    Raises:
        InputError: There is nothing in it.
    """
    found = Read(file=name)
    stripped = content.lstrip()
    if stripped[:1] == b"{" and b"\n{" not in stripped.rstrip():
        try:
            found.take(read_json(stripped.decode()))
        except (UnicodeDecodeError, InputError) as fault:
            found.refuse(1, fault)
    else:
        read_lines(content.splitlines(keepends=True), found)
    if not found.record.persons and not found.issues:
        raise InputError(
            words(f"{name}: 환자가 없는 파일", f"{name} without any patient"),
            words("FHIR R4의 NDJSON이나 Bundle", "NDJSON or a Bundle of FHIR R4"),
        )
    return found


@transaction.atomic
def take(
    found: Read, *, owner: Organisation, by: User, name: str, competing: Collection[str] = ()
) -> models.Intake:
    """Take a record's patients under follow-up, with their visits and their ends.

    Args:
        found: What was read.
        owner: The hospital.
        by: Who does it.
        name: Of the file or the server.
        competing: Codes of procedures that compete with the event.
    """
    fit = usable(found.record, clock.now())
    made = tables(fit, competing=competing)
    visits: dict[str, list[dict[str, Any]]] = {}
    for row in made.visits.iter_rows(named=True):
        visits.setdefault(row["patient"], []).append(row)
    whole = Taken()
    for row in made.patients.iter_rows(named=True):
        if row["first_day"] is not None:
            told = _patient(row, visits.get(row["patient"], []), fit, owner=owner, by=by)
            whole = Taken(*(sum(each) for each in zip(whole, told, strict=True)))
    issues = [*found.issues, *fit.issues]
    kept = models.Intake.objects.create(
        owner=owner,
        by=by,
        name=name[:200],
        counts={
            "read": found.counts(),
            "patients": whole._asdict(),
            "left_out": dict(sorted(fit.left_out.items())),
            "issues": len(issues),
        },
        outcome=operation_outcome(issues[:_MOST_ISSUES]),
    )
    remember("records-taken-in", f"prognosis/intake/{kept.pk}", by=by, **whole._asdict())
    return kept


def _patient(
    row: dict[str, Any],
    visits: list[dict[str, Any]],
    fit: Usable,
    *,
    owner: Organisation,
    by: User,
) -> Taken:
    person = fit.persons[row["patient"]]
    system, number = _number(person)
    patient = people.find(owner, number, system=system)
    is_new = patient is None
    if patient is None:
        fixed = {name: row[name] for name in ("sex", "age") if row[name] is not None}
        patient = people.register(
            owner,
            number,
            identity=_identity(person),
            entered_on=row["first_day"],
            by=by,
            system=system,
            fixed=fixed,
        )
    known = [each for each in visits if each["day"] >= patient.entered_on]
    if patient.ended_on is not None:
        return Taken(seen_again=1)
    for each in known:
        values = {
            name: value
            for name, value in each.items()
            if value is not None and name not in ("patient", "day", "time", "age")
        }
        people.record(patient, each["day"], values, by=by, source="fhir")
    ended = row["event"] in (DIED, COMPETING)
    if ended:
        last: date = max([row["last_day"], *(each["day"] for each in known)])
        people.end(patient, last, int(row["event"]), by=by)
    return Taken(new=int(is_new), seen_again=int(not is_new), visits=len(known), ended=int(ended))


def patient_of(person: Person, owner: Organisation) -> models.Patient | None:
    """The patient whom a person of a record is here, if there is one."""
    system, number = _number(person)
    return people.find(owner, number, system=system)


def _identity(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "birth_date": person.birth,
        "fhir": person.id,
        "identifiers": [list(each) for each in _kept(person)],
    }


def _kept(person: Person) -> list[tuple[str, str]]:
    """Identifiers that may be kept: all but the resident registration number."""
    return [each for each in person.identifiers if each[0] != RESIDENT_SYSTEM]


def _number(person: Person) -> tuple[str, str]:
    """By which system and number the hospital knows the patient; else the resource's own id."""
    return next(iter(_kept(person)), ("id", person.id))
