"""Who asked what about a demand, and what was answered? One public thread, the same for all.

Companies ask until the questions end; the demand's owners answer while it takes submissions. An
answer may be mended as long as it may be given; the log keeps what it was before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.webhooks import emit
from madang.trials.engine.phases import Act
from madang.trials.web.models import Demand, Question
from madang.trials.web.services import timing
from madang.trials.web.services.annals import recorded

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from madang.portal.models import Organisation, User

LONGEST_QUESTION = 4000
LONGEST_ANSWER = 8000
MOST_OPEN = 20
"""Questions of one company that may wait for an answer in one demand."""


def thread(demand: Demand) -> QuerySet[Question]:
    """The questions of a demand in their order."""
    found = Question.objects.filter(demand=demand).order_by("asked", "pk")
    return found.select_related("organisation")


def ask(demand: Demand, *, organisation: Organisation, by: User, text: str) -> Question:
    """Ask a question; it is public at once.

    Raises:
        PhaseClosed: Questions have not begun or have ended.
        InputError: No text, too much of it, or too many questions wait already.
    """
    said = _text(text, LONGEST_QUESTION)
    with transaction.atomic():
        row = Demand.objects.select_for_update(of=("self",)).get(pk=demand.pk)
        timing.require(row, Act.ASK)
        own = Question.objects.filter(demand=row, organisation=organisation, answered=None)
        if own.count() >= MOST_OPEN:
            raise InputError(
                words(
                    f"답을 기다리는 질문 {MOST_OPEN}건", f"{MOST_OPEN} questions without answer"
                ),
                words(f"{MOST_OPEN}건 미만", f"fewer than {MOST_OPEN}"),
                words("답변을 기다리십시오.", "Wait for the answers."),
            )
        asked = Question.objects.create(
            demand=row, organisation=organisation, by=by, text=said, asked=clock.now()
        )
        recorded(
            "question-asked",
            row,
            by=by,
            of=organisation,
            after={"text": said},
            question=asked.pk,
        )
        facts = {"demand": row.name, "question": asked.pk}
        emit("trials.question.asked", facts, to=row.owners)
    return asked


def answer(question: Question, *, by: User, text: str) -> Question:
    """Answer a question, or mend its answer.

    Raises:
        PhaseClosed: The demand takes no submissions any more: an answer would come too late.
        InputError: No text, or too much of it.
    """
    said = _text(text, LONGEST_ANSWER)
    with transaction.atomic():
        demand = Demand.objects.select_for_update(of=("self",)).get(pk=question.demand_id)
        timing.require(demand, Act.ANSWER_QUESTION)
        row = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        before, row.answer = row.answer, said
        row.answered_by, row.answered = by, clock.now()
        row.save(update_fields=["answer", "answered_by", "answered"])
        recorded(
            "question-answered",
            demand,
            by=by,
            before={"text": before} if before else None,
            after={"text": said},
            question=row.pk,
        )
        facts = {"demand": demand.name, "question": row.pk}
        emit("trials.question.answered", facts, to=[row.organisation_id])
    return row


def _text(text: str, longest: int) -> str:
    said = text.strip().replace("\0", "")
    if not said or len(said) > longest:
        raise InputError(
            words(f"{len(said):,}자의 글", f"a text of {len(said):,} characters"),
            words(f"1자 이상 {longest:,}자 이하", f"1 to {longest:,} characters"),
        )
    return said
