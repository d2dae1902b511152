"""What the trials themselves offer: kinds of problems that an agency states in YAML alone."""

from madang.trials.engine.tasks.classification import Classification
from madang.trials.engine.tasks.forecasting import Forecasting
from madang.trials.engine.tasks.regression import Regression

__all__ = ["Classification", "Forecasting", "Regression"]
