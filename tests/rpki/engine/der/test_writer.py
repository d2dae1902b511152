"""DER is written as X.690 and the standard's own examples have it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madang.rpki.engine.der import oids, writer


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100"), (-1, "0201ff"),
     (-128, "020180"), (-129, "0202ff7f"), (1 << 159, "021500" + "80" + "00" * 19)],
)  # fmt: skip
def test_integers_take_as_few_bytes_as_their_sign_allows(value: int, expected: str) -> None:
    assert writer.integer(value).hex() == expected  # X.690, 8.3


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"),
     (65535, "0482ffff"), (65536, "0483010000")],
)  # fmt: skip
def test_lengths_are_as_short_as_they_can_be(size: int, head: str) -> None:
    content = bytes(size)

    assert writer.octet_string(content) == bytes.fromhex(head) + content  # X.690, 10.1


def test_key_usage_bits_end_at_the_last_bit_set() -> None:
    # RFC 5280, 4.2.1.3: keyCertSign is bit 5, cRLSign bit 6, decipherOnly bit 8.
    assert writer.named_bits(5, 6).hex() == "03020106"
    assert writer.named_bits(0).hex() == "03020780"
    assert writer.named_bits(8).hex() == "0303070080"
    assert writer.named_bits().hex() == "030100"


def test_object_identifiers_are_base_128() -> None:
    assert writer.oid("1.2.840.113549").hex() == "06062a864886f70d"  # X.690 by RSA's example
    assert writer.oid("2.999.3").hex() == "0603883703"  # X.690, 8.19.5
    assert oids.IP_RESOURCES.hex() == "06082b06010505070107"  # RFC 3779, id-pe-ipAddrBlocks


def test_a_set_stands_in_rising_order_of_its_encodings() -> None:
    parts = [writer.octet_string(b"b"), writer.integer(5), writer.octet_string(b"a")]

    assert writer.set_of(parts).hex() == "3109" + "020105" + "040161" + "040162"


def test_times_are_utc_time_until_2049_and_generalized_from_2050_on() -> None:
    assert writer.time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\x0d491231235959Z"
    assert writer.time(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"
    assert writer.time(datetime(1949, 1, 1, tzinfo=UTC)) == b"\x18\x0f19490101000000Z"
    assert writer.generalized_time(datetime(2026, 1, 2, tzinfo=UTC)) == b"\x18\x0f20260102000000Z"


def test_context_tags_are_constructed_or_primitive_as_asked() -> None:
    assert writer.explicit(0, writer.integer(1)).hex() == "a003020101"
    assert writer.implicit(6, b"x").hex() == "860178"
