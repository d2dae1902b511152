"""The objects of the RPKI: certificates, revocation lists and signed objects, read strictly."""
