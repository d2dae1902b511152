"""How authorities speak: set-up (RFC 8183), provisioning (6492), publication (8181)."""
