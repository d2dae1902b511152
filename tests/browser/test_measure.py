"""The instruments of these tests see what they are there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import overflows, violations

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser

FAULTY = """<!doctype html><html><head><title>t</title></head><body><main><h1>제목</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text">
<p style="color:#aaa;background:#fff">옅은 글</p></main></body></html>"""


def test_axe_finds_planted_faults(context: BrowserContext, axe: str) -> None:
    page = context.new_page()
    page.set_content(FAULTY)
    found = " ".join(violations(page, axe))

    for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
        assert rule in found


def test_a_page_wider_than_its_window_is_noticed(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 600})
    page.set_content("<div style='width:500px'>가</div>")

    assert overflows(page) > 100


def test_a_request_to_another_host_is_seen(context: BrowserContext) -> None:
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.route("http://192.0.2.1/**", lambda route: route.abort())
    with page.expect_request("http://192.0.2.1/x.png"):
        page.set_content("<img alt='' src='http://192.0.2.1/x.png'>")

    assert seen == ["http://192.0.2.1/x.png"]
