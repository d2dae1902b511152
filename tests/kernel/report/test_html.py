"""The page: complete, closed to the world, and readable for everybody."""

from __future__ import annotations

import re

import pytest

from madang.kernel.report import colours
from madang.kernel.report.document import (
    Document,
    Fact,
    Figure,
    Paragraph,
    Section,
    Table,
    TableColumn,
)
from madang.kernel.report.edition import CALLOUTS
from madang.kernel.report.html import MARKER, html, style
from madang.kernel.words import Words, words
from tests.kernel.report import sample
from tests.kernel.report.markup import Page

HOSTILE = (
    '</td></table><script>alert("1")</script>',
    f"{MARKER} --> <!-- x",
    "<img src=x onerror=alert(1)>\x00\u202e",
    "{{ 7*7 }} {% raw %} &amp;",
)


@pytest.fixture(scope="module")
def tree(page):
    return Page.read(page).root


class _Dot:
    """The smallest picture."""

    def svg(self, language, *, width_px):
        return "<svg />"


def _small(**changes) -> Document:
    options = {"title": words("제목", "Title"), "subtitle": words("부제", "Subtitle")} | changes
    return Document(**options)


def _sentences(value) -> list[Words]:
    """Every pair of words in a document."""
    if isinstance(value, Words):
        return [value]
    if isinstance(value, tuple):
        return [found for each in value for found in _sentences(each)]
    if hasattr(value, "__dataclass_fields__"):
        return [
            found
            for name in value.__dataclass_fields__
            for found in _sentences(getattr(value, name))
        ]
    return []


def test_both_languages_say_everything(document, tree):
    korean, english = tree.one("article", lang="ko"), tree.one("article", lang="en")
    expected = [text for text in _sentences(document) if text.ko != text.en]
    for text in expected:
        if text in (figure.alt for figure in _figures(document)):
            continue  # said by the picture's name, tested below
        assert text.ko in korean.text
        assert text.en in english.text

    assert len(expected) > 60
    assert tree.children[0].name == "html" or tree.one("html").attributes["lang"] == "ko"


def _figures(document):
    return [
        block
        for section in document.sections
        for block in section.blocks
        if hasattr(block, "drawing")
    ]


def test_the_english_edition_holds_korean_only_in_names(document, tree):
    korean = re.findall("[가-힣]+", tree.one("article", lang="en").text)

    assert set(korean) <= {
        "한빛의료정보",
        "새길AI",
        "새길",
        "두레데이터",
        "미리내소프트",
        "기준",
        "모형",
    }


def test_the_language_is_chosen_without_a_script_and_by_keyboard(tree, page):
    first, second = tree.all("input", type="radio")

    assert [first.attributes["id"], second.attributes["id"]] == ["korean", "english"]
    assert first.attributes["name"] == second.attributes["name"]
    assert "checked" in first.attributes and "checked" not in second.attributes
    assert [label.attributes["for"] for label in tree.all("label")] == ["korean", "english"]
    rules = style()
    assert "#korean:checked ~ main > [lang=en]" in rules
    assert "#english:checked ~ main > [lang=ko]" in rules
    assert "#english:focus-visible ~ .bar label[for=english]" in rules
    body = [child.name for child in tree.one("body").children]
    assert body == ["a", "input", "input", "div", "main"]  # siblings, as the rules need it


def test_nothing_is_fetched_and_nothing_runs(tree, page):
    policy = tree.one("meta", http_equiv="Content-Security-Policy").attributes["content"]

    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not tree.all("script") + tree.all("link") + tree.all("img") + tree.all("iframe")
    for element in tree.all():
        for name, value in element.attributes.items():
            assert name not in ("src", "action", "formaction") and not name.startswith("on")
            assert name != "href" or value.startswith("#")
            assert "http" not in value or name in ("xmlns", "http-equiv")
    assert "url(" not in page and "@import" not in page and "@font-face" not in page
    assert set(re.findall(r"https?://[^\s\"<]*", page)) == {"http://www.w3.org/2000/svg"}


def test_the_place_for_evidence_stands_once_at_the_end(page):
    assert page.count(MARKER) == 1
    assert re.search(f"{MARKER}\\s*</body>\\s*</html>\\s*$", page)
    assert Page.read(page).comments == [MARKER[4:-3]]


def test_hostile_names_are_only_text():
    text = html(_small(summary=(sample.ranking(firms=HOSTILE),))).decode()

    page = Page.read(text)
    assert not page.root.all("script") + page.root.all("img")
    assert text.count(MARKER) == 1
    assert page.comments == [MARKER[4:-3]]
    shown = page.root.one("article", lang="ko").text
    assert '</td></table><script>alert("1")</script>' in shown
    assert "{{ 7*7 }} {% raw %} &amp;" in shown
    assert "onerror=alert(1)>\ufffd\ufffd" in shown


def test_hostile_words_everywhere_else_are_only_text():
    attack = words('"><script>1</script>', "<svg onload=1>'\"")
    column = TableColumn(title=attack)
    table = Table(caption=attack, columns=(column,), rows=((attack,),), note=attack)
    document = _small(
        title=attack,
        subtitle=attack,
        facts=(Fact(label=attack, value=attack), Fact(label=attack, value=attack, kind="code")),
        summary=(Paragraph(attack), table, Figure(title=attack, alt=attack, drawing=_Dot())),
        sections=(Section(title=attack, blocks=(Paragraph(attack),)),),
        footer=(Fact(label=attack, value=attack),),
    )

    page = Page.read(html(document).decode())

    assert not page.root.all("script")
    pictures = page.root.all("svg")
    assert [picture.attributes["aria-label"] for picture in pictures] == [
        attack.ko,
        attack.ko,
        attack.en,
        attack.en,
    ]
    assert set().union(*(picture.attributes for picture in pictures)) == {"role", "aria-label"}
    assert page.root.one("title").text == f"{attack.ko} · {attack.en}"


def test_the_same_document_gives_the_same_bytes(document, page):
    assert html(document).decode() == page


def test_tables_have_captions_headers_and_their_own_scroll_box(tree):
    tables = tree.all("table")

    assert len(tables) == 2 * 4
    for box in tree.all("div", class_="scroll"):
        table, caption = box.one("table"), box.one("caption")
        assert box.attributes["tabindex"] == "0" and box.attributes["role"] == "region"
        assert box.attributes["aria-labelledby"] == caption.attributes["id"]
        columns = table.one("thead").all("th", scope="col")
        assert len(columns) == len(table.one("thead").all("th"))
        for row in table.one("tbody").all("tr"):
            assert len(row.all("th", scope="row")) == 1
            assert len(row.children) == len(columns)
    assert len(tree.all("div", class_="scroll")) == len(tables)


def test_a_missing_value_is_said_aloud(tree):
    korean, english = (tree.one("article", lang=each) for each in ("ko", "en"))

    assert korean.all("span", class_="unseen")[0].text == "값 없음"
    assert english.all("span", class_="unseen")[0].text == "no value"


def test_figures_have_a_name_and_are_drawn_for_both_widths(document, tree):
    for language in ("ko", "en"):
        figures = tree.one("article", lang=language).all("figure")
        assert len(figures) == len(_figures(document)) == 5
        for figure, meant in zip(figures, _figures(document), strict=True):
            wide, narrow = figure.all("svg")
            for picture in (wide, narrow):
                assert picture.attributes["role"] == "img"
                assert picture.attributes["aria-label"] == meant.alt.within(language)
            assert float(wide.attributes["width"]) > 600 > 345 > float(narrow.attributes["width"])
    assert len(tree.all("details")) == 2


def test_identifiers_are_unique_and_every_reference_has_its_place(tree):
    ids = [element.attributes["id"] for element in tree.all() if "id" in element.attributes]
    named = [
        element.attributes.get("aria-labelledby") or element.attributes["href"][1:]
        for element in tree.all()
        if "aria-labelledby" in element.attributes or "href" in element.attributes
    ]

    assert len(set(ids)) == len(ids)
    assert set(named) <= set(ids)
    assert tree.all("a")[0].attributes == {"class": "skip", "href": "#content"}


def test_headings_never_skip_a_level(tree):
    for language in ("ko", "en"):
        names = [
            element.name
            for element in tree.one("article", lang=language).all()
            if re.fullmatch("h[1-6]", element.name)
        ]
        assert names[0] == "h1" and names.count("h1") == 1
        assert set(names) == {"h1", "h2"}


def test_a_callout_says_its_kind_in_words(tree):
    said = [
        box.all("p", class_="kind")[0].text
        for box in tree.one("article", lang="ko").all("div", role="note")
    ]

    assert said == [CALLOUTS[kind].ko for kind in ("finding", "danger", "unproved", "warning")]


def test_the_row_to_find_first_is_marked(tree):
    rows = tree.one("article", lang="en").all("tr", class_="highlighted")

    assert [row.all("th")[0].text for row in rows] == ["Cox elastic net"]


def test_both_modes_take_every_colour_from_the_tokens():
    rules = style()
    light, dark = rules.split("@media screen and (prefers-color-scheme: dark)")[:2]

    for name, colour in colours.TOKENS.items():
        assert f"--{name}: {colour.light};" in light
        assert f"--{name}: {colour.dark};" in dark
        assert f'svg [fill="{colour.light}"] {{ fill: var(--{name}); }}' in rules
    assert set(re.findall(r"var\(--([\w-]+)\)", rules)) <= set(colours.TOKENS)
    after = rules[rules.index("*, *::before") :]
    assert not re.findall(r"#[0-9a-f]{3,8}\b", after)


def test_every_colour_of_a_picture_turns_with_the_page(tree):
    known = {colour.light for colour in colours.TOKENS.values()} | {"none", "transparent"}

    used = {
        element.attributes[part]
        for picture in tree.all("svg")
        for element in picture.all()
        for part in ("fill", "stroke")
        if part in element.attributes
    }

    assert used <= known


def test_the_style_keeps_the_promises_of_reading():
    rules = style()

    assert "font-size: 17px" in rules
    assert "tabular-nums" in rules
    assert "@media print" in rules and "@page" in rules
    assert re.search(r"p, ol, \.callout \{ max-width: 40rem; \}", rules)  # 72 letters of 17 px


def test_a_document_without_sections_or_footer_is_a_whole_page():
    page = Page.read(html(_small()).decode()).root

    assert not page.all("nav") + page.all("footer") + page.all("table")
    assert [heading.text for heading in page.all("h1")] == ["제목", "Title"]
