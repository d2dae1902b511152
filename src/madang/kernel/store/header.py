"""Does a table have the columns that were declared, each once and no others?"""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

from madang.kernel.store.errors import TableError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SHOWN = 8
_COMPARED = 1_000
MOST_COLUMNS = 10_000


def positions(
    found: Sequence[str], declared: Sequence[str], *, name: str, extra_ok: bool
) -> Mapping[str, int]:
    """Where each declared column stands among those found.

    Names are compared in Unicode's composed form, because macOS writes Hangul decomposed.

    Args:
        found: The names in the file, in their order.
        declared: The names that must be there.
        name: What the file's owner calls it.
        extra_ok: Whether other columns may stand beside them.

    Raises:
        TableError: Columns are missing, doubled, too many, or not declared.
    """
    names = [_composed(each) for each in found]
    wanted = {_composed(each): each for each in declared}
    if len(names) > MOST_COLUMNS:
        raise _too_many(len(names), name)
    present = [each for each in wanted if each in set(names)]
    if wanted and not present:
        raise _no_header(declared, name)
    _check_once(names, name)
    if len(present) < len(wanted):
        raise _missing([each for each in wanted if each not in present], names, wanted, name)
    extra = [each for each in names if each not in wanted]
    if extra and not extra_ok:
        raise _extra(extra, name)
    return {wanted[each]: names.index(each) for each in present}


def composed(names: Iterable[str]) -> frozenset[str]:
    """Names in Unicode's composed form, in which they are compared."""
    return frozenset(_composed(each) for each in names)


def check_named(names: Sequence[str], *, name: str) -> None:
    """Could these be names at all? Where nobody declared any, the first line may be a case.

    Args:
        names: The fields of the first line.
        name: What the file's owner calls it.

    Raises:
        TableError: One is empty, a number, or there twice; the sentence says how many, not which.
    """
    odd = sum(not each.strip() or _is_number(each) for each in names)
    odd += len(names) - len({_composed(each) for each in names})
    if odd:
        raise TableError(
            words(
                f"{name}의 첫 줄에서 열 이름으로 볼 수 없는 값 {odd:,}개",
                f"no column names in the first line of {name} ({odd:,} are empty, numbers or "
                "repeated)",
            ),
            words("첫 줄에 서로 다른 열 이름", "names of the columns that differ, in one line"),
            words("표의 첫 줄에 열 이름을 적으십시오.", "Put the names in the first line."),
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def listed(names: Sequence[str]) -> str:
    """A few names for a sentence, safe to print, with `…` where there are more."""
    shown = ", ".join(shown_name(each) for each in names[:_SHOWN])
    return shown + (", …" if len(names) > _SHOWN else "")


def shown_name(name: str) -> str:
    """One name in quotes, without control characters, cut at 40 characters."""
    return repr(name if len(name) <= 40 else name[:40] + "…")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _check_once(names: Sequence[str], name: str) -> None:
    doubled = sorted({each for each in names if names.count(each) > 1}) if _doubles(names) else []
    if doubled:
        raise TableError(
            words(
                f"{name}에 두 번 이상 나오는 열 {listed(doubled)}",
                f"columns {listed(doubled)} more than once in {name}",
            ),
            words("열 이름마다 한 열", "one column of each name"),
            words("열 이름을 고치거나 지우십시오.", "Rename or remove the doubled columns."),
        )


def _doubles(names: Sequence[str]) -> bool:
    return len(set(names)) < len(names)


def _missing(
    missing: Sequence[str], names: Sequence[str], wanted: Mapping[str, str], name: str
) -> TableError:
    spare = [each for each in names[:_COMPARED] if each not in wanted and len(each) < 200]
    near = [(each, difflib.get_close_matches(each, spare, 1)) for each in missing[:_SHOWN]]
    hints = [f"{shown_name(each)} ← {shown_name(match[0])}?" for each, match in near if match]
    remedy_ko = f"비슷한 열: {', '.join(hints)}" if hints else "열을 추가하십시오."
    remedy_en = f"Similar columns: {', '.join(hints)}" if hints else "Add the columns."
    return TableError(
        words(
            f"{name}에 없는 열 {len(missing):,}개({listed(missing)})",
            f"{name} without columns that were declared ({len(missing):,}: {listed(missing)})",
        ),
        words(f"선언된 열 {len(wanted)}개 전부", f"all {len(wanted)} declared columns"),
        words(remedy_ko, remedy_en),
    )


def _extra(extra: Sequence[str], name: str) -> TableError:
    return TableError(
        words(
            f"{name}에 선언되지 않은 열 {len(extra):,}개({listed(extra)})",
            f"undeclared columns in {name} ({len(extra):,}: {listed(extra)})",
        ),
        words("선언된 열만", "only declared columns"),
        words("그 열을 지우거나 먼저 선언하십시오.", "Remove them, or declare them first."),
    )


def _no_header(declared: Sequence[str], name: str) -> TableError:
    """Says no name that was found: without a header, the first line is somebody's data."""
    return TableError(
        words(f"{name}에 선언된 열이 하나도 없음", f"none of the declared columns in {name}"),
        words(
            f"첫 줄에 열 이름 {listed(declared)}",
            f"the column names {listed(declared)} in the first line",
        ),
        words(
            "첫 줄이 열 이름인지, 구분 기호가 쉼표인지 확인하십시오.",
            "Check that the first line holds the names and that commas separate them.",
        ),
    )


def _too_many(count: int, name: str) -> TableError:
    return TableError(
        words(f"{name}의 열 {count:,}개", f"{count:,} columns in {name}"),
        words(f"열 {MOST_COLUMNS:,}개 이하", f"at most {MOST_COLUMNS:,} columns"),
    )
