"""What every page looks like: readable, of one palette, small, with nothing from outside."""

from __future__ import annotations

import re
from itertools import product

import pytest

from madang.kernel.report import colours
from tests.house import ROOT

PORTAL = ROOT / "src" / "madang" / "portal"
STATIC = PORTAL / "static" / "portal"
SHEET = (STATIC / "madang.css").read_text(encoding="utf-8")
KRDS = STATIC / "vendor" / "krds.css"
SHEETS = [path for path in (ROOT / "src").rglob("static/**/*.css") if "vendor" not in path.parts]
TEMPLATES = sorted((ROOT / "src").rglob("templates/**/*.html"))


def tokens() -> dict[str, tuple[str, str]]:
    """Name → its light and its dark colour, as the sheet has them."""
    return {
        name: (light, dark)
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SHEET
        )
    }


def luminance(code: str) -> float:
    """Relative luminance (WCAG 2.2, after IEC 61966-2-1)."""
    values = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_colours_are_those_of_reports_and_charts() -> None:
    assert {name: tokens()[name] for name in colours.TOKENS} == {
        name: tuple(colour) for name, colour in colours.TOKENS.items()
    }


def test_a_browser_that_knows_no_dark_gets_the_same_light_colours() -> None:
    plain = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", SHEET.partition("@supports")[0]))

    assert plain == {name: light for name, (light, _) in tokens().items()}


def test_every_colour_of_a_chart_turns_dark_with_the_page() -> None:
    told = set(
        re.findall(r'svg \[(fill|stroke)="(#[0-9a-f]{6})"\] \{ \1: var\(--([\w-]+)\); \}', SHEET)
    )

    assert told == {
        (part, colour.light, name)
        for part, (name, colour) in product(("fill", "stroke"), colours.TOKENS.items())
    }


# WCAG 2.2: 1.4.3 asks 4.5 of text, 1.4.11 asks 3 of what tells a control or a state.
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *product(("ink", "soft-ink", "accent"), ("paper", "surface"), (4.5,)),
        *product(("danger", "late", "good"), ("paper",), (4.5,)),
        ("danger", "danger-paper", 4.5),
        ("late", "late-paper", 4.5),
        ("good", "good-paper", 4.5),
        ("accent", "accent-paper", 4.5),
        *product(("ink",), ("danger-paper", "late-paper", "good-paper", "accent-paper"), (4.5,)),
        ("ink", "grid", 4.5),
        *product(("edge", "fill", "danger-fill"), ("paper",), (3.0,)),
    ],
)
def test_everybody_can_read_it(front: str, back: str, least: float, mode: int) -> None:
    assert contrast(tokens()[front][mode], tokens()[back][mode]) >= least


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("fill", ["fill", "fill-hover", "danger-fill", "danger-fill-hover"])
def test_the_white_words_on_a_filled_button_can_be_read(fill: str, mode: int) -> None:
    assert contrast("#ffffff", tokens()[fill][mode]) >= 4.5


def test_what_is_unproved_has_a_dashed_edge_and_no_green() -> None:
    rules = re.findall(r"([^{}]*unproved[^{}]*)\{([^{}]*)\}", SHEET)

    assert any("dashed" in body for selector, body in rules if "::before" not in selector)
    assert all("good" not in body for _, body in rules)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_loads_nothing_from_outside(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]

    assert re.findall(r"@import|url\(\s*[\"']?(?:https?:)?//", text) == []


def test_only_the_portals_sheet_reads_the_tokens_of_krds() -> None:
    """The tool keeps the tokens that the portal's sheet reads; others would find them missing."""
    told = [path.name for path in SHEETS if "--krds-" in path.read_text(encoding="utf-8")]

    assert told == ["madang.css"]


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "src").as_posix()
)
def test_no_template_writes_what_the_sites_policy_stops(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    tags = re.findall(r"<[a-z][^>]*>", re.sub(r"\{[{%#].*?[}%#]\}", "", text))

    assert [tag for tag in tags if re.search(r"\s(style|on[a-z]+)\s*=", tag)] == []
    assert [tag for tag in tags if re.match(r"<script(?![^>]*\ssrc=)|<style", tag)] == []
    assert re.findall(r"<(?:link|script|img)[^>]*https?://[^>]*>", text) == []


@pytest.mark.skipif(not KRDS.is_file(), reason="the assets were not built")
def test_all_style_sheets_of_a_first_visit_weigh_at_most_120_kb() -> None:
    assert len(SHEET.encode()) + KRDS.stat().st_size <= 120_000


@pytest.mark.skipif(not KRDS.is_file(), reason="the assets were not built")
def test_every_token_of_krds_that_the_portal_reads_or_sets_is_known_there() -> None:
    krds = KRDS.read_text(encoding="utf-8")
    given = set(re.findall(r"(--krds-[\w-]+)\s*:", krds + SHEET))
    read = set(re.findall(r"var\((--krds-[\w-]+)", krds + SHEET))
    # KRDS 1.1.0 itself reads some names that it never sets.
    own_slips = {name for name in read if name not in given}

    assert set(re.findall(r"var\((--krds-[\w-]+)", SHEET)) & own_slips == set()
