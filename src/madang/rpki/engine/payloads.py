"""What do routers learn from the RPKI? Verified payloads, as values that can be compared.

A payload carries no time and no place: two objects that say the same give one payload. Sets of
them are what the router feed (RFC 8210), origin validation (RFC 6811) and SLURM (RFC 8416) use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from madang.rpki.engine.resources.prefix import Prefix, address_text


class Vrp(NamedTuple):
    """A validated ROA payload: an AS may announce a prefix, down to a greatest length."""

    family: int
    """4 or 6."""
    address: int
    """First address of the prefix as a number."""
    length: int
    max_length: int
    asn: int

    @property
    def prefix(self) -> Prefix:
        """The authorised prefix."""
        return Prefix(self.family, self.address, self.length)

    def __str__(self) -> str:
        place = f"{address_text(self.family, self.address)}/{self.length}"
        return f"AS{self.asn} {place}-{self.max_length}"


class Aspa(NamedTuple):
    """A validated ASPA payload: all providers of a customer AS."""

    customer: int
    providers: tuple[int, ...]
    """In rising order, each once; `(0,)` says that there are none."""

    def __str__(self) -> str:
        return f"AS{self.customer} ← {' '.join(f'AS{asn}' for asn in self.providers)}"


class RouterKey(NamedTuple):
    """A validated router key: a key with which an AS signs BGPsec paths (RFC 8209)."""

    asn: int
    key_identifier: bytes
    """20 bytes: the SHA-1 of the key."""
    public_key: bytes
    """SubjectPublicKeyInfo in DER."""

    def __str__(self) -> str:
        return f"AS{self.asn} {self.key_identifier.hex()}"


@dataclass(frozen=True, slots=True)
class Payloads:
    """What is believed at one moment. A customer AS has one ASPA at most."""

    vrps: frozenset[Vrp] = frozenset()
    aspas: frozenset[Aspa] = frozenset()
    router_keys: frozenset[RouterKey] = frozenset()

    def __len__(self) -> int:
        return len(self.vrps) + len(self.aspas) + len(self.router_keys)


@dataclass(frozen=True, slots=True)
class Change:
    """The way from one set of payloads to another."""

    announced: Payloads
    """In the newer set alone."""
    withdrawn: Payloads
    """In the older set alone."""

    def __len__(self) -> int:
        return len(self.announced) + len(self.withdrawn)


def change(old: Payloads, new: Payloads) -> Change:
    """What must be announced and withdrawn to come from `old` to `new`."""
    return Change(
        announced=Payloads(
            new.vrps - old.vrps, new.aspas - old.aspas, new.router_keys - old.router_keys
        ),
        withdrawn=Payloads(
            old.vrps - new.vrps, old.aspas - new.aspas, old.router_keys - new.router_keys
        ),
    )
