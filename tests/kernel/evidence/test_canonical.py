"""JSON has one form, and nothing from outside makes the reader stumble."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab<\\\n"), inner),
    max_leaves=12,
)


def test_the_example_of_the_standard_has_the_bytes_of_the_standard() -> None:
    # RFC 8785, section 3.2.2 (input) and 3.2.4 (bytes).
    text = (
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",'
        '"literals":[null,true,false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    ).encode()

    assert canonical.encode(json.loads(text)) == expected
    assert canonical.encode(canonical.decode(expected, what="json")) == expected


@given(VALUES)
def test_what_was_written_is_read_back_to_the_same_bytes(value: object) -> None:
    content = canonical.encode(value)

    assert canonical.encode(canonical.decode(content, what="json")) == content
    assert json.loads(content, parse_int=float) == value


def test_a_number_beyond_exact_integers_is_read_as_a_number() -> None:
    content = canonical.encode(1e20)

    assert content == b"100000000000000000000"
    assert canonical.decode(content, what="json") == 1e20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"nul",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b"[" * 100_000,
        b"[" * 100 + b"]" * 100,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
    ids=lambda content: repr(content[:12]),
)
@pytest.mark.parametrize("exact", [True, False])
def test_what_is_no_json_is_refused_in_a_sentence(content: bytes, exact: bool) -> None:
    with pytest.raises(InputError, match="JSON"):
        canonical.decode(content, what="json", exact=exact)


@pytest.mark.parametrize(
    "content", [b'{"b":1,"a":2}', b"[1, 2]", b"1.0", b"-0", b'"\\u0041"', b'{"a":1,"a":1}']
)
def test_another_spelling_of_a_value_is_refused_where_bytes_count(content: bytes) -> None:
    with pytest.raises(InputError, match="canonical"):
        canonical.decode(content, what="json")


def test_a_repeated_member_is_refused_in_any_spelling() -> None:
    with pytest.raises(InputError):
        canonical.decode(b'{"a":1, "a":2}', what="json", exact=False)


def test_nesting_up_to_the_limit_is_read() -> None:
    content = b"[" * canonical.DEEPEST + b"]" * canonical.DEEPEST

    assert canonical.encode(canonical.decode(content, what="json")) == content
