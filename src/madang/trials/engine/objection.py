"""Who objects to a decision, how is each objection answered, and when is the decision final?

The window opens with the notice of the decision. Each organisation that submitted may object once
on each ground; each objection gets one answer. The decision is final when the window is over and
every objection is answered, unless an answer has set it aside: then it must be taken anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from madang.kernel.words import Words, words
from madang.trials.engine.errors import ObjectionError
from madang.trials.engine.period import end_of_days, korean_time
from madang.trials.engine.record import Record

Ground: TypeAlias = Literal["procedure", "data", "calculation", "conflict", "rubric", "other"]
GROUNDS: dict[Ground, Words] = {
    "procedure": words("절차 위반", "the procedure was not kept"),
    "data": words("자료의 결함", "the data are faulty"),
    "calculation": words("계산의 오류", "the calculation is wrong"),
    "conflict": words("위원의 이해충돌", "an evaluator had a conflict of interest"),
    "rubric": words("평가표 적용의 오류", "the rubric was not followed"),
    "other": words("그 밖의 사유", "another ground"),
}
Outcome: TypeAlias = Literal["rejected", "corrected", "set_aside"]
OUTCOMES: dict[Outcome, Words] = {
    "rejected": words("기각", "rejected: the decision stands"),
    "corrected": words(
        "일부 인용(기록 정정)", "upheld in part: the record is corrected, the decision stands"
    ),
    "set_aside": words("인용(판정 취소)", "upheld: the decision is set aside"),
}
State: TypeAlias = Literal["open", "answering", "final", "set_aside"]
STATES: dict[State, Words] = {
    "open": words("이의신청 접수 중", "objections may be filed"),
    "answering": words("답변 대기", "waiting for answers"),
    "final": words("판정 확정", "the decision is final"),
    "set_aside": words("판정 취소", "the decision is set aside"),
}


@dataclass(frozen=True, kw_only=True)
class Answer(Record):
    """The agency's one answer to an objection."""

    by: str
    at: datetime
    outcome: Outcome
    text: str


@dataclass(frozen=True, kw_only=True)
class Objection(Record):
    """What an organisation holds against the decision."""

    name: str
    by: str
    """The person who filed it."""
    organisation: str
    ground: Ground
    text: str
    at: datetime
    answer: Answer | None = None
    withdrawn: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Is there nothing left to answer?"""
        return self.answer is not None or self.withdrawn is not None


@dataclass(frozen=True, kw_only=True)
class Objections(Record):
    """The objection window of one decision and all that came in.

    Raises:
        ObjectionError: The window has no day.
    """

    decision: str
    """Digest of the decision that was given notice of."""
    agency: str
    notified: datetime
    days: int
    may_object: tuple[str, ...]
    """Organisations that submitted, and no others."""
    holidays: tuple[date, ...] = ()
    objections: tuple[Objection, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.days < 1:
            raise ObjectionError(
                words(f"이의신청 기간 {self.days}일", f"a window of {self.days} days"),
                words("1일 이상", "at least 1 day"),
            )

    @property
    def closes(self) -> datetime:
        """The moment at which the window is over."""
        return end_of_days(self.notified, self.days, holidays=self.holidays)

    def file(self, objection: Objection) -> Objections:
        """Take in an objection.

        Raises:
            ObjectionError: Too late or too early, by somebody who did not submit, without text,
                or a second one on the same ground.
        """
        if not self.notified <= objection.at < self.closes:
            raise ObjectionError(
                words(
                    f"{korean_time(objection.at)}의 이의신청",
                    f"an objection of {korean_time(objection.at)} KST",
                ),
                words(
                    f"{korean_time(self.notified)}부터 {korean_time(self.closes)} 전까지",
                    f"one from {korean_time(self.notified)} until {korean_time(self.closes)} KST",
                ),
            )
        if objection.organisation not in self.may_object:
            raise ObjectionError(
                words(
                    f"제출하지 않은 {objection.organisation!r}의 이의신청",
                    f"an objection by {objection.organisation!r}, which did not submit",
                ),
                words("이 수요에 제출한 기업", "a company that submitted to this demand"),
            )
        if objection.is_settled or not objection.text.strip():
            raise ObjectionError(
                words("이유를 적지 않은 이의신청", "an objection without its reason"),
                words("구체적인 이유", "the reason, in its own words"),
            )
        for each in self.objections:
            same = (each.organisation, each.ground) == (objection.organisation, objection.ground)
            if each.name == objection.name or (same and each.withdrawn is None):
                raise ObjectionError(
                    words("같은 사유의 두 번째 이의신청", "a second objection on the same ground"),
                    words("사유마다 한 번", "one for each ground"),
                )
        return replace(self, objections=(*self.objections, objection))

    def answer(self, name: str, answer: Answer, *, organisation: str) -> Objections:
        """Answer an objection, once.

        Raises:
            ObjectionError: No such objection, answered or withdrawn already, no text, not by the
                agency, or dated before the objection.
        """
        objection = self._named(name)
        if organisation != self.agency:
            raise ObjectionError(
                words(f"{organisation!r}의 답변", f"an answer by {organisation!r}"),
                words("수요 기관의 답변", "an answer by the agency of the demand"),
            )
        if objection.is_settled:
            raise ObjectionError(
                words("이미 처리된 이의신청", "an objection that is settled"),
                words("답변을 기다리는 이의신청", "one that waits for its answer"),
            )
        if answer.at < objection.at or not answer.text.strip():
            raise ObjectionError(
                words(
                    "이유가 없거나 신청보다 이른 답변", "an answer without reasons, or too early"
                ),
                words("신청 뒤에 적은 이유 있는 답변", "a reasoned answer after the objection"),
            )
        return self._with(replace(objection, answer=answer))

    def withdraw(self, name: str, *, organisation: str, at: datetime) -> Objections:
        """The organisation takes its objection back.

        Raises:
            ObjectionError: It is another's, or settled.
        """
        objection = self._named(name)
        if objection.organisation != organisation or objection.is_settled:
            raise ObjectionError(
                words("철회할 수 없는 이의신청", "an objection that cannot be taken back"),
                words("답변 전의, 스스로 낸 이의신청", "one's own objection, before its answer"),
            )
        return self._with(replace(objection, withdrawn=at))

    def state(self, at: datetime) -> State:
        """Where the decision stands at a moment. What sets it aside does so at once."""
        if any(each.answer and each.answer.outcome == "set_aside" for each in self.objections):
            return "set_aside"
        if at < self.closes:
            return "open"
        return "final" if all(each.is_settled for each in self.objections) else "answering"

    def final_since(self) -> datetime | None:
        """When the decision became, or will become, final; None while an answer is owed."""
        last = self.closes
        if self.state(last) != "final":
            return None
        for each in self.objections:
            settled = each.answer.at if each.answer else each.withdrawn
            last = max(last, settled or last)
        return last

    def _named(self, name: str) -> Objection:
        for each in self.objections:
            if each.name == name:
                return each
        raise ObjectionError(
            words(f"없는 이의신청 {name!r}", f"no objection {name!r}"),
            words("이 판정에 대한 이의신청", "an objection to this decision"),
        )

    def _with(self, changed: Objection) -> Objections:
        return replace(
            self,
            objections=tuple(changed if e.name == changed.name else e for e in self.objections),
        )
