"""Addresses and AS numbers are written as RFC 3779's examples and real certificates have it."""

from __future__ import annotations

import pytest

from madang.rpki.engine.making import numbers
from madang.rpki.engine.resources.blocks import EVERYTHING, Resources, read_resources
from tests.rpki.engine.making import real


def test_the_example_of_the_standard_is_met() -> None:
    # RFC 3779, appendix B, first example: 10.0.32/20, 10.0.64/24, 10.1/16, 10.2.48/20 to
    # 10.2.64/24 and 10.3/16.
    held = read_resources(
        "10.0.32.0/20, 10.0.64.0/24, 10.1.0.0/16, 10.2.48.0/20, 10.2.64.0/24, 10.3.0.0/16"
    )

    found = numbers.ip_resources(held)

    assert found.hex() == (
        "302c" "302a" "04020001" "3024"
        "0304040a0020" "0304000a0040" "0303000a01"
        "300c" "0304040a0230" "0304000a0240" "0303000a03"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 3779, 2.1.1: the address 10.5.0.4 and the prefix 10.5.0/23.
        ("10.5.0.4/32", "0305000a050004"),
        ("10.5.0.0/23", "0304010a0500"),
        ("0.0.0.0/0", "030100"),
        # RFC 3779, 2.1.2: the range of the standard, its end cut to four bits.
        ("129.64.0.0-143.255.255.255", "3009" "0303068140" "03020480"),
    ],
)  # fmt: skip
def test_intervals_are_prefixes_where_they_can_be(text: str, expected: str) -> None:
    blocks = read_resources(text).v4

    found = numbers.address_block(4, *blocks[0])

    assert found.hex() == expected


def test_what_is_inherited_is_null_and_what_is_not_held_is_absent() -> None:
    # RFC 3779, 2.2.3.5: inherit is NULL; appendix B: 30 06 04 02 0002 05 00 for IPv6.
    assert numbers.ip_resources(Resources(), ["v6"]).hex() == "3008" + "3006" + "04020002" + "0500"
    assert numbers.as_resources(Resources(), ["asn"]).hex() == "3004" + "a002" + "0500"
    assert numbers.ip_resources(Resources()) == b""
    assert numbers.as_resources(Resources(v4=EVERYTHING.v4)) == b""


@pytest.mark.shared
def test_real_certificates_carry_the_same_bytes() -> None:
    checked = 0
    for read, content in real.decoded("ca_cert"):
        parts = [_resource(each) for each in read["subordinate_resources"]]
        if any(part == "inherit" for part in parts):
            continue
        held = read_resources(", ".join(parts))
        if str(held).count(",") + 1 != len(parts):
            continue  # the issuer did not merge what touches
        checked += 1
        assert numbers.ip_resources(held) in content, read["file"]
        assert numbers.as_resources(held) in content, read["file"]

    assert checked >= 60  # of 94


def _resource(read: dict) -> str:
    if "asrange" in read:
        return f"AS{read['asrange']['min']}-AS{read['asrange']['max']}"
    if "asid" in read:
        return f"AS{read['asid']}"
    if "ip_range" in read:
        return f"{read['ip_range']['min']}-{read['ip_range']['max']}"
    return read.get("ip_prefix", "inherit")
