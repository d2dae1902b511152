"""Is this a SLURM file? Read to the letter of RFC 8416, section 3, or refused with the place.

A member that is missing, unknown or twice there is a fault: a filter whose name is misspelt would
else silently filter nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused, SettingRefused
from madang.rpki.engine.payloads import Aspa, RouterKey, Vrp
from madang.rpki.engine.resources.blocks import LAST_ASN
from madang.rpki.engine.resources.prefix import BITS, read_prefix
from madang.rpki.engine.slurm.exceptions import AspaFilter, KeyFilter, Place, PrefixFilter, Slurm

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.words import Words
    from madang.rpki.engine.resources.prefix import Prefix

MOST_BYTES: Final = 64 << 20
_KEY_IDENTIFIER_BYTES: Final = 20
_NONE: Final[frozenset[str]] = frozenset()

Entry: TypeAlias = dict[str, Any]
_FILTERS: Final = "validationOutputFilters"
_ASSERTIONS: Final = "locallyAddedAssertions"
_LISTS: Final[dict[int, dict[str, tuple[str, ...]]]] = {
    # Version → the lists that each of the two members has (3.2; the draft's section 2).
    1: {
        _FILTERS: ("prefixFilters", "bgpsecFilters"),
        _ASSERTIONS: ("prefixAssertions", "bgpsecAssertions"),
    },
    2: {
        _FILTERS: ("prefixFilters", "bgpsecFilters", "aspaFilters"),
        _ASSERTIONS: ("prefixAssertions", "bgpsecAssertions", "aspaAssertions"),
    },
}


def read_slurm(content: bytes, *, name: str) -> Slurm:
    """The exceptions that a file states.

    Args:
        content: The file, at most 64 MiB.
        name: Its name, for messages and explanations.

    Raises:
        SettingRefused: It is no JSON, or not what RFC 8416 or the draft for version 2 says.
    """
    whole = _members(_json(content, name), name)
    version = whole.get("slurmVersion")
    if type(version) is not int or version not in _LISTS:
        raise _refused(
            f"{name} slurmVersion",
            words(f"판 {version!r:.40}", f"version {version!r:.40}"),
            words("1 또는 2", "1 or 2"),
        )
    _exactly(whole, {"slurmVersion", *_LISTS[version]}, place=name)
    found: dict[str, tuple[Any, ...]] = {}
    for member, lists in _LISTS[version].items():
        inner = _members(whole[member], f"{name} {member}")
        _exactly(inner, set(lists), place=f"{name} {member}")
        for kind in lists:
            found[kind] = tuple(_entries(inner[kind], kind, name=name))
    return Slurm(
        prefix_filters=found["prefixFilters"],
        key_filters=found["bgpsecFilters"],
        aspa_filters=found.get("aspaFilters", ()),
        vrps=found["prefixAssertions"],
        router_keys=found["bgpsecAssertions"],
        aspas=found.get("aspaAssertions", ()),
    )


def _json(content: bytes, name: str) -> Any:
    if len(content) > MOST_BYTES:
        raise _refused(
            name, words("64MiB가 넘는 파일", "more than 64 MiB"), words("더 작은 파일", "less")
        )
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", None)
        raise _refused(
            f"{name}:{line}" if line else name,
            words("JSON이 아닌 내용", f"what is no JSON ({fault!s:.80})"),
            words("RFC 8416의 JSON 파일", "a JSON file after RFC 8416"),
        ) from fault


def _once(pairs: list[tuple[str, Any]]) -> Entry:
    """An object none of whose members comes twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice[:40]!r} is there twice")
    return found


def _members(value: Any, place: str) -> Entry:
    if not isinstance(value, dict):
        raise _refused(
            place, words("객체가 아닌 값", "no object"), words("JSON 객체", "a JSON object")
        )
    return value


def _exactly(entry: Entry, needed: set[str], *, place: str, more: frozenset[str] = _NONE) -> None:
    """Refuse an object with a member too few or too many; `more` may be there."""
    missing, unknown = sorted(needed - set(entry)), sorted(set(entry) - needed - more)
    if missing or unknown:
        raise _refused(
            place,
            words(f"항목 {missing[0]!r} 없음", f"no member {missing[0]!r}")
            if missing
            else words(f"모르는 항목 {unknown[0]:.40}", f"the unknown member {unknown[0]:.40}"),
            words(
                f"항목 {', '.join(sorted(needed | more))}; 쓸 것이 없는 목록은 빈 목록",
                f"the members {', '.join(sorted(needed | more))}; a list with nothing is empty",
            ),
        )


def _entries(value: Any, kind: str, *, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(f"{name} {kind}", words("목록이 아닌 값", "no list"), _A_LIST)
    needed, allowed, build = _KINDS[kind]
    found = []
    for number, each in enumerate(value):
        at = f"{kind}[{number}]"
        entry = _members(each, f"{name} {at}")
        # A filter that names nothing would leave out everything.
        least = needed if set(entry) & allowed else allowed
        _exactly(entry, least, place=f"{name} {at}", more=frozenset(allowed | {"comment"}))
        comment = entry.get("comment", "")
        if not isinstance(comment, str):
            raise _wrong(f"{name} {at}", "comment", words("글", "text"))
        found.append(build(entry, Place(name, at, comment)))
    return found


_A_LIST: Final = words("목록", "a list")


def _prefix_filter(entry: Entry, place: Place) -> PrefixFilter:
    prefix = _prefix(entry, place) if "prefix" in entry else None
    return PrefixFilter(prefix, _asn(entry, "asn", place) if "asn" in entry else None, place)


def _key_filter(entry: Entry, place: Place) -> KeyFilter:
    asn = _asn(entry, "asn", place) if "asn" in entry else None
    return KeyFilter(asn, _identifier(entry, place) if "SKI" in entry else None, place)


def _aspa_filter(entry: Entry, place: Place) -> AspaFilter:
    return AspaFilter(_asn(entry, "customerAsn", place), place)


def _vrp(entry: Entry, place: Place) -> tuple[Vrp, Place]:
    prefix = _prefix(entry, place)
    longest = _number(entry.get("maxPrefixLength", prefix.length), "maxPrefixLength", place)
    if not prefix.length <= longest <= BITS[prefix.family]:
        raise _wrong(
            _said(place),
            "maxPrefixLength",
            words(
                f"{prefix.length}부터 {BITS[prefix.family]}까지의 수",
                f"a number from {prefix.length} to {BITS[prefix.family]}",
            ),
        )
    return Vrp(*prefix, longest, _asn(entry, "asn", place)), place


def _key(entry: Entry, place: Place) -> tuple[RouterKey, Place]:
    public = _base64(entry, "routerPublicKey", place)
    if not public:
        raise _wrong(_said(place), "routerPublicKey", _BASE64)
    return RouterKey(_asn(entry, "asn", place), _identifier(entry, place), public), place


def _aspa(entry: Entry, place: Place) -> tuple[Aspa, Place]:
    listed = entry["providerAsns"]
    if not isinstance(listed, list) or not listed:
        raise _wrong(_said(place), "providerAsns", words("AS 번호 목록", "a list of AS numbers"))
    customer = _asn(entry, "customerAsn", place)
    providers = {_number(each, "providerAsns", place) for each in listed}
    if max(providers) > LAST_ASN or customer in providers or (0 in providers and providers != {0}):
        raise _wrong(
            _said(place),
            "providerAsns",
            words(
                "고객 AS 자신이 없고 AS 0은 홀로 있는 목록",
                "a list without the customer itself, where AS 0 stands alone",
            ),
        )
    return Aspa(customer, tuple(sorted(providers))), place


_KINDS: Final[dict[str, tuple[set[str], set[str], Callable[[Entry, Place], Any]]]] = {
    # List → members that are needed, members that may be there, and what an entry becomes.
    "prefixFilters": (set(), {"prefix", "asn"}, _prefix_filter),
    "bgpsecFilters": (set(), {"asn", "SKI"}, _key_filter),
    "aspaFilters": ({"customerAsn"}, {"customerAsn"}, _aspa_filter),
    "prefixAssertions": ({"prefix", "asn"}, {"prefix", "asn", "maxPrefixLength"}, _vrp),
    "bgpsecAssertions": (
        {"asn", "SKI", "routerPublicKey"},
        {"asn", "SKI", "routerPublicKey"},
        _key,
    ),
    "aspaAssertions": (
        {"customerAsn", "providerAsns"},
        {"customerAsn", "providerAsns"},
        _aspa,
    ),
}
_BASE64: Final = words(
    "끝의 =을 뺀 base64url(RFC 4648 5절)", "base64url without = at its end (RFC 4648, section 5)"
)


def _number(value: Any, member: str, place: Place) -> int:
    # A Boolean is a number to Python, and 1.0 one to JSON; neither is one here.
    if type(value) is not int or value < 0:
        raise _wrong(_said(place), member, words("0 이상의 정수", "a whole number from 0 on"))
    return value


def _asn(entry: Entry, member: str, place: Place) -> int:
    value = _number(entry[member], member, place)
    if value > LAST_ASN:
        raise _wrong(
            _said(place),
            member,
            words("0부터 4294967295까지의 수", "a number from 0 to 4294967295"),
        )
    return value


def _prefix(entry: Entry, place: Place) -> Prefix:
    value = entry["prefix"]
    expected = words(
        "192.0.2.0/24 꼴이며 길이 뒤의 비트가 0인 대역",
        "a prefix such as 192.0.2.0/24 with zero bits behind its length",
    )
    if not isinstance(value, str) or len(value) > 60:
        raise _wrong(_said(place), "prefix", expected)
    try:
        return read_prefix(value)
    except ResourcesRefused as fault:
        raise _wrong(_said(place), "prefix", expected) from fault


def _base64(entry: Entry, member: str, place: Place) -> bytes:
    value = entry[member]
    if not isinstance(value, str) or "=" in value or not value.isascii():
        raise _wrong(_said(place), member, _BASE64)
    if set(value) & set("+/"):
        raise _wrong(_said(place), member, _BASE64)
    padded = value.translate({ord("-"): "+", ord("_"): "/"}) + "=" * (-len(value) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except binascii.Error as fault:
        raise _wrong(_said(place), member, _BASE64) from fault


def _identifier(entry: Entry, place: Place) -> bytes:
    found = _base64(entry, "SKI", place)
    if len(found) != _KEY_IDENTIFIER_BYTES:
        raise _wrong(_said(place), "SKI", words("20바이트", "20 bytes"))
    return found


def _said(place: Place) -> str:
    return f"{place.file} {place.entry}"


def _wrong(place: str, member: str, expected: Words) -> SettingRefused:
    return _refused(place, words(f"{member} 값", f"the value of {member}"), expected)


def _refused(place: str, found: Words, expected: Words) -> SettingRefused:
    return SettingRefused(
        words(f"SLURM 파일 {place}: {found.ko}", f"SLURM file {place}: {found.en}"), expected
    )
