"""Every page can be used by everybody: axe finds nothing, and nothing scrolls sideways.

A reader in each role walks the site by its links. Each page that is made of other things than
those before it is looked at, at desktop width and at 320 CSS pixels, which is 400 % zoom; in the
end every line of the site's table of addresses was seen by somebody.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError

from tests.browser import village
from tests.browser.chromium import overflows, violations
from tests.contract.test_access import routes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import BrowserContext, Page, Response, ViewportSize
    from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.bwrap,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]

PARAMETER = re.compile(r"[<(]")
OTHERWISE = re.compile(
    r"^(api/v1/|metrics$|healthz$|readyz$)"  # for programs, which have tests of their own
    r"|\.(json|pub|csv|pdf|yaml)$|open-data/<|settlement\.<|/papers/|/source$"  # files
    r"|report\.|/data/|/files/|/evidence/|checkpoint$|download/$"  # files
    r"|^favicon.ico$|^robots.txt$|api/v1/"
    r"|/progress$|/preview$"  # parts of a page
    r"|key/|confirm-email/|oidc/|social|3rdparty|login/code|2fa/authenticate/"  # lead on, or
    r"|links/|invitations/|reset/key/done|rehearsal/"  # need a letter or an act before
    r"|^rpki/office/found$"  # asked once, before the registry of the village stood
    r"|^(language|theme)$"
)
"""Addresses that show no page by themselves, and why."""
NARROW: ViewportSize = {"width": 320, "height": 800}
WIDE: ViewportSize = {"width": 1280, "height": 900}
ROLES = (
    *("", "officer", "agency", "second", "company", "evaluator", "operator", "admin"),
    *("programme", "manager", "partner", "clinician", "lead", "network"),
)
"""The empty one is a reader who has not signed in."""
REFUSED = (403, 404, 405)
SAYS_WHY_NOT = re.compile(r"^(organisations/<slug:slug>/(suspend|delete)|prognosis/launch(ed)?)$")
"""Lines whose page may be a refusal with its reason, though a link leads there."""
BRANCHING = (
    "trials/demands/<slug:demand>",
    "trials/demands/<slug:demand>/questions",
    "programme/acts/<slug:act>",
    "fund/<slug:fund>/acts/<slug:act>",
    "prognosis/patients/<str:patient>/",
)
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


class Care(NamedTuple):
    """How much is looked at."""

    most: int
    """Addresses of one line that one reader opens where pages branch: demands in every state."""
    few: int
    """Addresses of every other line."""
    sizes: Sequence[ViewportSize]


ALL = Care(most=10, few=3, sizes=(WIDE, NARROW))
SOME = Care(most=1, few=1, sizes=(NARROW,))


class Walk:
    """A walk over the site by one reader after another.

    Args:
        page: In front of the readers.
        home: The site's address.
        axe: The text of axe-core.
        care: How much is looked at.

    Attributes:
        names: Lines of the table of addresses that were looked at.
        faults: What is wrong, and who met it where.
    """

    def __init__(self, page: Page, home: str, axe: str, care: Care) -> None:
        self._page, self._home, self._axe, self._care = page, home, axe, care
        self._shapes: set[str] = set()
        self.names: set[str] = set()
        self.faults: list[str] = []

    def go(self, who: str) -> None:
        """Follow every link of the reader, to a few addresses of each line of the table.

        A link that leads to a refusal is a fault. An address without a parameter is also asked for
        outright, and may be refused; the refusal is looked at like a page.
        """
        visits: Counter[str] = Counter()
        waiting = deque([f"{self._home}/"])
        outright = deque(
            f"{self._home}/{each}" for each in sorted(unseen(set())) if is_plain(each)
        )
        known = {*waiting, *outright}
        while waiting or outright:
            is_link = bool(waiting)
            address = waiting.popleft() if waiting else outright.popleft()
            if visits[line := route(address)] >= self._enough(line):
                continue
            answer = opened(self._page, address)
            if answer is None or "text/html" not in answer.headers.get("content-type", ""):
                continue
            visits[route(self._page.url)] += 1
            self._judge(answer.status, who, is_link=is_link)
            new = [link for link in links(self._page, self._home) if link not in known]
            known.update(new)
            waiting.extend(new)

    def _enough(self, line: str) -> int:
        return self._care.most if line in BRANCHING else self._care.few

    def _judge(self, status: int, who: str, *, is_link: bool) -> None:
        """Note the page as it stands: it was seen, and what is wrong with it."""
        line = route(self._page.url)
        may_refuse = not is_link and status in REFUSED
        if status == 422 and SAYS_WHY_NOT.match(line):
            may_refuse = True
        if not may_refuse:
            self.names.add(line)
        found = [f"status {status}"] if status >= 400 and not may_refuse else []
        if (shape := self._page.evaluate(SHAPE)) not in self._shapes:
            self._shapes.add(shape)
            found += self._look()
        self.faults += [f"{who} {urlsplit(self._page.url).path}: {each}" for each in found]

    def _look(self) -> list[str]:
        found = []
        for size in self._care.sizes:
            self._page.set_viewport_size(size)
            found += [f"at {size['width']} px: {x}" for x in violations(self._page, self._axe)]
        if (beyond := overflows(self._page)) > 0:
            found.append(f"narrow: {beyond} px beyond its window")
        return found


def route(address: str) -> str:
    """The address's line in the table of addresses; empty for no page of ours."""
    try:
        return str(resolve(urlsplit(address).path).route)
    except Resolver404:
        return ""


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
        if not urlsplit(link).path.startswith(NO_PAGES)
        # A browser shows a PDF by pages of its own.
        and not urlsplit(link).path.endswith(".pdf")
        and "format=" not in link
    ]


def walked(
    visitor: BrowserContext,
    address: str,
    axe: str,
    *,
    roles: Sequence[str] = ROLES,
    care: Care = ALL,
    scheme: Literal["light", "dark"] = "light",
) -> Walk:
    """The site as people in these roles see it."""
    here = village.build()
    page = visitor.new_page()
    page.emulate_media(color_scheme=scheme)
    walk = Walk(page, address, axe, care)
    for role in roles:
        visitor.clear_cookies()
        if role:
            village.sign_in(visitor, here.people[role], address)
        walk.go(role or "nobody")
    return walk


@pytest.mark.slow
def test_a_companys_pages_are_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str
) -> None:
    walk = walked(visitor, live_server.url, axe, roles=("company",), care=SOME)

    assert walk.faults == []
    assert len(walk.names) > 25


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody(
    live_server: LiveServer, visitor: BrowserContext, axe: str, scheme: Literal["light", "dark"]
) -> None:
    walk = walked(visitor, live_server.url, axe, scheme=scheme)

    assert walk.faults == []
    missed = sorted(each for each in unseen(walk.names) if not OTHERWISE.search(each))
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
