"""Which commands does prognosis have? Models fitted, asked and proved; records read."""

from __future__ import annotations

from madang.prognosis.cli import (
    demo,
    dossier,
    fit,
    fit_visits,
    predict,
    read_fhir,
    recalibrate,
    serve,
    validate,
)
from madang.prognosis.cli.group import prognosis

MODULES = (
    *(demo, fit, fit_visits, predict, validate, recalibrate),
    *(dossier, serve, read_fhir),
)
"""Each has put its command on the group."""

__all__ = ["MODULES", "prognosis"]
