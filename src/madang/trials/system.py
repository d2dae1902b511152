"""What the trials say of themselves."""

from madang.kernel.systems import System

SYSTEM = System(
    name="trials",
    title_ko="공공AX 실증",
    title_en="Public AX trials",
    sentence_ko=(
        "기관이 낸 수요와 자료로 여러 기업의 AI를 봉인된 자료에서 시험하고, "
        "미리 정한 규칙으로 판정합니다."
    ),
    sentence_en=(
        "Firms' AI is tried on an agency's sealed data and decided on by a rule fixed in advance."
    ),
    lines=("public-ax",),
    extra="trials",
    commands="madang.trials.cli.commands:trials",
    tasks={
        "classification": "madang.trials.tasks:Classification",
        "regression": "madang.trials.tasks:Regression",
        "forecasting": "madang.trials.tasks:Forecasting",
        "text_classification": "madang.trials.tasks:TextClassification",
        "extraction": "madang.trials.tasks:Extraction",
        "question_answering": "madang.trials.tasks:QuestionAnswering",
    },
    jobs={
        "suggest": "madang.trials.jobs:suggest",
        "check": "madang.trials.jobs:check",
        "register": "madang.trials.jobs:register",
        "rehearse": "madang.trials.jobs:rehearse",
        "run": "madang.trials.jobs:run",
        "compare": "madang.trials.jobs:compare",
        "report": "madang.trials.jobs:report",
    },
    app="madang.trials.web.apps.TrialsConfig",
    urls="madang.trials.web.urls",
    home="madang.trials.web.menu:home",
    search="madang.trials.web.menu:search",
    worklist="madang.trials.web.menu:worklist",
    api="madang.trials.web.api.operations:router",
    rights={
        "post": ("수요 작성과 공고", "Write and post demands"),
        "answer": ("질문과 이의신청에 답변", "Answer questions and objections"),
        "decide": ("판정 공개와 확정", "Announce and confirm decisions"),
        "adopt": ("도입 협의와 관문 운영", "Agree on adoption and run its gates"),
        "confirm": (
            "다른 기관의 해법을 우리 자료로 확인",
            "Confirm others' solutions on own data",
        ),
        "submit": ("질문, 팀 구성, 해법 제출", "Ask, form teams, hand in solutions"),
        "judge": ("평가표 작성", "Judge by the rubric"),
        "see": ("제출과 실행 기록 열람", "See submissions and their runs"),
        "operate": ("실증 운영", "Operate the trials"),
    },
    events={
        "demand.posted": ("수요가 공고되었습니다", "A demand was posted"),
        "demand.moved": ("수요의 단계가 바뀌었습니다", "A demand came into another state"),
        "question.asked": ("질문이 올라왔습니다", "A question was asked"),
        "question.answered": ("질문에 답변이 달렸습니다", "A question was answered"),
        "team.invited": ("팀에 초대받았습니다", "Your company was invited to a team"),
        "team.agreed": ("초대받은 기업이 팀에 들어왔습니다", "A company has joined your team"),
        "run.ended": ("제출한 해법의 실행이 끝났습니다", "A run of your solution has ended"),
        "rehearsal.ended": ("예행 실행이 끝났습니다", "A rehearsal has ended"),
        "decision.announced": ("판정이 공개되었습니다", "A decision was announced"),
        "objection.filed": ("이의신청이 들어왔습니다", "An objection was filed"),
        "objection.answered": ("이의신청에 답변이 달렸습니다", "An objection was answered"),
        "gate.moved": ("도입 관문이 움직였습니다", "An adoption has passed or left a gate"),
        "confirmation.asked": (
            "해법 확인을 요청받았습니다",
            "You are asked to confirm a solution",
        ),
    },
    grants={
        "officer": ("post", "answer", "decide", "adopt", "see"),
        "agency": ("post", "answer", "decide", "adopt", "confirm", "see"),
        "company": ("submit", "adopt"),
        "evaluator": ("judge",),
        "operator": ("operate", "see"),
        "auditor": ("see",),
    },
    holds="madang.trials.web.services.holds:holds",
    tick="madang.trials.web.services.timing:tick",
    settle={
        "suggest": "madang.trials.web.services.sealing:settle_suggestion",
        "check": "madang.trials.web.services.sealing:settle_check",
        "register": "madang.trials.web.services.sealing:settle_registration",
        "run": "madang.trials.web.services.submissions:settle_run",
        "rehearse": "madang.trials.web.services.submissions:settle_rehearsal",
        "compare": "madang.trials.web.services.decisions:settle_comparison",
        "report": "madang.trials.web.services.reports:settle_report",
    },
    causes="madang.trials.engine.cause:words_of",
    faults=("sandbox_unavailable", "storage", "scorer_lost", "metric"),
    again={
        "run": "madang.trials.web.services.repeats:again",
        "compare": "madang.trials.web.services.repeats:again",
    },
    found_by=("run demand firm", "run demand name"),
    keeps=("trials",),
    seed="madang.trials.web.services.seed:seed",
)
