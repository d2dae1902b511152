"""The manifest of AI 의료 예후관리: plain strings, so that listing all systems imports nothing."""

from __future__ import annotations

from madang.kernel.systems import System

SYSTEM = System(
    name="prognosis",
    title_ko="AI 의료 예후관리",
    title_en="Medical prognosis",
    sentence_ko="환자의 예후를 불확실성과 함께 알리고, 맞는지 계속 감시합니다.",
    sentence_en="A patient's course with its uncertainty, and a watch over whether it comes true.",
    lines=("medical-prognosis",),
    extra="prognosis",
    commands="madang.prognosis.cli.commands:prognosis",
    tasks={"survival": "madang.prognosis.tasks:Survival"},
    demonstration="madang.prognosis.tasks:demonstration",
    app="madang.prognosis.web.apps.PrognosisConfig",
    urls="madang.prognosis.web.urls",
    api="madang.prognosis.web.api.operations:router",
    home="madang.prognosis.web.menu:home",
    search="madang.prognosis.web.menu:search",
    worklist="madang.prognosis.web.menu:worklist",
    tick="madang.prognosis.web.services.watching:tick",
    seed="madang.prognosis.web.services.seed:seed",
    rights={
        "see": ("환자의 예후와 모형 열람", "See patients' prognoses and models"),
        "keep": ("환자 등록과 방문·결과 기록", "Register patients, record visits and ends"),
        "lead": ("모형 등록과 사용·중지 결정", "Register models and decide on their use"),
        "connect": (
            "병원 시스템 연결 (FHIR·CDS Hooks)",
            "Connect a hospital's system (FHIR, CDS Hooks)",
        ),
        "privacy": ("환자 자료 제공과 삭제", "Hand out and erase a patient's data"),
    },
    grants={
        "clinician": ("see", "keep"),
        "agency": ("see", "lead", "connect", "privacy"),
    },
)
