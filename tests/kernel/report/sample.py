"""A whole report to look at and to test with: five prognosis models tried on sealed data.

Every number is invented; the shape is that of a real trial.
"""

# ruff: noqa: E501 - whole sentences in two languages

from __future__ import annotations

import math
from datetime import UTC, datetime

from madang.kernel.report import charts
from madang.kernel.report.document import (
    Callout,
    Code,
    Document,
    Fact,
    Facts,
    Figure,
    Interval,
    Paragraph,
    Section,
    Step,
    Steps,
    Table,
    TableColumn,
)
from madang.kernel.words import Words, words

COX = words("Cox 탄력망", "Cox elastic net")
BOOST = words("이산시간 부스팅", "Discrete-time boosting")
ONNX = words("심층 생존망 (ONNX)", "Deep survival network (ONNX)")
MEIER = words("카플란–마이어 (기준)", "Kaplan–Meier (baseline)")
CHEAT = words("결과 탐색기", "Outcome hunter")
SCORES: tuple[tuple[Words, str, float, float, float], ...] = (
    (COX, "한빛의료정보", 0.1721, 0.1583, 0.1868),
    (BOOST, "새길AI", 0.1764, 0.1622, 0.1911),
    (ONNX, "두레데이터", 0.1838, 0.1689, 0.1993),
    (MEIER, "기준 모형", 0.1937, 0.1790, 0.2085),
)
DIFFERENCES = (
    (COX, -0.0216, -0.0341, -0.0088),
    (BOOST, -0.0173, -0.0309, -0.0034),
    (ONNX, -0.0099, -0.0247, 0.0052),
)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def ranking(*, firms: tuple[str, ...] = ()) -> Table:
    """The ranking; other firms' names may be put in the place of the usual ones."""
    rows: list[tuple[object, ...]] = []
    for place, (name, firm, score, low, high) in enumerate(SCORES, start=1):
        shown = firms[place - 1] if len(firms) >= place else firm
        rows.append(
            (name, shown, place, score, Interval(low, high), round(0.031 - 0.006 / place, 3))
        )
    rows.append((CHEAT, "미리내소프트", None, None, None, None))
    return Table(
        caption=words("표 1. 봉인 자료에서의 순위", "Table 1. Ranking on the sealed data"),
        columns=(
            TableColumn(title=words("솔루션", "Solution")),
            TableColumn(title=words("기업", "Firm")),
            TableColumn(title=words("순위", "Rank"), kind="number"),
            TableColumn(title="IBS", kind="number", decimals=4),
            TableColumn(
                title=words("95 % 동시 구간", "95 % simultaneous interval"),
                kind="interval",
                decimals=4,
            ),
            TableColumn(title="ICI", kind="number", decimals=3),
        ),
        rows=tuple(rows),  # type: ignore[arg-type]
        note=words(
            "IBS(통합 브라이어 점수)와 ICI(통합 보정 지수)는 낮을수록 좋습니다. 결과 탐색기는 실행이 끝나지 않아 점수가 없습니다.",
            "IBS (integrated Brier score) and ICI (integrated calibration index): lower is better. The outcome hunter's run did not finish and has no score.",
        ),
        highlighted=frozenset({0}),
    )


def _forest() -> Figure:
    rows = [
        charts.ForestRow(label=name, estimate=at, low=low, high=high)
        for name, at, low, high in DIFFERENCES
    ]
    rows.append(charts.ForestRow(label=MEIER, estimate=0.0, kind="baseline"))
    rows.append(
        charts.ForestRow(
            label=CHEAT,
            kind="failed",
            note=words("금지된 접근으로 종료", "ended: forbidden access"),
        )
    )
    return Figure(
        title=words(
            "두 솔루션은 기준 모형보다 확실히 정확하고, 심층 생존망은 입증되지 않았습니다",
            "Two solutions are more accurate than the baseline beyond doubt; the deep network is not proved",
        ),
        alt=words(
            "기준 모형과의 IBS 차이: Cox 탄력망 −0.0216, 이산시간 부스팅 −0.0173은 구간이 0을 벗어나고, 심층 생존망 −0.0099는 0을 포함함",
            "Difference in IBS against the baseline: Cox elastic net −0.0216 and boosting −0.0173 with intervals clear of 0, deep network −0.0099 with an interval that includes 0",
        ),
        drawing=charts.forest(
            rows,
            reference=0.0,
            axis_title=words(
                "기준 모형과의 IBS 차이, 95 % 동시 구간",
                "Difference in IBS from the baseline, 95 % simultaneous intervals",
            ),
            better="lower",
            decimals=4,
        ),
        table=Table(
            caption=words("기준 모형과의 IBS 차이", "Difference in IBS from the baseline"),
            columns=(
                TableColumn(title=words("솔루션", "Solution")),
                TableColumn(
                    title=words("차이", "Difference"), kind="number", decimals=4, signed=True
                ),
                TableColumn(
                    title=words("95 % 동시 구간", "95 % simultaneous interval"),
                    kind="interval",
                    decimals=4,
                    signed=True,
                ),
            ),
            rows=tuple((name, at, Interval(low, high)) for name, at, low, high in DIFFERENCES),
        ),
    )


def _scores() -> Figure:
    rows = [
        charts.ForestRow(
            label=name,
            estimate=at,
            low=low,
            high=high,
            kind="baseline" if name is MEIER else "solution",
        )
        for name, _, at, low, high in SCORES
    ]
    return Figure(
        title=words("Cox 탄력망의 오차가 가장 작습니다", "The Cox elastic net errs least"),
        alt=words(
            "IBS: Cox 탄력망 0.1721, 이산시간 부스팅 0.1764, 심층 생존망 0.1838, 기준 모형 0.1937",
            "IBS: Cox elastic net 0.1721, boosting 0.1764, deep network 0.1838, baseline 0.1937",
        ),
        drawing=charts.dots(
            rows,
            axis_title=words("통합 브라이어 점수(IBS)", "Integrated Brier score (IBS)"),
            better="lower",
            decimals=4,
        ),
    )


def _calibration() -> Figure:
    predicted = (0.12, 0.24, 0.37, 0.52, 0.70)
    bent = {COX: 1.02, BOOST: 0.95, ONNX: 0.78, MEIER: 1.0}
    curves = [
        charts.CalibrationCurve(
            label=name,
            note=f"ICI {0.01 + abs(1 - bend) / 8:.3f}",
            points=tuple(
                charts.CalibrationPoint(
                    predicted=at, observed=at * bend, low=at * bend - 0.07, high=at * bend + 0.07
                )
                for at in ((0.41,) if name is MEIER else predicted)
            ),
        )
        for name, bend in bent.items()
    ]
    return Figure(
        title=words(
            "심층 생존망은 5년 위험을 높게 예측합니다",
            "The deep network predicts the five-year risk too high",
        ),
        alt=words(
            "다섯 위험 집단의 예측 위험과 관찰 위험. 심층 생존망만 점선 아래에 있음",
            "Predicted and observed risk in five groups; only the deep network lies below the dashed line",
        ),
        drawing=charts.calibration(curves),
    )


def _survival() -> Figure:
    months = tuple(float(month) for month in range(0, 73, 6))
    rates = {
        words("저위험 삼분위", "lowest third of risk"): 0.004,
        words("중위험 삼분위", "middle third"): 0.010,
        words("고위험 삼분위", "highest third"): 0.021,
    }
    lines = []
    for name, rate in rates.items():
        y = tuple(math.exp(-rate * month) for month in months)
        half = tuple(0.0018 * month**0.8 + 0.004 for month in months)
        lines.append(
            charts.Curve(
                label=name,
                x=months,
                y=y,
                low=tuple(max(0.0, a - b) for a, b in zip(y, half, strict=True)),
                high=tuple(min(1.0, a + b) for a, b in zip(y, half, strict=True)),
            )
        )
    return Figure(
        title=words(
            "세 위험 집단은 6년 동안 겹치지 않습니다",
            "The three risk groups never overlap in six years",
        ),
        alt=words(
            "6년 뒤 무재발 생존율: 저위험 0.75, 중위험 0.49, 고위험 0.22",
            "Recurrence-free after six years: lowest 0.75, middle 0.49, highest 0.22",
        ),
        drawing=charts.curves(
            lines,
            x_title=words("수술 뒤 개월", "months after surgery"),
            y_title=words("무재발 생존율", "recurrence-free survival"),
            step=True,
            zero=True,
        ),
    )


def _durations() -> Figure:
    seconds = {COX: 4.2, BOOST: 11.8, ONNX: 1.3, MEIER: 0.4, CHEAT: 0.9}
    return Figure(
        title=words(
            "모든 실행이 30초 한도 안에 끝났습니다", "Every run ended within its 30 seconds"
        ),
        alt=words(
            "실행 시간: 부스팅 11.8초가 가장 김", "Run times: boosting took longest with 11.8 s"
        ),
        drawing=charts.bars(
            [charts.BarRow(label=name, value=value) for name, value in seconds.items()],
            axis_title=words("실행 시간(초)", "run time (s)"),
            decimals=1,
        ),
    )


def _pairs() -> Table:
    names = [name for name, *_ in SCORES]
    scores = [score for _, _, score, _, _ in SCORES]
    rows = []
    for first in range(4):
        for second in range(first + 1, 4):
            at = scores[first] - scores[second]
            rows.append(
                (
                    names[first],
                    names[second],
                    at,
                    Interval(at - 0.0128, at + 0.0128),
                    round(0.001 + 0.5 * math.exp(at * 300), 3),
                    words("차이 입증", "different")
                    if at + 0.0128 < 0
                    else words("입증되지 않음", "not proved"),
                )
            )
    return Table(
        caption=words("표 2. 쌍별 IBS 차이", "Table 2. Pairwise differences in IBS"),
        columns=(
            TableColumn(title=words("앞 솔루션", "First")),
            TableColumn(title=words("뒤 솔루션", "Second")),
            TableColumn(title=words("차이", "Difference"), kind="number", decimals=4, signed=True),
            TableColumn(
                title=words("95 % 동시 구간", "95 % simultaneous interval"),
                kind="interval",
                decimals=4,
                signed=True,
            ),
            TableColumn(title=words("보정 p값", "Adjusted p"), kind="number", decimals=3),
            TableColumn(title=words("판단", "Reading")),
        ),
        rows=tuple(rows),
    )


def _endings() -> Table:
    done, fault = words("채점됨", "scored"), words("실패", "failed")
    rows = [
        (name, done, None, "cgroup v2", seconds, f"{DIGEST[place:]}{DIGEST[:place]}")
        for place, (name, seconds) in enumerate(
            ((COX, 4.2), (BOOST, 11.8), (ONNX, 1.3), (MEIER, 0.4))
        )
    ]
    rows.append(
        (
            CHEAT,
            fault,
            words("기업 책임: 금지된 접근", "firm's fault: forbidden access"),
            "cgroup v2",
            0.9,
            DIGEST,
        )
    )  # type: ignore[arg-type]
    return Table(
        caption=words("표 3. 실행이 끝난 방식", "Table 3. How each run ended"),
        columns=(
            TableColumn(title=words("솔루션", "Solution")),
            TableColumn(title=words("상태", "State")),
            TableColumn(title=words("원인", "Cause")),
            TableColumn(title=words("격리", "Limits")),
            TableColumn(title=words("시간(초)", "Time (s)"), kind="number", decimals=1),
            TableColumn(title=words("제출물 지문", "Digest of the submission"), kind="code"),
        ),
        rows=tuple(rows),
        note=words(
            "격리는 실행에 쓰인 자원 제한 방식입니다.", "Limits: what held the run's resources."
        ),
    )


def document(*, firms: tuple[str, ...] = ()) -> Document:
    """The report; `firms` replaces the firms' names of the ranking, first to last."""
    return Document(
        title=words(
            "유방암 수술 뒤 재발 예측 AI 시험 보고서",
            "Trial of AI prognosis after breast-cancer surgery",
        ),
        subtitle=words(
            "봉인 자료에서 다섯 솔루션을 비교한 결과와 결정",
            "Five solutions compared on sealed data, and what was decided",
        ),
        facts=(
            Fact(
                label=words("수요 기관", "Demanding agency"),
                value=words("보건복지부", "Ministry of Health and Welfare"),
            ),
            Fact(label=words("과제", "Demand"), value="breast-cancer-prognosis-2026"),
            Fact(
                label=words("자료", "Data"),
                value=words(
                    "GBSG-2 코호트 686명, 봉인 343명(최종 비교 172명)",
                    "GBSG-2 cohort, 686 women, 343 sealed (172 for the final comparison)",
                ),
            ),
            Fact(label=words("시험일", "Date"), value="2026-11-22"),
        ),
        summary=(
            Callout(
                kind="finding",
                title=words("Cox 탄력망을 채택합니다", "The Cox elastic net is adopted"),
                text=words(
                    "통합 브라이어 점수 0.1721(95 % 동시 구간 0.1583–0.1868). 기준 모형보다 0.0216 낮고, 구간 전체가 사전 등록한 한계 0.005를 넘었습니다.",
                    "Integrated Brier score 0.1721 (95 % simultaneous interval 0.1583–0.1868): 0.0216 below the baseline, and the whole interval is beyond the pre-registered margin of 0.005.",
                ),
            ),
            ranking(firms=firms),
            Callout(
                kind="danger",
                title=words(
                    "솔루션 하나가 봉인된 결과를 찾으려 했습니다",
                    "One solution tried to reach the sealed outcomes",
                ),
                text=words(
                    "결과 탐색기는 격리된 곳에서 파일을 찾다가 종료되었습니다. 봉인 자료는 읽히지 않았습니다.",
                    "The outcome hunter was ended while it searched files inside the jail. No sealed outcome was read.",
                ),
            ),
        ),
        sections=(
            Section(
                title=words("기준 모형보다 나은가", "Is any better than the baseline?"),
                blocks=(_forest(), _scores()),
            ),
            Section(
                title=words("솔루션끼리 다른가", "Do the solutions differ?"),
                blocks=(
                    _pairs(),
                    Callout(
                        kind="unproved",
                        title=words(
                            "1위와 2위의 차이는 입증되지 않았습니다",
                            "First and second are not proved different",
                        ),
                        text=words(
                            "표본 172명으로 찾을 수 있는 가장 작은 차이는 0.0128입니다.",
                            "With 172 cases the smallest detectable difference is 0.0128.",
                        ),
                    ),
                ),
            ),
            Section(
                title=words("예측 위험을 믿을 수 있는가", "Can the predicted risk be trusted?"),
                blocks=(_calibration(), _survival()),
            ),
            Section(
                title=words("실행은 어떻게 끝났는가", "How did each run end?"),
                blocks=(_endings(), _durations()),
            ),
            Section(
                title=words("결정 규칙", "The rule of decision"),
                blocks=(
                    Paragraph(
                        words(
                            "결정 규칙은 첫 실행 전에 등록되었고 그 지문이 기록에 있습니다.",
                            "The rule was registered before the first run, and its digest is in the log.",
                        )
                    ),
                    Facts(
                        facts=(
                            Fact(label=words("주 지표", "Primary metric"), value="IBS"),
                            Fact(label=words("한계", "Margin"), value="0.005"),
                        )
                    ),
                    Callout(
                        kind="warning",
                        title=words(
                            "다른 병원 자료로는 시험하지 않았습니다",
                            "Not tried on another hospital's data",
                        ),
                        text=words(
                            "도입 전 해당 기관 자료로 다시 시험하십시오.",
                            "Repeat the trial on the adopting institution's data.",
                        ),
                    ),
                ),
            ),
            Section(
                title=words("다시 해 보기", "How to reproduce"),
                blocks=(
                    Steps(
                        (
                            Step(
                                text=words(
                                    "보고서의 서명과 기록을 확인합니다.",
                                    "Verify the report's signature and log.",
                                ),
                                code="madang evidence verify report.html --key trial.pub",
                            ),
                            Step(
                                text=words(
                                    "같은 제출물을 다시 실행하면 같은 점수가 나와야 합니다.",
                                    "Run the same submissions again; the scores must be identical.",
                                ),
                                code="madang trials verify breast-cancer-prognosis-2026 --rerun",
                            ),
                        )
                    ),
                    Code("python 3.11.7\nnumpy 2.4.0"),
                ),
            ),
        ),
        footer=(
            Fact(
                label=words("자료 출처", "Source of the data"),
                value="Schumacher et al., J Clin Oncol 12 (1994)",
            ),
            Fact(label=words("자료 지문", "Digest of the data"), value=DIGEST, kind="code"),
            Fact(label=words("기록 머리", "Log checkpoint"), value=DIGEST[::-1], kind="code"),
        ),
        made_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    )
