"""Under which name does an object lie in the store? Its rsync address, the host in lower case.

Host names know no case (RFC 3986 section 3.2.2), all else in an address does. What is stored has
passed `madang.rpki.engine.fetch.uri`; what a certificate asks for is only looked up.
"""

from __future__ import annotations

_USUAL = {"https": ":443", "rsync": ":873"}


def canonical(uri: str) -> str:
    """The address as the store names it: scheme and host in lower case, no usual port."""
    scheme, mark, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    scheme, host = scheme.lower(), host.lower()
    return f"{scheme}{mark}{host.removesuffix(_USUAL.get(scheme, mark))}{slash}{path}"


def module(uri: str) -> str:
    """The rsync module of an address, as `rsync://host/module/`: what is fetched in one go."""
    scheme, _, rest = canonical(uri).partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{path.partition('/')[0]}/"


def divided(uri: str) -> tuple[str, str]:
    """The folder of an object, ending in `/`, and its name in there."""
    folder, _, name = uri.rpartition("/")
    return folder + "/", name
