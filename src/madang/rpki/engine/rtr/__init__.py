"""The RPKI-to-router protocol: how routers learn what was verified (RFC 6810, RFC 8210)."""
