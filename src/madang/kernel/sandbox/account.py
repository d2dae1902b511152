"""What is said of the jail of this machine: for people in their language, for programs as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from madang.kernel.words import Words, within, words

if TYPE_CHECKING:
    from madang.kernel.sandbox.apparmor import Installed
    from madang.kernel.sandbox.probe import Probe


def as_json(found: Probe) -> str:
    """One JSON object: whether it works, what was found, and in both languages why not."""
    return json.dumps(
        {
            "works": found.refusal is None,
            "bubblewrap": found.bubblewrap and found.bubblewrap.path,
            "origin": found.bubblewrap and found.bubblewrap.origin,
            "version": found.version,
            "user_namespaces": found.namespaces,
            "outer_uid": found.outer_uid if found.outer_uid >= 0 else None,
            "cgroup": found.cgroup,
            "cgroup_refused": found.cgroup_refused,
            "seccomp": {"refused_calls": list(found.rules), "skipped": list(found.skipped)},
            "refusal": _both(found.refusal),
            "remedy": _both(found.remedy),
        },
        ensure_ascii=False,
    )


def as_text(found: Probe) -> str:
    """A few lines: whether it works, with what, or why not and what to do."""
    if found.refusal:
        lines: list[Words | str] = [
            words("격리 실행을 쓸 수 없습니다.", "The sandbox does not work here.")
        ]
        lines += [each for each in (found.refusal, found.remedy) if each]
        return "\n".join(str(line) for line in lines)
    program = found.bubblewrap.path if found.bubblewrap else ""
    lines = [
        words("격리 실행을 쓸 수 있습니다.", "The sandbox works here."),
        words(
            f"프로그램: bubblewrap {found.version} ({program})",
            f"Program: bubblewrap {found.version} ({program})",
        ),
        words(
            f"실행 사용자(외부 uid): {found.outer_uid}", f"User outside (uid): {found.outer_uid}"
        ),
        words(f"자원 한도: {_held_ko(found)}", f"Limits held by: {_held_en(found)}"),
        words(
            f"차단한 시스템 호출: {len(found.rules)}개, 없는 호출: {len(found.skipped)}개",
            f"System calls refused: {len(found.rules)}, absent here: {len(found.skipped)}",
        ),
    ]
    return "\n".join(str(line) for line in lines)


def of_profile(installed: Installed) -> str:
    """Where the profile stands now and what is left to do."""
    if installed.loaded:
        said = words(
            f"프로파일을 적용했습니다: {installed.path}", f"Profile in force: {installed.path}"
        )
    else:
        said = words(
            f"프로파일을 저장했습니다: {installed.path}. AppArmor 를 다시 시작하면 적용됩니다.",
            f"Profile written: {installed.path}. It takes force when AppArmor is started again.",
        )
    return str(said)


def _held_ko(found: Probe) -> str:
    return "프로세스별 한도(rlimit)" if found.cgroup == "rlimits" else f"cgroup {found.cgroup}"


def _held_en(found: Probe) -> str:
    return "rlimits only" if found.cgroup == "rlimits" else f"cgroup {found.cgroup}"


def _both(said: Words | str | None) -> dict[str, str] | None:
    return {"ko": within(said, "ko"), "en": within(said, "en")} if said else None
