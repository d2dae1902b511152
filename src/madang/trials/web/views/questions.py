"""The thread of a demand: companies ask, its owners answer, everybody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madang.kernel.errors import InputError
from madang.portal.access import needs, of, public
from madang.portal.views.saying import tell
from madang.trials.engine.phases import Act
from madang.trials.web.forms.questions import AnswerForm, QuestionForm
from madang.trials.web.models import Question
from madang.trials.web.services import questions as thread
from madang.trials.web.services import timing
from madang.trials.web.views.demand import head, owners_of, visible

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.trials.web.models import Demand

A_PAGE = 30


@public
def questions(request: HttpRequest, demand: str) -> HttpResponse:
    """The thread."""
    found = visible(demand, of(request))
    if not found.is_public:
        raise Http404
    return _page(request, found, _form(request, found))


def _form(request: HttpRequest, demand: Demand, data: Any = None) -> QuestionForm | None:
    """The form of who may ask now; nobody else has one."""
    companies = of(request).acting_for("trials.submit")
    if not companies or not timing.allows(demand, Act.ASK):
        return None
    return QuestionForm(data, companies=companies)


def _page(
    request: HttpRequest, demand: Demand, form: QuestionForm | None, *, status: int = 200
) -> HttpResponse:
    access = of(request)
    page = Paginator(thread.thread(demand), A_PAGE).get_page(request.GET.get("page"))
    course = timing.course(demand)
    context = {
        **head(demand, access),
        "page": page,
        "form": form,
        "may_answer": access.may("trials.answer", *demand.owners)
        and timing.allows(demand, Act.ANSWER_QUESTION),
        "is_asking": timing.allows(demand, Act.ASK),
        "ended": course is not None and not timing.allows(demand, Act.ASK),
    }
    return render(request, "trials/questions.html", context, status=status)


@needs("trials.submit")
@require_POST
def ask(request: HttpRequest, demand: str) -> HttpResponse:
    """Ask."""
    found = visible(demand, of(request))
    if not found.is_public:
        raise Http404
    companies = of(request).acting_for("trials.submit")
    form = QuestionForm(request.POST, companies=companies)
    if form.is_valid():
        given = form.cleaned_data
        try:
            thread.ask(
                found,
                organisation=given["organisation"],
                by=of(request).user,  # type: ignore[arg-type]
                text=given["text"],
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "질문을 등록했습니다.", "Your question was posted.")
            return HttpResponseRedirect(reverse("trials:questions", args=[found.name]))
    return _page(request, found, form, status=422)


@needs("trials.answer", owners=owners_of)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, demand: str, question: int) -> HttpResponse:
    """Answer one question, or mend its answer."""
    access = of(request)
    found = visible(demand, access)
    row = Question.objects.filter(pk=question, demand=found).select_related("organisation").first()
    if row is None:
        raise Http404
    form = AnswerForm(
        request.POST if request.method == "POST" else None, initial={"text": row.answer}
    )
    if form.is_valid():
        try:
            thread.answer(row, by=access.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(request, "답변을 등록했습니다.", "Your answer was posted.")
            back = reverse("trials:questions", args=[found.name])
            return HttpResponseRedirect(f"{back}#question-{row.pk}")
    context = {**head(found, access), "question": row, "form": form}
    status = 422 if form.errors else 200
    return render(request, "trials/questions_answer.html", context, status=status)
