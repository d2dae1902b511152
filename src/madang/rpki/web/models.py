"""What does the site remember of route security? Members, drafts, seen routes, days, alarms.

What is signed stands in the registry's own book, and what was validated in the validator's
picture; here stands only what neither of them knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal.models import Organisation, StoredObject, User
from madang.rpki.engine.routes.alarms import SEVERITIES, TITLES

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


class Member(models.Model):
    """An organisation to which the registry certifies resources."""

    handle = models.SlugField(max_length=40, primary_key=True)
    """Its name in the registry's book."""
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    is_example = models.BooleanField(default=False)
    """Invented, on documentation numbers, and marked so."""
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["handle"]

    def __str__(self) -> str:
        return str(self.organisation)

    def get_absolute_url(self) -> str:
        """Its console."""
        return reverse("rpki:member", args=[self.pk])


class Draft(models.Model):
    """A change of a member's authorisations that somebody prepares."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="draft")
    add = models.JSONField(default=list)
    """Authorisations to be added, in plain data (`services.lines`)."""
    remove = models.JSONField(default=list)
    """The same to be removed."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    @property
    def count(self) -> int:
        """How many lines it has."""
        return len(self.add) + len(self.remove)


class RouteSet(models.Model):
    """Routes that were seen in the world, as somebody handed them in."""

    STATES: ClassVar[dict[str, Words]] = {
        "reading": words("읽는 중", "Being read"),
        "read": words("사용 가능", "Read"),
        "failed": words("읽지 못함", "Not readable"),
    }

    run = models.CharField(max_length=60, primary_key=True)
    """The job that reads it."""
    name = models.CharField(max_length=120)
    source = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    """The file as it came."""
    state = models.CharField(max_length=10, default="reading", db_index=True)
    content = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """What was read of it (`rpki.jobs.routes`)."""
    routes = models.PositiveIntegerField(default=0)
    peers = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    """Broken records of the file."""
    fault_ko = models.TextField(blank=True)
    fault_en = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]

    @property
    def fault(self) -> Words:
        """Why it could not be read."""
        return words(self.fault_ko, self.fault_en)


class RoutesDay(models.Model):
    """How one member, or all together, stood on one day (`engine.routes.coverage`)."""

    day = models.DateField()
    name = models.CharField(max_length=40, blank=True)
    """The member's handle; empty for all together."""
    announced = models.PositiveIntegerField(default=0)
    valid = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)
    not_found = models.PositiveIntegerField(default=0)
    v4_held = models.BigIntegerField(default=0)
    v4_covered = models.BigIntegerField(default=0)
    v6_share = models.FloatField(null=True)

    class Meta:
        """One of each day and name."""

        ordering: ClassVar[list[str]] = ["day", "name"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "name"], name="one_count_a_day")
        ]

    @property
    def v4_share(self) -> float | None:
        """Share of the held IPv4 addresses that a payload covers."""
        return self.v4_covered / self.v4_held if self.v4_held else None

    @property
    def routes_share(self) -> float | None:
        """Share of the seen routes that are valid."""
        return self.valid / self.announced if self.announced else None


class Alarm(models.Model):
    """Something that somebody must be told (`engine.routes.alarms`); opened and closed once."""

    kind = models.CharField(max_length=24)
    scope = models.CharField(max_length=120)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="alarms")
    """Whom it concerns; empty where it concerns all."""
    ko = models.TextField()
    en = models.TextField()
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=clock.now, db_index=True)
    closed_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        """At most one of a kind is open at a scope."""

        ordering: ClassVar[list[str]] = ["-opened_at", "-pk"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kind", "scope"],
                condition=Q(closed_at__isnull=True),
                name="one_open_alarm_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope}"

    @property
    def title(self) -> Words:
        """What kind of thing it is."""
        return TITLES[self.kind]  # type: ignore[index]

    @property
    def sentence(self) -> Words:
        """What happened."""
        return words(self.ko, self.en)

    @property
    def is_critical(self) -> bool:
        """Whether traffic may be going astray."""
        return SEVERITIES[self.kind] == "critical"  # type: ignore[index]


class Watching(models.Model):
    """What the watcher remembers from look to look; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.JSONField(default=dict)
    seen = models.CharField(max_length=120, blank=True)
    """Which picture and which routes it looked at last."""
