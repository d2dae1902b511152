"""How does one statement travel alone? As a DSSE envelope, which every in-toto verifier reads.

Source: DSSE protocol and envelope v1 (https://github.com/secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical
from madang.kernel.evidence.statement import Statement
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.evidence.keys import SigningKey, VerifyingKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """An envelope that was read but not believed."""

    payload_type: str
    payload: bytes
    signatures: tuple[bytes, ...]

    def signed_by(self, key: VerifyingKey) -> bool:
        """Does the key accept one of the signatures? Key hints are ignored: they prove nothing."""
        message = encoding(self.payload_type, self.payload)
        return any(key.accepts(signature, message) for signature in self.signatures)

    def statement(self) -> Statement:
        """The statement inside.

        Raises:
            InputError: The payload is of another type.
        """
        if self.payload_type != PAYLOAD_TYPE:
            raise InputError(
                words("다른 형식의 내용", "a payload of another type"),
                words(f"형식 {PAYLOAD_TYPE}", f"the type {PAYLOAD_TYPE}"),
            )
        value = canonical.decode(self.payload, what="in-toto Statement v1", exact=False)
        return Statement.from_json(value)


def encoding(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding of type and payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def export(statement: Statement, key: SigningKey) -> bytes:
    """The statement in an envelope signed by the key, as canonical JSON."""
    payload = statement.canonical()
    signature = key.sign(encoding(PAYLOAD_TYPE, payload))
    return canonical.encode(
        {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {
                    "keyid": f"{key.name}+{key.verifier.hint.hex()}",
                    "sig": base64.b64encode(signature).decode("ascii"),
                }
            ],
        }
    )


def is_envelope(value: Any) -> bool:
    """Does this JSON value claim to be an envelope?"""
    return isinstance(value, dict) and {"payload", "payloadType", "signatures"} <= value.keys()


def read(content: bytes) -> Envelope:
    """The parts of an envelope. Nothing is verified yet.

    Raises:
        InputError: The bytes are no DSSE envelope.
    """
    value = canonical.decode(content, what="DSSE", exact=False)
    try:
        return Envelope(
            payload_type=_text(value["payloadType"]),
            payload=_bytes(value["payload"]),
            signatures=tuple(_bytes(each["sig"]) for each in value["signatures"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise InputError(
            words("봉투의 형식이 아닌 JSON", "JSON that is no envelope"),
            words("DSSE 봉투 v1", "a DSSE envelope, version 1"),
        ) from fault


def check(content: bytes, key: VerifyingKey) -> Statement:
    """The statement of an envelope that this key signed.

    Raises:
        InputError: No envelope, not signed by the key, or not a statement.
    """
    envelope = read(content)
    if not envelope.signed_by(key):
        raise InputError(
            words(f"{key.name}이(가) 서명하지 않은 봉투", f"an envelope not signed by {key.name}"),
            words("이 키로 서명된 봉투", "an envelope signed by this key"),
        )
    return envelope.statement()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _bytes(value: Any) -> bytes:
    """Base64 of either alphabet, as DSSE demands of readers."""
    try:
        return base64.b64decode(_text(value).replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as fault:
        raise ValueError("no base64") from fault
