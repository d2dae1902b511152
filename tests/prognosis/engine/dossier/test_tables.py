"""Tables of the dossier: each figure in its column, nothing invented where none was found."""

from __future__ import annotations

from dataclasses import replace

from madang.kernel.report.document import Figure, Interval, Paragraph, Table
from madang.prognosis.engine.dossier import tables
from madang.prognosis.engine.dossier.answers import answers
from madang.prognosis.engine.dossier.judging import judged
from tests.prognosis.engine.dossier.records import bare, tried


def titles(table: Table) -> list[str]:
    return [column.title.en for column in table.columns]


def test_figures_of_others_have_intervals_and_those_out_of_fold_none() -> None:
    table = tables.figures(tried())[0]
    rows = {row[0].en: row[1:] for row in table.rows}
    score = next(each for each in tried().evaluation.quality.scores if each.name == "uno_c")
    inside = next(each for each in tried().inside.scores if each.name == "uno_c")

    assert titles(table) == ["Figure", "Other patients", "95 %", "Out of fold"]
    assert rows["Uno's C"] == (score.value, Interval(score.low, score.high), inside.value)
    assert rows["E90"][1] is None
    assert titles(tables.figures(bare())[0]) == ["Figure", "Out of fold"]


def test_the_picture_shows_both_groups_of_patients() -> None:
    (figure,) = tables.pictures(tried())

    assert isinstance(figure, Figure)
    svg = figure.drawing.svg("en", width_px=640)
    assert "Other patients" in svg
    assert "Out of fold" in svg
    gaps = [abs(each.predicted - each.observed) for each in tried().evaluation.quality.tenths]
    assert f"{100 * max(gaps):.1f} points" in figure.alt.en


def test_without_tenths_there_is_no_picture() -> None:
    record = replace(bare(), inside=replace(bare().inside, tenths=()))

    assert tables.pictures(record) == ()
    assert tables.pictures(replace(bare(), inside=None)) == ()


def test_patients_of_both_files_stand_beside_each_other() -> None:
    table = tables.patients(tried())[0]
    age = next(row for row in table.rows if row[0] == "age")
    own, other = (
        next(each for each in patients.columns if each.name == "age").quartiles[1]
        for patients in (tried().development, tried().evaluation.scored)
    )

    assert own != other
    assert age[1].en.startswith(f"{own:g} (")
    assert age[3].en.startswith(f"{other:g} (")
    assert titles(table) == ["Column", "Development", "Missing", "Evaluation", "Missing"]
    assert titles(tables.patients(bare())[0]) == ["Column", "Development", "Missing"]


def test_columns_left_out_are_named_below() -> None:
    below = tables.patients(bare())[1]

    assert isinstance(below, Paragraph)
    assert "noise" in below.text.en
    assert len(tables.patients(replace(bare(), not_used=()))) == 1


def test_subgroups_that_nobody_tried_are_not_shown() -> None:
    assert isinstance(tables.groups(bare())[0], Paragraph)
    assert len(tables.groups(tried())[0].rows) == len(tried().evaluation.quality.groups)


def test_a_key_column_is_shown_as_one_that_must_have_a_value() -> None:
    shown = {row[0]: row[2].en for row in tables.limits(tried())[0].rows}

    for limit in tried().limits:
        assert shown[limit.column] == ("refused" if limit.is_key else "filled")
    ranges = {row[0]: row[1].en for row in tables.limits(tried())[0].rows}
    assert ranges["age"] == "30–80"
    assert ranges["stage"] == "I, II"


def test_each_section_of_the_checklist_has_its_line_and_all_items_below() -> None:
    table = tables.answered(answers(tried(), {}))

    assert len(table.rows) == 52 + 8
    assert {table.rows[place][0].en for place in table.highlighted} == {
        *("Title", "Abstract", "Introduction", "Methods", "Open science", "Results"),
        *("Patient and public involvement", "Discussion"),
    }
    assert table.rows[1][0].en == "1 Title"


def test_each_part_of_the_questions_has_its_own_table() -> None:
    found = judged(tried())

    assert len(tables.judged(found, "development").rows) == 16
    assert len(tables.judged(found, "evaluation").rows) == 18
