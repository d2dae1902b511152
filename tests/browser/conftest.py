"""A real browser on a real server: Debian's Chromium, driven over loopback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import axe_source, executable
from tests.house import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

# Playwright's synchronous face runs an event loop of its own beside the test's database calls.
OWN = ("http://127.0.0.1:", "http://localhost:", "data:")

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(autouse=True)
def _folder(trial_folder: Path) -> None:
    """The site works on the folder of all trials."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=executable(),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor without cookies."""
    visitor = browser.new_context(locale="ko-KR")
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(context: BrowserContext) -> Iterator[BrowserContext]:
    """A visitor of the site: a request of any page to another host is a fault."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context
    assert [url for url in asked if not url.startswith(OWN)] == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, as the asset build has laid it."""
    return axe_source(ROOT)
