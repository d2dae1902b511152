"""What does this element contain? A strict reader of distinguished encoding (X.690, DER).

Elements are read in place: a position in the whole file goes in, positions come out, so that a
fault names its byte. Only single-byte tags exist in the RPKI.
"""

from __future__ import annotations

from typing import Final

from madang.rpki.engine.faults import Fault

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTF8_STRING: Final = 0x0C
PRINTABLE_STRING: Final = 0x13
IA5_STRING: Final = 0x16
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31


def enter(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """The contents of the element with this tag that must stand at `at`.

    Args:
        data: The whole file.
        at: Where the element begins.
        end: Where what encloses it ends.
        tag: Its identifier octet.

    Returns:
        Where its contents begin, and the byte after them.

    Raises:
        Fault: Another element stands here, it is not encoded as DER, or goes beyond `end`.
    """
    if at + 2 > end:
        raise Fault("der-truncated", at, "an element should stand here")
    if data[at] != tag:
        raise Fault("der-tag", at, f"tag {data[at]:#04x} instead of {tag:#04x}")
    length = data[at + 1]
    start = at + 2
    if length > 127:
        if length == 0x82 and at + 4 <= end and data[at + 2]:
            # By far the commonest of the long forms, so it needs no call.
            length, start = data[at + 2] << 8 | data[at + 3], at + 4
        else:
            length, start = _long_length(data, at + 1, end)
    stop = start + length
    if stop > end:
        raise Fault("der-truncated", at, f"{length} bytes announced, {end - start} there")
    return start, stop


def _long_length(data: bytes, at: int, end: int) -> tuple[int, int]:
    count = data[at] & 0x7F
    if count == 0:
        raise Fault("der-indefinite", at)
    if count > 4 or at + 1 + count > end:
        raise Fault("der-length", at, f"a length of {count} bytes")
    length = int.from_bytes(data[at + 1 : at + 1 + count], "big")
    if length < 128 or length >> 8 * (count - 1) == 0:
        raise Fault("der-length", at, f"{length} written in {count} bytes")
    return length, at + 1 + count


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Any element: its tag, where its contents begin, and the byte after them.

    Raises:
        Fault: Nothing stands here, or no element encoded as DER.
    """
    if at + 2 > end:
        raise Fault("der-truncated", at, "an element should stand here")
    tag = data[at]
    if tag & 0x1F == 0x1F:
        raise Fault("der-tag", at, "a tag of several bytes")
    start, stop = enter(data, at, end, tag)
    return tag, start, stop


def finished(at: int, end: int) -> None:
    """Make sure that an element has nothing more in it.

    Raises:
        Fault: Something follows.
    """
    if at != end:
        raise Fault("der-trailing", at, f"{end - at} bytes too many")


def integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The INTEGER at `at`, and the byte after it.

    Raises:
        Fault: No INTEGER in its shortest form stands here.
    """
    start, stop = enter(data, at, end, INTEGER)
    if stop == start:
        raise Fault("der-integer", at, "no bytes")
    if stop - start > 1 and (
        (data[start] == 0 and data[start + 1] < 128)
        or (data[start] == 255 and data[start + 1] > 127)
    ):
        raise Fault("der-integer", at, "not in its shortest form")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def number_text(number: int) -> str:
    """A foreign number in a message: one of any length, in few characters."""
    size = number.bit_length()
    return str(number) if size <= 200 else f"a number of {size} bits"


def oid(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The OBJECT IDENTIFIER at `at` as its contents' bytes, and the byte after it.

    Raises:
        Fault: None stands here, or one that is empty or cut.
    """
    start, stop = enter(data, at, end, OID)
    if stop == start or data[stop - 1] & 0x80:
        raise Fault("der-oid", at)
    return data[start:stop], stop


def bits(data: bytes, at: int, end: int) -> tuple[bytes, int, int]:
    """The BIT STRING at `at`: its bytes, how many last bits are unused, and the byte after it.

    Raises:
        Fault: None stands here, or unused bits are more than seven or not zero.
    """
    start, stop = enter(data, at, end, BIT_STRING)
    if stop == start:
        raise Fault("der-bits", at, "no count of unused bits")
    unused = data[start]
    if unused and (unused > 7 or stop == start + 1 or data[stop - 1] & (1 << unused) - 1):
        raise Fault("der-bits", start, f"{unused} unused bits, or not all zero")
    return data[start + 1 : stop], unused, stop


def sorted_set(data: bytes, start: int, stop: int) -> list[tuple[int, int, int, int]]:
    """The elements of a SET OF: where each begins, its tag, its contents' first byte, its end.

    Raises:
        Fault: They are not in the rising order of their encodings, as DER wants them, or more
            than any object has.
    """
    found: list[tuple[int, int, int, int]] = []
    at, before = start, b""
    while at < stop:
        if len(found) >= _MOST_OF_A_SET:
            raise Fault("der-length", at, f"a set of more than {_MOST_OF_A_SET} elements")
        tag, first, end = element(data, at, stop)
        encoded = data[at:end]
        if encoded < before:
            raise Fault("der-set-order", at)
        found.append((at, tag, first, end))
        at, before = end, encoded
    return found


_MOST_OF_A_SET: Final = 64
"""Elements of a SET OF; no set of the RPKI has more than a handful."""
_DAYS: dict[bytes, int] = {}


def time(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The Time at `at` in seconds since 1970, and the byte after it (RFC 5280 section 4.1.2.5).

    Up to 2049 it is a UTCTime, later a GeneralizedTime; both in Zulu, with seconds.

    Raises:
        Fault: It is no such time.
    """
    if at + 2 > end:
        raise Fault("der-truncated", at, "a time should stand here")
    if data[at] == UTC_TIME:
        start, stop = enter(data, at, end, UTC_TIME)
        text = data[start:stop]
        century = b"19" if text[:1] >= b"5" else b"20"
        return _seconds(century + text, at), stop
    start, stop = enter(data, at, end, GENERALIZED_TIME)
    text = data[start:stop]
    if text[:4] < b"2050":
        raise Fault("time-type", at, "a GeneralizedTime before 2050")
    return _seconds(text, at), stop


def generalized_time(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The GeneralizedTime at `at` in seconds since 1970, and the byte after it.

    Raises:
        Fault: It is none, or not in Zulu with whole seconds.
    """
    start, stop = enter(data, at, end, GENERALIZED_TIME)
    return _seconds(data[start:stop], at), stop


def _seconds(text: bytes, at: int) -> int:
    day = _DAYS.get(text[:8])
    if day is None:
        day = _first_second(text[:8], at)
    digits = text[8:14]
    if len(text) != 15 or text[14] != 0x5A or not digits.isdigit():
        raise Fault("time-form", at, repr(text[:24])[1:])
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hour > 23 or minute > 59 or second > 59:
        raise Fault("time-form", at, repr(text[:24])[1:])
    return day + hour * 3600 + minute * 60 + second


def _first_second(text: bytes, at: int) -> int:
    """The first second of a day; remembered, since objects share few days."""
    import datetime

    if len(text) != 8 or not text.isdigit():
        raise Fault("time-form", at, repr(text[:24])[1:])
    try:
        day = datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as fault:
        raise Fault("time-form", at, repr(text[:24])[1:]) from fault
    seconds = (day.toordinal() - 719_163) * 86_400
    if len(_DAYS) > 50_000:
        _DAYS.clear()
    _DAYS[text] = seconds
    return seconds
