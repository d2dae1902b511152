"""Why can this not be done with the routing-security system?

InputError
└── RpkiRefused             nothing was issued, published or kept
    ├── SettingRefused      a TAL, a policy, a SLURM file or another setting cannot be read
    ├── RoutesRefused       a file of observed routes cannot be read
    ├── ResourcesRefused    numbers that are malformed, or beyond what is held
    ├── IntentRefused       an authorisation that cannot be signed, or would break routes
    └── ExchangeRefused     a parent, child or publication server sent what cannot be accepted
        └── QueryRefused    a change that a publication server does not take (RFC 8181)
Unavailable
└── Unreachable             a repository, a parent or a router cannot be reached now

An object of the world's repositories that fails a check is no error: it has a verdict
(`madang.rpki.engine.faults`), since one bad object must never stop another.
"""

from __future__ import annotations

from madang.kernel.errors import InputError, Unavailable


class RpkiRefused(InputError):
    """What was asked is not done; whatever stood before stands."""


class SettingRefused(RpkiRefused):
    """A trust-anchor locator, a policy, a SLURM file or another setting cannot be used."""


class RoutesRefused(RpkiRefused):
    """Observed routes cannot be read."""


class ResourcesRefused(RpkiRefused):
    """Addresses or AS numbers are malformed, or not held by who names them."""


class IntentRefused(RpkiRefused):
    """An authorisation cannot be signed, or would turn routes invalid without a confirmation."""


class ExchangeRefused(RpkiRefused):
    """A message between authorities, or to a publication server, cannot be accepted."""


class Unreachable(Unavailable):
    """A repository, a parent authority or a router does not answer."""
