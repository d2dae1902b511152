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
    jobs={"routes": "madang.rpki.jobs:routes"},
    app="madang.rpki.web.apps.RpkiConfig",
    urls="madang.rpki.web.urls",
    home="madang.rpki.web.menu:home",
    search="madang.rpki.web.menu:search",
    worklist="madang.rpki.web.menu:worklist",
    rights={
        "see": ("회원의 자원과 인가 열람", "See members' resources and authorisations"),
        "publish": ("경로 인가 서명과 철회", "Sign and withdraw authorisations"),
        "operate": ("등록기관 운영", "Run the registry"),
    },
    events={
        "alarm.opened": ("경로 보안 경보가 울렸습니다", "An alarm of route security was opened"),
        "alarm.closed": ("경로 보안 경보가 해소되었습니다", "An alarm of route security is over"),
    },
    grants={
        "company": ("see", "publish"),
        "agency": ("see", "publish"),
        "programme": ("see",),
        "operator": ("see", "operate"),
        "auditor": ("see",),
    },
    settle={"routes": "madang.rpki.web.services.observed:settle"},
    tick="madang.rpki.web.services.watching:tick",
    keeps=("rpki",),
    seed="madang.rpki.web.services.seed:seed",
)
