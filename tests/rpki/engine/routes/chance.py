"""Payloads and routes that often meet: few addresses, few ASes, all lengths."""

from __future__ import annotations

from hypothesis import strategies as st

from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import BITS, Prefix

ORIGINS = st.sampled_from([-1, 0, 1, 2, 3, 4294967295])


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    family = draw(st.sampled_from([4, 6]))
    bits = BITS[family]
    # Often a length at which payloads are kept otherwise, and one that many share.
    length = draw(st.sampled_from([0, 8, 15, 16, 17, 24, 31, 32]) | st.integers(0, bits))
    # One of few addresses, so that prefixes of all lengths cover each other.
    whole = draw(st.sampled_from([0, 0xAA, 0xAAAA, 0xFFFF])) << (bits - 16)
    whole |= draw(st.sampled_from([0, 1, 0xAAAA, (1 << bits - 16) - 1]))
    return Prefix(family, whole >> (bits - length) << (bits - length), length)


@st.composite
def vrps(draw: st.DrawFn) -> Vrp:
    prefix = draw(prefixes())
    most = draw(st.integers(prefix.length, BITS[prefix.family]))
    return Vrp(*prefix, most, draw(st.sampled_from([0, 1, 2, 3, 4294967295])))


@st.composite
def aspas(draw: st.DrawFn) -> Aspa:
    providers = draw(st.sets(st.integers(1, 6), max_size=3))
    return Aspa(draw(st.integers(1, 6)), tuple(sorted(providers)) or (0,))
