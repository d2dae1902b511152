"""What does this validator insist on, and where does it stop? Profiles and limits.

Each point on which the reference programs disagree is decided here, with its norm; see
`docs/design/rpki-verdicts.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One way of judging. Equal policies give equal verdicts on equal bytes."""

    name: str
    tolerated: frozenset[str]
    """Codes of oddities that do not refuse an object; a verdict still names them."""
    deepest: int = 32
    """CA certificates between a trust anchor and an object; peers stop between 12 and 32."""
    largest_file: int = 8_000_000
    """Bytes of one object."""
    most_files: int = 100_000
    """Files that one manifest may list."""
    most_providers: int = 10_000
    """Providers that one ASPA may name."""
    most_parents: int = 16
    """Certificates by which one CA leads to one publication point, so that no loop can grow."""
    most_authorities: int = 250_000
    """CA certificates below one trust anchor."""
    most_repositories: int = 1_000
    """Repositories below one trust anchor."""


_TODAY: Final = frozenset({
    "der-indefinite",  # RFC 6488 section 2 wants DER; every peer reads such objects
    "name-utf8",       # RFC 6487 section 4.5, in EE certificates alone
    "ee-notify",       # RFC 6487 section 4.8.8.2: old CAs named the notification there
    "signed-object-place",  # RFC 6487 section 4.8.8.2: a mirror may hold it elsewhere
})  # fmt: skip

PROFILE_2026: Final = Policy(name="2026", tolerated=_TODAY)
"""The RFCs in force in 2026, read as all present programs read them."""

PROFILE_2011: Final = Policy(
    name="2011",
    tolerated=_TODAY
    | {
        "signing-time",  # optional before RFC 9589
        "roa-as-resources",  # forbidden since RFC 9582
        "crl-points",  # the conformance suite of 2011 allows two
    },
)
"""The rules under which objects of 2011 were made."""

PROFILE_STRICT: Final = Policy(name="strict", tolerated=frozenset())
"""The RFCs to the letter: no oddity passes."""

PROFILES: Final = {each.name: each for each in (PROFILE_2026, PROFILE_2011, PROFILE_STRICT)}
"""Name → profile."""
