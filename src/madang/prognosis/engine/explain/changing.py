"""Which values does an organisation say can be changed? A list in YAML, each with its source.

- column: albumin_g_dl
  to: 4.0
  direction: higher
  low: 3.0
  high: 5.0
  source: Author A et al. Journal 2020;1:1-2
  caution: {ko: 영양 상태와 함께 봅니다., en: Look at nutrition as well.}
"""

from __future__ import annotations

from typing import Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.explain.alternatives import Modifiable

KEYS = frozenset({"column", "to", "direction", "low", "high", "levels", "source", "caution"})
NEEDED = frozenset({"column", "to", "source", "caution"})
_EXPECTED = words(
    "column, to, source, caution(ko와 en)과 숫자의 direction, low, high 또는 분류의 levels",
    "column, to, source, caution (ko and en), and direction, low, high of a number or levels",
)


def read(text: str) -> list[dict[str, Any]]:
    """Read the list; each entry as plain JSON that `plain` reads again.

    Raises:
        InputError: It is no such list, an entry lacks its source, or a value is not allowed.
    """
    import yaml

    if not text.strip():
        return []
    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise _odd(words("읽을 수 없는 YAML", "YAML that cannot be read")) from fault
    if type(rows) is not list:
        raise _odd(words("목록이 아닌 YAML", "YAML that is no list"))
    for place, each in enumerate(rows, start=1):
        is_whole = type(each) is dict and NEEDED <= set(each) <= KEYS
        if not is_whole or not _is_said(each["caution"]):
            raise _odd(words(f"{place}번째 값", f"value {place}"))
        modifiable(each)
    found: list[dict[str, Any]] = rows
    return found


def modifiable(told: dict[str, Any]) -> Modifiable:
    """An entry of the list as the engine takes it.

    Raises:
        InputError: There is no source, or the value is not allowed by its own limits.
    """
    plain = {name: value for name, value in told.items() if name not in ("caution", "levels")}
    levels = tuple(str(each) for each in told.get("levels", ()))
    caution = words(told["caution"]["ko"], told["caution"]["en"])
    try:
        return Modifiable(**plain, levels=levels, caution=caution)
    except (TypeError, AttributeError) as fault:
        raise _odd(
            words(f"{told['column']!r}의 값", f"the value of {told['column']!r}")
        ) from fault


def _is_said(caution: Any) -> bool:
    return type(caution) is dict and set(caution) == {"ko", "en"} and all(caution.values())


def _odd(found: Any) -> InputError:
    return InputError(found, _EXPECTED)
