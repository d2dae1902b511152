"""Cox's model with an elastic net; the penalty is chosen by cross-validation."""

from cox import fit_cox_cross_validated
from encoding import fit_encoding


def fit(inputs, outcomes, task):
    encoding = fit_encoding(inputs, task["columns"])
    time, event = (outcomes[task["options"][name]] for name in ("time", "event"))
    return encoding, fit_cox_cross_validated(encoding.matrix(inputs), time, event)


def predict(model, inputs, task):
    encoding, cox = model
    return cox.survival(encoding.matrix(inputs), task["frame"]["grid"])
