"""The site in production: PostgreSQL, TLS in front, every cookie secure.

MADANG_SECRET_KEY  signs sessions; at least 50 random characters
MADANG_HOSTS       the host names of the site, separated by commas
MADANG_DATABASE    postgresql://…
MADANG_MAIL        smtp://user:password@host:port, for confirmations
"""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from madang.portal.settings.base import *  # noqa: F403 - settings are one namespace by design

DEBUG = False


def _needed(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Found no {name}; expected {what}. Set it in the environment.")
    return value


SECRET_KEY = _needed("MADANG_SECRET_KEY", "at least 50 random characters")
ALLOWED_HOSTS = _needed("MADANG_HOSTS", "the site's host names").split(",")
_needed("MADANG_DATABASE", "postgresql://user:password@host:port/name")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
