from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.prefix import read_asn, read_prefix
from madang.rpki.engine.routes.reading import quick_asn, quick_prefix
from tests.rpki.engine.routes.chance import prefixes

TEXTS = st.text(max_size=12) | st.text(alphabet="0123456789abcdef.:/ ²", max_size=24)


def answer(read: object, text: str) -> object:
    assert callable(read)
    try:
        return read(text)
    except ResourcesRefused:
        return "refused"


@given(prefixes().map(str) | TEXTS)
def test_prefixes_are_read_as_the_slower_reader_does(text: str) -> None:
    assert answer(quick_prefix, text) == answer(read_prefix, text)


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "::/129", "10.0.0.0/08"]
)
def test_odd_prefixes_are_read_as_the_slower_reader_does(text: str) -> None:
    assert answer(quick_prefix, text) == answer(read_prefix, text)


@given(st.integers(0, 1 << 33).map(str) | st.text(alphabet="AaSs0123456789 ", max_size=14))
def test_numbers_are_read_as_the_slower_reader_does(text: str) -> None:
    assert answer(quick_asn, text) == answer(read_asn, text)
