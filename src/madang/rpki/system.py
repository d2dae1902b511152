"""What rpki says of itself."""

from madang.kernel.systems import System

SYSTEM = System(
    name="rpki",
    title_ko="인터넷 경로 보안",
    title_en="Internet route security",
    sentence_ko="인터넷 경로 보안(RPKI)으로 대규모 장애를 막습니다.",
    sentence_en="Route security of the internet (RPKI), against large outages.",
    lines=("rpki",),
    extra="rpki",
    commands="madang.rpki.cli.commands:rpki",
)
