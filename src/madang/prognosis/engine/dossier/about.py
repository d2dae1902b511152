"""What does the team itself say of its model? The file `about.yaml`, read strictly.

    title:
      ko: 유방암 재발 예측 모형의 개발
      en: Development of a model of breast cancer recurrence
    ethics:
      ko: …
      en: …

Each key answers one item of TRIPOD+AI (`tripod.ITEMS`), or one of `MORE`. Every text stands in
both languages. A key that is not known is refused, since a misspelt answer would silently be
missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.kernel.yaml_text import read_yaml
from madang.prognosis.engine.dossier import tripod

if TYPE_CHECKING:
    from collections.abc import Mapping

About: TypeAlias = "Mapping[str, Words]"

MORE = {
    "time_unit": words("기간의 단위", "unit of the follow-up"),
    "not_for": words("쓰지 말아야 할 대상", "for whom it is not meant"),
}
"""Keys beside those of the items."""

LONGEST = 4_000
_LANGUAGES = ("ko", "en")


def keys() -> tuple[str, ...]:
    """All keys, in the order of the items."""
    return (*(item.about for item in tripod.ITEMS if item.about), *MORE)


def read_about(content: bytes) -> dict[str, Words]:
    """The team's answers.

    Raises:
        InputError: It is no YAML, a key is not known, a language is missing or more, or a text is
            empty, too long or no text; the key is named.
    """
    found = read_yaml(content)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InputError(
            words("about.yaml: 항목 목록이 아님", "about.yaml, which is no mapping"),
            words("항목 이름과 두 언어의 글", "keys, each with a text in both languages"),
        )
    known = keys()
    for name in found:
        if name not in known:
            raise InputError(
                words(f"about.yaml: 알 수 없는 항목 {name!r}", f"about.yaml: the key {name!r}"),
                words(f"{', '.join(known)} 가운데 하나", f"one of {', '.join(known)}"),
            )
    return {name: _both(name, value) for name, value in found.items()}


def _both(name: str, value: object) -> Words:
    if not isinstance(value, dict) or set(value) != set(_LANGUAGES):
        shown = ", ".join(map(str, value)) if isinstance(value, dict) else type(value).__name__
        raise InputError(
            words(f"about.yaml: {name!r}의 내용 {shown!r}", f"about.yaml: {shown!r} in {name!r}"),
            words("ko와 en 두 언어의 글", "a text in ko and one in en"),
        )
    for language in _LANGUAGES:
        text = value[language]
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
            raise InputError(
                words(
                    f"about.yaml: {name}.{language}의 글이 없거나 너무 김",
                    f"about.yaml: no text, or too long a one, in {name}.{language}",
                ),
                words(f"1–{LONGEST}자의 글", f"a text of 1 to {LONGEST} characters"),
            )
    return words(value["ko"].strip(), value["en"].strip())
