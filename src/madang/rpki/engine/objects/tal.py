"""Where does trust begin? Trust-anchor locators (RFC 8630)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.keys import check_rsa_key

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.words import Words

_URI: Final = re.compile(r"(?:rsync|https)://[\x21-\x7e]{1,2000}\.cer")
_LARGEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Tal:
    """A trust anchor's name, the addresses of its certificate, and its key."""

    name: str
    uris: tuple[str, ...]
    key: bytes
    """SubjectPublicKeyInfo in DER."""


def read_tal(content: bytes, name: str) -> Tal:
    """A locator as its file holds it: comments, addresses, an empty line, the key in base64.

    Raises:
        SettingRefused: It has no address, an address that is no certificate's, or no RSA key.
    """
    try:
        lines = content[:_LARGEST].decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as fault:
        raise _refused(name, words("UTF-8이 아닌 글", "text that is not UTF-8")) from fault
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    uris = []
    while lines and lines[0].strip():
        uris.append(lines.pop(0).strip())
    if not uris or not all(_URI.fullmatch(uri) for uri in uris):
        raise _refused(name, words("인증서 주소가 아닌 줄", "a line that is no certificate's URI"))
    try:
        key = base64.b64decode("".join("".join(lines).split()), validate=True)
        return Tal(name, tuple(uris), check_rsa_key(key, 0, len(key)))
    except (binascii.Error, Fault) as fault:
        raise _refused(
            name, words("2,048비트 RSA가 아닌 키", "no RSA key of 2,048 bits")
        ) from fault


def read_tal_file(path: Path) -> Tal:
    """The locator in a file; its name is the file's, without the ending.

    Raises:
        SettingRefused: It is no locator.
    """
    return read_tal(path.read_bytes(), path.stem)


def _refused(name: str, found: Words) -> SettingRefused:
    return SettingRefused(
        words(f"신뢰 앵커 {name!r}의 {found.ko}", f"{found.en} in the locator {name!r}"),
        words(
            "RFC 8630 형식: rsync 또는 https 주소, 빈 줄, base64로 적은 공개키",
            "the form of RFC 8630: rsync or https URIs, an empty line, the key in base64",
        ),
    )
