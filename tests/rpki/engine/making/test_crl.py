"""A CRL carries its number and what is revoked (RFC 6487, section 5)."""

from __future__ import annotations

from cryptography import x509

from madang.rpki.engine.making import crl
from tests.rpki.engine.making import tree


def made(revoked: tuple = ()) -> x509.CertificateRevocationList:
    issuer = tree.issuer("top", 1, certificate=tree.ANCHOR_URI)
    draft = crl.crl(
        issuer, 300, this_update=tree.NOW, next_update=tree.VALIDITY.not_after, revoked=revoked
    )
    return x509.load_der_x509_crl(draft.signed(issuer.signer))


def test_a_crl_names_its_number_its_key_and_what_is_revoked() -> None:
    found = made(((9, tree.NOW), (200, tree.NOW)))

    assert [each.serial_number for each in found] == [9, 200]
    assert {each.oid.dotted_string: each.critical for each in found.extensions} == {
        "2.5.29.35": False, "2.5.29.20": False
    }  # fmt: skip
    number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert number == 300
    assert found.last_update_utc == tree.NOW
    issuer = x509.load_der_x509_certificate(tree.tree()["anchor.cer"])
    assert found.is_signature_valid(issuer.public_key())


def test_a_crl_that_revokes_nothing_has_no_list() -> None:
    found = made()

    assert len(found) == 0
    assert b"\x30\x00" not in found.tbs_certlist_bytes  # RFC 5280, 5.1.2.6
