"""By which object identifiers does the RPKI name its types? Each as a whole DER element.

Tag and length are included, as they stand in an object: `identifier[2:]` is the content alone.
"""

from __future__ import annotations

from typing import Final

from madang.rpki.engine.der.writer import oid

# Names (X.520).
COMMON_NAME: Final = oid("2.5.4.3")
SERIAL_NUMBER: Final = oid("2.5.4.5")

# Keys, digests and signatures (RFC 7935, RFC 4055, RFC 8608).
RSA_ENCRYPTION: Final = oid("1.2.840.113549.1.1.1")
SHA256_WITH_RSA: Final = oid("1.2.840.113549.1.1.11")
SHA256: Final = oid("2.16.840.1.101.3.4.2.1")
EC_PUBLIC_KEY: Final = oid("1.2.840.10045.2.1")
P256: Final = oid("1.2.840.10045.3.1.7")
ECDSA_WITH_SHA256: Final = oid("1.2.840.10045.4.3.2")

# Extensions of certificates and CRLs (RFC 5280, RFC 3779, RFC 8360).
SUBJECT_KEY_IDENTIFIER: Final = oid("2.5.29.14")
KEY_USAGE: Final = oid("2.5.29.15")
BASIC_CONSTRAINTS: Final = oid("2.5.29.19")
CRL_NUMBER: Final = oid("2.5.29.20")
CRL_DISTRIBUTION_POINTS: Final = oid("2.5.29.31")
CERTIFICATE_POLICIES: Final = oid("2.5.29.32")
AUTHORITY_KEY_IDENTIFIER: Final = oid("2.5.29.35")
EXTENDED_KEY_USAGE: Final = oid("2.5.29.37")
AUTHORITY_INFORMATION_ACCESS: Final = oid("1.3.6.1.5.5.7.1.1")
SUBJECT_INFORMATION_ACCESS: Final = oid("1.3.6.1.5.5.7.1.11")
IP_RESOURCES: Final = oid("1.3.6.1.5.5.7.1.7")
AS_RESOURCES: Final = oid("1.3.6.1.5.5.7.1.8")
IP_RESOURCES_V2: Final = oid("1.3.6.1.5.5.7.1.28")
AS_RESOURCES_V2: Final = oid("1.3.6.1.5.5.7.1.29")

# Certificate policies and their qualifiers (RFC 6484, RFC 7318, RFC 8360).
RPKI_POLICY: Final = oid("1.3.6.1.5.5.7.14.2")
RPKI_POLICY_V2: Final = oid("1.3.6.1.5.5.7.14.3")
CPS_QUALIFIER: Final = oid("1.3.6.1.5.5.7.2.1")

# Access methods (RFC 5280, RFC 6487, RFC 8182) and extended key usages (RFC 8209).
CA_ISSUERS: Final = oid("1.3.6.1.5.5.7.48.2")
CA_REPOSITORY: Final = oid("1.3.6.1.5.5.7.48.5")
RPKI_MANIFEST: Final = oid("1.3.6.1.5.5.7.48.10")
SIGNED_OBJECT: Final = oid("1.3.6.1.5.5.7.48.11")
RPKI_NOTIFY: Final = oid("1.3.6.1.5.5.7.48.13")
BGPSEC_ROUTER: Final = oid("1.3.6.1.5.5.7.3.30")

# Cryptographic messages and their signed attributes (RFC 5652, RFC 6488, RFC 9589).
SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
SIGNING_TIME: Final = oid("1.2.840.113549.1.9.5")
BINARY_SIGNING_TIME: Final = oid("1.2.840.113549.1.9.16.2.46")

# What a signed object or message holds.
ROA: Final = oid("1.2.840.113549.1.9.16.1.24")  # RFC 9582
MANIFEST: Final = oid("1.2.840.113549.1.9.16.1.26")  # RFC 9286
XML_MESSAGE: Final = oid("1.2.840.113549.1.9.16.1.28")  # RFC 6492, RFC 8181
GHOSTBUSTERS: Final = oid("1.2.840.113549.1.9.16.1.35")  # RFC 6493
CHECKLIST: Final = oid("1.2.840.113549.1.9.16.1.48")  # RFC 9323
ASPA: Final = oid("1.2.840.113549.1.9.16.1.49")  # draft-ietf-sidrops-aspa-profile
TRUST_ANCHOR_KEY: Final = oid("1.2.840.113549.1.9.16.1.50")  # RFC 9691
PREFIX_LIST: Final = oid("1.2.840.113549.1.9.16.1.51")  # draft-ietf-sidrops-rpki-prefixlist
CCR: Final = oid("1.2.840.113549.1.9.16.1.54")  # draft-ietf-sidrops-rpki-ccr

# Requests for a certificate (RFC 2986).
EXTENSION_REQUEST: Final = oid("1.2.840.113549.1.9.14")
