"""In which phase is a demand now, and what may be done in it?

The dates up to the end of submissions are fixed with the demand (`Timetable`); from there on a
phase begins when something has happened (`Milestones`). A `Course` holds both and answers for any
moment. A closing date may be put off while it has not passed, never brought forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NamedTuple, Self, TypeAlias

from madang.kernel.words import Words, particle, words
from madang.trials.engine.errors import DemandError, PhaseClosed
from madang.trials.engine.period import end_of_days, korean_time
from madang.trials.engine.record import Record, whole_second


class Phase(StrEnum):
    """The phases in their order; the values stand in records and never change their meaning."""

    POSTED = "posted"
    QUESTIONS = "questions"
    OPEN = "open"
    CLOSED = "closed"
    EVALUATING = "evaluating"
    DECIDED = "decided"
    OBJECTIONS = "objections"
    FINAL = "final"
    CONSULTATION = "consultation"
    ADOPTION = "adoption"
    DIFFUSION = "diffusion"
    CANCELLED = "cancelled"

    @property
    def words(self) -> Words:
        """The phase for a reader."""
        return _PHASES[self]


class Act(StrEnum):
    """What people and agencies do in the course of a demand."""

    ASK = "ask"
    ANSWER_QUESTION = "answer_question"
    TEAM_UP = "team_up"
    SUBMIT = "submit"
    AMEND = "amend"
    SCORE_RUBRIC = "score_rubric"
    COMPARE = "compare"
    DECIDE = "decide"
    NOTIFY = "notify"
    OBJECT = "object"
    ANSWER_OBJECTION = "answer_objection"
    CONSULT = "consult"
    OPEN_GATE = "open_gate"
    REPORT_MEASURES = "report_measures"
    SPREAD = "spread"
    CANCEL = "cancel"

    @property
    def words(self) -> Words:
        """The act for a reader, as a noun."""
        return _ACTS[self]


_PHASES: Mapping[Phase, Words] = {
    Phase.POSTED: words("공고", "posted"),
    Phase.QUESTIONS: words("질의응답", "questions"),
    Phase.OPEN: words("제출 접수", "open for submissions"),
    Phase.CLOSED: words("접수 마감", "closed"),
    Phase.EVALUATING: words("평가", "evaluating"),
    Phase.DECIDED: words("판정", "decided"),
    Phase.OBJECTIONS: words("이의신청", "objections"),
    Phase.FINAL: words("판정 확정", "final"),
    Phase.CONSULTATION: words("협의", "consultation"),
    Phase.ADOPTION: words("도입", "adoption"),
    Phase.DIFFUSION: words("확산", "diffusion"),
    Phase.CANCELLED: words("취소", "cancelled"),
}
_ACTS: Mapping[Act, Words] = {
    Act.ASK: words("질문 등록", "asking a question"),
    Act.ANSWER_QUESTION: words("답변 등록", "answering a question"),
    Act.TEAM_UP: words("팀 구성", "forming a team"),
    Act.SUBMIT: words("해법 제출", "submitting a solution"),
    Act.AMEND: words("일정 변경", "putting off a date"),
    Act.SCORE_RUBRIC: words("평가표 채점", "scoring by the rubric"),
    Act.COMPARE: words("최종 비교", "the final comparison"),
    Act.DECIDE: words("판정", "the decision"),
    Act.NOTIFY: words("판정 통지", "giving notice of the decision"),
    Act.OBJECT: words("이의신청", "objecting"),
    Act.ANSWER_OBJECTION: words("이의신청 답변", "answering an objection"),
    Act.CONSULT: words("협의", "consulting"),
    Act.OPEN_GATE: words("도입 단계 열기", "opening a gate"),
    Act.REPORT_MEASURES: words("측정값 보고", "reporting measures"),
    Act.SPREAD: words("확산 참여", "joining the diffusion"),
    Act.CANCEL: words("공고 취소", "cancelling the demand"),
}
_BEFORE = frozenset({Act.TEAM_UP, Act.AMEND, Act.CANCEL})
ALLOWED: Mapping[Phase, frozenset[Act]] = {
    Phase.POSTED: _BEFORE,
    Phase.QUESTIONS: _BEFORE | {Act.ASK, Act.ANSWER_QUESTION},
    Phase.OPEN: _BEFORE | {Act.SUBMIT, Act.ASK, Act.ANSWER_QUESTION},
    Phase.CLOSED: frozenset({Act.CANCEL}),
    Phase.EVALUATING: frozenset({Act.SCORE_RUBRIC, Act.COMPARE, Act.DECIDE, Act.CANCEL}),
    Phase.DECIDED: frozenset({Act.NOTIFY}),
    Phase.OBJECTIONS: frozenset({Act.OBJECT, Act.ANSWER_OBJECTION}),
    Phase.FINAL: frozenset({Act.CONSULT}),
    Phase.CONSULTATION: frozenset({Act.CONSULT, Act.OPEN_GATE}),
    Phase.ADOPTION: frozenset({Act.CONSULT, Act.OPEN_GATE, Act.REPORT_MEASURES}),
    Phase.DIFFUSION: frozenset({Act.CONSULT, Act.OPEN_GATE, Act.REPORT_MEASURES, Act.SPREAD}),
    Phase.CANCELLED: frozenset(),
}
"""What each phase allows. Questions end at their own date, which may lie within `open`."""

Dated: TypeAlias = Literal["questions_until", "closes", "decision_by"]
Milestone: TypeAlias = Literal[
    "evaluating", "decided", "notified", "final", "consultation", "adoption", "diffusion"
]
_BEGINS: Mapping[Milestone, Phase] = {
    "evaluating": Phase.EVALUATING,
    "decided": Phase.DECIDED,
    "notified": Phase.OBJECTIONS,
    "final": Phase.FINAL,
    "consultation": Phase.CONSULTATION,
    "adoption": Phase.ADOPTION,
    "diffusion": Phase.DIFFUSION,
}
"""Milestones in their order, and the phase that begins with each."""


@dataclass(frozen=True, kw_only=True)
class Amendment(Record):
    """One date of the timetable put off."""

    at: datetime
    by: str
    date: Dated
    before: datetime
    after: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Timetable(Record):
    """The dates that a demand is posted with.

    Raises:
        DemandError: The dates are not in their order.
    """

    posted: datetime
    questions_from: datetime
    questions_until: datetime
    opens: datetime
    closes: datetime
    decision_by: datetime
    """By when the agency means to have decided; a promise to firms, not a lock."""
    objection_days: int = 7
    holidays: tuple[date, ...] = ()
    """Public holidays on which the objection window does not end."""
    amendments: tuple[Amendment, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for earlier, later, strictly in _ORDER:
            first, second = getattr(self, earlier), getattr(self, later)
            if second < first or (strictly and second == first):
                raise DemandError(
                    words(
                        f"{_TITLES[later].ko} {korean_time(second)}",
                        f"{_TITLES[later].en} at {korean_time(second)} KST",
                    ),
                    words(
                        f"{_TITLES[earlier].ko}({korean_time(first)})보다 "
                        + ("늦은 시각" if strictly else "이르지 않은 시각"),
                        f"a time {'after' if strictly else 'not before'} "
                        f"{_TITLES[earlier].en} at {korean_time(first)} KST",
                    ),
                )
        if self.objection_days < 1:
            raise DemandError(
                words(
                    f"이의신청 기간 {self.objection_days}일",
                    f"an objection window of {self.objection_days} days",
                ),
                words("1일 이상", "at least 1 day"),
            )

    def put_off(self, which: Dated, to: datetime, *, by: str, reason: str, at: datetime) -> Self:
        """The timetable with one date later than it was.

        Raises:
            DemandError: The date has passed, would come earlier, or no reason is given.
        """
        before: datetime = getattr(self, which)
        at, to = whole_second(at), whole_second(to)
        if at >= before or to <= before or not reason.strip():
            raise DemandError(
                words(
                    f"{particle(_TITLES[which].ko, '을', '를')} {korean_time(before)}에서 "
                    f"{korean_time(to)}(으)로 바꾸는 {korean_time(at)}의 요청",
                    f"a request of {korean_time(at)} KST to move {_TITLES[which].en} from "
                    f"{korean_time(before)} to {korean_time(to)}",
                ),
                words(
                    "지나지 않은 날짜를 사유와 함께 뒤로 늦추는 변경",
                    "a date that has not passed, moved to a later time, with a reason",
                ),
                words(
                    "앞당기면 준비하던 기업이 피해를 봅니다.",
                    "Bringing a date forward would harm firms that prepare.",
                ),
            )
        amendment = Amendment(at=at, by=by, date=which, before=before, after=to, reason=reason)
        changed: dict[str, datetime] = {which: to}
        return replace(self, **changed, amendments=(*self.amendments, amendment))  # type: ignore[arg-type]


_TITLES: Mapping[str, Words] = {
    "posted": words("공고", "posting"),
    "questions_from": words("질의 시작", "the start of questions"),
    "questions_until": words("질의 마감", "the end of questions"),
    "opens": words("접수 시작", "the opening of submissions"),
    "closes": words("접수 마감", "the closing of submissions"),
    "decision_by": words("판정 예정", "the expected decision"),
}
_ORDER = (
    ("posted", "questions_from", False),
    ("questions_from", "opens", False),
    ("questions_from", "questions_until", True),
    ("questions_until", "closes", False),
    ("opens", "closes", True),
    ("closes", "decision_by", True),
)


@dataclass(frozen=True, kw_only=True)
class Milestones(Record):
    """When what happened; None where it has not."""

    evaluating: datetime | None = None
    decided: datetime | None = None
    notified: datetime | None = None
    final: datetime | None = None
    consultation: datetime | None = None
    adoption: datetime | None = None
    diffusion: datetime | None = None
    cancelled: datetime | None = None


class Stage(NamedTuple):
    """One phase as a plan shows it."""

    phase: Phase
    begins: datetime | None
    """Known for dated phases and for those that have begun."""
    ends: datetime | None
    now: bool


@dataclass(frozen=True, kw_only=True)
class Course(Record):
    """A demand's timetable and what has happened so far."""

    timetable: Timetable
    milestones: Milestones = field(default_factory=Milestones)

    def phase(self, at: datetime) -> Phase | None:
        """The phase at a moment; None before the demand is posted."""
        if self.milestones.cancelled and at >= self.milestones.cancelled:
            return Phase.CANCELLED
        begun = [stage.phase for stage in self._begun() if stage.begins and stage.begins <= at]
        return begun[-1] if begun else None

    def allows(self, act: Act, at: datetime) -> bool:
        """May this be done at this moment?"""
        phase = self.phase(at)
        if phase is None or act not in ALLOWED[phase]:
            return False
        if act is Act.ASK:
            return at < self.timetable.questions_until
        return True

    def require(self, act: Act, at: datetime) -> None:
        """Refuse what does not belong to the phase of this moment.

        Raises:
            PhaseClosed: The sentence says which phase it is and when the act is possible.
        """
        if self.allows(act, at):
            return
        phase = self.phase(at)
        now = phase.words if phase else words("공고 전", "not posted yet")
        right = [each for each in Phase if act in ALLOWED[each]]
        raise PhaseClosed(
            words(f"'{now.ko}' 단계의 {act.words.ko}", f"{act.words.en} in the phase '{now.en}'"),
            words(
                f"{', '.join(each.words.ko for each in right)} 단계",
                f"the phase {' or '.join(each.words.en for each in right)}",
            ),
            self._when(act, at),
        )

    def _when(self, act: Act, at: datetime) -> Words | str:
        """The date that the act missed or must wait for, where one is known."""
        table = self.timetable
        dated = {Act.SUBMIT: (table.opens, table.closes)}
        dated[Act.ASK] = (table.questions_from, table.questions_until)
        if act not in dated:
            return ""
        opens, closes = dated[act]
        if at < opens:
            return words(
                f"{korean_time(opens)}에 시작합니다.", f"It opens at {korean_time(opens)} KST."
            )
        return words(
            f"{korean_time(closes)}에 마감되었습니다.", f"It closed at {korean_time(closes)} KST."
        )

    def reach(self, milestone: Milestone, *, at: datetime) -> Course:
        """The course after something has happened, in its order.

        Raises:
            PhaseClosed: What must come before has not happened, or it has happened already.
        """
        phase, order = self.phase(at), list(_BEGINS)
        place = order.index(milestone)
        needed = _BEGINS[order[place - 1]] if place else Phase.CLOSED
        if phase is not needed:
            raise PhaseClosed(
                words(
                    f"'{phase.words.ko if phase else '공고 전'}' 단계에서 "
                    f"'{_BEGINS[milestone].words.ko}' 단계로의 이동",
                    f"a step from '{phase.words.en if phase else 'not posted'}' "
                    f"to '{_BEGINS[milestone].words.en}'",
                ),
                words(
                    f"'{needed.words.ko}' 단계에서의 이동",
                    f"a step from the phase '{needed.words.en}'",
                ),
            )
        changed: dict[str, datetime] = {milestone: at}
        return replace(self, milestones=replace(self.milestones, **changed))

    @property
    def objections_end(self) -> datetime | None:
        """When the objection window is over; None before notice of the decision."""
        given, table = self.milestones.notified, self.timetable
        if given is None:
            return None
        return end_of_days(given, table.objection_days, holidays=table.holidays)

    def set_aside(self, *, at: datetime) -> Course:
        """Back to the evaluation, because an objection has made the decision fall.

        Raises:
            PhaseClosed: The decision is not in its objection window.
        """
        if self.phase(at) is not Phase.OBJECTIONS:
            self.require(Act.ANSWER_OBJECTION, at)
        fallen = replace(self.milestones, evaluating=at, decided=None, notified=None)
        return replace(self, milestones=fallen)

    def cancel(self, *, at: datetime) -> Course:
        """The course of a demand that its agency has withdrawn.

        Raises:
            PhaseClosed: It has been decided.
        """
        self.require(Act.CANCEL, at)
        return replace(self, milestones=replace(self.milestones, cancelled=at))

    def plan(self, at: datetime) -> tuple[Stage, ...]:
        """Every phase in its order with what is known of its dates."""
        now = self.phase(at)
        stages = self._begun()
        if now is Phase.CANCELLED:
            ended = self.milestones.cancelled
            kept = [each for each in stages if each.begins and ended and each.begins < ended]
            stages = [*kept, Stage(Phase.CANCELLED, ended, None, True)]
        return tuple(stage._replace(now=stage.phase is now) for stage in stages)

    def _begun(self) -> list[Stage]:
        table, happened = self.timetable, self.milestones
        begins: list[tuple[Phase, datetime | None]] = [
            (Phase.POSTED, table.posted),
            (Phase.QUESTIONS, table.questions_from),
            (Phase.OPEN, table.opens),
            (Phase.CLOSED, table.closes),
            *((phase, getattr(happened, name)) for name, phase in _BEGINS.items()),
        ]
        ends = [begin for _, begin in begins[1:]] + [None]
        return [
            Stage(phase, begin, end, False)
            for (phase, begin), end in zip(begins, ends, strict=True)
        ]
