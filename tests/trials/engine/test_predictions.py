"""A predictions file answers for every case that was given out, in any order, and for no other."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.kernel.store.tables import write_table
from madang.kernel.trial import Outputs
from madang.trials.engine.predictions import check_predictions, file_columns, read_predictions

CASES = ["board-000001", "board-000002", "board-000003"]
ONE = Outputs(kind="numbers", columns=("y",), lowest=-10.0, highest=10.0)
TWO = Outputs(kind="numbers", columns=("a", "b"), row_rule="sums_to_one")
TEXTS = Outputs(kind="texts", levels=("예", "아니요"), longest=3)


def csv(rows, header: str = "case,y") -> dict[str, bytes]:
    return {"predictions.csv": ("\n".join([header, *rows]) + "\n").encode()}


GOOD = ["board-000003,3", "board-000001,1.5", "board-000002,-0.25"]


def refused(files, outputs: Outputs = ONE, act=check_predictions) -> str:
    with pytest.raises(InputError) as caught:
        act(files, outputs, CASES)
    ko, en = caught.value.sentence("ko"), caught.value.sentence("en")
    assert "\n" not in ko + en
    return en


def test_answers_are_put_in_the_order_of_the_cases():
    assert read_predictions(csv(GOOD), ONE, CASES).tolist() == [[1.5], [-0.25], [3.0]]
    check_predictions(csv(GOOD), ONE, CASES)


def test_parquet_is_read_bit_for_bit():
    table = pl.DataFrame({"case": CASES[::-1], "y": [0.1 + 0.2, 1 / 3, -0.0]})

    found = read_predictions({"predictions.parquet": write_table(table)}, ONE, CASES)

    assert found.tobytes() == np.array([-0.0, 1 / 3, 0.1 + 0.2]).tobytes()


def test_a_file_for_both_parts_serves_each():
    rows = [*GOOD, "final-000001,9"]

    assert read_predictions(csv(rows), ONE, CASES).shape == (3, 1)
    assert read_predictions(csv(rows), ONE, ["final-000001"]).tolist() == [[9.0]]
    check_predictions(csv(rows), ONE, [*CASES, "final-000001"])


def test_korean_texts_are_answers():
    rows = ["board-000001,예", "board-000002,아니요", "board-000003,예"]
    free = Outputs(kind="texts", longest=10)

    assert read_predictions(csv(rows, "case,answer"), TEXTS, CASES) == ["예", "아니요", "예"]
    assert read_predictions(csv(rows, "case,answer"), free, CASES)[1] == "아니요"
    assert file_columns(free) == ("answer",)
    assert file_columns(TWO) == ("a", "b")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (csv(GOOD[:2]), "1 cases missing from predictions.csv (such as board-000002)"),
        (csv([]), "predictions.csv"),
        (csv([*GOOD, "board-000001,2"]), "case"),
        (csv([*GOOD, "board-000004,2", "x,1"]), "2 unknown cases in predictions.csv"),
        (csv([*GOOD[:2], "board-000002,NaN"]), "predictions.csv"),
        (csv([*GOOD[:2], "board-000002,inf"]), "predictions.csv"),
        (csv([*GOOD[:2], "board-000002,-inf"]), "predictions.csv"),
        (csv([*GOOD[:2], "board-000002,1e999"]), "predictions.csv"),
        (csv([*GOOD[:2], "board-000002,"]), "y"),
        (csv([*GOOD[:2], "board-000002,ten"]), "y"),
        (csv([*GOOD[:2], "board-000002,11"]), "values out of bounds in predictions.csv"),
        (csv(GOOD, "case,z"), "y"),
        (csv(GOOD, "id,y"), "case"),
        (csv([f"{row},1" for row in GOOD], "case,y,more"), "more"),
        (csv([f"{row},1" for row in GOOD], "case,y,y"), "y"),
        (csv([*GOOD[:2], "board-000002"]), "predictions.csv"),
        ({"predictions.csv": b""}, "predictions.csv"),
        ({"predictions.csv": b"\xff\xfe\xff\xff"}, "predictions.csv"),
        ({"predictions.csv": b"case,y\nboard-000001,\xb0\xa1\n"}, "predictions.csv"),
        ({"predictions.parquet": b"PAR1 nothing PAR1"}, "predictions.parquet"),
        (
            {"predictions.parquet": write_table(pl.DataFrame({"case": CASES, "y": ["ten"] * 3}))},
            "y",
        ),
        (
            {
                "predictions.parquet": write_table(
                    pl.DataFrame({"case": CASES, "y": [1.0, float("nan"), 2.0]})
                )
            },
            "predictions.parquet",
        ),
    ],
)
def test_a_file_of_another_form_is_one_clear_sentence(files, said):
    assert said in refused(files)


def test_rows_that_break_their_rule_are_refused():
    rows = ["board-000001,0.5,0.5", "board-000002,0.2,0.8", "board-000003,0.5,0.6"]

    assert "rows that do not sum to 1" in refused(csv(rows, "case,a,b"), TWO)


def test_answers_outside_the_levels_are_refused():
    rows = ["board-000001,예", "board-000002,아마", "board-000003,예"]

    assert "answers outside the declared levels" in refused(csv(rows, "case,answer"), TEXTS)
    longer = [rows[0], rows[2], "board-000002,아마아마"]
    assert "too long" in refused(csv(longer, "case,answer"), TEXTS)
