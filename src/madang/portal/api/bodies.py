"""What may a call bring? Its size, its form and its text are checked before anybody reads on.

JSON is read strictly (RFC 8259 and I-JSON, RFC 7493): UTF-8, no name twice, no number that is
none, no text that a database cannot keep.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from madang.kernel.units import size
from madang.kernel.words import words
from madang.portal.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.http import HttpRequest

    from madang.kernel.words import Words

JSON = "application/json"
MULTIPART = "multipart/form-data"
JSON_BYTES = 2**20
DEEPEST = 40
"""Levels of lists and objects within one another."""
LONGEST_ADDRESS = 4000

# Half of a surrogate pair cannot be written as UTF-8, and PostgreSQL keeps no NUL.
_BROKEN = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Takes:
    """What one operation takes: which names in its query, and which body."""

    query: frozenset[str] = frozenset()
    media_type: str = ""
    """The form of its body; empty where it takes none, and ignores what is sent."""
    fields: frozenset[str] = frozenset()
    """The names that a form may have."""
    largest_bytes: int = JSON_BYTES

    def take(self, request: HttpRequest) -> None:
        """Read the body of a call; what is JSON stands in `request.json` from now on.

        Raises:
            Problem: Another form, too large, or unreadable.
        """
        if request.content_type != self.media_type:
            raise _wrong_type(request.content_type or "", self.media_type)
        self._check_size(_stated_size(request))
        try:
            if self.media_type == JSON:
                content = request.body
                self._check_size(len(content))
                request.json = read_json(content)  # type: ignore[attr-defined]
            else:
                _check_form(request, self.fields)
        except (MultiPartParserError, SuspiciousOperation, BadRequest) as fault:
            raise _unreadable(
                words("읽을 수 없는 본문", "a body that cannot be read"),
                words(
                    f"올바른 {self.media_type}, 파일 200개·항목 2000개 이하",
                    f"proper {self.media_type} with at most 200 files and 2000 fields",
                ),
            ) from fault
        except UnreadablePostError as fault:
            raise _unreadable(
                words("중간에 끊긴 본문", "a body that broke off"),
                words("끝까지 보낸 본문", "a body that is sent to its end"),
            ) from fault

    def _check_size(self, found: int) -> None:
        if found > self.largest_bytes:
            raise Problem(
                "too-large",
                words(
                    f"확인된 크기: {size(found)}. 필요한 크기: {size(self.largest_bytes)} 이하.",
                    f"Found {size(found)}; expected at most {size(self.largest_bytes)}.",
                ),
            )


def check_address(request: HttpRequest, query: Collection[str]) -> None:
    """Is the address of a call one that can be looked up?

    Args:
        request: The call.
        query: The names that its query may have; a misspelt filter must not find everything.

    Raises:
        Problem: It is too long, or holds signs that no name has.
    """
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        raise _unreadable(
            words("너무 긴 주소", "an address that is too long"),
            words(f"{LONGEST_ADDRESS}자 이하", f"at most {LONGEST_ADDRESS} characters"),
        )
    _check_texts([request.path, *_texts(request.GET)])
    _check_names("query", request.GET, query)


def read_json(content: bytes) -> Any:
    """Strictly read JSON.

    Raises:
        Problem: It is none, or holds what is not kept unchanged everywhere.
    """
    try:
        found = json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_number,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as fault:
        raise _unreadable(
            words("읽을 수 없는 JSON", "JSON that cannot be read"),
            words(
                "UTF-8로 쓴 JSON, 겹치지 않는 이름, 유한한 수",
                "JSON in UTF-8 with no name twice and finite numbers",
            ),
        ) from fault
    _check_tree(found)
    return found


def _check_names(place: str, found: Iterable[str], known: Collection[str]) -> None:
    if not (unknown := sorted(set(found) - set(known))):
        return
    listed = ", ".join(sorted(known)) or "-"
    expected = words(f"쓸 수 있는 이름: {listed}.", f"Expected no names but: {listed}.")
    facts = [
        {"place": f"{place}.{ascii(name)[1:-1][:60]}", "expected": str(expected)}
        for name in unknown[:20]
    ]
    raise Problem("invalid", expected, facts={"errors": facts})


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError("a number beyond all bounds")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that stands twice")
    return found


def _check_tree(found: Any) -> None:
    """No deeper than it is ever of use, and nothing but proper text. Without recursion."""
    level, depth = [found], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _unreadable(
                words("너무 깊은 JSON", "JSON that is nested too deeply"),
                words(f"{DEEPEST}단계 이하", f"at most {DEEPEST} levels"),
            )
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                _check_texts([each])
            elif isinstance(each, dict):
                _check_texts(each)
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        level = below


def _check_form(request: HttpRequest, fields: Collection[str]) -> None:
    _check_texts(_texts(request.POST))
    _check_names("form", [*request.POST, *request.FILES], fields)
    for name, files in request.FILES.lists():
        _check_texts([name, *(file.name or "" for file in files)])


def _texts(form: Any) -> Iterable[str]:
    for name, values in form.lists():
        yield name
        yield from values


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if _BROKEN.search(text):
            raise _unreadable(
                words("쓸 수 없는 문자", "a sign that no text can hold"),
                words(
                    "NUL과 짝 없는 서로게이트가 없는 글", "text without NUL and lone surrogates"
                ),
            )


def _stated_size(request: HttpRequest) -> int:
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def _wrong_type(found: str, expected: str) -> Problem:
    shown = ascii(found)[:80]
    return Problem(
        "wrong-media-type",
        words(
            f"확인된 내용: Content-Type {shown}. 필요한 내용: {expected}.",
            f"Found the Content-Type {shown}; expected {expected}.",
        ),
        headers={"Accept-Post": expected},
    )


def _unreadable(found: Words, expected: Words) -> Problem:
    return Problem(
        "unreadable",
        words(
            f"확인된 내용: {found.ko}. 필요한 내용: {expected.ko}.",
            f"Found {found.en}; expected {expected.en}.",
        ),
    )
