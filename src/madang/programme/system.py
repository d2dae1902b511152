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
)
