"""What can go wrong around a job, apart from what the job itself raises?

MadangError
├── Fenced              nobody: a later lease holds the run, so this worker lets go of it
├── JobFailed           the job itself: it ended for a cause that it has a word for
├── Unwanted            nobody: a cancel was asked, or the lease was lost; the job ends here
└── Unavailable         the operator
    └── WorkerLost      the process that ran the job ended without an answer
TypeError
└── NotPlain            a defect: a job was given, or gave back, what is not plain JSON
"""

from __future__ import annotations

from typing import Any

from madang.kernel.errors import MadangError, Unavailable
from madang.kernel.words import Language, words


class Fenced(MadangError):
    """The lease is no longer valid; nothing was changed. The worker lets go of the run."""

    def __init__(self, id: str, token: int) -> None:
        self.id, self.token = id, token
        super().__init__(id, token)

    def sentence(self, language: Language) -> str:
        """Which run, and with which token it was held."""
        if language == "ko":
            return f"작업 {self.id}의 임대(번호 {self.token})는 더 이상 유효하지 않습니다."
        return f"The lease of job {self.id} (token {self.token}) is no longer valid."


class JobFailed(MadangError):
    """A job says that it failed, and why, in a word of its own.

    Args:
        cause: The typed cause, such as `memory`.
        detail: Plain JSON beside it.
        retry: Whether another attempt may help.
    """

    def __init__(self, cause: str, detail: dict[str, Any] | None = None, *, retry: bool) -> None:
        self.cause, self.detail, self.retry = cause, detail or {}, retry
        super().__init__(cause)

    def sentence(self, language: Language) -> str:
        """The cause."""
        return f"작업 실패: {self.cause}" if language == "ko" else f"The job failed: {self.cause}"


class Unwanted(MadangError):
    """The work is no longer wanted: raised out of a progress callback to end a job."""

    def sentence(self, language: Language) -> str:
        """That it was called off."""
        return "작업이 취소되었습니다." if language == "ko" else "The job was called off."


class WorkerLost(Unavailable):
    """The process that ran a job died: killed, out of memory, or crashed.

    Args:
        reference: The job.
        code: Its exit code; negative: the signal that ended it; None: not known.
    """

    def __init__(self, reference: str, code: int | None) -> None:
        self.reference, self.code = reference, code
        ko, en = _ending(code)
        super().__init__(
            words(f"작업 {reference}", f"job {reference}"),
            reason=words(
                f"작업을 수행하던 프로세스가 결과 없이 종료됨({ko})",
                f"its process ended without an answer ({en})",
            ),
            remedy=words(
                "메모리가 충분한지 확인한 뒤 다시 실행하십시오.",
                "Check that the machine has enough memory, then run it again.",
            ),
        )


def _ending(code: int | None) -> tuple[str, str]:
    """How a process ended, in Korean and English."""
    if code is None:
        return "종료 코드 알 수 없음", "exit code unknown"
    if code < 0:
        return f"신호 {-code}", f"signal {-code}"
    return f"종료 코드 {code}", f"exit code {code}"


class NotPlain(TypeError):
    """A job's parameters or result hold something that JSON cannot carry unchanged.

    Args:
        place: Where, as a path such as `result.scores[3]`.
        kind: What stands there (a type's name, or what is wrong with the value).
    """

    def __init__(self, place: str, kind: str) -> None:
        self.place, self.kind = place, kind
        super().__init__(place, kind)

    def __str__(self) -> str:
        return (
            f"{self.place} is {self.kind}; expected plain JSON: dict with text keys, list, str, "
            "int, finite float, bool or None"
        )
