"""What is cut from the sheets of KRDS, and what stays: shown on small made-up sheets."""

from __future__ import annotations

import re

import pytest

from tests.house import ROOT
from tools import krds_css

TEMPLATES = sorted((ROOT / "src" / "madang" / "portal").rglob("templates/**/*.html"))
TAGS = sorted((ROOT / "src" / "madang" / "portal" / "templatetags").glob("*.py"))


def kept(text: str) -> str:
    return krds_css.components(text, rename=lambda address: address).text.strip()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (".krds-btn{color:red}", ".krds-btn{color:red;}"),
        (
            ".krds-btn.primary:not(.text)>a{color:red}",
            ".krds-btn.primary:not(.text)>a{color:red;}",
        ),
        ("#krds-skip-link a{top:0}", "#krds-skip-link a{top:0;}"),
        (":root{--gap:1rem}", ":root{--gap:1rem;}"),
        (".krds-btn,.krds-modal{color:red}", ".krds-btn{color:red;}"),
        (".krds-btn:is(.primary,.text){top:0}", ".krds-btn:is(.primary,.text){top:0;}"),
    ],
)
def test_a_rule_of_a_named_component_stays(rule: str, expected: str) -> None:
    assert kept(rule) == expected


@pytest.mark.parametrize(
    "rule",
    [
        ".krds-modal{color:red}",
        ".krds-btn .krds-modal{color:red}",
        ".krds-btn:not(.krds-modal){color:red}",
        "#krds-header .krds-btn{color:red}",
        "a{color:red}",
        "*:focus{outline:0}",
        ".krds-btn{}",
        '@import "tokens.css";',
        "[data-krds-mode=high-contrast] .krds-btn{color:red}",
        "@media (prefers-color-scheme: dark){.krds-btn{color:red}}",
        "@media (max-width: 767px){.krds-modal{color:red}}",
    ],
)
def test_a_rule_of_anything_else_goes(rule: str) -> None:
    assert kept(rule) == ""


def test_a_rule_for_narrow_pages_stays_in_its_condition() -> None:
    text = "@media (max-width: 767px){.krds-modal{top:0} .krds-btn{top:0}}"

    assert kept(text) == "@media (max-width: 767px){\n.krds-btn{top:0;}\n}"


def test_a_movement_stays_under_its_name() -> None:
    assert kept("@keyframes spin{to{rotate:1turn}}") == "@keyframes spin{to{rotate:1turn}}"


def test_of_two_declarations_of_one_property_the_last_counts() -> None:
    text = ".krds-btn{top:0;left:0;top:1px;top:2px!important}"

    assert kept(text) == ".krds-btn{left:0;top:1px;top:2px!important;}"


def test_what_only_old_browsers_read_goes() -> None:
    text = ".krds-btn{-webkit-mask:none;-moz-appearance:none;-ms-flex:1;color:rgb(0 , 0,  0)}"

    assert kept(text) == ".krds-btn{color:rgb(0,0,0);}"


def test_a_comment_is_not_shipped() -> None:
    assert kept(".krds-btn{/* gray */top:0}/* end */") == ".krds-btn{top:0;}"


def test_the_addresses_of_rules_that_stay_are_renamed_and_told_once() -> None:
    text = (
        ".krds-btn{mask:url(a.svg) no-repeat;background:url(a.svg)}"
        '.krds-table-wrap{background:url("b.svg")}.krds-modal{background:url(c.svg)}'
    )
    sheet = krds_css.components(text, rename=lambda address: f"img/{address}")

    assert sheet.addresses == ("img/a.svg", "img/b.svg")
    assert "mask:url(img/a.svg) no-repeat;" in sheet.text
    assert "background:url(img/b.svg);" in sheet.text
    assert (sheet.rules_kept, sheet.rules_found) == (2, 3)


TOKENS = """
:root {
  --krds-color-light-gray-0: #ffffff;
  --krds-color-high-contrast-gray-100: #000000;
  --krds-number-3: 0.4rem;
  --krds-gap-2: var(--krds-number-3);
  --krds-light-color-surface: var(--krds-color-light-gray-0);
  --krds-light-color-only: var(--krds-color-light-gray-0);
  --krds-high-contrast-color-surface: var(--krds-color-high-contrast-gray-100);
}
"""


def test_a_colour_has_its_light_and_its_dark_value_in_one() -> None:
    assert krds_css.tokens(TOKENS) == (
        ":root{--krds-number-3:0.4rem;--krds-gap-2:var(--krds-number-3);"
        "--krds-light-color-surface:#ffffff;--krds-light-color-only:#ffffff;}\n"
        "@supports (color:light-dark(red,red)){:root{"
        "--krds-light-color-surface:light-dark(#ffffff,#000000);}}\n"
    )


def test_measures_stay_and_the_names_of_primitive_colours_go() -> None:
    text = krds_css.tokens(TOKENS)

    assert "--krds-gap-2:var(--krds-number-3);" in text
    assert "--krds-color-" not in text
    assert "high-contrast" not in text


def test_properties_that_nobody_reads_go_with_those_that_only_they_read() -> None:
    text = ":root{--a:1rem;--b:var(--a);--c:2rem;--d:3rem;}\n.krds-btn{top:var(--c);}\n"

    assert krds_css.without_unused(text) == ":root{--c:2rem;}\n.krds-btn{top:var(--c);}\n"
    assert "--d:3rem;" in krds_css.without_unused(text, "main{top:var( --d )}")


def test_a_rule_that_only_set_unread_properties_goes_whole() -> None:
    assert krds_css.without_unused(":root{--a:1rem;}\n.krds-btn{top:0;}\n") == (
        ".krds-btn{top:0;}\n"
    )


def test_every_named_component_is_in_use() -> None:
    """A class that no template has any more would ship its rules for nothing."""
    used = " ".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *TAGS])
    unused = [
        name
        for name in krds_css.KEPT
        if not re.search(rf"(?<![\w-]){re.escape(name.removeprefix('#'))}(?![\w-])", used)
    ]

    assert unused == []
