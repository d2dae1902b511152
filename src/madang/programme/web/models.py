"""What does the site remember of the programme? Acts of two hands, and bookings that only grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.urls import reverse

from madang.kernel import clock, ids
from madang.kernel.words import Words, words
from madang.portal.models import StoredObject, User
from madang.programme.engine import pace

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


def _act_id() -> str:
    return ids.new("act")


class Book(models.Model):
    """The ledger's one row: who holds its lock may change what pages show."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=60, blank=True)
    """Another one after every change: by it processes know whether what they hold is still so."""
    before = models.CharField(max_length=60, blank=True)
    """The token before the last change: who holds that one reads only what was added."""


class Act(models.Model):
    """What one person puts forward and another approves: bookings, or the close of a month."""

    KINDS: ClassVar[dict[str, Words]] = {
        "import": words("집행 기록 가져오기", "Import of records"),
        "booking": words("직접 기록", "Booking by hand"),
        "undo": words("가져오기 취소", "Import taken back"),
        "close": words("월 마감", "Close of a month"),
    }
    STATES: ClassVar[dict[str, Words]] = {
        "waiting": words("승인 대기", "Awaiting approval"),
        "booked": words("반영됨", "Booked"),
        "refused": words("반려됨", "Refused"),
        "withdrawn": words("철회됨", "Withdrawn"),
    }

    id = models.CharField(max_length=60, primary_key=True, default=_act_id)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    title = models.CharField(max_length=200)
    """The file's name, or what it is about in a few words."""
    batch = models.CharField(max_length=60, blank=True, db_index=True)
    """The import that it takes in or back."""
    month = models.DateField(null=True, blank=True)
    """The first day of the month that it closes."""
    count = models.PositiveIntegerField(default=0)
    """How many bookings it holds."""
    entries = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """The bookings as they were put forward: JSON lines."""
    source = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """The file that was imported."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, max_length=1000)
    """Why it was refused or withdrawn, or what the maker says of it."""
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of its bookings as they stand in the book, which the evidence log names."""
    entry = models.BigIntegerField(null=True)
    """Its place in the evidence log."""
    state_of_rows = models.CharField(max_length=8, blank=True)
    """Whether its bookings still have that digest, as last looked: `whole` or `changed`."""
    looked_at = models.DateTimeField(null=True)
    shown = models.JSONField(default=dict)
    """What its maker was shown: the reading of the file and the change of each line."""

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("programme:act", args=[self.id])

    @property
    def kind_title(self) -> Words:
        """Its kind in words."""
        return self.KINDS[self.kind]

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]


class Booking(models.Model):
    """One entry of the ledger (`engine.ledger.Entry`), never changed."""

    number = models.BigAutoField(primary_key=True)
    """The order of recording."""
    id = models.CharField(max_length=140, unique=True)
    act = models.ForeignKey(Act, models.PROTECT, related_name="bookings")
    line = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    amount_krw = models.BigIntegerField()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60)
    to_line = models.CharField(max_length=60, blank=True)
    voucher = models.CharField(max_length=120, blank=True)
    award = models.CharField(max_length=120, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    evidence = models.JSONField(default=list)
    corrects = models.CharField(max_length=140, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        """Order, and what lists and sums ask for."""

        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["line", "kind", "booked_on", "amount_krw"], name="booking_sums"),
            models.Index(fields=["corrects"], name="booking_corrects"),
        ]

    def __str__(self) -> str:
        return self.id


class Close(models.Model):
    """A month that is closed (`engine.ledger.Close`)."""

    month = models.DateField(unique=True)
    act = models.ForeignKey(Act, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60)


class Recipient(models.Model):
    """A body that money reaches (`engine.awards.Recipient`)."""

    id = models.CharField(max_length=120, primary_key=True)
    name = models.CharField(max_length=200)
    nature = models.CharField(max_length=12)
    region = models.CharField(max_length=5, blank=True)


class Call(models.Model):
    """Money that was announced; until it ends, what a line may still sign."""

    OUTCOMES: ClassVar[dict[str, Words]] = {
        "": words("진행 중", "Open"),
        "signed": words("계약함", "Signed"),
        "failed": words("유찰·취소", "Failed or withdrawn"),
    }

    line = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=200)
    amount_krw = models.BigIntegerField()
    announced_on = models.DateField()
    ended_on = models.DateField(null=True)
    outcome = models.CharField(max_length=6, blank=True)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["announced_on", "pk"]

    @property
    def outcome_title(self) -> Words:
        """How it ended, in words."""
        return self.OUTCOMES[self.outcome]


class Award(models.Model):
    """A part of a line promised to one recipient (`engine.awards.Award`)."""

    id = models.CharField(max_length=120, primary_key=True)
    line = models.CharField(max_length=60, db_index=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="+")
    amount_krw = models.BigIntegerField()
    signed_on = models.DateField()
    title = models.CharField(max_length=200, blank=True)
    announced_on = models.DateField(null=True, blank=True)
    spendable_by = models.DateField(null=True, blank=True)
    people = models.PositiveIntegerField(default=0)


class Interest(models.Model):
    """Interest that granted money has earned (`engine.settlement.Interest`)."""

    line = models.CharField(max_length=60)
    recipient = models.CharField(max_length=200, blank=True)
    amount_krw = models.BigIntegerField()
    evidence = models.CharField(max_length=64)


class Paper(models.Model):
    """An evidence file (`engine.receipts.Receipt`); its content lies in the object store."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    attached_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kept = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default="whole", db_index=True)
    """How it stood when it was last read: `whole`, `changed` or `missing`."""
    looked_at = models.DateTimeField(default=clock.now, db_index=True)


class Plan(models.Model):
    """What a line means to have spent in one month."""

    line = models.CharField(max_length=60)
    month = models.DateField()
    """Its first day."""
    amount_krw = models.BigIntegerField()

    class Meta:
        """A month is planned once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["line", "month"], name="one_plan_a_month")
        ]


class Milestone(models.Model):
    """Something that a line has to reach by a day (`engine.pace.Milestone`)."""

    line = models.CharField(max_length=60, db_index=True)
    title_ko = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    due = models.DateField()
    reached_on = models.DateField(null=True, blank=True)
    signs = models.BooleanField(default=False)
    """Whether it is the signature of the line's next contract."""

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["due", "pk"]

    @property
    def title(self) -> Words:
        """What is to be reached."""
        return words(self.title_ko, self.title_en or self.title_ko)

    @property
    def value(self) -> pace.Milestone:
        """The engine's value."""
        return pace.Milestone(
            line=self.line,
            title=self.title,
            due=self.due,
            reached_on=self.reached_on,
            signs=self.signs,
        )


class CauseNote(models.Model):
    """Why a line lies behind, as an officer says; the newest of a line counts."""

    line = models.CharField(max_length=60, db_index=True)
    cause = models.CharField(max_length=24)
    reason = models.TextField(max_length=1000)
    act_until = models.DateField(null=True, blank=True)
    """Until when something is done about it."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-pk"]


class IndicatorStanding(models.Model):
    """How an indicator stood when its statements and files were last looked at."""

    id = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField(default=0)
    """What those count for that hold."""
    state = models.CharField(max_length=10, default="unproved")
    """`proved`, `unproved` or `broken`."""
    last_entry = models.BigIntegerField(null=True)
    """The last proof's place in the evidence log."""
    last_at = models.DateTimeField(null=True)
    broken = models.JSONField(default=list)
    """What does not hold: each with the file or the log entry, and how it stands."""
    broken_count = models.PositiveIntegerField(default=0)
    """How many statements do not hold; `broken` names the first of them."""
    looked_at = models.DateTimeField(default=clock.now)
    """Everything it leans on was looked at then or later."""
    upto = models.BigIntegerField(default=0)
    """Entries of the log below this one were taken in."""
    rule = models.CharField(max_length=64, blank=True)
    """Digest of the rule by which they were; under another one all begins anew."""


class CountedStatement(models.Model):
    """A statement that counts for an indicator (`engine.counting.Counted`), and how it held."""

    indicator = models.CharField(max_length=80)
    entry = models.BigIntegerField()
    """Its place in the evidence log."""
    counts_for = models.CharField(max_length=64)
    """Digest of the value for which it counts; empty for an entry that cannot be read."""
    rests_on = models.JSONField(default=list)
    """Places of the statements on which it rests."""
    files = models.JSONField(default=list)
    """Files on which it leans: `digest`, `name` and `entry` of each."""
    holds = models.BooleanField(default=False)
    faults = models.JSONField(default=list)
    """What does not hold, in the form of `IndicatorStanding.broken`."""
    looked_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        """Once for each indicator; and what sums ask for."""

        ordering: ClassVar[list[str]] = ["-entry"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["indicator", "entry"], name="counted_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["indicator", "holds", "counts_for"], name="counted_sums")
        ]


class IndicatorLook(models.Model):
    """One row: when a worker last looked at indicators, so that only one does at a time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_at = models.DateTimeField()
