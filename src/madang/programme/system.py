"""What programme says of itself."""

from madang.kernel.systems import System

SYSTEM = System(
    name="programme",
    title_ko="추경 집행",
    title_en="The programme itself",
    sentence_ko="연내에 집행할 수 있는 가장 시급한 사업에 씁니다.",
    sentence_en="Spend on what is most urgent and can be spent within the year.",
    lines=(),
    extra="",
    commands="madang.programme.cli.commands:programme",
    app="madang.programme.web.apps.ProgrammeConfig",
    urls="madang.programme.web.urls",
    front="madang.programme.web.menu:front",
    home="madang.programme.web.menu:home",
    search="madang.programme.web.menu:search",
    worklist="madang.programme.web.menu:worklist",
    tick="madang.programme.web.services.indicators:tick",
    rights={
        "see": ("집행 기록과 증빙 열람", "See bookings and their papers"),
        "book": ("집행 기록 올리기", "Put bookings forward"),
        "approve": ("다른 사람이 올린 기록 승인", "Approve what others put forward"),
        "plan": ("계획, 이정표, 부진 사유 관리", "Keep plans, milestones and causes"),
    },
    grants={
        "programme": ("see", "book", "approve", "plan"),
        "operator": ("see",),
        "auditor": ("see",),
    },
)
