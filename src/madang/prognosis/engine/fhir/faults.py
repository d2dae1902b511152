"""How are breaches gathered while a resource is checked, at no cost where there is none?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Rule: TypeAlias = Callable[[Any], "list[Fault] | None"]
    """A check of one value: None where it holds, as nearly always."""


class Fault:
    """A breach on its way up: each holder puts its own step before the path.

    Attributes:
        path: Steps from the checked value down, such as `.code.coding[0].system`.
        pending: A reference that only the holder of its target can resolve, or empty.
        targets: The types that the pending reference may point to; empty where any.
    """

    __slots__ = ("code", "path", "pending", "rule", "said", "severity", "targets")

    def __init__(
        self, code: str, rule: str, said: Words, *, severity: str = "error", path: str = ""
    ) -> None:
        self.code, self.rule, self.said, self.severity = code, rule, said, severity
        self.path = path
        self.pending = ""
        self.targets: frozenset[str] = frozenset()


def stepped(faults: list[Fault], step: str) -> list[Fault]:
    """The same faults, seen from the holder: the step goes before each path."""
    for fault in faults:
        fault.path = step + fault.path
    return faults


def shown(value: object) -> str:
    """A value as a sentence quotes it: short, and of plain characters."""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"{text[:60]}…" if len(text) > 60 else text


def wrong_type(value: object, expected: str) -> list[Fault]:
    """A value of another JSON type, or a mark of the strict reader."""
    key = getattr(value, "key", None)
    if key is not None:
        quoted = shown(key)
        said = words(
            f"같은 이름 '{quoted}'이 한 객체에 두 번 있습니다.",
            f"The key '{quoted}' stands twice in one object.",
        )
        return [Fault("structure", "madang-key-twice", said)]
    text = getattr(value, "text", None)
    if text is not None:
        said = words(
            f"{text}는 JSON의 수가 아닙니다. 유한한 수를 적으십시오.",
            f"{text} is no number of JSON; write a finite one.",
        )
        return [Fault("structure", "madang-finite", said)]
    return [
        Fault(
            "structure",
            "madang-type",
            words(
                f"{shown(value)}: {expected} 형식이 아닙니다.", f"{shown(value)} is no {expected}."
            ),
        )
    ]
