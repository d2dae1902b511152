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
    commands="madang.trials.cli:trials",
    tasks={
        "classification": "madang.trials.tasks:Classification",
        "regression": "madang.trials.tasks:Regression",
        "forecasting": "madang.trials.tasks:Forecasting",
        "text_classification": "madang.trials.tasks:TextClassification",
        "extraction": "madang.trials.tasks:Extraction",
        "question_answering": "madang.trials.tasks:QuestionAnswering",
    },
)
