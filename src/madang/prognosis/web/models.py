"""What does the site remember of patients and of models? Who a patient is stands apart, sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.urls import reverse

from madang.kernel import clock, ids
from madang.kernel.words import Words, words
from madang.portal.models import Organisation, StoredObject, User

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


def _patient_id() -> str:
    return ids.new("patient")


class Registered(models.Model):
    """A model of an organisation, with the rules under which it answers."""

    STATES: ClassVar[dict[str, Words]] = {
        "candidate": words("검토 중", "Under review"),
        "live": words("사용 중", "In use"),
        "stopped": words("중지됨", "Stopped"),
        "retired": words("사용 종료", "Retired"),
    }
    BADGES: ClassVar[dict[str, str]] = {
        "candidate": "info",
        "live": "good",
        "stopped": "danger",
        "retired": "plain",
    }

    id = models.SlugField(max_length=40, primary_key=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title_ko = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    outcome_ko = models.CharField(max_length=60)
    """What is predicted, such as 사망."""
    outcome_en = models.CharField(max_length=60)
    other_ko = models.CharField(max_length=60, blank=True)
    """What competes with it, such as 간 이식."""
    other_en = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, default="candidate", db_index=True)
    content = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    """The model's file."""
    digest = models.CharField(max_length=64)
    """Of the model (`engine.model_file`)."""
    rows = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """What it learnt from, where the organisation keeps that here: told in sums alone."""
    facts = models.JSONField(default=dict)
    """What the model's file says of itself."""
    columns = models.JSONField(default=list)
    """`name`, `kind` and `title` of each value that it reads."""
    threshold = models.FloatField(default=0.2)
    """The risk at which the clinic acts."""
    window_days = models.PositiveIntegerField(default=730)
    """Over how long a time that risk is looked at."""
    shortest_days = models.PositiveIntegerField(default=28)
    longest_days = models.PositiveIntegerField(default=365)
    growth = models.FloatField(default=0.05)
    """The growth of the risk that is looked at whatever the risk is."""
    alternatives = models.JSONField(default=list)
    """Values that can be changed, each with its cited source (`explain.alternatives`)."""
    watch = models.JSONField(default=dict)
    """How it holds so far (`services.watching`)."""
    watched_until = models.DateField(null=True)
    is_example = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("prognosis:model", args=[self.pk])

    @property
    def title(self) -> Words:
        """Its name."""
        return words(self.title_ko, self.title_en)

    @property
    def outcome(self) -> Words:
        """What it predicts."""
        return words(self.outcome_ko, self.outcome_en)

    @property
    def other(self) -> Words:
        """What competes; empty where nothing does."""
        return words(self.other_ko, self.other_en)

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]

    @property
    def badge(self) -> str:
        """The colour that repeats its state."""
        return self.BADGES[self.state]


class Patient(models.Model):
    """A patient under follow-up, by a pseudonym."""

    id = models.CharField(max_length=60, primary_key=True, default=_patient_id)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    system = models.CharField(max_length=200, default="mrn")
    """Who gives out the hospital's number."""
    pseudonym = models.CharField(max_length=64)
    """Keyed digest of the hospital's own number: finds the patient again, tells nothing."""
    entered_on = models.DateField()
    """The day from which models count."""
    fixed = models.JSONField(default=dict)
    """Values that do not change, by column."""
    ended_on = models.DateField(null=True)
    cause = models.PositiveSmallIntegerField(default=0)
    """How the follow-up ended: 0 not (or for another reason), 1 the event, 2 what competes."""
    changed = models.DateTimeField(default=clock.now)
    is_example = models.BooleanField(default=False)

    class Meta:
        """One patient for each number of a hospital."""

        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "pseudonym"], name="prognosis_one_patient")
        ]

    def __str__(self) -> str:
        return self.short

    def get_absolute_url(self) -> str:
        """The patient's page."""
        return reverse("prognosis:patient", args=[self.pk])

    @property
    def short(self) -> str:
        """How pages call a patient of whom nobody said who it is."""
        return f"P-{self.pk[-6:].upper()}"


class Identity(models.Model):
    """Who a patient is: sealed with the site's key, and read only where a page shows it."""

    patient = models.OneToOneField(Patient, models.CASCADE, related_name="identity")
    sealed = models.BinaryField()


class Visit(models.Model):
    """What was measured on one day."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="visits")
    on = models.DateField()
    values = models.JSONField(default=dict)
    """By column."""
    source = models.CharField(max_length=20, default="form")
    """`form`, `fhir` or `omop`."""
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        """One a day."""

        ordering: ClassVar[list[str]] = ["on"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["patient", "on"], name="prognosis_one_visit_a_day")
        ]


class Prognosis(models.Model):
    """What a model said of a patient on a day."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="prognoses")
    model = models.ForeignKey(Registered, models.PROTECT, related_name="prognoses")
    on = models.DateField()
    at = models.DateTimeField(default=clock.now)
    answer = models.JSONField(default=dict)
    """`days`, `risk`, `low`, `high`, `causes` and `free`; empty where refused."""
    risk = models.FloatField(null=True)
    """Within the model's window."""
    before = models.FloatField(null=True)
    """The same as of the visit before the last."""
    refusal_ko = models.CharField(max_length=300, blank=True)
    refusal_en = models.CharField(max_length=300, blank=True)
    next_on = models.DateField(null=True, db_index=True)
    """When the patient should be seen next."""
    why = models.CharField(max_length=10, blank=True)
    drivers = models.JSONField(default=list)
    """What moves the risk: column, value, and points at the times of `answers.told_days`."""

    class Meta:
        """One a day of each model."""

        ordering: ClassVar[list[str]] = ["-on", "-pk"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["patient", "model", "on"], name="prognosis_one_answer_a_day"
            )
        ]

    @property
    def refusal(self) -> Words:
        """Why there is none; empty where there is one."""
        return words(self.refusal_ko, self.refusal_en)

    @property
    def growth(self) -> float:
        """By how much the risk has grown since the visit before."""
        return 0.0 if self.risk is None or self.before is None else self.risk - self.before


class Look(models.Model):
    """Somebody looked at a patient, for a purpose."""

    PURPOSES: ClassVar[dict[str, Words]] = {
        "care": words("진료", "Care of this patient"),
        "quality": words("진료의 질 관리", "Quality of care"),
        "research": words("승인된 연구", "Approved research"),
        "request": words("환자의 요청", "The patient's own request"),
    }

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="looks")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now, db_index=True)
    purpose = models.CharField(max_length=10)
    note = models.CharField(max_length=200, blank=True)
    """Which research, whose request."""

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at"]

    @property
    def purpose_title(self) -> Words:
        """Its purpose in words."""
        return self.PURPOSES[self.purpose]


class Alarm(models.Model):
    """What the watch over a model told."""

    model = models.ForeignKey(Registered, models.PROTECT, related_name="alarms")
    at = models.DateTimeField(default=clock.now)
    facts = models.JSONField(default=dict)
    log_entry = models.BigIntegerField(null=True)
    """Its place in the evidence log."""

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    @property
    def said(self) -> Words:
        """What was doubted, in words."""
        kind, _, column = str(self.facts.get("alarm", "")).partition(":")
        ratio = self.facts.get("ratio", "")
        said = {
            "level": words(f"예측 대비 실제 {ratio}", f"observed to expected {ratio}"),
            "slope": words(
                "위험의 차이가 예측과 다름", "risks lie apart otherwise than predicted"
            ),
            "missing": words(f"{column} 값이 자주 빠짐", f"{column} is missing more often"),
            "stop": words(
                f"자동 중지 (예측 대비 실제 {ratio})", f"stopped: observed to expected {ratio}"
            ),
        }
        return said.get(kind, words(kind, kind))


class Intake(models.Model):
    """A file of records that was taken in, with all that was refused of it."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    name = models.CharField(max_length=200)
    counts = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    """An OperationOutcome: each refusal with its FHIRPath."""

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at"]

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("prognosis:intake", args=[self.pk])


class FhirServer(models.Model):
    """A hospital's own server of records, with which this site may speak."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    address = models.CharField(max_length=300)
    client = models.CharField(max_length=200, blank=True)
    """The id under which the server knows this site (SMART); empty where it does not."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Each once."""

        ordering: ClassVar[list[str]] = ["title", "pk"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "address"], name="prognosis_one_server")
        ]

    def __str__(self) -> str:
        return str(self.title)


class Card(models.Model):
    """A card that was shown in a hospital's system, and what became of it."""

    uuid = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    model = models.ForeignKey(Registered, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=10, blank=True)
    """`accepted` or `overridden`; empty as long as nobody said."""
    reason = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at"]


def plain(row: Any) -> dict[str, Any]:
    """A row's own fields as plain JSON, for an export."""
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        found[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
    return found
