"""The peers' published figures come out of our scores, from their stored predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.prognosis_models import (
    binned,
    everybodys,
    installed_cohort,
    out_of_fold,
    paired_interval,
    reference_cohort,
)
from madang.prognosis.engine.leakage import find_leaks
from madang.prognosis.engine.models.boosting import fit_boosting
from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration

SETS = ("gbsg2", "whas500", "metabric", "rott2", "framingham", "flchain", "support2", "support")
SLIGHT_RIDGE = 1e-2  # of the peers' CoxPH, against the sum of the log likelihood


@pytest.fixture
def table(shared) -> pd.DataFrame:
    published = pd.read_csv(shared / "prognosis" / "peers" / "peer_table.csv")
    return published.set_index(["set", "model"])


@pytest.mark.shared
@pytest.mark.parametrize("name", SETS)
def test_every_patients_loss_under_kaplan_meier_is_the_published_one(shared, name) -> None:
    """They were stored with five digits."""
    cohort = reference_cohort(name, shared / "prognosis")

    found = cohort.losses(everybodys(cohort))

    assert found == pytest.approx(cohort.peers["loss_KM"].to_numpy(), abs=6e-6)


@pytest.mark.shared
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("model", ["CoxPH", "RSF", "GBSA", "DT-HGB"])
def test_calibration_of_stored_risks_is_the_published_one(shared, table, name, model) -> None:
    cohort = reference_cohort(name, shared / "prognosis")
    risk = cohort.peers[f"risk_{model}"].to_numpy()
    horizon, expected = cohort.grid[-1], table.loc[name, model]

    found = smooth_calibration(cohort.outcomes, risk, horizon)

    large = in_the_large(cohort.outcomes, risk, horizon)
    assert large == pytest.approx(expected["citl"], abs=1e-3)
    assert found.slope == pytest.approx(expected["slope"], abs=0.01)
    assert found.ici == pytest.approx(expected["ici"], abs=2e-3)
    assert found.e90 == pytest.approx(expected["e90"], abs=4e-3)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["gbsg2", "whas500", "metabric", "rott2"])
def test_our_cox_is_the_published_one_patient_by_patient(shared, table, name) -> None:
    """The same model by another hand; Breslow's ties there, whence the last digits."""
    cohort = reference_cohort(name, shared / "prognosis")

    fitted = out_of_fold(
        cohort,
        lambda matrix, time, event: fit_cox(
            matrix, time, event, penalty=SLIGHT_RIDGE / len(time), l1_ratio=0, ties="breslow"
        ),
    )

    losses, theirs = cohort.losses(fitted.curves), cohort.peers["loss_CoxPH"].to_numpy()
    assert np.abs(losses - theirs).mean() < 5e-4
    assert losses.mean() == pytest.approx(table.loc[name, "CoxPH"]["ibs"], abs=2e-4)
    assert fitted.uno_c == pytest.approx(table.loc[name, "CoxPH"]["uno_c"], abs=5e-4)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", ["gbsg2", "metabric", "rott2"])
def test_our_boosting_is_not_worse_than_the_published_one(shared, name) -> None:
    cohort = reference_cohort(name, shared / "prognosis")

    fitted = out_of_fold(cohort, fit_boosting)

    difference = cohort.losses(fitted.curves) - cohort.peers["loss_DT-HGB"].to_numpy()
    assert difference.mean() < 5e-4
    assert paired_interval(difference)[0] < 0


@pytest.mark.shared
def test_the_installed_cohort_is_the_published_one(shared) -> None:
    installed, published = installed_cohort(), reference_cohort("gbsg2", shared / "prognosis")

    assert installed.grid == pytest.approx(published.grid)
    assert installed.limit == published.limit
    assert np.sort(installed.outcomes.time) == pytest.approx(np.sort(published.outcomes.time))


def test_few_different_times_stay_as_they_are() -> None:
    few, many = np.arange(1.0, 401.0), np.arange(1.0, 402.0)

    assert (binned(few) == few).all()
    assert len(np.unique(binned(many))) == 300
    assert (binned(many) >= many).all()


def test_the_installed_cohort_has_no_leak() -> None:
    cohort = installed_cohort()
    columns = {each["name"]: cohort.table[each["name"]].to_numpy() for each in cohort.columns}

    assert find_leaks(columns, cohort.outcomes) == ()
