"""A file of intents is taken in whole, or its faulty lines are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.authority import intents_csv
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.errors import IntentRefused
from tests.rpki.engine.authority.land import aspa, vrp

ROAS = Intents(frozenset({vrp("10.0.0.0/8-24 64496"), vrp("2001:db8::/32 0")}))
ASPAS = Intents(aspas=frozenset({aspa(64496, 64497, 64498), aspa(64499, 0)}))


def test_what_is_written_is_read_again() -> None:
    assert intents_csv.read(intents_csv.write_roas(ROAS.vrps)) == ROAS
    assert intents_csv.read(intents_csv.write_aspas(ASPAS.aspas)) == ASPAS


def test_the_output_of_rpki_client_is_read_with_its_further_columns() -> None:
    text = (
        "ASN,IP Prefix,Max Length,Trust Anchor,Expires\r\nAS64496,10.0.0.0/8,24,top,1700000000\r\n"
        "\r\nAS0,2001:db8::/32,,top,1700000000\r\n"
    )

    assert intents_csv.read("\ufeff" + text) == ROAS


def test_every_faulty_line_is_named_and_nothing_is_taken() -> None:
    text = (
        "ASN,IP Prefix,Max Length\nAS64496,10.0.0.0/8,24\nAS1,10.0.0.1/8,\nASX,10.0.0.0/8,\n"
        "AS1\nAS1,10.0.0.0/8,33\nAS1,10.0.0.0/8,7\nAS1,10.0.0.0/8,x\n"
    )

    with pytest.raises(IntentRefused) as refused:
        intents_csv.read(text)

    said = refused.value.sentence("en")
    for line in range(3, 9):
        assert f"line {line}:" in said
    assert "line 2:" not in said
    assert "3행:" in refused.value.sentence("ko")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Prefix,ASN\n",
        "Customer,Providers\nAS1,AS2\nAS1,AS3\n",
        "Customer,Providers\nAS1,\n",
        "Customer,Providers\nAS1,AS1\n",
        "Customer,Providers\nAS1,AS0 AS2\n",
        'ASN,IP Prefix,Max Length\n"unclosed',
    ],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(IntentRefused):
        intents_csv.read(text)


@given(st.text(max_size=100))
def test_no_text_breaks_the_reader(text: str) -> None:
    for head in ("", "ASN,IP Prefix,Max Length\n", "Customer,Providers\n"):
        try:
            intents_csv.read(head + text)
        except IntentRefused:
            continue


def test_a_file_becomes_the_change_that_leads_to_it() -> None:
    wanted = Intents(frozenset({vrp("10.0.0.0/8-24 64496"), vrp("10.0.0.0/9 1")}))
    assert intents_csv.towards(ROAS, wanted, kind="roa") == Changes(
        Intents(frozenset({vrp("10.0.0.0/9 1")})), Intents(frozenset({vrp("2001:db8::/32 0")}))
    )

    other = Intents(aspas=frozenset({aspa(64496, 1)}))
    # Another list of providers replaces the one there is: nothing is to be removed for it.
    assert intents_csv.towards(ASPAS, other, kind="aspa") == Changes(
        other, Intents(aspas=frozenset({aspa(64499, 0)}))
    )
