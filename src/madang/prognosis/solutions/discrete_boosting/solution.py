"""Boosted trees of the hazard in intervals of time."""

from boosting import fit_boosting
from encoding import fit_encoding


def fit(inputs, outcomes, task):
    encoding = fit_encoding(inputs, task["columns"])
    time, event = (outcomes[task["options"][name]] for name in ("time", "event"))
    return encoding, fit_boosting(encoding.matrix(inputs), time, event)


def predict(model, inputs, task):
    encoding, boosting = model
    return boosting.survival(encoding.matrix(inputs), task["frame"]["grid"])
