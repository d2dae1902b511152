"""Certificates carry what their profile asks: nothing more, nothing less (RFC 6487, 8209)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

from madang.rpki.engine.der import oids
from madang.rpki.engine.keys.signer import key_identifier
from madang.rpki.engine.making import extensions, profile
from madang.rpki.engine.resources.blocks import EVERYTHING, read_resources
from tests.rpki.engine.making import peers, tree

GRANT = profile.Grant(serial=7, validity=tree.VALIDITY, resources=tree.HELD)
RESOURCES = {"1.3.6.1.5.5.7.1.7", "1.3.6.1.5.5.7.1.8"}


def top() -> profile.Issuer:
    return tree.issuer("top", 1, certificate=tree.ANCHOR_URI)


def loaded(draft: object) -> x509.Certificate:
    return x509.load_der_x509_certificate(draft.signed(tree.key(1)))


def critical(certificate: x509.Certificate) -> dict[str, bool]:
    return {each.oid.dotted_string: each.critical for each in certificate.extensions}


def test_an_anchor_signs_itself_and_points_nowhere_above() -> None:
    grant = replace(GRANT, resources=EVERYTHING)

    found = loaded(profile.anchor(tree.key(1), grant, place=tree.place("top")))

    found.verify_directly_issued_by(found)
    assert critical(found) == {
        "2.5.29.19": True, "2.5.29.14": False, "2.5.29.15": True,
        "1.3.6.1.5.5.7.1.11": False, "2.5.29.32": True, **dict.fromkeys(RESOURCES, True),
    }  # fmt: skip  # RFC 6487, 4.8


def test_an_authority_points_to_its_issuer_and_to_its_own_place() -> None:
    place = tree.place("member")._replace(notify="https://localhost/notification.xml")

    found = loaded(
        profile.authority(top(), tree.key(2).public_key_der(), grant=GRANT, place=place)
    )

    get = found.extensions.get_extension_for_oid
    assert found.version is x509.Version.v3
    assert found.serial_number == 7
    assert found.issuer.rfc4514_string() == f"CN={top().key_identifier.hex().upper()}"
    assert get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER).value.key_identifier == (
        top().key_identifier
    )
    assert get(ExtensionOID.SUBJECT_KEY_IDENTIFIER).value == (
        x509.SubjectKeyIdentifier.from_public_key(found.public_key())
    )
    usage = get(ExtensionOID.KEY_USAGE).value
    assert usage.key_cert_sign
    assert usage.crl_sign
    assert not usage.digital_signature
    assert get(ExtensionOID.BASIC_CONSTRAINTS).value == x509.BasicConstraints(True, None)
    point = get(ExtensionOID.CRL_DISTRIBUTION_POINTS).value[0]
    assert [name.value for name in point.full_name] == [top().crl_uri]
    issuers = get(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    assert [(each.access_method, each.access_location.value) for each in issuers] == [
        (AuthorityInformationAccessOID.CA_ISSUERS, tree.ANCHOR_URI)
    ]
    subject = get(ExtensionOID.SUBJECT_INFORMATION_ACCESS).value
    assert [
        (each.access_method.dotted_string, each.access_location.value) for each in subject
    ] == [
        ("1.3.6.1.5.5.7.48.5", place.repository),
        ("1.3.6.1.5.5.7.48.10", place.manifest),
        ("1.3.6.1.5.5.7.48.13", place.notify),
    ]  # fmt: skip
    policies = get(ExtensionOID.CERTIFICATE_POLICIES).value
    assert [each.policy_identifier.dotted_string for each in policies] == ["1.3.6.1.5.5.7.14.2"]


def test_an_end_entity_signs_one_object_and_no_certificate() -> None:
    draft = profile.end_entity(
        top(), tree.key(3).public_key_der(), grant=GRANT, object_uri=tree.BASE + "top/a.roa"
    )

    found = loaded(draft)

    names = critical(found)
    assert "2.5.29.19" not in names  # RFC 6487, 4.8.1: basic constraints must be absent
    assert found.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE).value.digital_signature
    assert not found.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE).value.key_cert_sign


def test_a_field_of_a_draft_can_be_made_wrong() -> None:
    draft = profile.end_entity(
        top(), tree.key(3).public_key_der(), grant=GRANT, object_uri=tree.BASE + "top/a.roa"
    )
    wrong = extensions.authority_key(bytes(20))
    parts = tuple(
        wrong if oids.AUTHORITY_KEY_IDENTIFIER in each else each for each in draft.extensions
    )

    spoilt = loaded(replace(draft, extensions=(*parts, parts[0]), serial=5))

    assert draft.extensions != parts
    with pytest.raises(x509.DuplicateExtension):
        _ = spoilt.extensions
    with pytest.raises(x509.InvalidVersion):
        loaded(replace(draft, version=7))


@pytest.mark.rpki_peers
def test_rpki_client_reads_a_router_certificate() -> None:
    key = generate_private_key(SECP256R1()).public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    grant = replace(GRANT, resources=read_resources("AS64496, AS64500-AS64501, 192.0.2.0/24"))

    draft = profile.router(top(), public, grant=grant, router_id=0x0A000001)
    found = peers.rpki_client_file(draft.signed(tree.key(1)), "router.cer")

    assert found["type"] == "router_key"
    assert found["ski"].replace(":", "").lower() == key_identifier(public).hex()
    assert found["subordinate_resources"] == [
        {"asid": 64496}, {"asrange": {"min": 64500, "max": 64501}}
    ]  # fmt: skip
