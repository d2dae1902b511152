"""What does the site remember of funds? Acts of two hands, and ledgers that only grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from madang.fund.engine.acts import ACTS
from madang.fund.engine.ledger.entry import KIND_NAMES, Kind
from madang.kernel import clock, ids
from madang.kernel.words import Words, words
from madang.portal.models import Organisation, StoredObject, User

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


def _act_id() -> str:
    return ids.new("act")


class Fund(models.Model):
    """A fund on this site; its row is the lock of its ledger."""

    id = models.SlugField(max_length=40, primary_key=True)
    manager = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The organisation that runs it."""
    title_ko = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    is_published = models.BooleanField(default=False)
    """Whether everybody may see what its public money stands beside."""
    is_example = models.BooleanField(default=False)
    """Invented, and marked so on every page."""
    token = models.CharField(max_length=60, blank=True)
    """Another one after every change of its ledger or terms."""
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["created", "pk"]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        """Its desk."""
        return reverse("fund:desk", args=[self.pk])

    @property
    def title(self) -> Words:
        """Its name in both languages."""
        return words(self.title_ko, self.title_en)


class Act(models.Model):
    """What one person puts forward and another approves."""

    KINDS: ClassVar[dict[str, Words]] = {name: act.title for name, act in ACTS.items()} | {
        "open": words("펀드 등록", "Register a fund"),
        "terms": words("규약 개정", "Amend the terms"),
        "bank": words("은행 거래내역 가져오기", "Import a bank statement"),
        "books": words("기존 장부 가져오기", "Import existing books"),
        "undo": words("가져오기 취소", "Take an import back"),
    }
    STATES: ClassVar[dict[str, Words]] = {
        "waiting": words("승인 대기", "Awaiting approval"),
        "posted": words("반영됨", "Posted"),
        "refused": words("반려됨", "Refused"),
        "withdrawn": words("철회됨", "Withdrawn"),
    }

    id = models.CharField(max_length=60, primary_key=True, default=_act_id)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    title = models.CharField(max_length=200, blank=True)
    """What it is about in a few words, or the name of a file."""
    asked = models.JSONField(default=dict)
    """The act in plain data (`engine.acts`), as it was put forward."""
    batch = models.CharField(max_length=80, blank=True, db_index=True)
    """The import that it takes in or back."""
    drafts = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """The entries as they were put forward: JSON lines."""
    source = models.ForeignKey(StoredObject, models.PROTECT, null=True, related_name="+")
    """The file that was imported, or the term file."""
    count = models.PositiveIntegerField(default=0)
    """How many entries it holds."""
    amount_krw = models.BigIntegerField(default=0)
    """What its postings move together."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, max_length=1000)
    head = models.CharField(max_length=64, blank=True)
    """The ledger's digest behind its entries, which the evidence log names."""
    log_entry = models.BigIntegerField(null=True)
    """Its place in the evidence log."""

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.title or str(self.kind_title)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("fund:act", args=[self.fund_id, self.pk])

    @property
    def kind_title(self) -> Words:
        """Its kind in words."""
        return self.KINDS[self.kind]

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]


class Terms(models.Model):
    """One version of a fund's agreement."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    effective_on = models.DateField()
    content = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    """The term file (YAML)."""
    act = models.ForeignKey(Act, models.PROTECT, related_name="+")

    class Meta:
        """One of each version."""

        ordering: ClassVar[list[str]] = ["version"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["fund", "version"], name="one_of_each_version")
        ]


class Entry(models.Model):
    """One entry of a ledger (`engine.ledger.Entry`), never changed."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    """The order of recording, from 1."""
    act = models.ForeignKey(Act, models.PROTECT, related_name="entries")
    on = models.DateField()
    kind = models.CharField(max_length=12)
    memo = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    corrects = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        """One of each number; what lists ask for."""

        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["fund", "number"], name="one_entry_a_number")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["fund", "on"], name="entries_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.fund_id} {self.number}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("fund:entry", args=[self.fund_id, self.number])

    @property
    def kind_title(self) -> Words:
        """Its kind in words."""
        return KIND_NAMES[Kind(self.kind)]


class Posting(models.Model):
    """So many won from one account to another: debit and credit are one row and cannot differ."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    place = models.PositiveIntegerField()
    debit = models.CharField(max_length=120)
    credit = models.CharField(max_length=120)
    amount_krw = models.BigIntegerField()
    tag = models.CharField(max_length=80, blank=True)

    class Meta:
        """What makes every sum 0: one amount above 0 on both sides of each row."""

        ordering: ClassVar[list[str]] = ["entry", "place"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "place"], name="one_posting_a_place"),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="posting_above_zero"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="posting_between_accounts"
            ),
        ]


class Stake(models.Model):
    """Which organisation stands behind a partner's number, and may see the fund as this one."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="stakes")
    partner = models.PositiveIntegerField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        """A number has one organisation."""

        ordering: ClassVar[list[str]] = ["partner"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["fund", "partner"], name="one_stake_a_partner")
        ]


class Company(models.Model):
    """A company that a fund looks at or holds; postings know it by its name in the books."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="companies")
    code = models.SlugField(max_length=60)
    """Its name in the books."""
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    founded_on = models.DateField()
    region = models.CharField(max_length=10)
    field = models.CharField(max_length=40)
    business_number = models.CharField(max_length=10, blank=True)
    revenue_krw = models.BigIntegerField(null=True)
    """In the year before the first investment; None where it is not known."""
    is_published = models.BooleanField(default=False)

    class Meta:
        """A code is one company's within a fund."""

        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["fund", "code"], name="one_company_a_code")
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Words:
        """Its name in both languages."""
        return words(self.name_ko, self.name_en)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("fund:company", args=[self.fund_id, self.code])


class Paper(models.Model):
    """An evidence file of a fund; its content lies in the object store."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="papers")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    kept = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        """A file is known once in a fund."""

        ordering: ClassVar[list[str]] = ["-at"]
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["fund", "sha256"], name="one_paper_a_file")
        ]


class Application(models.Model):
    """A company's request for an investment; where it stands is the last of its moves."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="applications")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    pitch = models.TextField(blank=True, max_length=4000)
    """What the company says of itself and of what it needs."""
    applicant = models.SlugField(max_length=60, blank=True)
    """Its organisation here, under which its solutions were tried; empty where it has none."""

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("fund:application", args=[self.fund_id, self.pk])


class Step(models.Model):
    """What somebody did with an application: only added, never changed."""

    KINDS: ClassVar[dict[str, Words]] = {
        "move": words("단계 변경", "Moved"),
        "check": words("실사 확인", "Checked"),
        "vote": words("표결", "Voted"),
        "minutes": words("회의록", "Minutes"),
    }

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8)
    on = models.DateField()
    facts = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    log_entry = models.BigIntegerField(null=True)
    """Its place in the evidence log."""

    class Meta:
        """The order of doing."""

        ordering: ClassVar[list[str]] = ["pk"]

    @property
    def kind_title(self) -> Words:
        """Its kind in words."""
        return self.KINDS[self.kind]


class CompanyRecord(models.Model):
    """A version of a company's record (`engine.portfolio.record`); the newest one counts."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="records")
    content = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    log_entry = models.BigIntegerField(null=True)
    """Its place in the evidence log."""

    class Meta:
        """The newest first."""

        ordering: ClassVar[list[str]] = ["-pk"]
