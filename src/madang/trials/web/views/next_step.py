"""What is the one thing that this reader should do next with this demand?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse

from madang.kernel.words import Words, words
from madang.trials.engine.phases import Act
from madang.trials.web.services import timing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from madang.portal.access import Access
    from madang.trials.web.models import Demand


@dataclass(frozen=True, kw_only=True)
class Step:
    """A verb, why, where, and until when."""

    act: Words
    why: Words
    to: str
    """Name of its address below `trials:`."""
    due: datetime | None = None
    is_post: bool = False
    """Whether its button does it at once."""
    url: str = ""


def next_step(demand: Demand, access: Access) -> Step | None:
    """The first step that applies; None where nothing is for this reader to do."""
    for step in _steps(demand, access):
        return replace(step, url=reverse(f"trials:{step.to}", args=[demand.name]))
    return None


def _steps(demand: Demand, access: Access) -> Iterator[Step]:
    if access.may("trials.post", *demand.owners):
        yield from _of_owner(demand)
    if access.may("trials.submit") or not access.is_known:
        yield from _of_company(demand)


def _of_owner(demand: Demand) -> Iterator[Step]:
    yield from _before_closing(demand)
    yield from _after_closing(demand)


def _before_closing(demand: Demand) -> Iterator[Step]:
    state = demand.state
    if state == "draft":
        yield Step(
            act=words("이어서 작성하기", "Go on writing"),
            why=words("아직 작성 중입니다.", "It is still a draft."),
            to="edit",
        )
    if state == "sealing":
        yield Step(
            act=words("봉인 과정 보기", "Watch the sealing"),
            why=words("자료를 봉인하고 있습니다.", "Its data are being sealed."),
            to="edit",
        )
    if state == "sealed":
        yield Step(
            act=words("공고하기", "Post it"),
            why=words(
                "봉인이 끝났습니다. 공고하면 기업이 볼 수 있습니다.",
                "It is sealed. Once posted, firms can see it.",
            ),
            to="post",
        )
    if state in ("posted", "open") and demand.questions.filter(answered=None).exists():
        yield Step(
            act=words("질문에 답하기", "Answer questions"),
            why=words("답을 기다리는 질문이 있습니다.", "Questions wait for an answer."),
            to="questions",
            due=demand.questions_until,
        )


def _after_closing(demand: Demand) -> Iterator[Step]:
    state = demand.state
    if state == "evaluating":
        yield Step(
            act=words("최종 비교하기", "Compare the solutions"),
            why=words("접수가 끝났습니다.", "Submissions have closed."),
            to="decision",
            due=demand.decide_by,
        )
    if state in ("evaluated", "decided"):
        yield Step(
            act=words("판정 보기", "See the decision"),
            why=words("최종 비교가 끝났습니다.", "The final comparison has ended."),
            to="decision",
            due=demand.decide_by if state == "evaluated" else demand.objections_until,
        )
    if state == "final":
        yield from _of_adopter(demand)
    if state == "adopting":
        yield Step(
            act=words("도입 관문 보기", "See the gates"),
            why=words("도입이 진행되고 있습니다.", "It is being adopted."),
            to="adoption",
        )
    if state == "live":
        yield Step(
            act=words("확산하기", "Spread it"),
            why=words(
                "다른 기관이 자기 자료로 확인할 수 있습니다.",
                "Other agencies can confirm it on their own data.",
            ),
            to="diffusion",
        )


def _of_adopter(demand: Demand) -> Iterator[Step]:
    if getattr(demand, "adoption", None):
        yield Step(
            act=words("협의 이어가기", "Go on with the consultation"),
            why=words("도입 조건을 협의하고 있습니다.", "The conditions are being agreed on."),
            to="consultation",
        )
    elif getattr(demand, "decision", None) and demand.decision.adopted_id:
        yield Step(
            act=words("도입 협의 시작하기", "Begin the consultation"),
            why=words(
                "판정이 확정되었습니다. 채택된 기업과 도입 조건을 협의합니다.",
                "The decision is final: agree on conditions with the company adopted.",
            ),
            to="adopt",
        )


def _of_company(demand: Demand) -> Iterator[Step]:
    if demand.state == "open":
        yield Step(
            act=words("해법 제출하기", "Hand in a solution"),
            why=words("제출을 받고 있습니다.", "It takes submissions."),
            to="submit",
            due=demand.closes,
        )
    if timing.allows(demand, Act.ASK):
        yield Step(
            act=words("질문하기", "Ask a question"),
            why=words("공고를 읽고 질문할 수 있습니다.", "Read it and ask what is unclear."),
            to="questions",
            due=demand.questions_until,
        )
    if demand.state == "decided":
        yield Step(
            act=words("판정 보기", "See the decision"),
            why=words(
                "판정이 공개되었습니다. 이의가 있으면 신청할 수 있습니다.",
                "The decision is out. Objections may be filed.",
            ),
            to="decision",
            due=demand.objections_until,
        )
