"""Why did a run end without a score, and whose matter is it?

Every failed run carries exactly one cause. A firm's cause counts against its quota; a platform's
is tried again and never counts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cause(StrEnum):
    """The closed list of causes. The values stand in records and never change their meaning."""

    CRASH = "crash"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    FORBIDDEN = "forbidden"
    OUTPUT_MISSING = "output_missing"
    OUTPUT_INVALID = "output_invalid"
    OUTPUT_TOO_LARGE = "output_too_large"
    SANDBOX_UNAVAILABLE = "sandbox_unavailable"
    WORKER_LOST = "worker_lost"
    STORAGE = "storage"
    SCORER_LOST = "scorer_lost"
    METRIC = "metric"
    TIME_LIMIT = "time_limit"
    UNAVAILABLE = "unavailable"
    DEFECT = "defect"

    @property
    def is_firms(self) -> bool:
        """Is it the firm's matter, so that the run counts against its quota?"""
        return self not in _PLATFORM

    @property
    def words(self) -> Words:
        """The cause for a reader."""
        return _WORDS[self]


_PLATFORM = frozenset(
    {
        Cause.SANDBOX_UNAVAILABLE,
        Cause.WORKER_LOST,
        Cause.STORAGE,
        Cause.SCORER_LOST,
        Cause.METRIC,
        Cause.TIME_LIMIT,
        Cause.UNAVAILABLE,
        Cause.DEFECT,
    }
)

_WORDS: Mapping[Cause, Words] = {
    Cause.CRASH: words("실행 중 오류로 중단됨", "stopped by an error of its own"),
    Cause.TIMEOUT: words("제한 시간을 넘김", "ran out of time"),
    Cause.MEMORY: words("제한 메모리를 넘김", "ran out of memory"),
    Cause.FORBIDDEN: words("금지된 동작을 시도함", "tried what the jail forbids"),
    Cause.OUTPUT_MISSING: words("결과를 내지 않음", "returned no answers"),
    Cause.OUTPUT_INVALID: words("결과 형식이 맞지 않음", "returned answers of the wrong form"),
    Cause.OUTPUT_TOO_LARGE: words("결과가 너무 큼", "returned too much"),
    Cause.SANDBOX_UNAVAILABLE: words("격리 환경을 사용할 수 없음", "sandbox unavailable"),
    Cause.WORKER_LOST: words("작업 프로세스가 사라짐 (플랫폼)", "worker lost (platform)"),
    Cause.STORAGE: words("저장소 오류 (플랫폼)", "storage fault (platform)"),
    Cause.SCORER_LOST: words("채점 프로세스가 사라짐 (플랫폼)", "scorer lost (platform)"),
    Cause.METRIC: words(
        "기관의 자체 지표가 멈춤 (플랫폼)", "the agency's own metric stopped (platform)"
    ),
    Cause.TIME_LIMIT: words(
        "작업 시간 한도를 넘김 (플랫폼)", "job over its time limit (platform)"
    ),
    Cause.UNAVAILABLE: words(
        "필요한 서비스를 사용할 수 없음 (플랫폼)", "service unavailable (platform)"
    ),
    Cause.DEFECT: words("플랫폼의 결함", "defect of the platform"),
}


def words_of(cause: str) -> Words | None:
    """A cause for a reader; None where the trials know none such."""
    return Cause(cause).words if cause in set(Cause) else None
