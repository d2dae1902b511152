from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.outputs.texts import prefix_text


@given(st.integers(0, (1 << 32) - 1))
def test_ipv4_is_written_as_the_standard_library_does(address):
    assert prefix_text(4, address, 32) == f"{ipaddress.IPv4Address(address)}/32"


@given(
    st.integers(0, (1 << 128) - 1)
    | st.integers(0, 1 << 50)
    | st.lists(st.sampled_from((0, 1, 0xFFFF)), min_size=8, max_size=8).map(
        lambda groups: sum(group << (16 * at) for at, group in enumerate(groups))
    )
)
def test_ipv6_is_written_as_the_standard_library_does(address):
    assert prefix_text(6, address, 128) == f"{ipaddress.IPv6Address(address)}/128"


@pytest.mark.parametrize(
    ("address", "text"),
    # RFC 5952, section 4.2.2: one group of zeros is not shortened; 5: no dotted end is needed.
    [("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128"), ("::102:304", "::102:304/128")],
)
def test_examples_of_rfc_5952(address, text):
    assert prefix_text(6, int(ipaddress.IPv6Address(address)), 128) == text
