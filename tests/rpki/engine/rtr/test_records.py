from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.resources.prefix import BITS
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.reading import Told, read
from madang.rpki.engine.rtr.records import (
    difference_pdus,
    other_pdu,
    other_records,
    payloads_of,
    prefix_keys,
    prefix_pdus,
)
from tests.rpki.engine.rtr.asking import KEY, P256, SMALL, messages


@st.composite
def vrps(draw):
    family = draw(st.sampled_from((4, 6)))
    bits = BITS[family]
    length = draw(st.integers(0, bits))
    address = draw(st.integers(0, (1 << length) - 1)) << (bits - length)
    return Vrp(
        family,
        address,
        length,
        draw(st.integers(length, bits)),
        draw(st.integers(0, (1 << 32) - 1)),
    )


def test_prefix_pdus_are_those_of_the_figures():
    four = prefix_keys([Vrp(4, 0xC0000200, 24, 28, 64500)])[0]
    six = prefix_keys([Vrp(6, 0x20010DB8 << 96, 32, 48, 64500)])[0]

    # RFC 8210, sections 5.6 and 5.7.
    assert prefix_pdus(4, four, version=1, flags=1) == bytes.fromhex(
        "01 04 0000 00000014 01 18 1c 00 c0000200 0000fbf4"
    )
    assert prefix_pdus(6, six, version=0, flags=0) == bytes.fromhex(
        "00 06 0000 00000020 00 20 30 00 20010db8000000000000000000000000 0000fbf4"
    )


def test_router_key_and_aspa_pdus_are_those_of_the_figures():
    (key, value), *_ = other_records(Payloads(router_keys=frozenset({KEY})))
    (customer, providers), *_ = other_records(
        Payloads(aspas=frozenset({Aspa(64500, (64501, 64502))}))
    )

    # RFC 8210, section 5.10: identifier, then AS, then the key.
    assert other_pdu(key, value, version=1, flags=1) == bytes.fromhex(
        "01 09 0100 0000007b" + bytes(range(20)).hex() + "0000fbf4" + P256.hex()
    )
    # Draft 8210bis, ASPA PDU: a withdrawal names the customer alone.
    assert other_pdu(customer, providers, version=2, flags=1) == bytes.fromhex(
        "02 0b 0100 00000014 0000fbf4 0000fbf5 0000fbf6"
    )
    assert other_pdu(customer, providers, version=2, flags=0) == bytes.fromhex(
        "02 0b 0000 0000000c 0000fbf4"
    )


@given(st.lists(vrps(), max_size=40))
def test_what_is_written_by_columns_reads_back_as_it_was(found):
    for family, kind in ((4, pdu.IPV4_PREFIX), (6, pdu.IPV6_PREFIX)):
        these = [vrp for vrp in found if vrp.family == family]
        written = prefix_pdus(kind, b"".join(prefix_keys(these)), version=1, flags=1)

        assert [read(each) for each in messages(written)] == [Told(True, vrp) for vrp in these]


@given(st.frozensets(vrps(), max_size=30))
def test_records_give_back_the_payloads_they_keep(found):
    payloads = Payloads(found, SMALL.aspas, SMALL.router_keys)
    records = [(key, b"") for key in prefix_keys(payloads.vrps)]

    assert payloads_of([*records, *other_records(payloads)]) == payloads


@given(st.lists(vrps(), min_size=2, max_size=40))
def test_longer_prefixes_are_sent_first_and_equal_ones_together(found):
    keys = sorted(prefix_keys(found))
    ordered = [
        (vrp.family, -vrp.length, vrp.address)
        for key in keys
        for vrp in payloads_of([(key, b"")]).vrps
    ]

    assert ordered == sorted(ordered)


def test_a_difference_announces_long_prefixes_first_then_withdraws_short_ones_first():
    long, short = Vrp(4, 0x0A000000, 24, 24, 1), Vrp(4, 0x0A000000, 8, 8, 1)
    gone_long, gone_short = Vrp(4, 0x0B000000, 24, 24, 1), Vrp(4, 0x0B000000, 8, 8, 1)
    entries = dict.fromkeys(prefix_keys([short, long]), (None, b""))
    entries |= dict.fromkeys(prefix_keys([gone_long, gone_short]), (b"", None))

    told = [read(each) for each in messages(difference_pdus(entries, version=1))]

    assert told == [
        Told(True, long),
        Told(True, short),
        Told(False, gone_short),
        Told(False, gone_long),
    ]


@pytest.mark.parametrize(("version", "kinds"), [(0, {4}), (1, {4, 9}), (2, {4, 9, 11})])
def test_each_version_hears_the_kinds_that_it_knows(version, kinds):
    entries = dict.fromkeys(prefix_keys([Vrp(4, 0, 0, 0, 1)]), (None, b""))
    entries |= {key: (None, value) for key, value in other_records(SMALL)}

    written = messages(difference_pdus(entries, version=version))

    assert {each[1] for each in written} == kinds
    assert {each[0] for each in written} == {version}


def test_a_router_key_of_any_length_survives():
    long = RouterKey(1, bytes(20), bytes(500))
    key, value = next(other_records(Payloads(router_keys=frozenset({long}))))

    assert payloads_of([(key, value)]).router_keys == {long}
    assert struct.unpack(">I", other_pdu(key, value, version=1, flags=1)[4:8]) == (532,)
