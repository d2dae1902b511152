"""Which addresses may be asked, and which may an object bear? (RFC 3986, 5781).

Only what the RPKI uses is let in: no user names, queries, fragments or percent signs, no empty or
dotted segments, no bytes beyond ASCII. So an address means the same to every reader, and its
parts can stand as names of files.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused

LONGEST = 2048
_LONGEST_SEGMENT = 255
"""What file systems hold in one name."""
_DEEPEST = 32
_HOST = r"([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)"
_PORT = r"(?::([1-9][0-9]{0,4}))?"
_SEGMENT = rf"(?!\.\.?(?:/|\Z))[A-Za-z0-9._~!$&'()*+,;=:@-]{{1,{_LONGEST_SEGMENT}}}"
_OBJECT = re.compile(rf"rsync://{_HOST}{_PORT}/({_SEGMENT})((?:/{_SEGMENT}){{1,{_DEEPEST}}})")
_FOLDER = re.compile(rf"rsync://{_HOST}{_PORT}/({_SEGMENT})((?:/{_SEGMENT}){{0,{_DEEPEST}}}/)")
_WEB = re.compile(rf"https://{_HOST}{_PORT}((?:/{_SEGMENT}){{1,{_DEEPEST}}})")
_PRIVATE = (
    *("alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan"),
    *("local", "localdomain", "localhost", "onion", "private", "test"),
)
"""Top-level names that no public repository bears (RFC 6761, RFC 6762, RFC 7686, RFC 9476)."""


class RsyncUri(NamedTuple):
    """An rsync address in parts."""

    host: str
    port: int
    module: str
    path: str
    """What stands below the module, with its leading slash."""

    def __str__(self) -> str:
        port = "" if self.port == 873 else f":{self.port}"
        return f"rsync://{self.host}{port}/{self.module}{self.path}"


class HttpsUri(NamedTuple):
    """A web address in parts."""

    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, int]:
        """Host and port: two addresses with the same are of the same origin (RFC 6454)."""
        return self.host, self.port

    def __str__(self) -> str:
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.host}{port}{self.path}"


def object_uri(text: str) -> str:
    """The rsync address of one object as the store names it.

    Raises:
        ExchangeRefused: The address is malformed, or could mean two things.
    """
    # Nearly all come in the very form that is stored; the parts are then not needed.
    if len(text) <= LONGEST and (found := _OBJECT.fullmatch(text)) and not found[2]:
        if len(found[1]) <= 253:
            return text
    return str(_rsync(text, _OBJECT, "rsync://host/module/…/name"))


def folder_uri(text: str) -> RsyncUri:
    """The rsync address of a folder, ending in `/`.

    Raises:
        ExchangeRefused: The address is malformed, or could mean two things.
    """
    return _rsync(text, _FOLDER, "rsync://host/module/…/")


def file_uri(text: str) -> RsyncUri:
    """The rsync address of one file, in parts.

    Raises:
        ExchangeRefused: The address is malformed, or could mean two things.
    """
    return _rsync(text, _OBJECT, "rsync://host/module/…/name")


def https_uri(text: str) -> HttpsUri:
    """A web address.

    Raises:
        ExchangeRefused: The address is malformed, could mean two things, or is not https.
    """
    found = _WEB.fullmatch(_lower(text))
    port = _port(found, 443) if found else 0
    if found is None or not port:
        raise _refused(text, "https://host/…/name")
    return HttpsUri(found[1], port, found[3])


def dubious(host: str) -> bool:
    """Whether a host's name cannot be that of a public repository.

    Such a name in a foreign certificate would make this machine ask its own network.
    """
    labels = host.split(".")
    return len(labels) < 2 or labels[-1] in _PRIVATE or labels[-1][0].isdigit()


def private(address: str) -> bool:
    """Whether an IP address belongs to this machine or to a network of its own."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(number, "ipv4_mapped", None)
    return not (mapped or number).is_global or number.is_multicast


def _rsync(text: str, form: re.Pattern[str], expected: str) -> RsyncUri:
    found = form.fullmatch(_lower(text))
    port = _port(found, 873) if found else 0
    if found is None or not port:
        raise _refused(text, expected)
    return RsyncUri(found[1], port, found[3], found[4])


def _lower(text: str) -> str:
    """The address with its scheme and host in lower case; empty where it is far too long."""
    if len(text) > LONGEST or not text.isascii():
        return ""
    scheme, mark, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}" if len(host) <= 259 else ""


def _port(found: re.Match[str], usual: int) -> int:
    """The port, or 0 where it or the host is beyond what there is."""
    port = int(found[2] or usual)
    return port if port < 65_536 and len(found[1]) <= 253 else 0


def _refused(text: str, expected: str) -> ExchangeRefused:
    shown = text[:120].encode("ascii", "backslashreplace").decode()
    return ExchangeRefused(
        words(f"주소 {shown!r}", f"the address {shown!r}"),
        words(f"{expected} 형식의 주소", f"an address of the form {expected}"),
    )
