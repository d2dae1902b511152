"""How is one patient's record read from a hospital's FHIR server, and a prognosis put there?

FHIR R4, RESTful API: search with its pages, and transaction. A token goes to the named server
alone: no redirection is followed, pages of another host are refused, and without TLS only this
machine is spoken to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.asking import asked, odd
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.fhir.intake import Intake
from madang.prognosis.engine.fhir.laboratory import BY_LOINC
from madang.prognosis.engine.fhir.strict_json import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PAGES = 1000
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SEARCHES = ("Observation", "Condition", "Procedure", "MedicationStatement")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A FHIR server.

    Attributes:
        address: Its base, such as `https://hospital.example/fhir`.
        token: The access token of the launch, or empty.

    Raises:
        InputError: The address is not one with https, or of this machine.
    """

    address: str
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        local = parts.scheme == "http" and parts.hostname in _LOCAL
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise InputError(
                words(
                    f"FHIR 서버 주소 '{shown(self.address)}'",
                    f"the FHIR server '{shown(self.address)}'",
                ),
                words("https 주소", "an address with https"),
            )

    def patient(self, patient: str) -> Intake:
        """A patient's record: the Patient, laboratory values, conditions, treatments; checked.

        Raises:
            InputError: The server has no such patient, or answers what is no FHIR.
            Unavailable: The server does not answer.
        """
        read = Intake(file=self.address)
        read.take(self._asked("GET", f"Patient/{patient}"))
        for kind in _SEARCHES:
            query = {"patient": patient, "_count": "500"}
            if kind == "Observation":
                query["code"] = ",".join(f"http://loinc.org|{code}" for code in BY_LOINC)
            for page in self._pages(f"{kind}?{urlencode(query)}"):
                read.take(page)
        return read

    def put(self, bundle: dict[str, Any]) -> dict[str, Any]:
        """Carry out a transaction, as `writing.transaction` makes it; the server's answer.

        Raises:
            InputError: The server refused it, whole.
            Unavailable: The server does not answer.
        """
        return self._asked("POST", "", bundle)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        page, seen = self._asked("GET", path), 1
        yield page
        while following := _next(page):
            address = urljoin(f"{self.address.rstrip('/')}/", following)
            if urlsplit(address)[:2] != urlsplit(self.address)[:2] or seen >= MOST_PAGES:
                raise odd(words("다른 서버로 이어지는 결과", "pages of another server, or no end"))
            page, seen = self._asked("GET", address), seen + 1
            yield page

    def _asked(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        base = self.address.rstrip("/")
        # The base itself carries transactions; a server's own pages come with the whole address.
        address = urljoin(f"{base}/", path) if path else base
        content = None if body is None else write_json(body).encode()
        return asked(address, content, method=method, token=self.token)


def _next(page: dict[str, Any]) -> str:
    links = page.get("link")
    for each in links if type(links) is list else ():
        if type(each) is dict and each.get("relation") == "next" and type(each.get("url")) is str:
            return str(each["url"])
    return ""
