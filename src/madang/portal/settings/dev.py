"""The site on one's own machine: loopback only, SQLite, example people."""

from __future__ import annotations

import os
import secrets

from madang.kernel import clock
from madang.portal import logs
from madang.portal.settings.base import *  # noqa: F403 - settings are one namespace by design
from madang.portal.settings.base import DATA

DEBUG = os.environ.get("MADANG_DEBUG", "") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SIGN_IN_LINKS = True
WEBHOOKS_TO_ANYWHERE = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
LOGGING = logs.configuration(os.environ.get("MADANG_LOG", "") or str(DATA / "site.log"))


def _secret() -> str:
    """A key of this folder alone, made at the first start."""
    file = DATA / "secret-key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as text:
            text.write(secrets.token_urlsafe(50))
    return file.read_text("utf-8")


SECRET_KEY = _secret()
clock.go_ahead(float(os.environ.get("MADANG_AHEAD_DAYS", "") or 0))
(DATA / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise looks into it at its start
