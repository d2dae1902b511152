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
)
