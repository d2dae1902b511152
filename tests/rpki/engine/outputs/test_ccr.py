from __future__ import annotations

from hashlib import sha256

from madang.rpki.engine.der import reader
from madang.rpki.engine.outputs.ccr import ccr, digest_of_vrps
from madang.rpki.engine.outputs.listing import listed
from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.validation.outcome import Sourced
from tests.rpki.engine.outputs.listings import AT, V4, V4_LONG, V6, small


def test_the_bytes_of_a_ccr_of_one_vrp():
    """Written down by hand from the ASN.1 of the draft, section 3."""
    found = ccr(listed([Sourced(V4, "", 0, "")], generated=AT))

    roas = bytes.fromhex(
        "3019"  # SEQUENCE OF ROAPayloadSet
        "3017"  # ROAPayloadSet
        "020300fbf4"  # AS 64500
        "3010"  # families
        "300e"
        "04020001"  # IPv4
        "3008"  # addresses
        "3006"
        "030400c00002"  # 192.0.2.0/24, no maximum: it is the length
    )
    empty = bytes.fromhex("3000")
    assert roas in found
    assert sha256(roas).digest() in found
    assert digest_of_vrps([V4]) == sha256(roas).hexdigest()
    assert found.count(sha256(empty).digest()) == 2
    # id-ct-rpkiCanonicalCacheRepresentation and SHA-256 without parameters.
    assert bytes.fromhex("060b2a864886f70d0109100136") in found
    assert bytes.fromhex("300b0609608648016503040201") in found
    assert b"\x18\x0f20251124160000Z" in found


def test_equal_sets_have_equal_digests_in_any_order():
    assert digest_of_vrps([V4, V4_LONG, V6]) == digest_of_vrps([V6, V4, V4_LONG])
    assert digest_of_vrps([V4]) != digest_of_vrps([V4_LONG])


def test_a_prefix_of_odd_length_leaves_bits_unused():
    (odd,) = [Vrp(4, 0x0A800000, 9, 9, 1)]

    assert (
        digest_of_vrps([odd])
        == sha256(
            bytes.fromhex("3016 3014 020101 300f 300d 04020001 3007 3005 0303 07 0a80")
        ).hexdigest()
    )


def test_the_whole_is_one_der_element():
    content = ccr(small())
    start, stop = reader.enter(content, 0, len(content), 0x30)

    assert stop == len(content)
    assert start < 10
