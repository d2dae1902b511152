"""How does Ubuntu's AppArmor let bubblewrap make user namespaces? By a profile that says so.

Since Ubuntu 23.10 the kernel can refuse user namespaces to programs without such a profile
(`kernel.apparmor_restrict_unprivileged_userns`). The profile below confines nothing: it only names
bubblewrap and grants `userns`, as Ubuntu's own profiles do for browsers.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import process
from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.gate import STAGES
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.sandbox.warden import Bubblewrap

NAME = "madang-bwrap"
FOLDER = Path("/etc/apparmor.d")
_WHAT = words("AppArmor 프로파일 설치", "installing the AppArmor profile")


class Installed(NamedTuple):
    """Where the profile was written, and whether the kernel has it already."""

    path: Path
    loaded: bool


def profile_text(bubblewrap: Bubblewrap) -> str:
    """The profile for this bubblewrap, under its own path and the one of a root start."""
    paths = [bubblewrap.path]
    for source, name in bubblewrap.sources():
        if bubblewrap.path.startswith(source):
            paths.append(f"{STAGES[0]}/{name}{bubblewrap.path.removeprefix(source)}")
    attached = ",".join(_literal(path) for path in paths)
    where = f"{{{attached}}}" if len(paths) > 1 else attached
    return (
        "# Lets bubblewrap make the user namespace of a jail.\n"
        "abi <abi/4.0>,\n"
        "include <tunables/global>\n\n"
        f'profile {NAME} "{where}" flags=(unconfined) {{\n'
        "  userns,\n\n"
        f"  include if exists <local/{NAME}>\n"
        "}\n"
    )


def install(bubblewrap: Bubblewrap, *, folder: Path = FOLDER) -> Installed:
    """Write the profile, and load it where AppArmor's parser is there.

    Raises:
        Unavailable: The folder does not exist or cannot be written, or the parser refuses.
    """
    path = folder / NAME
    try:
        path.write_text(profile_text(bubblewrap), encoding="utf-8")
    except OSError as fault:
        raise Unavailable(
            _WHAT,
            reason=f"{path}: {fault.strerror}",
            remedy=words(
                "AppArmor 가 있는 시스템에서 `sudo make sandbox-profile` 을 실행해 주십시오.",
                "Run `sudo make sandbox-profile` on a system that has AppArmor.",
            ),
        ) from fault
    parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if not parser:
        return Installed(path, loaded=False)
    ended = process.run([parser, "-r", str(path)], timeout_s=60)
    if ended.code:
        raise Unavailable(_WHAT, reason=ended.stderr.decode("utf-8", "replace").strip()[:300])
    return Installed(path, loaded=True)


def _literal(path: str) -> str:
    """The path with every sign that AppArmor's patterns treat specially taken literally."""
    return re.sub(r'([\\*?\[\]{}^,"])', r"\\\1", path)
