"""What does the prognosis system show outside its own pages? A tile, what is found, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from madang.kernel.words import words
from madang.portal.frame import Found, Tile, Waiting
from madang.prognosis.web.models import Registered
from madang.prognosis.web.services import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.portal.access import Access

_MOST = 20


def home() -> Tile:
    """How well the models in use told of what came true."""
    rows = [each for each in Registered.objects.filter(state="live") if each.facts.get("quality")]
    figure, note = "", words("", "")
    if rows:
        found = rows[0].facts["quality"]
        figure = f"{found['observed_to_expected']:.2f}"
        note = words("예시 자료", "Example") if rows[0].is_example else rows[0].title
    return Tile(
        title=words("AI 의료 예후관리", "Medical prognosis"),
        sentence=words(
            "환자의 예후를 불확실성과 함께 알리고, 맞는지 계속 감시합니다.",
            "A patient's course with its uncertainty, and a watch over whether it comes true.",
        ),
        url=reverse("prognosis:index"),
        figure=figure,
        unit=words("예측 대비 실제 사건", "observed to expected events")
        if figure
        else words("", ""),
        note=note,
    )


def search(text: str, access: Access) -> list[Found]:
    """Models that the reader may see and whose name holds every word; patients are never found."""
    fits = Q()
    for word in text.split():
        fits &= Q(title_ko__icontains=word) | Q(title_en__icontains=word)
    rows = Registered.objects.filter(fits)
    if not access.everywhere("prognosis.see"):
        rows = rows.filter(owner__in=access.holding("prognosis.see"))
    return [
        Found(title=each.title, kind=words("예후 모형", "Model"), url=each.get_absolute_url())
        for each in rows[:_MOST]
    ]


def worklist(access: Access) -> Iterator[Waiting]:
    """Patients to be looked at today, and models that were stopped."""
    for row in Registered.objects.filter(state="live", owner__in=access.holding("prognosis.keep")):
        for each in shown.to_do(row)[:_MOST]:
            patient = each["patient"]
            yield Waiting(
                title=words(f"환자 {patient.short}", f"Patient {patient.short}"),
                reason=words(
                    ", ".join(text.ko for _, text in each["reasons"]),
                    ", ".join(text.en for _, text in each["reasons"]),
                ),
                act=words("환자 보기", "See the patient"),
                url=patient.get_absolute_url(),
            )
    for row in Registered.objects.filter(
        state="stopped", owner__in=access.holding("prognosis.lead")
    ):
        yield Waiting(
            title=row.title,
            reason=words(
                "실제와 예측이 달라 중지했습니다.", "It was stopped: observed and expected differ."
            ),
            act=words("감시 기록 보기", "See the watch"),
            url=reverse("prognosis:monitor", args=[row.pk]),
        )
