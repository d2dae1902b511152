"""How is an amount written for a reader? Money, sizes and durations in both languages."""

from __future__ import annotations

from madang.kernel.words import Words, words

_EOK = 100_000_000  # 1억


def eok(amount_krw: int) -> str:
    """An amount of won in 억원 with one decimal, as running text has it: `150.0억원`."""
    return f"{amount_krw / _EOK:,.1f}억원"


def money(amount_krw: int) -> Words:
    """An amount in running text: `150.0억원`, in English `KRW 15.00 billion`."""
    return words(eok(amount_krw), f"KRW {amount_krw / 1e9:,.2f} billion")


def percent(share: float) -> str:
    """A share as a percentage: whole, but for what would round to nothing: `45%`, `0.4%`."""
    return f"{share:.1%}" if 0 < abs(share) < 0.01 else f"{share:.0%}"


def won(amount_krw: int) -> str:
    """An amount of won to the won, as tables have it: `15,000,000,000`."""
    return f"{amount_krw:,d}"


def size(count_bytes: int) -> str:
    """A number of bytes with a binary unit: `512 B`, `1.5 MiB`."""
    if count_bytes < 1024:
        return f"{count_bytes} B"
    amount = count_bytes / 1024
    for unit in ("KiB", "MiB"):
        # What would round to 1024.0 is 1.0 of the next unit.
        if amount < 1023.95:
            return f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def seconds(duration_s: float) -> str:
    """A duration with a unit a person reads at once: `35 ms`, `4.2 s`, `3 min 5 s`."""
    if duration_s < 0.9995:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 59.95:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    return f"{minutes} min {rest} s"
