"""What do the files of a signing ceremony hold? A request, and the answer to it, as JSON.

They are carried by hand between the machine with the book and the one with the anchor's key. Both
are text that the people at the ceremony can read.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.authority.worksheet import (
    AspaItem,
    CertificateItem,
    RoaItem,
    Worksheet,
)
from madang.rpki.engine.errors import ResourcesRefused, SettingRefused
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.blocks import read_resources

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.authority.worksheet import Item
    from madang.rpki.engine.resources.blocks import Resources

REQUEST: Final = "madang-rpki-ceremony-request-1"
ANSWER: Final = "madang-rpki-ceremony-answer-1"
LARGEST: Final = 256 << 20


class AnchorItem(NamedTuple):
    """A certificate of the anchor for itself."""

    serial: int
    validity: Validity
    resources: Resources
    place: Place


@dataclass(frozen=True, slots=True)
class CeremonyRequest:
    """What an offline key shall sign."""

    authority: str
    anchor: AnchorItem | None
    """A new certificate of its own; None where the one it has stays."""
    sheet: Worksheet


class CeremonyAnswer(NamedTuple):
    """What an offline key signed."""

    request: str
    """SHA-256 of the request's file, in hexadecimal."""
    anchor: bytes
    """Its own new certificate; empty where none was asked for."""
    files: dict[str, bytes]
    signature: bytes
    """By the anchor's key, over all of this."""

    def signed_text(self) -> bytes:
        """What the signature covers."""
        return json.dumps(
            [ANSWER, self.request, _text(self.anchor),
             {name: _text(file) for name, file in sorted(self.files.items())}]
        ).encode()  # fmt: skip


def write_request(request: CeremonyRequest) -> bytes:
    """A request as a file."""
    sheet, anchor = request.sheet, request.anchor
    return json.dumps(
        {
            "format": REQUEST,
            "authority": request.authority,
            "anchor": anchor
            and {
                "serial": f"{anchor.serial:x}",
                "validity": _dates(anchor.validity),
                "resources": str(anchor.resources),
                "place": list(anchor.place),
            },
            "public_key": _text(sheet.public_key),
            "certificate_uri": sheet.certificate_uri,
            "repository": sheet.repository,
            "crl_name": sheet.crl_name,
            "manifest_name": sheet.manifest_name,
            "number": sheet.number,
            "manifest_serial": f"{sheet.manifest_serial:x}",
            "window": _dates(sheet.window),
            "revoked": [[f"{serial:x}", clock.stamp(at)] for serial, at in sheet.revoked],
            "items": [_item(item) for item in sheet.items],
            "kept": [[each.name, each.digest.hex()] for each in sheet.kept],
        },
        indent=1,
        ensure_ascii=False,
    ).encode()


def _item(item: Item) -> dict[str, Any]:
    head = {"name": item.name, "serial": f"{item.serial:x}", "validity": _dates(item.validity)}
    if isinstance(item, CertificateItem):
        return head | {
            "certificate": _text(item.public_key),
            "resources": str(item.resources),
            "place": list(item.place),
        }
    if isinstance(item, RoaItem):
        return head | {"roa": list(item.vrp)}
    return head | {"aspa": [item.aspa.customer, list(item.aspa.providers)]}


def read_request(content: bytes) -> CeremonyRequest:
    """The request that a file holds.

    Raises:
        SettingRefused: It is none.
    """
    found = _object(content, REQUEST)
    try:
        anchor = found["anchor"]
        return CeremonyRequest(
            str(found["authority"]),
            anchor
            and AnchorItem(
                int(anchor["serial"], 16),
                _validity(anchor["validity"]),
                read_resources(anchor["resources"]),
                Place(*map(str, anchor["place"])),
            ),
            Worksheet(
                public_key=b64decode(found["public_key"], validate=True),
                certificate_uri=str(found["certificate_uri"]),
                repository=str(found["repository"]),
                crl_name=str(found["crl_name"]),
                manifest_name=str(found["manifest_name"]),
                number=int(found["number"]),
                manifest_serial=int(found["manifest_serial"], 16),
                window=_validity(found["window"]),
                revoked=tuple(
                    (int(serial, 16), clock.read_stamp(at)) for serial, at in found["revoked"]
                ),
                items=tuple(_read_item(item) for item in found["items"]),
                kept=tuple(
                    Listed(str(name), bytes.fromhex(digest)) for name, digest in found["kept"]
                ),
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ResourcesRefused) as fault:
        raise _unreadable() from fault


def _read_item(item: dict[str, Any]) -> Item:
    name, serial = str(item["name"]), int(item["serial"], 16)
    validity = _validity(item["validity"])
    if "certificate" in item:
        return CertificateItem(
            name, serial, validity, b64decode(item["certificate"], validate=True),
            read_resources(item["resources"]), Place(*map(str, item["place"])),
        )  # fmt: skip
    if "roa" in item:
        return RoaItem(name, serial, validity, Vrp(*map(int, item["roa"])))
    customer, providers = item["aspa"]
    return AspaItem(name, serial, validity, Aspa(int(customer), tuple(map(int, providers))))


def write_answer(answer: CeremonyAnswer) -> bytes:
    """An answer as a file."""
    return json.dumps(
        {
            "format": ANSWER,
            "request": answer.request,
            "anchor": _text(answer.anchor),
            "files": {name: _text(file) for name, file in answer.files.items()},
            "signature": _text(answer.signature),
        },
        indent=1,
    ).encode()


def read_answer(content: bytes) -> CeremonyAnswer:
    """The answer that a file holds.

    Raises:
        SettingRefused: It is none.
    """
    found = _object(content, ANSWER)
    try:
        return CeremonyAnswer(
            str(found["request"]),
            b64decode(found["anchor"], validate=True),
            {str(name): b64decode(file, validate=True) for name, file in found["files"].items()},
            b64decode(found["signature"], validate=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _unreadable() from fault


def _object(content: bytes, kind: str) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise _unreadable()
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise _unreadable() from fault
    if not isinstance(found, dict) or found.get("format") != kind:
        raise _unreadable()
    return found


def _dates(validity: Validity) -> list[str]:
    return [clock.stamp(validity.not_before), clock.stamp(validity.not_after)]


def _validity(dates: list[str]) -> Validity:
    first, last = dates
    return Validity(_moment(first), _moment(last))


def _moment(text: str) -> datetime:
    return clock.read_stamp(text)


def _text(content: bytes) -> str:
    return b64encode(content).decode()


def _unreadable() -> SettingRefused:
    return SettingRefused(
        words("서명식 파일이 아닌 내용", "what is no file of a ceremony"),
        words(
            "이 시스템이 만든 요청 파일 또는 응답 파일",
            "a request or an answer that this system wrote",
        ),
    )
