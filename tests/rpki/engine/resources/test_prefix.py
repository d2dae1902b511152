from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.prefix import BITS, Prefix, read_asn, read_prefix


@st.composite
def any_prefix(draw: st.DrawFn) -> Prefix:
    family = draw(st.sampled_from((4, 6)))
    length = draw(st.integers(0, BITS[family]))
    free = BITS[family] - length
    return Prefix(family, draw(st.integers(0, (1 << length) - 1)) << free, length)


@given(any_prefix())
def test_a_prefix_is_read_back_from_its_text(prefix: Prefix) -> None:
    assert read_prefix(str(prefix)) == prefix


@given(any_prefix(), any_prefix())
def test_covering_agrees_with_the_standard_library(one: Prefix, two: Prefix) -> None:
    if one.family != two.family:
        assert not one.covers(two)
        return
    outer, inner = ipaddress.ip_network(str(one)), ipaddress.ip_network(str(two))

    assert one.covers(two) == inner.subnet_of(outer)  # type: ignore[arg-type]
    assert one.last == int(outer.broadcast_address)


@pytest.mark.parametrize(
    "text",
    [
        "", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "2001:db8::/129", "10.0.0/8", "/8",
        "fe80::%1/64", "10.0.0.0/255.0.0.0", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "10.0.0.0/",
        "010.0.0.0/8", "10.0.0.0/٨",
    ],
)  # fmt: skip
def test_what_is_no_prefix_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(ResourcesRefused) as refused:
        read_prefix(text)

    assert "192.0.2.0/24" in refused.value.expected.ko
    assert "192.0.2.0/24" in refused.value.expected.en


@pytest.mark.parametrize(
    ("text", "asn"), [("AS0", 0), ("as64500", 64500), (" 4294967295 ", 4294967295)]
)
def test_an_as_number_is_read_with_its_mark_or_without(text: str, asn: int) -> None:
    assert read_asn(text) == asn


@pytest.mark.parametrize(
    "text", ["", "AS", "AS-1", "AS1.5", "ASAS1", "4294967296", "٣", "1" * 5_000, "AS 1"]
)
def test_what_is_no_as_number_is_refused(text: str) -> None:
    with pytest.raises(ResourcesRefused):
        read_asn(text)
