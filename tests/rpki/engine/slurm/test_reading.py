from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.slurm.reading import read_slurm

SKI = "AAECAwQFBgcICQoLDA0ODxAREhM"  # bytes 0 to 19
FULL = {
    # After the example of RFC 8416, section 3.5, with complete keys.
    "slurmVersion": 1,
    "validationOutputFilters": {
        "prefixFilters": [
            {"prefix": "192.0.2.0/24", "comment": "All VRPs encompassed by prefix"},
            {"asn": 64496, "comment": "All VRPs matching ASN"},
            {"prefix": "198.51.100.0/24", "asn": 64497},
        ],
        "bgpsecFilters": [{"asn": 64496}, {"SKI": SKI}, {"asn": 64497, "SKI": SKI}],
    },
    "locallyAddedAssertions": {
        "prefixAssertions": [
            {"asn": 64496, "prefix": "198.51.100.0/24", "comment": "My other important route"},
            {"asn": 64496, "prefix": "2001:db8::/32", "maxPrefixLength": 48},
        ],
        "bgpsecAssertions": [{"asn": 64496, "SKI": SKI, "routerPublicKey": "MAA"}],
    },
}
SECOND = deepcopy(FULL)
SECOND["slurmVersion"] = 2
SECOND["validationOutputFilters"]["aspaFilters"] = [{"customerAsn": 64500}]
SECOND["locallyAddedAssertions"]["aspaAssertions"] = [
    {"customerAsn": 64501, "providerAsns": [64503, 64502], "comment": "until they sign"}
]


def _read(value):
    return read_slurm(json.dumps(value).encode(), name="local.json")


def test_everything_of_version_1_is_read():
    found = _read(FULL)

    one, two, three = found.prefix_filters
    assert (one.prefix, one.asn) == (Prefix(4, 0xC0000200, 24), None)
    assert str(one.place) == "local.json prefixFilters[0] (All VRPs encompassed by prefix)"
    assert (two.prefix, two.asn) == (None, 64496)
    assert (three.prefix, three.asn) == (Prefix(4, 0xC6336400, 24), 64497)
    assert [(each.asn, each.key_identifier) for each in found.key_filters] == [
        (64496, None),
        (None, bytes(range(20))),
        (64497, bytes(range(20))),
    ]
    assert [vrp for vrp, _ in found.vrps] == [
        Vrp(4, 0xC6336400, 24, 24, 64496),
        Vrp(6, 0x20010DB8 << 96, 32, 48, 64496),
    ]
    ((key, place),) = found.router_keys
    assert (key.asn, key.key_identifier, key.public_key) == (64496, bytes(range(20)), b"0\0")
    assert place.entry == "bgpsecAssertions[0]"
    assert found.aspas == ()


def test_version_2_has_aspas():
    found = _read(SECOND)

    assert [each.customer for each in found.aspa_filters] == [64500]
    assert [aspa for aspa, _ in found.aspas] == [Aspa(64501, (64502, 64503))]


def test_a_file_that_changes_nothing_is_a_file():
    nothing = {
        "slurmVersion": 1,
        "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
        "locallyAddedAssertions": {"prefixAssertions": [], "bgpsecAssertions": []},
    }

    assert not _read(nothing)
    assert _read(FULL)


def _with(path, value):
    whole = deepcopy(SECOND)
    at = whole
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return whole


F, A = "validationOutputFilters", "locallyAddedAssertions"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["slurmVersion"], 3, "slurmVersion"),
        (["slurmVersion"], True, "slurmVersion"),
        (["slurmVersion"], "1", "slurmVersion"),
        # Version 1 knows no ASPAs.
        (["slurmVersion"], 1, "aspaFilters"),
        (["slurmTarget"], [], "slurmTarget"),
        ([F], ..., F),
        ([F], [], F),
        ([F, "prefixFilters"], ..., "prefixFilters"),
        ([F, "prefixFilters"], {}, "prefixFilters"),
        ([F, "prefixfilters"], [], "prefixfilters"),
        ([F, "prefixFilters", 0], {}, r"prefixFilters\[0\]"),
        ([F, "prefixFilters", 0], {"comment": "all"}, r"prefixFilters\[0\]"),
        ([F, "prefixFilters", 0], [], r"prefixFilters\[0\]"),
        ([F, "prefixFilters", 0, "prefix"], "192.0.2.1/24", "prefix"),
        ([F, "prefixFilters", 0, "prefix"], "192.0.2.0", "prefix"),
        ([F, "prefixFilters", 0, "prefix"], 5, "prefix"),
        ([F, "prefixFilters", 0, "maxPrefixLength"], 5, "maxPrefixLength"),
        ([F, "prefixFilters", 0, "comment"], 5, "comment"),
        ([F, "prefixFilters", 1, "asn"], -1, "asn"),
        ([F, "prefixFilters", 1, "asn"], 1 << 32, "asn"),
        ([F, "prefixFilters", 1, "asn"], "64496", "asn"),
        ([F, "prefixFilters", 1, "asn"], 1.0, "asn"),
        ([F, "prefixFilters", 1, "asn"], True, "asn"),
        ([F, "bgpsecFilters", 1, "SKI"], SKI + "=", "SKI"),
        ([F, "bgpsecFilters", 1, "SKI"], SKI[:-2], "SKI"),
        ([F, "bgpsecFilters", 1, "SKI"], "+" + SKI[1:], "SKI"),
        ([F, "bgpsecFilters", 1, "SKI"], "é", "SKI"),
        ([F, "aspaFilters", 0], {"customerAsid": 1}, "customerAsn"),
        ([A, "prefixAssertions", 0, "asn"], ..., "asn"),
        ([A, "prefixAssertions", 0, "prefix"], ..., "prefix"),
        ([A, "prefixAssertions", 0, "maxPrefixLength"], 23, "maxPrefixLength"),
        ([A, "prefixAssertions", 0, "maxPrefixLength"], 33, "maxPrefixLength"),
        ([A, "bgpsecAssertions", 0, "routerPublicKey"], "", "routerPublicKey"),
        ([A, "bgpsecAssertions", 0, "SKI"], ..., "SKI"),
        ([A, "aspaAssertions", 0, "providerAsns"], [], "providerAsns"),
        ([A, "aspaAssertions", 0, "providerAsns"], [0, 1], "providerAsns"),
        ([A, "aspaAssertions", 0, "providerAsns"], [64501], "providerAsns"),
        ([A, "aspaAssertions", 0, "providerAsns"], [1 << 32], "providerAsns"),
        ([A, "aspaAssertions", 0, "providerAsns"], ["1"], "providerAsns"),
    ],
)
def test_what_strays_from_the_standard_is_refused_with_its_place(path, value, said):
    with pytest.raises(SettingRefused, match=said):
        _read(_with(path, value))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        # Complete, but for a member that is there twice.
        json.dumps(FULL)
        .replace('"slurmVersion": 1', '"slurmVersion": 1, "slurmVersion": 1')
        .encode(),
        json.dumps(FULL).replace('"asn": 64497', '"asn": 64497, "asn": 64498', 1).encode(),
        b"[" * 100_000,
        b'{"slurmVersion": NaN}',
        json.dumps(FULL).encode() + b" x",
    ],
)
def test_what_is_no_json_of_this_kind_is_refused(content):
    with pytest.raises(SettingRefused, match=r"local\.json"):
        read_slurm(content, name="local.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=9,
    ),
    st.sampled_from(
        [
            [F],
            [F, "prefixFilters", 0],
            [F, "prefixFilters", 0, "prefix"],
            [F, "bgpsecFilters", 1, "SKI"],
            [A, "aspaAssertions", 0, "providerAsns"],
            [A, "bgpsecAssertions", 0, "routerPublicKey"],
        ]
    ),
)
def test_any_value_anywhere_is_read_or_refused(value, path):
    try:
        _read(_with(path, value))
    except SettingRefused as fault:
        assert "local.json" in str(fault)
