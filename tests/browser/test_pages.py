"""Every page can be used by everybody: axe finds nothing, and nothing scrolls sideways.

A reader in each role walks the site by its links. Each page that is made of other things than
those before it is looked at, at desktop width and at 320 CSS pixels, which is 400 % zoom; in the
end every line of the site's table of addresses was seen by somebody.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError

from tests.browser import village
from tests.browser.chromium import overflows, violations
from tests.contract.test_access import routes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    r"|^favicon.ico$|^robots.txt$|api/v1/"
    r"|/progress$|/preview$"  # parts of a page
    r"|key/|confirm-email/|oidc/|social|3rdparty|login/code|2fa/authenticate/"  # lead on, or
    r"|links/|invitations/|reset/key/done|rehearsal/"  # need a letter or an act before
    r"|^(language|theme)$"
)
"""Addresses that show no page by themselves, and why."""
NARROW = {"width": 320, "height": 800}
WIDE = {"width": 1280, "height": 900}
ROLES = ("", "officer", "agency", "second", "company", "evaluator", "operator", "admin")
"""The empty one is a reader who has not signed in."""
REFUSED = (403, 404, 405)
SAYS_WHY_NOT = re.compile(r"^organisations/<slug:slug>/(suspend|delete)$")
"""Lines whose page may be a refusal with its reason, though a link leads there."""
MOST = 10
"""Addresses of one line that one reader opens: demands in every state."""
FEW = 3
"""So many where a page has none below it."""
BRANCHING = ("trials/demands/<slug:demand>", "trials/demands/<slug:demand>/questions")
SHAPE = """() => [...new Set([...document.querySelectorAll("body *")].map(each => [
    each.tagName, each.className.baseVal ?? each.className, each.getAttribute("role"),
    each.getAttribute("type"), each.parentElement.tagName
].join(" ")))].sort().join("\\n")"""
"""What a page is made of; how often and with which words makes no other page of it."""
NO_PAGES = (
    "/api/v1/openapi.json",
    "/metrics",
    "/healthz",
    "/readyz",
    "/static/",
    "/style/",
    "/account/logout",
)


class Seen:
    """What was found on the walk.

    Attributes:
        names: Lines of the table of addresses that were looked at.
        shapes: What pages are made of, as far as it was looked at.
        faults: What is wrong, and who met it where.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.shapes: set[str] = set()
        self.faults: list[str] = []


def route(path: str) -> str:
    """The address's line in the table of addresses; empty for no page of ours."""
    try:
        return str(resolve(path).route)
    except Resolver404:
        return ""


def walk(page: Page, home: str, seen: Seen, axe: str, *, who: str) -> None:
    """Follow every link of the reader, to a few addresses of each line of the table.

    A link that leads to a refusal is a fault. An address without a parameter is also asked for
    outright, and may be refused; the refusal is looked at like a page.
    """
    visits: Counter[str] = Counter()
    waiting = deque([f"{home}/"])
    outright = deque(f"{home}/{line}" for line in sorted(unseen(set())) if is_plain(line))
    known = {*waiting, *outright}
    while waiting or outright:
        is_link = bool(waiting)
        address = waiting.popleft() if waiting else outright.popleft()
        line = route(urlsplit(address).path)
        if visits[line] >= (MOST if line in BRANCHING else FEW):
            continue
        answer = opened(page, address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        line = route(urlsplit(page.url).path)
        visits[line] += 1
        is_refused = answer.status in REFUSED and not is_link
        is_refused = is_refused or bool(answer.status == 422 and SAYS_WHY_NOT.match(line))
        if not is_refused:
            seen.names.add(line)
        expected = answer.status < 400 or is_refused
        found = [] if expected else [f"status {answer.status}"]
        shape = page.evaluate(SHAPE)
        if shape not in seen.shapes:
            seen.shapes.add(shape)
            found += look(page, axe)
        seen.faults += [f"{who} {urlsplit(page.url).path}: {each}" for each in found]
        new = [link for link in links(page, home) if link not in known]
        known.update(new)
        waiting.extend(new)


def is_plain(line: str) -> bool:
    """Whether a line of the table is an address by itself, and shows a page."""
    return not PARAMETER.search(line) and not OTHERWISE.search(line)


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


def look(page: Page, axe: str) -> list[str]:
    """What is wrong with the page as it stands."""
    found = violations(page, axe)
    page.set_viewport_size(NARROW)
    found += [f"narrow {each}" for each in violations(page, axe)]
    if (beyond := overflows(page)) > 0:
        found.append(f"narrow: {beyond} px beyond its window")
    page.set_viewport_size(WIDE)
    return found


def walked(visitor: BrowserContext, address: str, axe: str, roles: Sequence[str]) -> Seen:
    """The site as people in these roles see it."""
    here = village.build()
    seen = Seen()
    page = visitor.new_page()
    for role in roles:
        visitor.clear_cookies()
        if role:
            village.sign_in(visitor, here.people[role], address)
        walk(page, address, seen, axe, who=role or "nobody")
    return seen


def test_a_companys_pages_are_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "MOST", 1)
    monkeypatch.setattr(sys.modules[__name__], "FEW", 1)

    seen = walked(visitor, live_server.url, axe, ("company",))

    assert seen.faults == []
    assert len(seen.names) > 25


@pytest.mark.slow
def test_every_page_is_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str
) -> None:
    seen = walked(visitor, live_server.url, axe, ROLES)

    assert seen.faults == []
    missed = sorted(each for each in unseen(seen.names) if not OTHERWISE.search(each))
    assert "\n".join(missed) == ""


def unseen(names: set[str]) -> set[str]:
    """Addresses of pages at which nobody has looked."""
    return {each.path for each in routes() if not is_act(each.view)} - names


def is_act(view: Callable[..., Any] | None) -> bool:
    """Whether an address takes forms alone and shows nothing."""
    while view is not None:
        known = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if list(known.get("request_method_list", [])) == ["POST"]:
            return True
        view = getattr(view, "__wrapped__", None)
    return False
