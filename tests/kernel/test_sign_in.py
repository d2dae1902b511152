"""A token is kept for its owner's eyes alone, and given to its own site alone."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from madang.kernel import sign_in
from madang.kernel.errors import InputError
from madang.kernel.remote import Remote, checked_site

if TYPE_CHECKING:
    from pathlib import Path

SITE, TOKEN = "https://madang.example", "mdg_0123456789_" + "a" * 52
OTHER, OTHERS = "https://other.example", "mdg_9876543210_" + "b" * 52


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("MADANG_SITE", raising=False)
    monkeypatch.delenv("MADANG_TOKEN", raising=False)
    return tmp_path


def test_what_was_kept_is_found_again() -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))
    sign_in.keep(Remote(site=OTHER, token=OTHERS))

    assert sign_in.remote(SITE).token == TOKEN
    assert sign_in.remote(OTHER).token == OTHERS
    assert sign_in.remote().site == OTHER, "the last sign-in"


def test_nobody_else_may_read_it() -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))

    assert stat.S_IMODE(sign_in.file().stat().st_mode) == 0o600
    assert stat.S_IMODE(sign_in.file().parent.stat().st_mode) == 0o700
    assert [each.name for each in sign_in.file().parent.iterdir()] == ["sites.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(mode: int) -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))
    sign_in.file().chmod(mode)

    with pytest.raises(InputError, match="chmod 600"):
        sign_in.remote(SITE)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tokens": 1, "last": ""}', "\xff"])
def test_a_damaged_file_is_told_of(text: str) -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))
    sign_in.file().write_text(text)

    with pytest.raises(InputError, match="damaged"):
        sign_in.remote(SITE)


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))
    monkeypatch.setenv("MADANG_SITE", OTHER)
    monkeypatch.setenv("MADANG_TOKEN", f" {OTHERS}\n")

    assert sign_in.remote() == Remote(site=OTHER, token=OTHERS)


def test_the_environments_token_goes_to_no_other_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADANG_TOKEN", OTHERS)
    with pytest.raises(InputError):
        sign_in.remote(SITE)

    monkeypatch.setenv("MADANG_SITE", OTHER)
    with pytest.raises(InputError):
        sign_in.remote(SITE)


def test_whoever_never_signed_in_is_told_how() -> None:
    with pytest.raises(InputError, match="madang login"):
        sign_in.remote()
    with pytest.raises(InputError, match="madang login --site https://madang.example"):
        sign_in.remote(SITE)


def test_what_is_forgotten_is_gone_and_the_other_stays() -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))
    sign_in.keep(Remote(site=OTHER, token=OTHERS))

    assert sign_in.forget(OTHER)
    assert not sign_in.forget(OTHER)
    assert OTHERS not in sign_in.file().read_text()
    assert sign_in.remote().site == SITE


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("https://madang.example", SITE),
        (" https://MADANG.example/ ", SITE),
        ("https://madang.example:8443", "https://madang.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_site_is_scheme_and_host(text: str, site: str) -> None:
    assert checked_site(text) == site


@pytest.mark.parametrize(
    "text",
    [
        "",
        "madang.example",
        "http://madang.example",
        "http://127.0.0.1.example",
        "ftp://madang.example",
        "https://user:secret@madang.example",
        "https://madang.example/path",
        "https://madang.example?x",
        "https://[::1",
        "https://madang.example:port",
        "file:///etc/passwd",
    ],
)
def test_what_would_send_the_token_astray_is_no_site(text: str) -> None:
    with pytest.raises(InputError):
        checked_site(text)


@pytest.mark.parametrize("token", ["secret", "mdg_a_b\r\nHost: x", "Bearer mdg_a_b", "mdg_ㄱ_b"])
def test_what_is_no_token_is_never_sent(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADANG_SITE", SITE)
    monkeypatch.setenv("MADANG_TOKEN", token)

    with pytest.raises(InputError) as refused:
        sign_in.remote()
    assert token not in str(refused.value)


def test_a_remote_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Remote(site=SITE, token=TOKEN))


def test_the_file_holds_what_it_says() -> None:
    sign_in.keep(Remote(site=SITE, token=TOKEN))

    assert json.loads(sign_in.file().read_text()) == {"last": SITE, "tokens": {SITE: TOKEN}}
