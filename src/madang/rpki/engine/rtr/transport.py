"""How is the feed kept from being changed on its way? TLS for routers (RFC 8210, section 9.2)."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused

if TYPE_CHECKING:
    from pathlib import Path


def tls_context(certificate: Path, key: Path, *, clients: Path | None = None) -> ssl.SSLContext:
    """What a TLS endpoint needs: TLS 1.2 or later, its own certificate and perhaps the routers'.

    Args:
        certificate: The chain in PEM, the cache's own certificate first.
        key: Its key in PEM, without a password.
        clients: Certificates in PEM; a router must show one that they issued.

    Raises:
        SettingRefused: A file cannot be read, or the key belongs to another certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if clients is not None:
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as fault:
        raise SettingRefused(
            words(
                f"TLS 인증서 {certificate}, 키 {key}: {fault}",
                f"the TLS certificate {certificate} with the key {key}: {fault}",
            ),
            words(
                "서로 맞는 PEM 형식의 인증서와 암호 없는 키",
                "a certificate and its key in PEM, the key without a password",
            ),
        ) from fault
    return context
