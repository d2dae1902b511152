"""Which values of a call do not fit, and what would have fitted? In the caller's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.portal.api.problems import NOT_FOUND, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 20
"""Errors told of at once."""

_EXPECTED: dict[str, Words] = {
    "missing": words("값이 있어야 합니다", "a value"),
    "extra_forbidden": words("이 이름은 받지 않습니다", "no such name"),
    "string_type": words("글(문자열)", "text"),
    "string_too_short": words("{min_length}자 이상", "at least {min_length} characters"),
    "string_too_long": words("{max_length}자 이하", "at most {max_length} characters"),
    "string_pattern_mismatch": words("{pattern} 꼴의 글", "text of the form {pattern}"),
    "string_unicode": words("올바른 글", "proper text"),
    "int_type": words("정수", "a whole number"),
    "int_parsing": words("정수", "a whole number"),
    "int_parsing_size": words("더 작은 정수", "a smaller whole number"),
    "int_from_float": words("정수", "a whole number"),
    "float_type": words("수", "a number"),
    "float_parsing": words("수", "a number"),
    "finite_number": words("유한한 수", "a finite number"),
    "bool_type": words("true 또는 false", "true or false"),
    "bool_parsing": words("true 또는 false", "true or false"),
    "list_type": words("목록", "a list"),
    "dict_type": words("이름과 값의 모음(객체)", "an object"),
    "model_type": words("이름과 값의 모음(객체)", "an object"),
    "model_attributes_type": words("이름과 값의 모음(객체)", "an object"),
    "literal_error": words("{expected} 가운데 하나", "one of {expected}"),
    "enum": words("{expected} 가운데 하나", "one of {expected}"),
    "greater_than": words("{gt}보다 큰 수", "a number above {gt}"),
    "greater_than_equal": words("{ge} 이상의 수", "a number of at least {ge}"),
    "less_than": words("{lt}보다 작은 수", "a number below {lt}"),
    "less_than_equal": words("{le} 이하의 수", "a number of at most {le}"),
    "too_short": words("{min_length}개 이상", "at least {min_length}"),
    "too_long": words("{max_length}개 이하", "at most {max_length}"),
    "datetime_from_date_parsing": words(
        "RFC 3339 시각(예: 2026-11-22T09:00:00+09:00)",
        "a time as in RFC 3339, such as 2026-11-22T09:00:00+09:00",
    ),
    "timezone_aware": words(
        "시간대가 있는 시각(예: 2026-11-22T09:00:00+09:00)",
        "a time with its offset, such as 2026-11-22T09:00:00+09:00",
    ),
    "url_scheme": words("{expected_schemes} 주소", "an address of {expected_schemes}"),
}
_ALIKE = {
    "datetime_type": "datetime_from_date_parsing",
    "datetime_parsing": "datetime_from_date_parsing",
    "datetime_object_invalid": "datetime_from_date_parsing",
}
_OTHER = words("이 API의 설명에 적힌 형식", "the form that the description of this API states")


def problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem that tells which values do not fit."""
    if any(error["loc"][0] == "path" for error in errors):
        return Problem("not-found", NOT_FOUND)  # such an address names nothing
    listed = [
        {"place": place(error["loc"]), "expected": str(expected(error))} for error in errors[:MOST]
    ]
    said = "; ".join(f"{each['place']}: {each['expected']}" for each in listed)
    return Problem(
        "invalid",
        words(
            f"맞지 않는 값과 필요한 형식: {said}.",
            f"Found values that do not fit; expected {said}.",
        ),
        facts={"errors": listed},
    )


def expected(error: Mapping[str, Any]) -> Words:
    """What would have fitted."""
    kind = str(error["type"])
    text = _EXPECTED.get(_ALIKE.get(kind, kind), _OTHER)
    context = {name: str(value)[:200] for name, value in (error.get("ctx") or {}).items()}
    try:
        return words(text.ko.format(**context), text.en.format(**context))
    except (KeyError, IndexError):
        return _OTHER


def place(location: Sequence[Any]) -> str:
    """Where the value stands, such as `body.title` or `query.limit`."""
    parts = [str(part)[:60] for part in location[:12]]
    # After the body comes the name that our own code has for it.
    return ".".join(parts[:1] + parts[2:] if parts[0] == "body" and len(parts) > 2 else parts)
