"""The cohort as its authors published it, found without importing the package that carries it."""

from __future__ import annotations

from importlib import metadata

import pytest

from madang.kernel.errors import MissingExtra
from madang.prognosis.engine import cohort
from tests.house import python


def test_it_holds_the_published_numbers() -> None:
    """Schumacher et al. (1994): 686 women, 299 events, 246 with hormonal therapy."""
    table = cohort.gbsg2()

    assert table.height == 686
    assert table["cens"].sum() == 299
    assert (table["horTh"] == "yes").sum() == 246
    assert table.null_count().sum_horizontal()[0] == 0


def test_every_patient_has_a_name_of_its_own() -> None:
    table = cohort.gbsg2()

    assert table.columns == ["id", *cohort.COLUMNS]
    assert table["id"].n_unique() == 686
    assert table["id"][0] == "G001"


def test_the_package_that_carries_it_is_never_imported() -> None:
    code = "import sys; from madang.prognosis.engine.cohort import gbsg2; gbsg2()"

    ended = python(f"{code}; assert 'lifelines' not in sys.modules, 'imported'")

    assert ended.returncode == 0, ended.stderr


def test_a_missing_distribution_names_the_extra(monkeypatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(cohort.metadata, "distribution", absent)

    with pytest.raises(MissingExtra, match=r"madang\[prognosis\]"):
        cohort.gbsg2()


def test_a_distribution_without_the_table_names_the_extra_too(monkeypatch, tmp_path) -> None:
    class Hollow:
        def locate_file(self, path: str) -> object:
            return tmp_path / path

    monkeypatch.setattr(cohort.metadata, "distribution", lambda name: Hollow())

    with pytest.raises(MissingExtra):
        cohort.gbsg2_path()
