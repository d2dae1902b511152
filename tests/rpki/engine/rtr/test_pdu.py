"""The bytes expected here are written down from the figures of RFC 6810, RFC 8210 and 8210bis."""

from __future__ import annotations

import pytest

from madang.rpki.engine.rtr import pdu


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (pdu.serial_notify(1, 0x1234, 5), "01 00 1234 0000000c 00000005"),
        (pdu.serial_query(0, 0x1234, 5), "00 01 1234 0000000c 00000005"),
        (pdu.reset_query(2), "02 02 0000 00000008"),
        (pdu.cache_response(1, 0xFFFF), "01 03 ffff 00000008"),
        (pdu.cache_reset(1), "01 08 0000 00000008"),
        (
            pdu.end_of_data(0, 7, serial=9, timing=pdu.Timing()),
            "00 07 0007 0000000c 00000009",
        ),
        (
            pdu.end_of_data(1, 7, serial=9, timing=pdu.Timing()),
            # 3600, 600 and 7200 s: the defaults of RFC 8210, section 6.
            "01 07 0007 00000018 00000009 00000e10 00000258 00001c20",
        ),
        (
            pdu.error_report(1, pdu.NO_DATA_AVAILABLE, about=pdu.reset_query(1), text="no"),
            "01 0a 0002 0000001a 00000008 0102000000000008 00000002 6e6f",
        ),
    ],
)
def test_pdus_are_those_of_the_figures(written, expected):
    assert written == bytes.fromhex(expected)


def test_a_long_pdu_is_cut_when_an_error_quotes_it():
    report = pdu.error_report(1, pdu.CORRUPT_DATA, about=bytes(5000))

    assert len(report) < 100
    assert int.from_bytes(report[4:8], "big") == len(report)


@pytest.mark.parametrize(
    "timing",
    [
        pdu.Timing(refresh_s=0),
        pdu.Timing(refresh_s=86401, expire_s=172800),
        pdu.Timing(retry_s=7201),
        pdu.Timing(expire_s=599, refresh_s=1, retry_s=1),
        pdu.Timing(expire_s=172801),
        pdu.Timing(expire_s=3600, refresh_s=3600),
    ],
)
def test_times_outside_section_6_do_not_hold(timing):
    assert not timing.holds()
    assert pdu.Timing().holds()
