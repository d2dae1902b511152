"""Was this message really sent by the site, and just now? Signatures of webhooks.

A message carries `Madang-Signature: t=<seconds since 1970>,v1=<hexadecimal HMAC-SHA256>`, made
over the time, a full stop and the body's bytes with the secret that both sides know. Its age is
checked too, so that a message that somebody recorded cannot be sent again later.

Source: HMAC as in RFC 2104 with SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "Madang-Signature"
WINDOW_S = 300
"""A message that is older than this, or that comes from the future, is none."""

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, *, now_s: int) -> str:
    """The value of the header for a body that is sent now."""
    return f"t={now_s},v1={_mark(secret, body, now_s)}"


def is_genuine(secret: str, header: str, body: bytes, *, now_s: float) -> bool:
    """Whether the site signed this body with this secret, within the last minutes.

    Args:
        secret: What the site showed when the webhook was made.
        header: The value of `Madang-Signature`.
        body: The bytes as they came, before anything is read from them.
        now_s: Seconds since 1970.
    """
    found = _SIGNATURE.fullmatch(header.strip())
    if not found:
        return False
    sent_s = int(found[1])
    if abs(now_s - sent_s) > WINDOW_S:
        return False
    return hmac.compare_digest(found[2], _mark(secret, body, sent_s))


def _mark(secret: str, body: bytes, now_s: int) -> str:
    return hmac.new(secret.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()
