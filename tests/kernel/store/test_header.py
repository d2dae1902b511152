"""Every declared column once and no others; names are compared as a reader sees them."""

from __future__ import annotations

import unicodedata

import pytest

from madang.kernel.store.errors import TableError
from madang.kernel.store.header import MOST_COLUMNS, positions, shown_name


def sentence(found: list[str], declared: list[str], language: str = "en", **more: bool) -> str:
    with pytest.raises(TableError) as caught:
        positions(found, declared, name="t", **{"extra_ok": False} | more)
    return caught.value.sentence(language)  # type: ignore[arg-type]


def test_columns_are_found_wherever_they_stand() -> None:
    assert positions(["b", "x", "a"], ["a", "b"], name="t", extra_ok=True) == {"a": 2, "b": 0}


def test_hangul_from_macos_is_the_same_hangul() -> None:
    """macOS writes 나이 as five code points, everybody else as two (Unicode NFD and NFC)."""
    apart = unicodedata.normalize("NFD", "나이")
    assert len(apart) > 2

    assert positions([apart], ["나이"], name="t", extra_ok=False) == {"나이": 0}
    assert positions(["나이"], [apart], name="t", extra_ok=False) == {apart: 0}
    assert "more than once" in sentence([apart, "나이"], ["나이"])


def test_missing_columns_come_with_the_nearest_name() -> None:
    said = sentence(["id", "Age ", "stage"], ["id", "Age", "병기"])

    assert "(2: 'Age', '병기')" in said
    assert "Similar columns: 'Age' ← 'Age '?" in said
    assert "비슷한 열: 'Age' ← 'Age '?" in sentence(["id", "Age "], ["id", "Age"], "ko")


def test_a_column_that_is_declared_is_never_offered_for_another() -> None:
    assert "Similar" not in sentence(["value1"], ["value1", "value2"])


def test_doubled_columns_are_named_even_where_extra_ones_may_stand() -> None:
    assert "columns 'x' more than once" in sentence(["a", "x", "x"], ["a"], extra_ok=True)


def test_extra_columns_are_counted_and_the_first_named() -> None:
    said = sentence(["a", *(f"x{n}" for n in range(1500))], ["a"])

    assert "(1,500: 'x0', 'x1'" in said
    assert "'x7', …)" in said


def test_without_any_declared_column_no_word_of_the_first_line_is_repeated() -> None:
    """It is somebody's data where the header is missing."""
    said = sentence(["김철수", "800101-1234567"], ["이름", "번호"])

    assert "none of the declared columns" in said
    assert "'이름', '번호'" in said
    assert "800101" not in said


def test_more_columns_than_any_table_has_are_refused_at_once() -> None:
    assert "10,001 columns" in sentence([str(n) for n in range(MOST_COLUMNS + 1)], ["1"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("나이", "'나이'"), ("\x1b[31m\n", "'\\x1b[31m\\n'"), ("x" * 60, "'" + "x" * 40 + "…'")],
)
def test_a_name_is_printed_harmlessly(name: str, shown: str) -> None:
    assert shown_name(name) == shown
