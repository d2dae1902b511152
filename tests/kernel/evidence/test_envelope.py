"""An envelope is DSSE: what others sign is read, what is signed here others read."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, envelope
from madang.kernel.evidence.keys import SigningKey, VerifyingKey
from tests.kernel.evidence.samples import score

if TYPE_CHECKING:
    from collections.abc import Callable

# Test vectors of the DSSE protocol (secure-systems-lab/dsse, testvectors/vectors.json); the keys
# are those of RFC 8032, section 7.1, tests 1 and 2.
A = VerifyingKey(
    name="A",
    public=bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
)
B = VerifyingKey(
    name="B",
    public=bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
)
PAYLOAD = "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ=="
SIG_A = "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA=="
SIG_B = "c1+67/aT0yqEpwx8PsVY3MLHsj9D0CZ014/Fv/QlG59P+9CobUZ7xECJ/V3USG0Ob9CiE5LjReEZUzNF2l7eBw=="


def written(payload: str, kind: str, *signatures: str) -> bytes:
    return json.dumps(
        {
            "payload": payload,
            "payloadType": kind,
            "signatures": [{"sig": each, "keyid": "A"} for each in signatures],
        }
    ).encode()


ACCEPTED = [
    (written(PAYLOAD, envelope.PAYLOAD_TYPE, SIG_A), A),
    (written(PAYLOAD, envelope.PAYLOAD_TYPE, SIG_A, SIG_B), A),
    (written(PAYLOAD, envelope.PAYLOAD_TYPE, SIG_A, SIG_B), B),
    (  # URL-safe base64, in payload and signature
        written(
            "-_-_Pj8=",
            envelope.PAYLOAD_TYPE,
            "P-_KHICeR7tI6S_YyejJTRtrXhcQyQ2LYPaL8h90KjC9qN8HU_svOQ6TuDOT1HIrsGW886DbWNWcCmX5twLrAw==",
        ),
        A,
    ),
    (  # the length of a type is that of its bytes
        written(
            PAYLOAD,
            "application/vnd.exämple+json",
            "xmSk/ug66ysT7ayhkCIjhAq42zgZXSsEWuzUaNL7w2eGAdF/NU6/fRXPtmfN+5DNSAs5/i2lUnHjbbjPsu0tAw==",
        ),
        A,
    ),
    (
        written(
            "",
            envelope.PAYLOAD_TYPE,
            "gSggCAaTLTYyRH6FIDBem6meyIynsYy8RTHVzwx9tnTb7Bg/1jMWnuVgI/gffqmbsC2VX5/jHfkkDqsj7CDbDg==",
        ),
        A,
    ),
]


@pytest.mark.parametrize(("content", "key"), ACCEPTED)
def test_signatures_of_the_reference_vectors_hold(content: bytes, key: VerifyingKey) -> None:
    assert envelope.read(content).signed_by(key)


def test_signatures_of_the_reference_vectors_fail_where_they_should() -> None:
    swapped = written(PAYLOAD, "application/vnd.example.other+json", SIG_A)

    assert not envelope.read(swapped).signed_by(A)
    assert not envelope.read(written(PAYLOAD, envelope.PAYLOAD_TYPE, SIG_A)).signed_by(B)
    assert not envelope.read(written(PAYLOAD, envelope.PAYLOAD_TYPE)).signed_by(A)


def test_the_signed_bytes_are_those_of_the_protocol() -> None:
    # DSSE protocol, "Test Vectors".
    assert (
        envelope.encoding("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_statement_travels_and_comes_back(key: SigningKey) -> None:
    content = envelope.export(score("cox", 0.71), key)

    assert envelope.check(content, key.verifier) == score("cox", 0.71)
    assert canonical.encode(json.loads(content)) == content
    assert json.loads(base64.b64decode(json.loads(content)["payload"]))["_type"].endswith("/v1")


def test_a_statement_signed_by_another_key_is_refused(key: SigningKey, other: SigningKey) -> None:
    with pytest.raises(InputError, match="not signed by"):
        envelope.check(envelope.export(score("cox", 0.71), other), key.verifier)


def test_a_payload_of_another_type_is_no_statement() -> None:
    content, key = ACCEPTED[4]

    with pytest.raises(InputError, match="another type"):
        envelope.check(content, key)


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda value: {k: v for k, v in value.items() if k != name}


@pytest.mark.parametrize(
    "change",
    [
        _without("payload"),
        _without("signatures"),
        _without("payloadType"),
        lambda value: {**value, "payload": 5},
        lambda value: {**value, "payload": "é"},
        lambda value: {**value, "payload": "abc"},
        lambda value: {**value, "payloadType": None},
        lambda value: {**value, "signatures": 5},
        lambda value: {**value, "signatures": [5]},
        lambda value: {**value, "signatures": [{"keyid": "A"}]},
        lambda value: {**value, "signatures": "sig"},
        lambda value: [value],
    ],
)
def test_what_is_no_envelope_is_refused(change: Callable[[Any], Any]) -> None:
    value = json.loads(written(PAYLOAD, envelope.PAYLOAD_TYPE, SIG_A))

    with pytest.raises(InputError):
        envelope.read(json.dumps(change(value)).encode())


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_stumble(content: bytes) -> None:
    with pytest.raises(InputError):
        envelope.read(content)
