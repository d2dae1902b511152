"""Internet number resources: prefixes, AS numbers, and sets of them (RFC 3779)."""
