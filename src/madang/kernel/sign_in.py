"""At which site is this person's machine signed in, and with which token?

`MADANG_SITE` and `MADANG_TOKEN` come first: in CI nothing is kept on disk. Else a file in the
person's own configuration, which nobody else may read, holds one token a site.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from madang.kernel.errors import InputError
from madang.kernel.remote import Remote, checked_site, checked_token
from madang.kernel.words import words


def file() -> Path:
    """Where tokens are kept (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".config"
    return folder / "madang" / "sites.json"


def remote(site: str = "") -> Remote:
    """The site to use, with its token.

    Args:
        site: Its address; where empty, that of `MADANG_SITE`, else of the last sign-in.

    Raises:
        InputError: Nobody is signed in there.
    """
    kept = _kept()
    wanted = site or os.environ.get("MADANG_SITE", "") or kept["last"]
    if not wanted:
        raise InputError(
            words("로그인하지 않은 컴퓨터", "no site that this machine is signed in at"),
            words(
                "MADANG_SITE와 MADANG_TOKEN, 또는 로그인",
                "MADANG_SITE and MADANG_TOKEN, or a sign-in",
            ),
            words("먼저 실행하십시오: madang login", "First run: madang login"),
        )
    address = checked_site(wanted)
    # The variable's token belongs to the variable's site, and is sent to no other.
    named = os.environ.get("MADANG_SITE", "")
    token = os.environ.get("MADANG_TOKEN", "") if _is_same(named, address) else ""
    token = token.strip() or kept["tokens"].get(address, "")
    if not token:
        raise InputError(
            words(f"{address}의 토큰 없음", f"no token of {address}"),
            words("이 사이트의 토큰", "a token of this site"),
            words(
                f"먼저 실행하십시오: madang login --site {address}",
                f"First run: madang login --site {address}",
            ),
        )
    return Remote(site=address, token=checked_token(token))


def keep(found: Remote) -> None:
    """Remember a token, for this person's eyes alone."""
    kept = _kept()
    kept["tokens"][found.site] = found.token
    kept["last"] = found.site
    _write(kept)


def forget(site: str) -> bool:
    """Forget the token of a site; True if there was one."""
    kept = _kept()
    known = kept["tokens"].pop(site, None) is not None
    if kept["last"] == site:
        kept["last"] = next(iter(kept["tokens"]), "")
    if known:
        _write(kept)
    return known


def last() -> str:
    """The site of the last sign-in; empty where there was none."""
    return os.environ.get("MADANG_SITE", "") or str(_kept()["last"])


def _is_same(named: str, address: str) -> bool:
    return bool(named) and checked_site(named) == address


def _kept() -> dict[str, Any]:
    """What is kept.

    Raises:
        InputError: Others may read it, or it is not what was written.
    """
    place = file()
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
        text = place.read_text("utf-8")
    except FileNotFoundError:
        return {"last": "", "tokens": {}}
    except OSError as fault:
        raise _unfit(place, "읽을 수 없는", "an unreadable") from fault
    if mode & 0o077:
        raise InputError(
            words(f"다른 사람도 읽을 수 있는 {place}", f"{place}, which others may read"),
            words("자신만 읽는 파일", "a file that its owner alone reads"),
            words(f"실행하십시오: chmod 600 {place}", f"Run: chmod 600 {place}"),
        )
    try:
        found = json.loads(text)
        tokens = {str(name): str(token) for name, token in found["tokens"].items()}
        return {"last": str(found["last"]), "tokens": tokens}
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise _unfit(place, "손상된", "a damaged") from fault


def _unfit(place: Path, ko: str, en: str) -> InputError:
    return InputError(
        words(f"{ko} 파일 {place}", f"{en} file {place}"),
        words("'madang login'이 쓴 파일", "what 'madang login' wrote"),
        words("지우고 다시 로그인하십시오.", "Remove it and sign in again."),
    )


def _write(kept: dict[str, Any]) -> None:
    """Write the whole file or nothing, never readable by others on the way."""
    place = file()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as text:
        json.dump(kept, text, indent=1)
        text.flush()
        os.fsync(text.fileno())
    draft.replace(place)
