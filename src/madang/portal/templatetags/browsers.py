"""With what did somebody sign in? The browser and the system, as its owner would call them."""

from __future__ import annotations

from django import template

register = template.Library()

_BROWSERS = (
    ("Edg/", "Edge"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What browsers say of themselves; each also names those that stand below it."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def browser(told: str) -> str:
    """`Chrome, Windows`; of what says nothing known, its own first words."""
    found = [
        next((name for mark, name in kinds if mark in told), "") for kinds in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(each for each in found if each) or told[:40]
