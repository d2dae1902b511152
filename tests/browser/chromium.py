"""Where is the browser, and what does axe-core find on a page?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
AXE = "build/assets/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 A and AA, on which KWCAG 2.2 rests, and axe's own good practice."""


def executable() -> str:
    """The browser of this machine; empty where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def axe_source(house: Path) -> str:
    """The text of axe-core.

    Raises:
        FileNotFoundError: The assets were not built.
    """
    return (house / AXE).read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds on the page as it stands: rule, and the places."""
    page.evaluate(axe)  # by the debugger, which the page's own policy does not stop
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{each['id']}: {', '.join(' '.join(map(str, n['target'])) for n in each['nodes'])[:300]}"
        for each in found["violations"]
    ]


def overflows(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window: sideways scrolling."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width
