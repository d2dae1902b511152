"""Which payloads does a file hold? CSV and JSON as rpki-client and Routinator write them.

CSV has the columns `ASN,IP Prefix,Max Length,Trust Anchor` and maybe others; JSON has a list
`roas` and maybe `aspas`. A file is read whole or refused with the place of its first fault.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused, SettingRefused
from madang.rpki.engine.payloads import Aspa, Payloads, Vrp
from madang.rpki.engine.resources.prefix import BITS
from madang.rpki.engine.routes.reading import quick_asn, quick_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.kernel.words import Words

COLUMNS: Final = ("ASN", "IP Prefix", "Max Length", "Trust Anchor")
MOST_BYTES: Final = 1 << 30
"""A file of the whole internet's payloads has about 60 MB."""


@dataclass(frozen=True, slots=True)
class VrpFile:
    """What a file of payloads says."""

    payloads: Payloads
    anchors: dict[Vrp, str] = field(default_factory=dict)
    """Payload → the trust anchor it comes from; the first where several vouch for it."""


def read_vrps(path: Path) -> VrpFile:
    """The payloads of a file; JSON where it begins with `{`, else CSV.

    Raises:
        SettingRefused: It cannot be read, is too large, or a line or entry of it is malformed.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(path.name, words("파일이 1GiB를 넘음", "more than 1 GiB"))
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise _refused(path.name, words("읽을 수 없음", "unreadable bytes")) from fault
    return read_text(text, name=path.name)


def read_text(text: str, *, name: str) -> VrpFile:
    """The payloads that a text in one of the forms says.

    Raises:
        SettingRefused: A line or an entry of it is malformed.
    """
    return _of_json(text, name) if text.lstrip()[:1] == "{" else _of_csv(text, name)


def read_vrp(text: str) -> Vrp:
    """The payload that a text names: `AS64500 10.0.0.0/8-24`, or without `-24` its own length.

    Raises:
        SettingRefused: It is of another form.
    """
    asn, _, place = text.strip().partition(" ")
    prefix, _, longest = place.strip().partition("-")
    return _vrp(asn, prefix, longest or None, place=text.strip()[:60])


def _of_csv(text: str, name: str) -> VrpFile:
    rows = csv.reader(text.splitlines())
    anchors: dict[Vrp, str] = {}
    line = 1
    try:
        head = next(rows, [])
        if tuple(cell.strip() for cell in head[:4]) != COLUMNS:
            raise _refused(f"{name}:1", words(f"제목 {head[:4]}", f"the heading {head[:4]}"))
        for line, row in enumerate(rows, start=2):
            if row:
                if len(row) < len(COLUMNS):
                    raise _few(f"{name}:{line}", len(row))
                vrp = _vrp(row[0], row[1], row[2], place=f"{name}:{line}")
                anchors.setdefault(vrp, row[3])
    except csv.Error as fault:
        raise _refused(
            f"{name}:{line}", words("CSV가 아닌 줄", "a line that is no CSV")
        ) from fault
    return VrpFile(Payloads(vrps=frozenset(anchors)), anchors)


def _of_json(text: str, name: str) -> VrpFile:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", 1)
        raise _refused(
            f"{name}:{line}", words("JSON이 아님", "something that is no JSON")
        ) from fault
    roas = whole.get("roas") if isinstance(whole, dict) else None
    if not isinstance(roas, list):
        raise _refused(name, words("`roas` 목록 없음", "no list `roas`"))
    anchors: dict[Vrp, str] = {}
    for number, roa in enumerate(roas):
        place = f"{name} roas[{number}]"
        if not isinstance(roa, dict):
            raise _refused(place, words("객체가 아님", "no object"))
        longest = roa.get("maxLength")
        vrp = _vrp(roa.get("asn"), roa.get("prefix"), longest, place=place)
        anchors.setdefault(vrp, str(roa.get("ta", "")))
    aspas = frozenset(_aspas(whole.get("aspas", []), name))
    return VrpFile(Payloads(vrps=frozenset(anchors), aspas=aspas), anchors)


def _vrp(asn: Any, prefix: Any, longest: Any, *, place: str) -> Vrp:
    try:
        family, address, length = quick_prefix(_text(prefix, place).strip())
        number = quick_asn(_text(asn, place).strip())
    except ResourcesRefused as fault:
        raise SettingRefused(_at(place, fault.found), fault.expected, fault.remedy) from fault
    digits = _text(longest, place).strip() or str(length)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
        raise _refused(place, words(f"최대 길이 {digits[:20]!r}", f"the maximum {digits[:20]!r}"))
    most = int(digits)
    if not length <= most <= BITS[family]:
        raise _refused(
            place,
            words(f"길이 {length}에 최대 길이 {most}", f"the maximum {most} of a /{length}"),
        )
    return Vrp(family, address, length, most, number)


def _text(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32:
        return str(value)
    if value is None:
        return ""
    raise _refused(place, words("글자나 수가 아닌 값", "a value that is no text or number"))


def _aspas(listed: Any, name: str) -> Iterator[Aspa]:
    if not isinstance(listed, list):
        raise _refused(f"{name} aspas", words("목록이 아님", "no list"))
    for number, each in enumerate(listed):
        place = f"{name} aspas[{number}]"
        providers = each.get("providers") if isinstance(each, dict) else None
        if not isinstance(providers, list) or not providers:
            raise _refused(place, words("`providers` 목록 없음", "no list `providers`"))
        customer = each.get("customer_asid", each.get("customer"))
        try:
            yield Aspa(
                quick_asn(_text(customer, place)),
                tuple(sorted({quick_asn(_text(asn, place)) for asn in providers})),
            )
        except ResourcesRefused as fault:
            raise SettingRefused(_at(place, fault.found), fault.expected) from fault


def _at(place: str, found: Words | str) -> Words:
    if isinstance(found, str):
        return words(f"{place}: {found}", f"{place}: {found}")
    return words(f"{place}: {found.ko}", f"{place}: {found.en}")


def _few(place: str, count: int) -> SettingRefused:
    return _refused(place, words(f"칸 {count}개", f"{count} columns"))


def _refused(place: str, found: Words) -> SettingRefused:
    return SettingRefused(
        _at(place, found),
        words(
            f"열 {','.join(COLUMNS)}의 CSV 또는 rpki-client의 JSON",
            f"CSV with the columns {','.join(COLUMNS)}, or JSON as rpki-client writes it",
        ),
    )
