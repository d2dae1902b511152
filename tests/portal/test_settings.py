"""Production refuses what would leave it open, and says so; what it serves is shut tight."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KEY = "kQ7-zV2pXw9LmN4tRb6Yh1Jd8Sf3Gc5Ae0Uo-iTnEqWxCyBvMu"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "madang.portal.settings.prod",
    "MADANG_SECRET_KEY": KEY,
    "MADANG_HOSTS": "madang.example.go.kr,www.example.go.kr",
    "MADANG_DATABASE": "postgresql://site:pass@127.0.0.1:9/site",
    "MADANG_MAIL": "smtp://user:pass@mail.example.go.kr:587",
    "LC_ALL": "C.UTF-8",
}
ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
client = Client(headers={"host": "madang.example.go.kr"})
plain = client.get("/search")
shown = client.get("/search", secure=True)
spoken = client.post("/language", {"language": "en"}, secure=True)
form = client.get("/account/login/", secure=True)
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "status": shown.status_code,
    "headers": dict(shown.headers),
    "page": shown.content.decode(),
    "cookies": [each.OutputString() for each in spoken.cookies.values()]
    + [each.OutputString() for each in form.cookies.values()],
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
                settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_DOMAIN,
                settings.SESSION_COOKIE_PATH],
    "links": settings.SIGN_IN_LINKS,
    "cache": settings.CACHES["default"]["BACKEND"],
    "other host": client.get("/search", secure=True, headers={"host": "evil.example"}).status_code,
}))
"""


READ = """
from madang.kernel.errors import InputError
try:
    import madang.portal.settings.prod
except InputError as fault:
    print(fault)
"""


def run(folder: Path, *command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run a command with the settings of production, some of them changed."""
    # What other tests of this process need of Django is not set in production.
    outer = {name: each for name, each in os.environ.items() if not name.startswith("DJANGO_")}
    given = {**outer, **PRODUCTION, "MADANG_DATA": str(folder), **changes}
    environment = {name: value for name, value in given.items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )


def check(folder: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    command = ("-m", "madang", "manage", "check", "--deploy", "--fail-level", "WARNING")
    return run(folder, *command, **changes)


def test_the_check_for_production_finds_nothing(tmp_path: Path) -> None:
    done = check(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MADANG_SECRET_KEY", None, "Found no MADANG_SECRET_KEY; expected at least 50"),
        ("MADANG_SECRET_KEY", "short", "Found a key of 5 characters"),
        ("MADANG_SECRET_KEY", "a" * 60, "expected at least 50 random characters"),
        ("MADANG_HOSTS", "", "Found no MADANG_HOSTS"),
        ("MADANG_HOSTS", "*", "no asterisk"),
        ("MADANG_HOSTS", "https://madang.example.go.kr", "names such as"),
        ("MADANG_DATABASE", None, "Found no MADANG_DATABASE"),
        ("MADANG_DATABASE", "sqlite:///x", "one that begins with postgresql://"),
        ("MADANG_MAIL", None, "Found no MADANG_MAIL"),
        ("MADANG_MAIL", "mail.example.go.kr", "one that begins with smtp://"),
        ("MADANG_PROXIES", "two", "Found MADANG_PROXIES=two"),
        ("MADANG_OIDC_ISSUER", "http://id.example", "one that begins with https://"),
    ],
)
def test_what_is_missing_or_unsafe_is_one_sentence(
    tmp_path: Path, name: str, value: str | None, said: str
) -> None:
    done = run(tmp_path, "-c", READ, **{name: value})

    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert f"Set the environment variable {name} (docs/en/operating.md)." in done.stdout


@pytest.mark.parametrize(("proxies", "believed"), [(None, "True"), ("2", "True"), ("0", "False")])
def test_only_a_proxy_may_say_that_it_spoke_tls(
    tmp_path: Path, proxies: str | None, believed: str
) -> None:
    ask = (
        "from madang.portal.settings import prod; print(hasattr(prod, 'SECURE_PROXY_SSL_HEADER'))"
    )
    done = run(tmp_path, "-c", ask, MADANG_PROXIES=proxies)

    assert done.stdout.strip() == believed, done.stderr


def test_an_operator_reads_one_sentence_in_their_language(tmp_path: Path) -> None:
    done = check(tmp_path, MADANG_SECRET_KEY=None, MADANG_LANG="ko")

    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "확인된 내용: MADANG_SECRET_KEY 없음." in done.stderr


def test_what_production_serves_is_shut_tight(tmp_path: Path) -> None:
    collected = run(tmp_path, "-m", "madang", "manage", "collectstatic", "--noinput")
    assert collected.returncode == 0, collected.stderr
    done = run(tmp_path, "-c", ASK, MADANG_OIDC_ISSUER="https://id.example.go.kr/realm")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    headers = told["headers"]
    policy = dict(
        each.strip().partition(" ")[::2] for each in headers["Content-Security-Policy"].split(";")
    )

    assert told["plain"] == [301, "https://madang.example.go.kr/search"]
    assert (told["status"], told["other host"]) == (200, 400)
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self' https://id.example.go.kr",
        "frame-ancestors": "'none'",
        "upgrade-insecure-requests": "",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert told["session"] == ["__Host-session", True, True, None, "/"]
    assert told["links"] is False
    assert told["cache"] == "django.core.cache.backends.db.DatabaseCache"
    assert told["cookies"]
    for cookie in told["cookies"]:
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie
        assert "Domain" not in cookie
    assert any(each.startswith("__Host-csrf=") for each in told["cookies"])


def test_static_files_carry_their_digest_and_are_compressed(tmp_path: Path) -> None:
    run(tmp_path, "-m", "madang", "manage", "collectstatic", "--noinput")
    names = {each.name for each in (tmp_path / "static/portal").iterdir() if each.is_file()}

    sheets = {each for each in names if each.startswith("madang.") and each.endswith(".css")}
    assert len(sheets) == 2  # by its name, and by name and digest
    assert {f"{each}.br" for each in sheets} <= names


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_variable_stands_in_the_operators_guide(language: str) -> None:
    guide = (ROOT / f"docs/{language}/operating.md").read_text("utf-8")
    read = {
        name
        for module in ("base", "prod")
        for name in re.findall(
            r'"(MADANG_[A-Z_]+)"', (ROOT / f"src/madang/portal/settings/{module}.py").read_text()
        )
        if not name.startswith("MADANG_OIDC_") or name.endswith("_ISSUER")
    }

    assert len(read) > 10
    assert {name for name in read if f"`{name}`" not in guide} == set()
