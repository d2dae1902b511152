from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.reading import (
    LONGEST,
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorReport,
    Malformed,
    ResetQuery,
    SerialNotify,
    SerialQuery,
    Told,
    announced_run,
    length_of,
    read,
)
from madang.rpki.engine.rtr.records import prefix_keys, prefix_pdus


def test_each_plain_pdu_reads_back():
    assert read(pdu.reset_query(0)) == ResetQuery()
    assert read(pdu.cache_reset(1)) == CacheReset()
    assert read(pdu.serial_query(2, 3, 4)) == SerialQuery(3, 4)
    assert read(pdu.serial_notify(2, 3, 4)) == SerialNotify(3, 4)
    assert read(pdu.cache_response(2, 3)) == CacheResponse(3)
    assert read(pdu.end_of_data(0, 3, serial=4, timing=pdu.Timing())) == EndOfData(3, 4, None)
    timing = pdu.Timing(1, 2, 600)
    assert read(pdu.end_of_data(1, 3, serial=4, timing=timing)) == EndOfData(3, 4, timing)
    report = pdu.error_report(1, 3, about=b"12345678", text="no")
    assert read(report) == ErrorReport(3, b"12345678", "no")


@pytest.mark.parametrize(
    ("stated", "length"),
    [(0, 0), (7, 0), (8, 8), (LONGEST, LONGEST), (LONGEST + 1, 0), (2**32 - 1, 0)],
)
def test_only_possible_lengths_are_believed(stated, length):
    assert length_of(bytes(4) + stated.to_bytes(4, "big")) == length


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", pdu.CORRUPT_DATA),
        ("01 02 0000 00000009 00", pdu.CORRUPT_DATA),
        ("01 02 0000 00000008 00", pdu.CORRUPT_DATA),
        ("03 02 0000 00000008", pdu.UNSUPPORTED_VERSION),
        ("01 05 0000 00000008", pdu.UNSUPPORTED_TYPE),
        ("01 0c 0000 00000008", pdu.UNSUPPORTED_TYPE),
        # A router key in version 0 and an ASPA in version 1.
        ("00 09 0000 00000021" + "00" * 25, pdu.UNSUPPORTED_TYPE),
        ("01 0b 0100 00000010 00000001 00000002", pdu.UNSUPPORTED_TYPE),
        ("01 01 0000 00000008", pdu.CORRUPT_DATA),
        # End of Data of version 1 has times, that of version 0 has none.
        ("01 07 0000 0000000c 00000001", pdu.CORRUPT_DATA),
        ("00 07 0000 00000018 00000001" + "00" * 12, pdu.CORRUPT_DATA),
        # Prefixes: flags, a maximum below the length, above 32, bits behind the length.
        ("01 04 0000 00000014 02 18 18 00 c0000200 00000001", pdu.CORRUPT_DATA),
        ("01 04 0000 00000014 01 18 17 00 c0000200 00000001", pdu.CORRUPT_DATA),
        ("01 04 0000 00000014 01 18 21 00 c0000200 00000001", pdu.CORRUPT_DATA),
        ("01 04 0000 00000014 01 17 18 00 c0000100 00000001", pdu.CORRUPT_DATA),
        # ASPAs: half a number, providers that do not rise, none announced, some withdrawn.
        ("02 0b 0100 0000000e 00000001 0000", pdu.CORRUPT_DATA),
        ("02 0b 0100 00000014 00000001 00000003 00000002", pdu.CORRUPT_DATA),
        ("02 0b 0100 00000014 00000001 00000002 00000002", pdu.CORRUPT_DATA),
        ("02 0b 0100 0000000c 00000001", pdu.CORRUPT_DATA),
        ("02 0b 0000 00000010 00000001 00000002", pdu.CORRUPT_DATA),
        ("02 0b 0300 00000010 00000001 00000002", pdu.CORRUPT_DATA),
        # Error reports whose parts do not fit.
        ("01 0a 0000 00000010 00000001 00000000", pdu.CORRUPT_DATA),
        ("01 0a 0000 00000010 00000000 00000001", pdu.CORRUPT_DATA),
        ("01 0a 0000 00000010 ffffffff 00000000", pdu.CORRUPT_DATA),
    ],
)
def test_what_breaks_the_rules_is_named_with_its_error_code(message, code):
    with pytest.raises(Malformed) as caught:
        read(bytes.fromhex(message))

    assert caught.value.code == code


@given(st.integers(0, 3), st.integers(0, 12), st.integers(0, 65535), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(version, kind, number, content):
    message = pdu.head.pack(version, kind, number, 8 + len(content)) + content
    try:
        read(message)
    except Malformed as fault:
        assert fault.code in range(9)


def _stream(vrps):
    return prefix_pdus(vrps[0].family, b"".join(prefix_keys(vrps)), version=1, flags=1)


FOUR = [Vrp(4, at << 8, 24, 24 + at % 9, at) for at in range(50)]
SIX = [Vrp(6, at << 80, 48, 48 + at % 81, at) for at in range(50)]


def test_a_run_of_prefixes_is_read_as_each_by_itself():
    stream = b"".join((_stream(FOUR), _stream(SIX), pdu.cache_reset(1)))
    four, at = announced_run(stream, 0)
    six, end = announced_run(stream, at)

    assert (four, six) == (FOUR, SIX)
    assert announced_run(stream, end) == ([], end)
    assert read(stream[end:]) == CacheReset()


@pytest.mark.parametrize("cut", [1, 19, 21])
def test_a_run_ends_before_a_pdu_that_is_not_all_there(cut):
    vrps, at = announced_run(_stream(FOUR)[:-cut], 0)

    assert at == len(vrps) * 20
    assert vrps == FOUR[: 50 - (cut + 19) // 20]


@given(st.integers(0, 49), st.integers(0, 19), st.integers(0, 255))
def test_a_run_ends_before_what_alone_would_be_refused_or_is_no_announcement(which, byte, value):
    stream = bytearray(_stream(FOUR))
    stream[which * 20 + byte] = value
    vrps, at = announced_run(bytes(stream), 0)

    for place in range(0, at, 20):
        assert read(bytes(stream[place : place + 20])) == Told(True, vrps[place // 20])
    assert at in (1000, which * 20) or (byte == 0 and which == 0)
