"""In which language is this said? A sentence in Korean and English, told in the reader's language.

Machines and engines speak plain English; whatever a person may read carries both languages. The
language is that of `speaking(...)`, else of `MADANG_LANG`, else of the locale; English where
unknown.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Language: TypeAlias = Literal["ko", "en"]

_spoken: ContextVar[Language | None] = ContextVar("spoken_language", default=None)


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in both languages; `str()` gives those of the reader's language."""

    ko: str
    en: str

    def __str__(self) -> str:
        return self.ko if language() == "ko" else self.en

    def within(self, language: Language) -> str:
        """The words in the given language."""
        return self.ko if language == "ko" else self.en


def words(ko: str, en: str) -> Words:
    """Pair the Korean with the English words."""
    return Words(ko, en)


def within(text: Words | str, language: Language) -> str:
    """Words in the given language; a plain string (a name, a number) stays as it is."""
    return text if isinstance(text, str) else text.within(language)


def particle(word: str, closed: str, open_: str) -> str:
    """The word with the particle that its last syllable asks for: 모형을, 부스팅을, 나무를.

    Args:
        word: What stands before; a final quotation mark or bracket is looked through.
        closed: The form after a final consonant, such as 을.
        open_: The form after a vowel, such as 를. Where the last sign is no Hangul syllable,
            both are written: 을(를).

    Source: Unicode 15, section 3.12: a Hangul syllable's number modulo 28 is its final consonant.
    """
    bare = word.rstrip("'\"”’)]")
    if not bare or not "가" <= bare[-1] <= "힣":
        return f"{word}{closed}({open_})"
    return word + (closed if (ord(bare[-1]) - ord("가")) % 28 else open_)


def language() -> Language:
    """The language of the person being spoken to."""
    spoken = _spoken.get()
    if spoken:
        return spoken
    for variable in ("MADANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak this language inside the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)
