"""Who is on the site, what runs for them, and what was recorded?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from madang.kernel import clock, ids
from madang.kernel.jobs.record import LOST
from madang.kernel.words import Words, words
from madang.portal.fields import PlainField
from madang.portal.users import UserManager

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


def _object_id() -> str:
    return ids.new("object")


class User(AbstractBaseUser):
    """A person. What they may do comes from their memberships alone."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    language = models.CharField(
        max_length=2, choices=[("ko", "한국어"), ("en", "English")], default="ko"
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name that others see."""
        return str(self)


class Organisation(models.Model):
    """A ministry, an agency, a company, a hospital, a school, or the public."""

    KINDS: ClassVar[dict[str, Words]] = {
        "ministry": words("부처", "Ministry"),
        "agency": words("공공기관", "Public agency"),
        "company": words("기업", "Company"),
        "hospital": words("병원", "Hospital"),
        "school": words("학교", "School"),
        "public": words("운영기관", "Operating body"),
    }

    slug = models.SlugField(max_length=60, unique=True)
    name_ko = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[(k, w.ko) for k, w in KINDS.items()])
    registration_number = models.CharField(max_length=20, blank=True)
    """Business registration or institution number, as written on its certificate."""
    about_ko = models.TextField(blank=True, max_length=4000)
    about_en = models.TextField(blank=True, max_length=4000)
    website = models.URLField(blank=True)
    is_active = models.BooleanField(default=True)
    """Whether its members have any right here; a company that registers itself begins without."""
    suspended = models.DateTimeField(null=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["name_ko"]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Words:
        """Its name in both languages."""
        return words(self.name_ko, self.name_en)

    @property
    def about(self) -> Words:
        """What it says of itself."""
        return words(self.about_ko, self.about_en or self.about_ko)

    @property
    def kind_title(self) -> Words:
        """Its kind in words."""
        return self.KINDS[self.kind]


class Role(models.Model):
    """A set of rights that an organisation's members can have; data, not code."""

    code = models.SlugField(max_length=40, unique=True)
    title_ko = models.CharField(max_length=60)
    title_en = models.CharField(max_length=60)
    kinds = models.JSONField(default=list, blank=True)
    """Kinds of organisation in which it can be given; every kind where empty."""
    rights = models.JSONField(default=list)
    """What its holder may do with what belongs to their organisation: `trials.submit` …"""
    rights_everywhere = models.JSONField(default=list, blank=True)
    """What its holder may do whoever owns the thing."""

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Words:
        """Its name in both languages."""
        return words(self.title_ko, self.title_en)


class Membership(models.Model):
    """A person acts for an organisation in a role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=clock.now)

    class Meta:
        """A role is held once."""

        ordering: ClassVar[list[str]] = ["organisation__name_ko", "role__code"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.role}"


class Invitation(models.Model):
    """A role in an organisation, offered to an address; the link in the mail accepts it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, models.CASCADE, related_name="+")
    email = models.EmailField()
    secret = models.CharField(max_length=64, unique=True)
    """SHA-256 of what stands in the link."""
    expires = models.DateTimeField()


class JobRun(models.Model):
    """One job in the queue (`kernel.jobs.record.JobRun`). Times are seconds since 1970."""

    arrival = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=120, unique=True)
    job = models.CharField(max_length=80)
    parameters = models.JSONField()
    attempts = models.PositiveIntegerField()
    priority = models.IntegerField()
    limit_s = models.FloatField()
    enqueued_s = models.FloatField()
    state = models.CharField(max_length=10)
    attempt = models.PositiveIntegerField()
    token = models.PositiveIntegerField()
    worker = models.CharField(max_length=200, blank=True)
    not_before_s = models.FloatField()
    started_s = models.FloatField()
    until_s = models.FloatField()
    cancel_asked = models.BooleanField()
    ended_s = models.FloatField(null=True)
    result = PlainField(null=True)
    cause = models.CharField(max_length=60, blank=True)
    detail = PlainField(default=dict)
    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    """Whose run it is: who else may look at it needs the right to see all."""
    share = models.FloatField(default=0.0)
    """How far it is, from 0 to 1, as its worker last said."""
    saying_ko = models.CharField(max_length=300, blank=True)
    saying_en = models.CharField(max_length=300, blank=True)

    class Meta:
        """What a worker looks for, and what the measures count. More: `System.found_by`."""

        ordering: ClassVar[list[str]] = ["arrival"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["-priority", "arrival"], name="run_due", condition=models.Q(state="queued")
            ),
            models.Index(
                fields=["until_s"], name="run_overdue", condition=models.Q(state="running")
            ),
            models.Index(fields=["job", "state", "cause"], name="run_of_job"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class JobEnding(models.Model):
    """A run that has ended, until the system that asked for it has remembered that."""

    run = models.OneToOneField(JobRun, models.CASCADE, to_field="id", primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    not_before_s = models.FloatField(default=0.0)
    fault = models.CharField(max_length=500, blank=True)
    """Why the last try failed."""


class SeenWorker(models.Model):
    """Who works on the queue; a worker that ends says so by taking its row away."""

    name = models.CharField(max_length=200, primary_key=True)
    since_s = models.FloatField()
    seen_s = models.FloatField()


class JobTransition(models.Model):
    """One line of a run's history (`kernel.jobs.record.Transition`)."""

    run_id = models.CharField(max_length=120, db_index=True)
    at_s = models.FloatField()
    state = models.CharField(max_length=10)
    worker = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveIntegerField()
    token = models.PositiveIntegerField()
    cause = models.CharField(max_length=60, blank=True)
    detail = PlainField(default=dict)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["cause"], name="run_lost", condition=models.Q(cause__in=LOST))
        ]


class LogEntry(models.Model):
    """One leaf of the evidence log: the same bytes as a line of the file log."""

    index = models.BigIntegerField(primary_key=True)
    content = models.BinaryField()
    # What stands in the content, once more, to be found by.
    predicate_type = models.CharField(max_length=200, db_index=True)
    subject = models.CharField(max_length=200, db_index=True)
    """Its first subject."""
    at = models.DateTimeField(default=clock.now, db_index=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Who acted; not part of the record, and erasable."""

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["index"]


class LogNode(models.Model):
    """The hash of one complete node of the log's tree, at its place in the file log."""

    position = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)


class LogHead(models.Model):
    """The last signed checkpoint: one row, whose lock is the right to append."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    checkpoint = models.BinaryField()
    size = models.BigIntegerField(default=0)


class ErasableValue(models.Model):
    """A value whose salted digest stands in the log; erasing this row breaks no proof."""

    digest = models.CharField(max_length=64, primary_key=True)
    salt = models.BinaryField(max_length=32)
    value = models.JSONField()
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Whom it speaks of, where it speaks of a person."""
    at = models.DateTimeField(default=clock.now)


class StoredObject(models.Model):
    """What was handed in or made; its content lies in the object store under its digest."""

    id = models.CharField(max_length=60, primary_key=True, default=_object_id)
    digest = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    """Whose it is; nobody's where it is public."""
    is_public = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-created"]


class ApiToken(models.Model):
    """A program's right to act for an organisation. Only the digest of the secret is kept."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    """Who made it, and in whose name it acts."""
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    secret = models.CharField(max_length=64)
    """SHA-256 of the secret, which has 256 random bits of its own."""
    rights = models.JSONField(default=list, blank=True)
    """A part of the rights of its maker; all of them where empty."""
    created = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-created"]


class IdempotencyKey(models.Model):
    """An answer that was given, kept for a program that asks again with the same key."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    request = models.CharField(max_length=64)
    """Digest of method, address and body: the same key with another request is refused."""
    status = models.PositiveSmallIntegerField(default=0)
    """0 while the first request is still at work."""
    body = models.JSONField(null=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """A key is used once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "key"], name="one_key_once")
        ]


class Webhook(models.Model):
    """Where an organisation wants to be told of events."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    events = models.JSONField(default=list)
    """Names of events; all where empty."""
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-created"]


class WebhookDelivery(models.Model):
    """One event for one webhook, and how its sending went."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="+")
    event = models.CharField(max_length=60)
    body = models.JSONField()
    status = models.PositiveSmallIntegerField(default=0)
    """The receiver's last HTTP status; 0 where none was reached."""
    tries = models.PositiveSmallIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    created = models.DateTimeField(default=clock.now)
    run = models.CharField(max_length=120, blank=True)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-created"]


class SignInLink(models.Model):
    """A link that signs one person in, once, until it expires."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=64, unique=True)
    """SHA-256 of what stands in the link."""
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
