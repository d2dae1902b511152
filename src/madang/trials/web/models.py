"""What does the site remember of a trial? What is sealed stays in the vault; rows point there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal.models import Organisation, StoredObject, User

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint


class Demand(models.Model):
    """An agency's problem with its data, its rule, and where in its life it stands.

    Long values come last: of a row, SQLite reads no more than the columns that a list asks for.
    """

    STATES: ClassVar[dict[str, Words]] = {
        "draft": words("작성 중", "Draft"),
        "sealing": words("봉인 중", "Being sealed"),
        "sealed": words("봉인 완료·공고 전", "Sealed, not yet posted"),
        "posted": words("공고 중", "Posted"),
        "open": words("접수 중", "Open for submissions"),
        "evaluating": words("최종 비교 중", "Final comparison"),
        "evaluated": words("판정 대기", "Awaiting the decision"),
        "decided": words("판정 공개·이의신청 기간", "Decided; objections may be filed"),
        "final": words("판정 확정", "Decision final"),
        "adopting": words("도입 진행", "Being adopted"),
        "live": words("운영 중", "Live"),
        "ended": words("종료", "Ended"),
        "withdrawn": words("철회", "Withdrawn"),
    }

    name = models.SlugField(max_length=60, unique=True)
    title_ko = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """Whose problem and data these are; where the winner is adopted."""
    ministry = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who posts and decides on the agency's behalf; the agency itself where empty."""
    posted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    origin = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    """The first agency's demand whose protocol and solution are confirmed here."""
    state = models.CharField(max_length=12, default="draft", db_index=True)
    run = models.CharField(max_length=120, blank=True)
    """The job that works on it: a check, the sealing, the comparison."""
    sector = models.CharField(max_length=20, blank=True, db_index=True)
    task = models.CharField(max_length=60, blank=True, db_index=True)
    metric = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    quota = models.PositiveIntegerField(default=0)
    bits = models.FloatField(default=0.0)
    """Bits that have left the seal."""
    submission_count = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(default=clock.now)
    posted = models.DateTimeField(null=True, blank=True, db_index=True)
    questions_until = models.DateTimeField(null=True, blank=True)
    opens = models.DateTimeField(null=True, blank=True)
    closes = models.DateTimeField(null=True, blank=True, db_index=True)
    decide_by = models.DateTimeField(null=True, blank=True)
    objections_until = models.DateTimeField(null=True, blank=True)
    sought = models.TextField(blank=True)
    """Title, agency and problem, folded: what the catalogue searches in."""
    problem_ko = models.TextField(max_length=4000, blank=True)
    problem_en = models.TextField(max_length=4000, blank=True)
    text = models.TextField(blank=True)
    """The demand as written (YAML); frozen once it is registered."""
    table = models.JSONField(default=dict, blank=True)
    """The agency's table until it is sealed: file (in the intake), name, size, digest."""
    findings = models.JSONField(default=dict, blank=True)
    """What the last check of the draft found."""
    accepted_leaks = models.JSONField(default=list, blank=True)
    timetable = models.JSONField(default=dict, blank=True)
    """What the dates below leave open: objection_days, and amendments with their reasons."""
    rubric = models.JSONField(default=dict, blank=True)
    """`trials.engine.rubric.Rubric` as plain data; empty where no panel judges."""
    plain = models.JSONField(default=dict, blank=True)
    """The demand as plain data: of a draft as far as it is written."""
    registration = models.JSONField(default=dict, blank=True)
    """What registration fixed: frame, sizes, leaks, commitments, detectable difference."""
    baselines = models.JSONField(default=dict, blank=True)
    """Trivial baselines on the board part: name → ko, en, shown."""

    class Meta:
        """Order, and what the catalogue filters by."""

        ordering: ClassVar[list[str]] = ["-posted", "-created"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-posted"], name="demand_state_posted"),
            models.Index(fields=["agency", "-posted"], name="demand_agency_posted"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Words:
        """Its title in both languages."""
        return words(self.title_ko, self.title_en)

    @property
    def problem(self) -> Words:
        """The problem in both languages."""
        return words(self.problem_ko, self.problem_en)

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]

    @property
    def is_public(self) -> bool:
        """Whether anybody may see it."""
        never = self.state == "withdrawn" and self.posted is None
        return self.state not in ("draft", "sealing", "sealed") and not never

    @property
    def owners(self) -> list[int | None]:
        """Whose it is: the agency's, and the ministry's that acts for it."""
        return [self.agency_id, self.ministry_id]

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("trials:demand", args=[self.name])


class Question(models.Model):
    """A question in a demand's thread; the thread is public."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="questions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=4000)
    asked = models.DateTimeField(default=clock.now)
    answer = models.TextField(max_length=8000, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered = models.DateTimeField(null=True)

    class Meta:
        """Order."""

        ordering: ClassVar[list[str]] = ["asked"]


class Profile(models.Model):
    """What a company says it can do, in names of task kinds and sectors, and in words."""

    company = models.OneToOneField(Organisation, models.CASCADE, related_name="+")
    tasks = models.JSONField(default=list, blank=True)
    sectors = models.JSONField(default=list, blank=True)
    keywords = models.CharField(max_length=500, blank=True)
    references = models.TextField(max_length=4000, blank=True)
    sought = models.TextField(blank=True)
    is_public = models.BooleanField(default=True)


class Team(models.Model):
    """Who hands in together for one demand; a company alone is a team of one."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="teams")
    lead = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        """A name is used once in a demand; the engine knows the team by it."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["demand", "name"], name="one_team_name"),
            models.UniqueConstraint(fields=["demand", "lead"], name="one_team_led"),
        ]


class TeamMember(models.Model):
    """A company in a team, from the moment it agreed."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    agreed = models.DateTimeField(null=True)
    left = models.DateTimeField(null=True)
    """After the team had handed in: it joins no other of this demand."""

    class Meta:
        """A company is in a team once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "company"], name="one_company_in_team")
        ]


class Rehearsal(models.Model):
    """A run on the open sample; its firm sees everything that it said."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="+")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    tier = models.CharField(max_length=12)
    files = models.JSONField(default=dict)
    run = models.CharField(max_length=120, unique=True)
    result = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)


class Submission(models.Model):
    """A solution that was handed in, and what its run on the board part came to."""

    STATES: ClassVar[dict[str, Words]] = {
        "queued": words("대기", "Queued"),
        "running": words("실행 중", "Running"),
        "done": words("채점 완료", "Scored"),
        "failed": words("실패", "Failed"),
        "cancelled": words("취소", "Cancelled"),
    }

    id = models.CharField(primary_key=True, max_length=60)
    """As the engine names it."""
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    """The team's lead: whose thing it is."""
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=60)
    title_ko = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    tier = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    files = models.JSONField(default=dict)
    run = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, default="queued")
    cause = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    """What its firm may see of a failure."""
    release = models.JSONField(null=True)
    """What the board was allowed to say: shown, step, bits, improved, interval."""
    final_run = models.CharField(max_length=120, blank=True)
    final_state = models.CharField(max_length=10, blank=True)
    final_cause = models.CharField(max_length=60, blank=True)
    received = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        """Order, and what lists and boards look for."""

        ordering: ClassVar[list[str]] = ["-received"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["demand", "-received"], name="submission_of_demand"),
            models.Index(fields=["company", "-received"], name="submission_of_company"),
            models.Index(fields=["team", "-received"], name="submission_of_team"),
            models.Index(fields=["demand", "name"], name="submission_named"),
        ]

    @property
    def title(self) -> Words:
        """Its title in both languages."""
        return words(self.title_ko, self.title_en)

    @property
    def state_title(self) -> Words:
        """Its state in words."""
        return self.STATES[self.state]


class BoardRow(models.Model):
    """The best released score of a team."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="+")
    team = models.OneToOneField(Team, models.CASCADE, related_name="+")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    shown = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    releases = models.PositiveIntegerField(default=0)

    class Meta:
        """What the board shows."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["demand", "shown"], name="board_of_demand")
        ]


class Evaluation(models.Model):
    """One evaluator's scores for one solution by the rubric that the demand declared."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="+")
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="+")
    evaluator = models.ForeignKey(User, models.PROTECT, related_name="+")
    has_conflict = models.BooleanField(default=False)
    scores = models.JSONField(default=dict)
    remark = models.TextField(max_length=4000, blank=True)
    signed = models.DateTimeField(null=True)

    class Meta:
        """An evaluator judges a solution once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["submission", "evaluator"], name="judged_once")
        ]


class Evaluator(models.Model):
    """A person asked to judge a demand's solutions."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="evaluators")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked = models.DateTimeField(default=clock.now)
    sees_files = models.BooleanField(default=False)

    class Meta:
        """Asked once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["demand", "user"], name="asked_once")
        ]


class Decision(models.Model):
    """What followed from the registered rule, who confirmed it, and its signed report."""

    demand = models.OneToOneField(Demand, models.CASCADE, related_name="decision")
    comparison = models.JSONField()
    facts = models.JSONField()
    """passed, adopted, equals, failed_guard (solutions by name)."""
    adopted = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    computed = models.DateTimeField(default=clock.now)
    announced_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    announced = models.DateTimeField(null=True)
    reason = models.TextField(max_length=4000, blank=True)
    confirmed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    confirmed = models.DateTimeField(null=True)
    report_html = models.ForeignKey(StoredObject, models.SET_NULL, null=True, related_name="+")
    report_pdf = models.ForeignKey(StoredObject, models.SET_NULL, null=True, related_name="+")
    report_json = models.ForeignKey(StoredObject, models.SET_NULL, null=True, related_name="+")


class Objection(models.Model):
    """A company's objection to a decision, and its one answer."""

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="objections")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=8000)
    filed = models.DateTimeField(default=clock.now)
    ground = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12, blank=True)
    withdrawn = models.DateTimeField(null=True)
    answer = models.TextField(max_length=8000, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered = models.DateTimeField(null=True)


class Adoption(models.Model):
    """A solution on its way into an agency's work: minutes, gates, measures."""

    demand = models.OneToOneField(Demand, models.PROTECT, related_name="adoption")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    minutes = models.JSONField(default=dict, blank=True)
    """The consultation as the engine keeps it: conditions, costs, duties, signatures."""
    plan = models.JSONField(default=dict, blank=True)
    """Gates, measures and stop rules as the engine keeps them."""
    progress = models.JSONField(default=dict, blank=True)
    """Where the gates stand, as the engine keeps it."""
    gate = models.CharField(max_length=12, default="planned", db_index=True)
    created = models.DateTimeField(default=clock.now)
    live_since = models.DateTimeField(null=True)


class Observation(models.Model):
    """A batch of monitored values at one gate."""

    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="observations")
    gate = models.CharField(max_length=12)
    measure = models.CharField(max_length=60)
    values = models.JSONField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)


class Confirmation(models.Model):
    """An agency that was asked to confirm a solution on its own data, and what came of it."""

    origin = models.ForeignKey(Demand, models.PROTECT, related_name="confirmations")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    demand = models.OneToOneField(Demand, models.PROTECT, null=True, related_name="confirms")
    """Its own sealed demand under the same protocol."""
    state = models.CharField(max_length=12, default="invited")
    reason = models.JSONField(default=dict, blank=True)
    """Why it failed, in both languages."""
    invited = models.DateTimeField(default=clock.now)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    difference = models.FloatField(null=True)
    error = models.FloatField(null=True)
    """Standard error of the difference from the baseline."""
    cases = models.PositiveIntegerField(null=True)
    measured = models.DateTimeField(null=True)

    class Meta:
        """An agency is asked once."""

        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["origin", "agency"], name="confirmed_once")
        ]
