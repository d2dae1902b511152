"""What the trials themselves offer: kinds of problems that an agency states in YAML alone."""

from madang.trials.engine.tasks.classification import Classification
from madang.trials.engine.tasks.extraction import Extraction
from madang.trials.engine.tasks.forecasting import Forecasting
from madang.trials.engine.tasks.question_answering import QuestionAnswering
from madang.trials.engine.tasks.regression import Regression
from madang.trials.engine.tasks.text_classification import TextClassification

__all__ = [
    "Classification",
    "Extraction",
    "Forecasting",
    "QuestionAnswering",
    "Regression",
    "TextClassification",
]
