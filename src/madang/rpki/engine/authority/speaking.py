"""As whom does an authority speak to others? Its identity key, made once and kept in the book."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from madang.kernel import clock
from madang.rpki.engine.exchange.identity import Speaker, identity
from madang.rpki.engine.making.certificate import Validity

if TYPE_CHECKING:
    from madang.rpki.engine.authority.registry import Registry

_LASTS: Final = timedelta(days=3650)
"""Others learn it by hand at set-up, so it must last."""


def speaker(registry: Registry, authority: str, *, by: str) -> Speaker:
    """The authority as it speaks to parents, children and publication servers.

    Raises:
        RpkiRefused: There is no such authority.
        SettingRefused: Its identity key cannot be opened.
    """
    if authority in registry.speakers:
        return registry.speakers[authority]
    registry.authority(authority)
    row = registry.book.rows.execute(
        "select detail from peer where authority = ? and kind = 'identity'", (authority,)
    ).fetchone()
    if row is None:
        _make(registry, authority, by=by)
        return speaker(registry, authority, by=by)
    stored = json.loads(row[0])
    found = Speaker(registry.keys.signer(stored["key"]), bytes.fromhex(stored["certificate"]))
    registry.speakers[authority] = found
    return found


def _make(registry: Registry, authority: str, *, by: str) -> None:
    now = clock.now()
    with registry.desk("make identity", authority, by=by) as desk:
        handle = registry.keys.create()
        desk.made.append(handle)
        certificate = identity(desk.signer(handle), Validity(now, now + _LASTS))
        detail = json.dumps({"key": handle, "certificate": certificate.hex()})
        desk.rows.execute("insert into peer values (?, 'identity', '', ?)", (authority, detail))
