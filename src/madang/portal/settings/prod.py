"""The site in production: PostgreSQL, TLS in front, every cookie secure.

MADANG_SECRET_KEY         signs sessions and hides second factors; 50 random characters
MADANG_SECRET_KEY_BEFORE  the key before it, while the site moves from one to the other
MADANG_HOSTS              the host names of the site, separated by commas
MADANG_DATABASE           postgresql://user:password@host:port/name
MADANG_MAIL               smtp://user:password@host:port, or smtps://…, for confirmations
MADANG_MAIL_FROM          the address that mails come from
MADANG_PROXIES            how many proxies of one's own stand before the site (default 1)
"""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.settings.base import *  # noqa: F403 - settings are one namespace by design
from madang.portal.settings.base import CONTENT_SECURITY_POLICY, OIDC_ISSUER

DEBUG = False
SIGN_IN_LINKS = False
KEY_LENGTH = 50


def _needed(name: str, what: Words) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise _wrong(name, words(f"{name} 없음", f"no {name}"), what)
    return value


def _wrong(name: str, found: Words, expected: Words) -> InputError:
    return InputError(
        found,
        expected,
        words(
            f"환경 변수 {name}을(를) 정하십시오 (docs/ko/operating.md).",
            f"Set the environment variable {name} (docs/en/operating.md).",
        ),
    )


def _number(name: str, default: int) -> int:
    given = os.environ.get(name, "") or str(default)
    if not given.isdecimal():
        raise _wrong(
            name, words(f"{name}={given}", f"{name}={given}"), words("0 이상의 정수", "a number")
        )
    return int(given)


def _key() -> str:
    key = _needed(
        "MADANG_SECRET_KEY",
        words(f"무작위 글자 {KEY_LENGTH}자 이상", f"at least {KEY_LENGTH} random characters"),
    )
    if len(key) < KEY_LENGTH or len(set(key)) < 5:
        raise _wrong(
            "MADANG_SECRET_KEY",
            words(f"{len(key)}자인 열쇠", f"a key of {len(key)} characters"),
            words(f"무작위 글자 {KEY_LENGTH}자 이상", f"at least {KEY_LENGTH} random characters"),
        )
    return key


def _hosts() -> list[str]:
    given = _needed(
        "MADANG_HOSTS", words("사이트의 호스트 이름", "the site's host names, by commas")
    )
    hosts = [each.strip() for each in given.split(",") if each.strip()]
    for host in hosts:
        if "*" in host or "/" in host:
            raise _wrong(
                "MADANG_HOSTS",
                words(f"호스트 이름 {host}", f"the host name {host}"),
                words(
                    "madang.example.go.kr 같은 이름만. 별표와 주소는 쓸 수 없음",
                    "names such as madang.example.go.kr alone; no asterisk, no address",
                ),
            )
    return hosts


SECRET_KEY = _key()
SECRET_KEY_FALLBACKS = [each for each in [os.environ.get("MADANG_SECRET_KEY_BEFORE", "")] if each]
ALLOWED_HOSTS = _hosts()
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

_database = _needed(
    "MADANG_DATABASE",
    words("PostgreSQL의 주소", "the address of PostgreSQL, postgresql://user:password@host/name"),
)
if urlsplit(_database).scheme not in ("postgresql", "postgres"):
    raise _wrong(
        "MADANG_DATABASE",
        words("PostgreSQL이 아닌 주소", "an address of something else"),
        words("postgresql://로 시작하는 주소", "one that begins with postgresql://"),
    )

_mail = urlsplit(
    _needed("MADANG_MAIL", words("메일 서버의 주소 smtp://…", "the mail server, smtp://host:port"))
)
if _mail.scheme not in ("smtp", "smtps") or not _mail.hostname:
    raise _wrong(
        "MADANG_MAIL",
        words("메일 서버가 아닌 주소", "an address of something else"),
        words("smtp:// 또는 smtps://로 시작하는 주소", "one that begins with smtp:// or smtps://"),
    )
EMAIL_HOST = _mail.hostname
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = not EMAIL_USE_SSL and bool(EMAIL_HOST_USER)
"""A password is never sent in the clear."""
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get(
    "MADANG_MAIL_FROM", f"no-reply@{ALLOWED_HOSTS[0]}"
)

if OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"):
    # What the provider says of a person is believed for the sake of the line it comes over.
    raise _wrong(
        "MADANG_OIDC_ISSUER",
        words(f"주소 {OIDC_ISSUER}", f"the address {OIDC_ISSUER}"),
        words("https://로 시작하는 주소", "one that begins with https://"),
    )

PROXIES = _number("MADANG_PROXIES", 1)
if PROXIES:
    # Only a proxy may say that it spoke TLS: without one, anybody could.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY["DIRECTIVES"] |= {"upgrade-insecure-requests": True}
# A name that begins so is accepted by a browser only over TLS, for this host and all its paths:
# no neighbouring host can plant one.
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

# Limits and used second factors hold for all processes together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
