"""Every page can be used by everybody: axe finds nothing, and nothing scrolls sideways.

A reader in each role walks the site by its links. A page is looked at once for each address in the
site's table of addresses, at desktop width and at 320 CSS pixels, which is 400 % zoom.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError

from tests.browser import village
from tests.browser.chromium import overflows, violations
from tests.contract.test_access import routes

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response
    from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.bwrap,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]

PARAMETER = re.compile(r"[<(]")
OTHERWISE = re.compile(
    r"^(api/v1/|metrics$|healthz$|readyz$)"  # for programs, which have tests of their own
    r"|\.(json|pub)$|report\.|/data/|/files/|/evidence/|checkpoint$|download/$"  # files
    r"|key/|confirm-email/\^|oidc/|social|3rdparty|login/code"  # lead on, or need a letter
    r"|^(language|theme)$"
)
"""Addresses that show no page by themselves, and why."""
NARROW = {"width": 320, "height": 800}
WIDE = {"width": 1280, "height": 900}
ROLES = ("", "officer", "agency", "second", "company", "evaluator", "operator", "admin")
"""The empty one is a reader who has not signed in."""
NO_PAGES = (
    "/api/v1/openapi.json",
    "/metrics",
    "/healthz",
    "/readyz",
    "/static/",
    "/account/logout",
)


class Seen(NamedTuple):
    """What was found on the walk."""

    names: set[str]
    faults: list[str]


def route(path: str) -> str:
    """The address's line in the table of addresses; empty for no page of ours."""
    try:
        return str(resolve(path).route)
    except Resolver404:
        return ""


def walk(context: BrowserContext, start: str, seen: Seen, axe: str, *, who: str) -> None:
    """Follow every link to an address that nobody has looked at yet."""
    page, waiting, known = context.new_page(), deque([start]), {start}
    home = "{0.scheme}://{0.netloc}/".format(urlsplit(start))
    while waiting:
        address = waiting.popleft()
        answer = opened(page, address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        line = route(urlsplit(page.url).path)
        if line not in seen.names:
            seen.names.add(line)
            seen.faults.extend(f"{who} {line}: {each}" for each in look(page, answer.status, axe))
        for link in links(page, home):
            if link not in known and (route(urlsplit(link).path) not in seen.names):
                known.add(link)
                waiting.append(link)
    page.close()


def opened(page: Page, address: str) -> Response | None:
    """The answer; None for a file that the browser saves."""
    try:
        return page.goto(address, wait_until="load")
    except PlaywrightError as fault:
        # A file that is saved, or an act that is done by a form alone: neither is a page.
        if "Download is starting" in str(fault) or "RESPONSE_CODE_FAILURE" in str(fault):
            return None
        raise


def links(page: Page, home: str) -> list[str]:
    """Addresses of this site to which the page leads by a plain link."""
    found: list[str] = page.eval_on_selector_all(
        "a[href]", "all => all.filter(a => !a.hasAttribute('download')).map(a => a.href)"
    )
    own = [link.partition("#")[0] for link in found if link.startswith(home)]
    return [
        link
        for link in dict.fromkeys(own)
        if not urlsplit(link).path.startswith(NO_PAGES) and "format=" not in link
    ]


def look(page: Page, status: int, axe: str) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [f"status {status}"] if status >= 400 else []
    page.set_viewport_size(WIDE)
    found += violations(page, axe)
    page.set_viewport_size(NARROW)
    found += [f"narrow {each}" for each in violations(page, axe)]
    if (beyond := overflows(page)) > 0:
        found.append(f"narrow: {beyond} px beyond its window")
    page.set_viewport_size(WIDE)
    return found


def test_every_page_is_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str
) -> None:
    here = village.build()
    seen = Seen(set(), [])
    for role in ROLES:
        visitor.clear_cookies()
        if role:
            village.sign_in(visitor, here.people[role], live_server.url)
        walk(visitor, f"{live_server.url}/", seen, axe, who=role or "nobody")

        for line in sorted(unseen(seen.names)):
            if not PARAMETER.search(line) and not OTHERWISE.search(line):
                walk(visitor, f"{live_server.url}/{line}", seen, axe, who=role or "nobody")

    assert seen.faults == []
    assert {line for line in unseen(seen.names) if not OTHERWISE.search(line)} == set()


def unseen(names: set[str]) -> set[str]:
    """Addresses of the table at which nobody has looked."""
    return {each.path for each in routes()} - names
