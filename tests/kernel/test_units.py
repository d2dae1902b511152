"""Amounts as a reader expects them, also where rounding reaches the next unit."""

from __future__ import annotations

import pytest

from madang.kernel import units


@pytest.mark.parametrize(
    ("won", "text"),
    [
        (15_000_000_000, "150.0억원"),
        (100_000_000, "1.0억원"),
        (1_234_567_890_000, "12,345.7억원"),
        (0, "0.0억원"),
        (-250_000_000, "-2.5억원"),
    ],
)
def test_running_text_counts_in_hundreds_of_millions(won: int, text: str) -> None:
    assert units.eok(won) == text


def test_running_text_has_billions_in_english() -> None:
    assert units.money(179_300_000_000).en == "KRW 179.30 billion"
    assert units.money(179_300_000_000).ko == "1,793.0억원"


@pytest.mark.parametrize(
    ("share", "text"), [(0.453, "45%"), (0.0039, "0.4%"), (0.0, "0%"), (1.0, "100%")]
)
def test_a_small_share_does_not_round_to_nothing(share: float, text: str) -> None:
    assert units.percent(share) == text


def test_tables_show_every_won() -> None:
    assert units.won(15_000_000_001) == "15,000,000,001"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1023 * 1024, "1023.0 KiB"),
        (1024**3 - 1, "1.0 GiB"),
        (3 * 1024**3 // 2, "1.5 GiB"),
        (5000 * 1024**3, "5000.0 GiB"),
    ],
)
def test_sizes_never_read_1024_of_a_unit(count: int, text: str) -> None:
    assert units.size(count) == text


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (0.0, "0 ms"),
        (0.0354, "35 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (4.23, "4.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (185.4, "3 min 5 s"),
        (119.7, "2 min 0 s"),
    ],
)
def test_durations_never_read_60_seconds_or_1000_milliseconds(
    duration_s: float, text: str
) -> None:
    assert units.seconds(duration_s) == text
