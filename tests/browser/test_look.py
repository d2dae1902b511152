"""The page with every part: for every eye, width and language, by keyboard, without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.chromium import overflows, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# 320 px is 1280 px at 400 % (WCAG 2.2, 1.4.10).
WIDTHS_PX = (1440, 768, 360, 320)


@pytest.fixture
def page(visitor: BrowserContext, live_server: LiveServer) -> Page:
    """The page, wide."""
    opened = visitor.new_page()
    opened.goto(f"{live_server.url}/style")
    return opened


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The page in a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    opened = context.new_page()
    opened.goto(f"{live_server.url}/style")
    yield opened
    context.close()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_no_width_scrolls_sideways(
    visitor: BrowserContext,
    live_server: LiveServer,
    axe: str,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    visitor.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page = visitor.new_page()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{live_server.url}/style")

    assert page.get_attribute("html", "lang") == language
    for width in WIDTHS_PX:
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, violations(page, axe), overflows(page)) == (width, [], 0)


@pytest.mark.parametrize(("theme", "ground"), [("light", 255), ("dark", 18)])
def test_the_chosen_brightness_outranks_the_machines(
    visitor: BrowserContext, live_server: LiveServer, theme: str, ground: int
) -> None:
    page = visitor.new_page()
    page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
    page.goto(f"{live_server.url}/style")
    page.get_by_role("button", name={"light": "밝게", "dark": "어둡게"}[theme]).click()
    page.wait_for_load_state()
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert page.get_attribute("html", "data-theme") == theme
    assert colour.startswith(f"rgb({ground},")


def test_paper_is_white_whatever_the_screen(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("header.site-header").is_visible()


def test_the_faulty_form_has_the_focus_and_leads_to_its_fields(page: Page) -> None:
    page.wait_for_function("document.activeElement.classList.contains('error-summary')")
    page.locator(".error-summary a").first.click()

    assert page.evaluate("document.activeElement.id") == "id_broken-title"


def test_the_first_key_offers_the_way_past_the_menu(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/search")
    page.keyboard.press("Tab")
    skip = page.locator("#krds-skip-link a")

    assert skip.evaluate("each => each === document.activeElement")
    box = skip.bounding_box()
    assert box is not None
    assert box["height"] > 30
    skip.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_escape_closes_a_menu_and_gives_the_focus_back(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    menu = page.locator("details.site-menu")
    menu.locator("> summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    assert not menu.evaluate("each => each.open")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_click_elsewhere_closes_a_menu(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    menu = page.locator("details.site-menu")
    menu.locator("> summary").click()
    page.locator("footer").click(position={"x": 5, "y": 5}, force=True)

    assert not menu.evaluate("each => each.open")


def test_without_a_script_menus_help_and_details_open(plain: Page) -> None:
    plain.set_viewport_size({"width": 360, "height": 800})
    plain.locator("details.site-menu > summary").click()
    assert plain.locator(".site-menu-sheet").is_visible()
    plain.locator("details.site-menu > summary").click()
    plain.locator("button.help").first.click()
    assert plain.locator(".help-text").first.is_visible()
    plain.keyboard.press("Escape")
    plain.locator("details.krds-disclosure > summary").first.click()
    assert plain.locator("details.krds-disclosure > .expand-in").first.is_visible()


def test_what_is_touched_is_large_enough(page: Page) -> None:
    """44 px, as KRDS asks; links inside sentences and tables are spared (WCAG 2.2, 2.5.8)."""
    page.set_viewport_size({"width": 360, "height": 800})
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            'button:not(.help), .krds-btn, input:not([type=hidden], [type=radio],'
            + '[type=checkbox]), select, textarea, summary, .page-link, .page-navi, .btn-tab,'
            + '.krds-form-check')]
          .filter(each => each.checkVisibility())
          .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect().height])
          .filter(([, height]) => height < 44)"""
    )

    assert [each for each in small if "small" not in each[0]] == []


def test_nothing_moves_once_the_page_is_there(
    visitor: BrowserContext, live_server: LiveServer
) -> None:
    page = visitor.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const each of list.getEntries())"
        " window.shift += each.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{live_server.url}/style", wait_until="networkidle")

    # 0.1 is where a shift begins to be felt (Core Web Vitals).
    assert page.evaluate("window.shift") < 0.1
