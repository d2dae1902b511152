"""How is a line's money drawn in a list? One bar: 교부, 집행, 실집행 against plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from madang.kernel.units import eok
from madang.kernel.words import words

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from madang.programme.engine.balances import Balance

_WIDTH, _HEIGHT, _EDGE = 1000, 44, 2
_PARTS = (("granted", 8, 28), ("disbursed", 14, 16), ("spent", 14, 16))
"""Class, top and height of each amount; the widest is drawn first, and 실집행 lies on top."""


def bar(balance: Balance, planned_krw: int) -> SafeString:
    """The bar of one line, or of all together, as SVG that takes its colours from the page.

    Args:
        balance: The amounts; the whole width is the appropriation.
        planned_krw: Where the plan stands on the day: a mark across the bar.
    """
    whole = balance.appropriation_krw or 1
    amounts = (balance.granted_krw, balance.disbursed_krw, balance.spent_krw)
    shares = [min(max(amount / whole, 0.0), 1.0) for amount in amounts]
    parts = format_html_join(
        "",
        '<rect class="{}" x="0" y="{}" width="{}" height="{}"/>',
        [
            (f"bar-{name}", top, round(share * _WIDTH), height)
            for (name, top, height), share in zip(_PARTS, shares, strict=True)
        ],
    )
    at = round(min(planned_krw / whole, 1.0) * (_WIDTH - 2 * _EDGE)) + _EDGE
    return format_html(
        '<svg class="money-bar" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect class="bar-whole" x="0" y="8" width="{}" height="28"/>{}'
        '<line class="bar-plan" x1="{}" x2="{}" y1="0" y2="{}"/></svg>',
        *(_WIDTH, _HEIGHT, said(balance, planned_krw), _WIDTH, parts, at, at, _HEIGHT),
    )


def said(balance: Balance, planned_krw: int) -> str:
    """What the bar shows, in words."""
    return str(
        words(
            f"예산 {eok(balance.appropriation_krw)} 가운데 교부 {eok(balance.granted_krw)}, "
            f"집행 {eok(balance.disbursed_krw)}, 실집행 {eok(balance.spent_krw)}, "
            f"오늘까지의 실집행 계획 {eok(planned_krw)}",
            f"Of {eok(balance.appropriation_krw)}: granted {eok(balance.granted_krw)}, "
            f"disbursed {eok(balance.disbursed_krw)}, confirmed {eok(balance.spent_krw)}; "
            f"planned to be confirmed by now {eok(planned_krw)}",
        )
    )
