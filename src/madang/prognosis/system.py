"""The manifest of AI 의료 예후관리: plain strings, so that listing all systems imports nothing."""

from __future__ import annotations

from madang.kernel.systems import System

SYSTEM = System(
    name="prognosis",
    title_ko="AI 의료 예후관리",
    title_en="Medical prognosis",
    sentence_ko="환자의 경과를 예측하는 모형을 봉인된 실제 자료로 검증합니다.",
    sentence_en="Proves models of a patient's course on sealed real data.",
    lines=("medical-prognosis",),
    extra="prognosis",
    commands="madang.prognosis.cli.commands:prognosis",
    tasks={"survival": "madang.prognosis.tasks:Survival"},
    demonstration="madang.prognosis.tasks:demonstration",
)
