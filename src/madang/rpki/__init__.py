"""인터넷 경로 보안 · Internet route security.

Which network may announce which prefix, who says so, and why is it believed? A certification
authority, a validator that explains every verdict, and the feed that routers load (RFC 6480).
"""
