"""Who is under follow-up? Patients come in, are seen, end, are handed out and are erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import remember
from madang.prognosis.web import models
from madang.prognosis.web.services.keys import keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, timedelta

    from madang.portal.models import Organisation, User

NUMBER = "mrn"
"""The system of a hospital's own patient numbers."""


def thing(patient: models.Patient) -> str:
    """How the evidence log names a patient: by an identifier that tells nothing."""
    return f"prognosis/patient/{patient.pk}"


def find(owner: Organisation, number: str, *, system: str = NUMBER) -> models.Patient | None:
    """The patient of a hospital's number."""
    pseudonym = keys().pseudonym(owner.slug, system, number)
    return models.Patient.objects.filter(owner=owner, pseudonym=pseudonym).first()


def find_any(owner: Organisation, number: str) -> models.Patient | None:
    """The patient of a number, whoever gave it out."""
    known = models.Patient.objects.filter(owner=owner).values_list("system", flat=True).distinct()
    for system in sorted({NUMBER, *known}):
        found = find(owner, number, system=system)
        if found is not None:
            return found
    return None


@transaction.atomic
def register(
    owner: Organisation,
    number: str,
    *,
    identity: Mapping[str, Any],
    entered_on: date,
    by: User,
    **more: Any,
) -> models.Patient:
    """Take a patient under follow-up.

    Args:
        owner: The hospital.
        number: The hospital's own number of the patient; only its keyed digest is searchable.
        identity: Name, birth date, numbers: sealed.
        entered_on: The day from which models count.
        by: Who does it.
        more: `fixed` values and `is_example` of the row, and `system` of the number.

    Raises:
        InputError: The patient is under follow-up already.
    """
    system = more.pop("system", NUMBER)
    if find(owner, number, system=system) is not None:
        raise InputError(
            words("이미 등록한 환자 번호", "a patient number that is registered"),
            words("등록하지 않은 환자", "a patient who is not under follow-up yet"),
            words("환자 찾기에서 여십시오.", "Open the patient from the search."),
        )
    row = models.Patient.objects.create(
        owner=owner,
        system=system,
        pseudonym=keys().pseudonym(owner.slug, system, number),
        entered_on=entered_on,
        **more,
    )
    sealed = keys().seal(row.pk, {"number": number, **identity})
    models.Identity.objects.create(patient=row, sealed=sealed)
    remember("patient-registered", thing(row), by=by, after={"entered_on": str(entered_on)})
    return row


def identity(patient: models.Patient) -> dict[str, Any]:
    """Who a patient is; empty where it was never told."""
    row = models.Identity.objects.filter(patient=patient).first()
    return keys().unseal(patient.pk, bytes(row.sealed)) if row else {}


@transaction.atomic
def record(
    patient: models.Patient,
    on: date,
    values: Mapping[str, Any],
    *,
    by: User,
    source: str = "form",
) -> models.Visit:
    """Record a visit; values of the same day that are measured again replace the earlier ones.

    Raises:
        InputError: The day lies before the entry, behind today, or behind the end.
    """
    _check_day(patient, on)
    row, _ = models.Visit.objects.get_or_create(
        patient=patient, on=on, defaults={"source": source, "by": by}
    )
    before = dict(row.values)
    row.values = before | dict(values)
    row.save()
    _changed(patient)
    remember(
        "visit-recorded",
        thing(patient),
        by=by,
        before={"on": str(on), "values": before},
        after={"on": str(on), "values": row.values},
        source=source,
    )
    return row


def _check_day(patient: models.Patient, on: date) -> None:
    last = patient.ended_on or clock.now().date()
    if not patient.entered_on <= on <= last:
        raise InputError(
            words(f"날짜 {on}", f"the day {on}"),
            words(f"{patient.entered_on}부터 {last}까지", f"{patient.entered_on} to {last}"),
        )


def _changed(patient: models.Patient) -> None:
    patient.changed = clock.now()
    patient.save()


@transaction.atomic
def end(patient: models.Patient, on: date, cause: int, *, by: User) -> None:
    """How the follow-up ended: 0 without the event, 1 with it, 2 with what competes.

    Raises:
        InputError: It has ended already, or the day lies before the last visit or behind today.
    """
    if patient.ended_on is not None:
        raise InputError(
            words(f"이미 {patient.ended_on}에 끝난 추적", f"one that ended on {patient.ended_on}"),
            words("추적 중인 환자", "a patient under follow-up"),
        )
    _check_day(patient, on)
    last = patient.visits.order_by("-on").first()
    if last is not None and on < last.on:
        raise InputError(
            words(
                f"마지막 방문 {last.on}보다 이른 날짜 {on}", f"{on}, before the visit {last.on}"
            ),
            words("마지막 방문과 같거나 뒤인 날짜", "the day of the last visit or a later one"),
        )
    patient.ended_on, patient.cause = on, cause
    _changed(patient)
    remember("follow-up-ended", thing(patient), by=by, after={"on": str(on), "cause": cause})


@transaction.atomic
def look(patient: models.Patient, *, by: User, purpose: str, note: str = "") -> models.Look:
    """Somebody opens a patient, for a purpose."""
    row = models.Look.objects.create(patient=patient, user=by, purpose=purpose, note=note)
    remember("patient-opened", thing(patient), by=by, purpose=purpose)
    return row


def has_looked(patient: models.Patient, *, by: User, within: timedelta) -> bool:
    """Whether this person has told a purpose for this patient lately."""
    since = clock.now() - within
    return models.Look.objects.filter(patient=patient, user=by, at__gte=since).exists()


@transaction.atomic
def handed_out(patient: models.Patient, *, by: User) -> dict[str, Any]:
    """All that the site holds of a patient, as plain JSON, for the patient."""
    told = {
        "patient": models.plain(patient) | {"pseudonym": None},
        "identity": identity(patient),
        "visits": [models.plain(each) for each in patient.visits.all()],
        "prognoses": [models.plain(each) for each in patient.prognoses.all()],
        "looks": [
            {"at": clock.stamp(each.at), "purpose": each.purpose, "note": each.note}
            for each in patient.looks.all()
        ],
    }
    remember("patient-exported", thing(patient), by=by)
    return told


@transaction.atomic
def erase(patient: models.Patient, *, by: User, reason: str) -> None:
    """Erase a patient: rows, identity, and the values that the evidence log points to.

    What the log holds stays provable: digests of values that nobody can read any more.
    """
    from madang.portal.models import ErasableValue

    name = thing(patient)
    ErasableValue.objects.filter(digest__in=_digests(name)).delete()
    patient.delete()
    remember("patient-erased", name, by=by, reason=reason)


def _digests(name: str) -> set[str]:
    """Of values that the log's entries of a thing name."""
    from madang.kernel.evidence.statement import Statement
    from madang.portal.models import LogEntry

    found = set()
    for content in LogEntry.objects.filter(subject=name).values_list("content", flat=True):
        predicate = Statement.decode(bytes(content)).predicate
        found |= {predicate[key] for key in ("before", "after") if key in predicate}
    return found
