"""What fund says of itself."""

from madang.kernel.systems import System

SYSTEM = System(
    name="fund",
    title_ko="AI혁신펀드",
    title_en="AI innovation fund",
    sentence_ko="민간 투자를 이끌어 유망한 AI 기업을 초기부터 키웁니다.",
    sentence_en="Draw in private investment and raise promising AI companies from their start.",
    lines=("ai-fund",),
    extra="fund",
    commands="madang.fund.cli.commands:fund",
    app="madang.fund.web.apps.FundConfig",
    urls="madang.fund.web.urls",
    home="madang.fund.web.menu:home",
    search="madang.fund.web.menu:search",
    worklist="madang.fund.web.menu:worklist",
    seed="madang.fund.web.services.seed:seed",
    rights={
        "see": ("펀드와 지분 열람", "See funds and stakes"),
        "keep": ("펀드 업무 올리기", "Put acts of a fund forward"),
        "approve": ("다른 사람이 올린 펀드 업무 승인", "Approve what others put forward"),
    },
    grants={
        "company": ("see", "keep", "approve"),
        "agency": ("see",),
        "officer": ("see",),
        "programme": ("see",),
        "operator": ("see",),
        "auditor": ("see",),
    },
)
