"""Who must act when something cannot go on?

    MadangError
    ├── InputError      the user: what was handed in cannot be read or used (exit code 3)
    ├── MissingExtra    the installer: a part of the product is not installed (also an ImportError)
    └── Unavailable     the operator: this machine or service cannot do it now

Everything else that is raised is a defect of the product. A message says what was found, what was
expected and what to do, in the language of the reader (`madang.kernel.words`).
"""

from __future__ import annotations

from typing import Any

from madang.kernel.words import Language, Words, language, within


class MadangError(Exception):
    """Base of every failure that the product foresees."""

    def sentence(self, language: Language) -> str:
        """The message in the given language."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.sentence(language())

    def __reduce__(self) -> tuple[Any, ...]:
        # These errors travel between processes; the usual way home would call the class with
        # `args`, which fails on keyword arguments.
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[MadangError], args: tuple[Any, ...], state: dict[str, Any]) -> MadangError:
    """The error as it was in the process that it comes from."""
    fault = kind.__new__(kind, *args)
    fault.__dict__.update(state)
    return fault


class InputError(MadangError):
    """Something handed in cannot be used; nothing of it was kept.

    Catch it at a face (command, page) to show its sentence; engines let it pass.

    Args:
        found: What was found, with the place (file, line, column, case).
        expected: What would have been accepted.
        remedy: What to do; may be empty where `expected` says it all.
    """

    def __init__(
        self, found: Words | str, expected: Words | str, remedy: Words | str = ""
    ) -> None:
        self.found, self.expected, self.remedy = found, expected, remedy
        super().__init__(found, expected, remedy)

    def sentence(self, language: Language) -> str:
        """What was found, what was expected, what to do."""
        found, expected, remedy = (
            within(text, language) for text in (self.found, self.expected, self.remedy)
        )
        if language == "ko":
            return f"확인된 내용: {found}. 필요한 내용: {expected}." + (
                f" {remedy}" if remedy else ""
            )
        return f"Found {found}; expected {expected}." + (f" {remedy}" if remedy else "")


class MissingExtra(MadangError, ImportError):
    """A system's libraries are not installed. The message names the command that installs them."""

    def __init__(self, *, system: str, extra: str) -> None:
        self.system, self.extra = system, extra
        super().__init__(system, extra)

    def sentence(self, language: Language) -> str:
        """Which libraries are missing and how to install them."""
        command = f"pip install 'madang[{self.extra}]'"
        if language == "ko":
            return (
                f"{self.system}에 필요한 라이브러리가 설치되어 있지 않습니다. 설치 명령: {command}"
            )
        return (
            f"{self.system} needs libraries that are not installed. Install them with: {command}"
        )


class Unavailable(MadangError):
    """This machine or a service cannot do what was asked, for a reason its operator can mend.

    Args:
        what: What is not available.
        reason: Why, as observed.
        remedy: What the operator can do.
    """

    def __init__(
        self, what: Words | str, *, reason: Words | str, remedy: Words | str = ""
    ) -> None:
        self.what, self.reason, self.remedy = what, reason, remedy
        super().__init__(what, reason, remedy)

    def sentence(self, language: Language) -> str:
        """What is not available, why, and what the operator can do."""
        what, reason, remedy = (
            within(text, language) for text in (self.what, self.reason, self.remedy)
        )
        end = f" {remedy}" if remedy else ""
        if language == "ko":
            return f"사용할 수 없음: {what}. 사유: {reason}.{end}"
        return f"{what} is unavailable: {reason}.{end}"
