"""How does a trust anchor certify itself, and how do others find it? (RFC 8630)."""

from __future__ import annotations

from base64 import encodebytes
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.desk import moment, new_serial
from madang.rpki.engine.authority.settling import take_certificate
from madang.rpki.engine.authority.wanted import place
from madang.rpki.engine.making import profile
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.publication.changes import digest

if TYPE_CHECKING:
    from madang.rpki.engine.authority.desk import Desk
    from madang.rpki.engine.authority.entries import KeyEntry
    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.resources.blocks import Resources

FILE_NAME = "anchor.cer"


def certify_anchor(desk: Desk, key: KeyEntry, *, resources: Resources, signer: Signer) -> None:
    """Let an anchor's key sign its own certificate, and note it as the key's and as a file."""
    class_ = entries.class_of(desk.rows, key.class_id)
    start = clock.epoch_s() - desk.timing.backdate.total_seconds()
    validity = Validity(moment(start), moment(start + desk.timing.anchor.total_seconds()))
    grant = profile.Grant(serial=new_serial(), validity=validity, resources=resources)
    draft = profile.anchor(signer, grant, place=place(desk.rows, class_, key))
    write_anchor(
        desk, key, certificate=draft.signed(signer), resources=resources,
        serial=grant.serial, not_after=validity.not_after.timestamp(),
    )  # fmt: skip


def write_anchor(
    desk: Desk,
    key: KeyEntry,
    *,
    certificate: bytes,
    resources: Resources,
    serial: int,
    not_after: float,
) -> None:
    """Note an anchor's certificate, in the place of the one before."""
    class_ = entries.class_of(desk.rows, key.class_id)
    authority = entries.authority(desk.rows, class_.authority)
    assert authority is not None
    desk.rows.execute(
        "insert or replace into object (key, name, kind, says, serial, content, not_after, digest)"
        " values (?, ?, 'anchor', ?, ?, ?, ?, ?)",
        (
            key.id,
            FILE_NAME,
            str(resources),
            f"{serial:x}",
            certificate,
            not_after,
            digest(certificate),
        ),
    )
    take_certificate(
        desk, key, certificate=certificate, uri=authority.base + FILE_NAME,
        held=str(resources), not_after=not_after,
    )  # fmt: skip


def locator(public_key: bytes, *uris: str) -> str:
    """The trust-anchor locator that relying parties are given (RFC 8630, section 2.2)."""
    return "\n".join((*uris, "", encodebytes(public_key).decode()))
