"""What would stand in each part? Made-up data for the page that shows every part."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms, template
from django.core.paginator import Paginator
from django.utils.functional import lazystr

from madang.kernel import clock
from madang.kernel.report.charts import ForestRow, forest
from madang.kernel.words import words
from madang.portal.frame import Tile, Waiting

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

register = template.Library()

AGENCIES = [
    ("a", words("가나 공단", "Gana Corporation")),
    ("b", words("다라 재단", "Dara Foundation")),
]


def asked(ko: str, en: str) -> _StrPromise:
    """Words of a form, which is made once and read in either language."""
    return lazystr(words(ko, en))


class SampleForm(forms.Form):
    """One field of every kind."""

    title = forms.CharField(
        label=asked("수요 이름", "Name of the demand"),
        help_text=asked("목록에 그대로 보입니다.", "Shown in lists as it stands."),
        max_length=80,
    )
    agency = forms.ChoiceField(label=asked("기관", "Agency"), choices=AGENCIES)
    budget = forms.IntegerField(
        label=asked("예산(원)", "Budget (KRW)"), widget=forms.NumberInput, min_value=0
    )
    closes = forms.DateField(
        label=asked("마감일", "Closing date"),
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    tier = forms.ChoiceField(
        label=asked("제출 방식", "Tier"),
        choices=[
            ("T0", words("예측값 파일", "A file of predictions")),
            ("T1", words("모형 파일", "A model file")),
            ("T2", words("격리실에서 실행할 코드", "Code that runs in the jail")),
        ],
        widget=forms.RadioSelect,
        help_text=asked(
            "봉인 자료는 어느 방식에서도 나가지 않습니다.", "Sealed data never leave."
        ),
    )
    table = forms.FileField(label=asked("공개 자료", "Open data"), required=False)
    about = forms.CharField(
        label=asked("설명", "Description"), widget=forms.Textarea, required=False
    )
    agreed = forms.BooleanField(
        label=asked("평가 규칙을 읽었습니다.", "I have read the rules of the trial.")
    )


class SampleFilter(forms.Form):
    """What narrows a list."""

    q = forms.CharField(label=asked("낱말", "Words"), required=False)
    agency = forms.ChoiceField(
        label=asked("기관", "Agency"),
        choices=[("", words("모두", "All")), *AGENCIES],
        required=False,
    )


@register.simple_tag
def samples() -> dict[str, Any]:
    """Data for every part, by name."""
    now = clock.now()
    broken = SampleForm({"broken-title": "", "broken-budget": "-3"}, prefix="broken")
    return {
        "form": SampleForm(initial={"tier": "T1"}),
        "broken": broken,
        "filter": SampleFilter({"q": ""}, prefix="filter"),
        "page": Paginator(range(240), 10).page(7),
        "tiles": _tiles(),
        "waiting": _waiting(now),
        "events": _events(now),
        "now": now,
        "money": 15_000_000_000,
        "late": now - timedelta(hours=30),
        "soon": now + timedelta(hours=5),
        "far": now + timedelta(days=12),
        **_chart(),
        "steps": [
            words("자료 올리기", "Upload the data"),
            words("평가 방법", "How it is measured"),
            words("일정과 예산", "Dates and budget"),
            words("미리 보기", "Preview"),
        ],
        "log": "\n".join(
            f"00:00:{second:02d} case {second:03d} scored in 0.{second:02d} s"
            for second in range(8)
        )
        + f"\n00:00:08 written: result sha256:{'9f2c7d1b' * 8}",
    }


def _tiles() -> list[Tile]:
    return [
        Tile(
            title=words("공공AX 실증", "Public AX trials"),
            sentence=words(
                "봉인 자료로 해법을 재고, 잰 만큼만 믿습니다.",
                "Measures solutions on sealed data, and believes what was measured.",
            ),
            url="#tile-1",
            figure="128",
            unit=words("건 실증", "trials"),
            note=words(
                "2026-11-20 기준, 기록 1,204번까지", "As of 2026-11-20, up to record 1,204"
            ),
        ),
        Tile(
            title=words("AI 의료 예후관리", "AI prognosis"),
            sentence=words(
                "퇴원한 환자의 위험을 미리 봅니다.", "Sees the risk of patients after discharge."
            ),
            url="#tile-2",
            figure="0.81",
            unit=words("AUROC (95 % 구간 0.78–0.84)", "AUROC (95 % interval 0.78–0.84)"),
            note=words("2026-11-02, 병원 세 곳", "2026-11-02, three hospitals"),
        ),
        Tile(
            title=words("인터넷 경로 보안", "Route security"),
            sentence=words("경로를 훔치는 일을 막습니다.", "Keeps routes from being stolen."),
            url="#tile-3",
        ),
    ]


def _waiting(now: Any) -> list[Waiting]:
    return [
        Waiting(
            title=words("민원 분류 수요", "Sorting of petitions"),
            reason=words("평가가 끝나 판정을 기다립니다.", "Scored; waits for the decision."),
            act=words("판정 확정하기", "Confirm the decision"),
            url="#work-1",
            due=now - timedelta(days=2, hours=3),
        ),
        Waiting(
            title=words("가나 공단의 질문 3건", "Three questions from Gana Corporation"),
            reason=words("답하지 않은 질문이 있습니다.", "Unanswered questions."),
            act=words("답하기", "Answer"),
            url="#work-2",
            due=now + timedelta(hours=7),
        ),
        Waiting(
            title=words("새 구성원 요청", "A new member asks to join"),
            reason=words("기관 관리자의 확인이 필요합니다.", "Needs an administrator of yours."),
            act=words("확인하기", "Review"),
            url="#work-3",
        ),
    ]


def _events(now: Any) -> list[dict[str, Any]]:
    return [
        {
            "at": now - timedelta(hours=2),
            "who": "김하늘",
            "what": words("판정을 확정함", "Confirmed the decision"),
            "note": words("이의 기간은 14일입니다.", "Objections are open for 14 days."),
        },
        {
            "at": now - timedelta(days=3),
            "who": "이바다",
            "what": words("봉인 자료로 채점함", "Scored on sealed data"),
        },
    ]


TABLE_ROWS = (
    (
        words("민원 분류", "Sorting of petitions"),
        words("가나 공단", "Gana"),
        1_520_000_000,
        "good",
    ),
    (
        words("도로 파임 찾기", "Finding potholes"),
        words("다라 재단", "Dara"),
        830_000_000,
        "late",
    ),
    (
        words("콜센터 요약", "Call summaries"),
        words("가나 공단", "Gana"),
        94_500_000,
        "unproved",
    ),
)


def _chart() -> dict[str, Any]:
    rows = [
        ("가람", "Garam", -0.042, -0.061, -0.023),
        ("누리", "Nuri", -0.012, -0.034, 0.010),
        ("다솜", "Dasom", 0.021, 0.001, 0.041),
    ]
    picture = forest(
        [
            ForestRow(label=words(ko, en), estimate=mid, low=low, high=high)
            for ko, en, mid, low, high in rows
        ],
        reference=0.0,
        axis_title=words("기준 모형과의 오차 차이", "difference of error from the baseline"),
        better="lower",
    )
    return {
        "chart": picture,
        "chart_title": words(
            "가람만 기준 모형보다 분명히 낫습니다.",
            "Only Garam is clearly better than the baseline.",
        ),
        "chart_alt": words(
            "세 해법의 차이와 동시 95 % 구간. 가람의 구간만 0보다 작습니다.",
            "Three solutions with simultaneous 95 % intervals; only Garam's lies below 0.",
        ),
        "chart_headers": [
            words("해법", "Solution"),
            words("차이", "Difference"),
            words("아래", "Low"),
            words("위", "High"),
        ],
        "chart_rows": [[words(row[0], row[1]), *row[2:]] for row in rows],
        "table_rows": TABLE_ROWS,
    }
