"""Where do a hundred thousand keys come from? Primes taken in pairs from a small pool.

Such keys are worthless outside a simulation: two of them that share a prime betray each other.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
)

from madang.rpki.engine.keys.signer import EXPONENT, KEY_BITS, MemoryKey

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIMES: Final[list[int]] = []


def weak_keys(count: int, *, start: int = 0) -> Iterator[MemoryKey]:
    """So many distinct keys of the RPKI's size, in an order that is the same in one process.

    Args:
        count: How many there are in all.
        start: How many of them to pass over.
    """
    wanted = 2
    while wanted * (wanted - 1) // 2 < count:
        wanted += 1
    while len(_PRIMES) < wanted:
        numbers = generate_private_key(EXPONENT, KEY_BITS).private_numbers()
        _PRIMES.extend((numbers.p, numbers.q))
    pairs = itertools.combinations(range(wanted), 2)
    return (weak_key(p, q) for p, q in itertools.islice(pairs, start, count))


def weak_key(first: int, second: int) -> MemoryKey:
    """The key of two primes of the pool, by their places."""
    p, q = _PRIMES[first], _PRIMES[second]
    numbers = RSAPrivateNumbers(
        p=p,
        q=q,
        d=pow(EXPONENT, -1, (p - 1) * (q - 1)),
        dmp1=_part(first),
        dmq1=_part(second),
        iqmp=pow(q, -1, p),
        public_numbers=RSAPublicNumbers(EXPONENT, p * q),
    )
    return MemoryKey(numbers.private_key(unsafe_skip_rsa_key_validation=True))


@functools.cache
def _part(place: int) -> int:
    return pow(EXPONENT, -1, _PRIMES[place] - 1)
