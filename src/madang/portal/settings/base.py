"""What is so on every site, in development as in production.

Everything that differs from machine to machine comes from the environment:

    MADANG_DATA        the site's folder: objects, vault, SQLite (default ./madang-site)
    MADANG_DATABASE    postgresql://user:password@host:port/name; else SQLite in MADANG_DATA
    MADANG_OBJECTS     another place for objects, such as s3://bucket/prefix
    MADANG_LOG         a file for the site's own lines; the standard error where empty
    MADANG_METRICS_TOKEN   opens /metrics to other machines
    MADANG_OIDC_*      ISSUER, CLIENT_ID, CLIENT_SECRET, NAME: sign-in by an OpenID provider
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from madang.kernel import systems
from madang.portal import logs

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUSE = Path(__file__).parents[1]
DATA = Path(os.environ.get("MADANG_DATA", "madang-site")).absolute()
OBJECTS = os.environ.get("MADANG_OBJECTS", "") or str(DATA / "objects")
# Looked for once, when the library is first imported, by whomever that is.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(DATA / "metrics"))

SITE_NAME = ("마당", "Madang")
OCDS_PREFIX = os.environ.get("MADANG_OCDS_PREFIX", "ocds-000000")
"""Of open contracting data: given to a publisher by the Open Contracting Partnership."""
OC4IDS_PREFIX = os.environ.get("MADANG_OC4IDS_PREFIX", "oc4ids-000000")
"""Of open data on projects: given in the same way."""
OFFICIAL = False
"""The masthead of the government and its identifier: only a government body may switch them on."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Before allauth: its pages are ours, in templates of the same names.
    "madang.portal.apps.PortalConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    *(system.app for system in systems.installed() if system.app),
]

MIDDLEWARE = [
    "madang.portal.middleware.requests",
    "madang.portal.watching.watched",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "madang.portal.middleware.speaking",
    "django.middleware.common.CommonMiddleware",
    # Before the check of forms, which reads the body.
    "madang.portal.middleware.sized",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before messages and allauth: what fails in them, too, becomes a page with its sentence.
    "madang.portal.middleware.failing",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madang.portal.middleware.access",
]

ROOT_URLCONF = "madang.portal.urls"
WSGI_APPLICATION = "madang.portal.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "madang.portal.frame.frame",
            ],
            "builtins": ["madang.portal.templatetags.madang"],
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database's address."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "site.sqlite3",
            # The write lock is taken before the first read, so that no transaction is repeated.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-32000; PRAGMA mmap_size=268435456;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def openid(given: Mapping[str, str]) -> dict[str, Any]:
    """Settings of allauth for the OpenID provider that the environment names, if it names one."""
    if not given.get("MADANG_OIDC_ISSUER"):
        return {}
    provider = {
        "provider_id": "oidc",
        "name": given.get("MADANG_OIDC_NAME", "OpenID"),
        "client_id": given.get("MADANG_OIDC_CLIENT_ID", ""),
        "secret": given.get("MADANG_OIDC_CLIENT_SECRET", ""),
        "settings": {"server_url": given["MADANG_OIDC_ISSUER"], "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [provider]}}


DATABASES = {"default": database(os.environ.get("MADANG_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "worklist"

ACCOUNT_ADAPTER = "madang.portal.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "madang.portal.forms.sign_in.LoginForm",
    "signup": "madang.portal.forms.sign_in.SignupForm",
    "add_email": "madang.portal.forms.sign_in.AddEmailForm",
    "change_password": "madang.portal.forms.sign_in.ChangePasswordForm",
    "set_password": "madang.portal.forms.sign_in.SetPasswordForm",
    "reset_password": "madang.portal.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "madang.portal.forms.sign_in.ResetPasswordKeyForm",
    "reauthenticate": "madang.portal.forms.sign_in.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
"""Whoever signs in stays for `SESSION_COOKIE_AGE`: one rule for all, and nothing to tick."""
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/m/key",
}
MFA_ADAPTER = "madang.portal.sign_in.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "madang.portal.forms.sign_in.AuthenticateForm",
    "reauthenticate": "madang.portal.forms.sign_in.CodeAgainForm",
    "activate_totp": "madang.portal.forms.sign_in.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Madang"
MFA_TOTP_TOLERANCE = 1
"""A telephone's clock may be half a minute off."""
SOCIALACCOUNT_ADAPTER = "madang.portal.sign_in.OutsideAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "madang.portal.forms.sign_in.OutsideSignupForm",
    "disconnect": "madang.portal.forms.sign_in.DisconnectForm",
}
OIDC_ISSUER = os.environ.get("MADANG_OIDC_ISSUER", "")
SOCIALACCOUNT_PROVIDERS = openid(os.environ)

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
"""Straight from the packages; production collects them once, with digests in their names."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LARGEST_BODY = 512 * 2**20
"""The largest request of who is signed in; of all others, `DATA_UPLOAD_MAX_MEMORY_SIZE` is."""
# Uploads beyond this go to a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

CONTENT_SECURITY_POLICY: dict[str, dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
if OIDC_ISSUER:
    # A browser holds the answer to a form to this list too, and sign-in answers by sending it on.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
        "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))
    )
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "madang.portal.views.problems.forbidden_form"

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
LIMITS = True
"""Whether `portal.limits` counts: tests and measurements of speed switch it off."""
PROXIES = 0
"""How many proxies of our own stand before the site and add to X-Forwarded-For."""
WEBHOOKS_TO_ANYWHERE = False
"""Whether webhooks may go to plain http and to addresses of this network: never in production."""
METRICS_TOKEN = os.environ.get("MADANG_METRICS_TOKEN", "")
"""Who has it may read `/metrics` from another machine."""
LOGGING = logs.configuration(os.environ.get("MADANG_LOG", ""))
LEASE_S = 30.0
"""How long a silent worker keeps a run."""
SIGN_IN_LINKS = False
"""One-time sign-in links for example people: in development on loopback only."""
