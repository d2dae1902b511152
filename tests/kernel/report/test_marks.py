"""Words and the air between marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.report import marks
from madang.kernel.report.written import width


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_words_beside_lines_never_overlap_and_keep_their_order(heights):
    placed = marks.spread(heights, gap=20, top=0, bottom=300)

    order = sorted(range(len(heights)), key=lambda each: heights[each])
    gaps = [placed[b] - placed[a] for a, b in zip(order, order[1:], strict=False)]
    assert all(gap >= 20 - 1e-9 for gap in gaps)
    assert min(placed) >= 0
    assert max(placed) <= 300 + 1e-9


def test_words_with_room_stay_where_they_are():
    assert marks.spread([250.0, 10.0, 100.0], gap=20, top=0, bottom=300) == [250.0, 10.0, 100.0]


def test_of_two_words_at_one_height_the_first_stays():
    assert marks.spread([100.0, 100.0], gap=20, top=0, bottom=300) == [100.0, 120.0]
    assert marks.spread([300.0, 300.0], gap=20, top=0, bottom=300) == [280.0, 300.0]


def test_a_name_that_does_not_fit_ends_in_an_ellipsis():
    rows = marks.name_lines("이름이 아주 길어서 두 줄로도 모자라는 회사", 100)

    assert len(rows) == 2
    assert rows[1].endswith("…")
    assert max(map(width, rows)) <= 100 / marks.CELL_PX


def test_a_name_that_fits_is_whole():
    assert marks.name_lines("Cox 탄력망", 200) == ["Cox 탄력망"]


def test_pieces_share_a_line_as_long_as_they_fit():
    assert marks.packed(["aaaa", "bbbb", "cccc"], 12 * marks.CELL_PX) == ["aaaa · bbbb", "cccc"]
    assert marks.packed(["aaaa bbbb cccc"], 9 * marks.CELL_PX) == ["aaaa bbbb", "cccc"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.0, 1.0], (-0.06, 1.06)), ([2.0], (1.88, 2.12)), ([0.0], (-1.0, 1.0))],
)
def test_a_range_has_air_even_around_one_value(values, expected):
    assert marks.padded(values) == pytest.approx(expected)
