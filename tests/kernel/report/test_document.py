"""What a report may say."""

from __future__ import annotations

import dataclasses
import math

import pytest

from madang.kernel.report.document import Interval, Table, TableColumn
from madang.kernel.words import words

TWO = (TableColumn(title="이름"), TableColumn(title="값", kind="number"))
CAPTION = words("표", "table")


def test_a_table_without_columns_is_refused():
    with pytest.raises(ValueError, match="needs a column"):
        Table(caption=CAPTION, columns=(), rows=())


@pytest.mark.parametrize("row", [("가",), ("가", 1.0, 2.0)])
def test_a_row_with_more_or_fewer_cells_than_columns_is_refused(row):
    with pytest.raises(ValueError, match="row 1: "):
        Table(caption=CAPTION, columns=TWO, rows=(("나", 1.0), row))


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, Interval(0.0, math.nan), Interval(-math.inf, 1.0)]
)
def test_a_number_that_is_no_number_never_reaches_paper(value):
    with pytest.raises(ValueError, match="not finite"):
        Table(caption=CAPTION, columns=TWO, rows=(("가", value),))


@pytest.mark.parametrize("row", [-1, 1])
def test_only_rows_that_exist_can_be_highlighted(row):
    with pytest.raises(ValueError, match="highlighted"):
        Table(caption=CAPTION, columns=TWO, rows=(("가", 1.0),), highlighted=frozenset({row}))


def test_a_table_may_be_empty_and_its_cells_may_be_missing():
    assert Table(caption=CAPTION, columns=TWO, rows=()).rows == ()
    assert Table(caption=CAPTION, columns=TWO, rows=(("가", None),)).rows[0][1] is None


def test_a_document_cannot_be_changed(document):
    with pytest.raises(dataclasses.FrozenInstanceError):
        document.title = words("다른 제목", "another title")
