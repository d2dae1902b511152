"""A small listing with every kind of payload, as tests of outputs show it."""

from __future__ import annotations

from madang.rpki.engine.outputs.listing import Listing, listed
from madang.rpki.engine.payloads import Aspa, Payloads, RouterKey, Vrp
from madang.rpki.engine.validation.outcome import Sourced

P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + bytes([4] * 65)
KEY = RouterKey(64500, bytes(range(20)), P256)
AT = 1764000000  # 2025-11-24T16:00:00Z

V4 = Vrp(4, 0xC0000200, 24, 24, 64500)
V4_LONG = Vrp(4, 0xC0000200, 24, 28, 64501)
V4_ALL = Vrp(4, 0, 0, 32, 0)
V6 = Vrp(6, 0x20010DB8 << 96, 32, 48, 64500)
V6_LAST = Vrp(6, (0x20010DB9 << 96) + 1, 128, 128, 4294967295)


def small() -> Listing:
    """Five VRPs of two trust anchors, two ASPAs and a router key."""
    return listed(
        [
            Sourced(V6, "kr", AT + 60, "rsync://h/m/b.roa"),
            Sourced(V4_LONG, "kr", AT + 50, "rsync://h/m/a.roa"),
            Sourced(V4, "apnic", AT + 40, "rsync://h/m/a.roa"),
            Sourced(V6_LAST, "kr", 0, ""),
            Sourced(V4_ALL, "apnic", AT + 10, "rsync://h/m/c.roa"),
        ],
        Payloads(
            aspas=frozenset({Aspa(64510, (0,)), Aspa(64500, (64501, 64502))}),
            router_keys=frozenset({KEY}),
        ),
        generated=AT,
    )
