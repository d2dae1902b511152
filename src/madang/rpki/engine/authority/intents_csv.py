"""How do many authorisations go in and out at once? As CSV, in the shape that validators write.

ROAs: `ASN,IP Prefix,Max Length`, as rpki-client writes its payloads; an empty length is the
prefix's own. ASPAs: `Customer,Providers`, the providers between spaces.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.rpki.engine.authority.intents import Changes, Intents, check_aspa, check_vrp
from madang.rpki.engine.errors import IntentRefused
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import read_asn, read_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

ROA_HEAD: Final = ("ASN", "IP Prefix", "Max Length")
ASPA_HEAD: Final = ("Customer", "Providers")
MOST_LINES: Final = 1_000_000
_MOST_NAMED: Final = 10


def read(text: str) -> Intents:
    """All intents of a file, or none.

    Raises:
        IntentRefused: The head is another one, or lines cannot be read: the first ten are named.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        head = tuple(cell.strip() for cell in next(rows, []))
        if head[: len(ROA_HEAD)] != ROA_HEAD and head != ASPA_HEAD:
            raise _other_head(head)
        return _read_rows(rows, is_aspa=head == ASPA_HEAD)
    except csv.Error as fault:
        raise _refused([words(f"CSV: {fault}", f"CSV: {fault}")]) from fault


def _read_rows(rows: Iterable[list[str]], *, is_aspa: bool) -> Intents:
    vrps: set[Vrp] = set()
    aspas: dict[int, Aspa] = {}
    faults: list[Words] = []
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            if is_aspa:
                aspa = _aspa(row)
                if aspas.setdefault(aspa.customer, aspa) != aspa:
                    raise _twice(aspa)
            else:
                vrps.add(_vrp(row))
        except InputError as fault:
            said = fault.found
            faults.append(words(f"{line}행: {_ko(said)}", f"line {line}: {_en(said)}"))
        if line > MOST_LINES:
            faults.append(words(f"{MOST_LINES}행 초과", f"more than {MOST_LINES} lines"))
        if len(faults) == _MOST_NAMED:
            break
    if faults:
        raise _refused(faults)
    return Intents(frozenset(vrps), frozenset(aspas.values()))


def _vrp(row: list[str]) -> Vrp:
    if len(row) < 2:
        raise _short(row)
    prefix = read_prefix(row[1])
    longest = row[2].strip() if len(row) > 2 else ""
    if longest and not (longest.isascii() and longest.isdigit() and len(longest) <= 3):
        raise _short(row)
    found = Vrp(*prefix, int(longest or prefix.length), read_asn(row[0]))
    check_vrp(found)
    return found


def _aspa(row: list[str]) -> Aspa:
    if len(row) != 2:
        raise _short(row)
    found = Aspa(read_asn(row[0]), tuple(sorted({read_asn(each) for each in row[1].split()})))
    check_aspa(found)
    return found


def write_roas(vrps: Iterable[Vrp]) -> str:
    """ROA intents as a file that `read` takes in again."""
    lines = [(f"AS{v.asn}", str(v.prefix), v.max_length) for v in sorted(vrps)]
    return _written(ROA_HEAD, lines)


def write_aspas(aspas: Iterable[Aspa]) -> str:
    """ASPA intents as a file that `read` takes in again."""
    lines = [(f"AS{a.customer}", " ".join(f"AS{p}" for p in a.providers)) for a in sorted(aspas)]
    return _written(ASPA_HEAD, lines)


def _written(head: tuple[str, ...], lines: Iterable[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue()


def towards(present: Intents, wanted: Intents, *, kind: str) -> Changes:
    """The change that makes all intents of a kind (`roa` or `aspa`) those of a file."""
    if kind == "roa":
        return Changes(Intents(wanted.vrps - present.vrps), Intents(present.vrps - wanted.vrps))
    kept = {aspa.customer for aspa in wanted.aspas}
    gone = frozenset(each for each in present.aspas if each.customer not in kept)
    return Changes(Intents(aspas=wanted.aspas - present.aspas), Intents(aspas=gone))


def _ko(text: Words | str) -> str:
    return text if isinstance(text, str) else text.ko


def _en(text: Words | str) -> str:
    return text if isinstance(text, str) else text.en


def _short(row: list[str]) -> IntentRefused:
    shown = ",".join(row)[:80]
    return IntentRefused(words(f"{shown!r}", f"{shown!r}"), words("", ""))


def _twice(aspa: Aspa) -> IntentRefused:
    return IntentRefused(
        words(f"두 번 나온 고객 AS{aspa.customer}", f"the customer AS{aspa.customer} again"),
        words("", ""),
    )


def _other_head(head: tuple[str, ...]) -> IntentRefused:
    shown = ",".join(head)[:80]
    return IntentRefused(
        words(f"첫 줄 {shown!r}", f"the first line {shown!r}"),
        words(f"{','.join(ROA_HEAD)} 또는 {','.join(ASPA_HEAD)}",
              f"{','.join(ROA_HEAD)} or {','.join(ASPA_HEAD)}"),
    )  # fmt: skip


def _refused(faults: list[Words]) -> IntentRefused:
    return IntentRefused(
        words("; ".join(each.ko for each in faults), "; ".join(each.en for each in faults)),
        words("모든 행을 읽을 수 있는 파일", "a file whose every line can be read"),
        words("아무것도 반영하지 않았습니다.", "Nothing of it was taken in."),
    )
