"""What was asked about a demand and what was answered; how a program asks and answers."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Status
from pydantic import BaseModel

from madang.portal.api.pages import After, Limit, Page, page
from madang.portal.api.shapes import Body, LongText, Number, Taken, Text
from madang.trials.web.api.callers import Name, caller, owned, public
from madang.trials.web.api.router import router
from madang.trials.web.models import Question
from madang.trials.web.services import questions as thread


class QuestionOut(BaseModel):
    """A question and its answer; the thread is public."""

    number: int
    organisation: Body
    text: str
    asked: datetime
    answer: str
    answered: datetime | None

    @classmethod
    def of(cls, row: Question) -> QuestionOut:
        """From its row."""
        return cls(
            number=row.pk,
            organisation=Body.of(row.organisation),
            text=row.text,
            asked=row.asked,
            answer=row.answer,
            answered=row.answered,
        )


class Asking(Taken):
    """A question to be asked."""

    text: Text


class QuestionAnswer(Taken):
    """An answer to be given."""

    text: LongText


@router.get("/demands/{demand}/questions", auth=None, response=Page[QuestionOut])
def list_questions(
    request: HttpRequest,
    response: HttpResponse,
    demand: Name,
    limit: Limit = 20,
    after: After = "",
) -> Page[QuestionOut]:
    """질문과 답변 · Questions and answers, in their order."""
    found = thread.thread(public(request, demand))
    return page(
        request, response, found, QuestionOut.of, limit=limit, after=after, oldest_first=True
    )


@router.post("/demands/{demand}/questions", response={201: QuestionOut})
def ask(request: HttpRequest, demand: Name, wanted: Asking) -> Status:
    """질문하기 · Ask; the question is public at once."""
    by = caller(request, "trials.submit")
    found = public(request, demand)
    asked = thread.ask(found, organisation=by.organisation, by=by.user, text=wanted.text)
    return Status(201, QuestionOut.of(asked))


@router.post("/demands/{demand}/questions/{number}/answer", response=QuestionOut)
def answer(
    request: HttpRequest, demand: Name, number: Number, wanted: QuestionAnswer
) -> QuestionOut:
    """답변하기 · Answer a question, or mend its answer."""
    found, by = owned(request, demand, "trials.answer")
    row = thread.thread(found).filter(pk=number).first()
    if row is None:
        raise Http404
    thread.answer(row, by=by.user, text=wanted.text)
    row.refresh_from_db()
    return QuestionOut.of(row)
