"""What does an authority want to be believed? Its ROA and ASPA intents, kept until they change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import IntentRefused
from madang.rpki.engine.payloads import Aspa, Vrp
from madang.rpki.engine.resources.prefix import BITS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

MOST_PROVIDERS = 4_000
"""Beyond this peers refuse an ASPA; the largest seen has some hundreds."""


class Intents(NamedTuple):
    """All that one authority wants to be believed."""

    vrps: frozenset[Vrp] = frozenset()
    aspas: frozenset[Aspa] = frozenset()


class Changes(NamedTuple):
    """What shall be different."""

    add: Intents = Intents()
    """An ASPA takes the place of the one with the same customer."""
    remove: Intents = Intents()


def intents(rows: sqlite3.Connection, authority: str) -> tuple[list[Vrp], list[Aspa]]:
    """The intents of an authority, in a stable order."""
    found = rows.execute(
        "select kind, says from intent where authority = ? order by kind, says", (authority,)
    )
    vrps, aspas = [], []
    for kind, text in found:
        values = json.loads(text)
        if kind == "roa":
            vrps.append(Vrp(values[0], int(values[1], 16), *values[2:]))
        else:
            aspas.append(Aspa(values[0], tuple(values[1])))
    return vrps, aspas


def write(rows: sqlite3.Connection, authority: str, *, wanted: Intents) -> None:
    """Put these intents in the place of all that an authority had."""
    rows.execute("delete from intent where authority = ?", (authority,))
    # SQLite's numbers end at 64 bits, an address needs 128.
    lines = [
        ("roa", json.dumps([v.family, f"{v.address:x}", v.length, v.max_length, v.asn]))
        for v in wanted.vrps
    ]
    lines += [("aspa", json.dumps([a.customer, a.providers])) for a in wanted.aspas]
    rows.executemany(
        "insert into intent (authority, kind, says) values (?, ?, ?)",
        ((authority, *line) for line in lines),
    )


def changed(present: Intents, changes: Changes) -> Intents:
    """The intents after a change.

    Raises:
        IntentRefused: What shall be removed is not there, or an intent says what cannot be.
    """
    for vrp in changes.add.vrps:
        check_vrp(vrp)
    for aspa in changes.add.aspas:
        check_aspa(aspa)
    missing: Iterable[Vrp | Aspa] = [
        *(changes.remove.vrps - present.vrps), *(changes.remove.aspas - present.aspas)
    ]  # fmt: skip
    for each in missing:
        raise IntentRefused(
            words(f"등록되지 않은 {each}", f"{each}, which is not registered"),
            words("등록된 항목의 삭제", "the removal of one that is"),
        )
    replaced = {aspa.customer for aspa in changes.add.aspas}
    kept = {aspa for aspa in present.aspas - changes.remove.aspas if aspa.customer not in replaced}
    return Intents(
        (present.vrps - changes.remove.vrps) | changes.add.vrps,
        frozenset(kept) | changes.add.aspas,
    )


def check_vrp(vrp: Vrp) -> None:
    """Raise IntentRefused unless the greatest length fits the prefix (RFC 9582, 4.3.2.2)."""
    if not vrp.length <= vrp.max_length <= BITS[vrp.family]:
        raise IntentRefused(
            words(f"{vrp.prefix}의 최대 길이 {vrp.max_length}",
                  f"a greatest length of {vrp.max_length} for {vrp.prefix}"),
            words(f"{vrp.length}부터 {BITS[vrp.family]}까지의 수",
                  f"a number from {vrp.length} to {BITS[vrp.family]}"),
        )  # fmt: skip


def check_aspa(aspa: Aspa) -> None:
    """Raise IntentRefused unless the providers rise, without the customer (ASPA profile, 3)."""
    rising = tuple(sorted(set(aspa.providers))) == aspa.providers
    alone = 0 not in aspa.providers or aspa.providers == (0,)
    fits = 1 <= len(aspa.providers) <= MOST_PROVIDERS
    if not (rising and alone and fits) or aspa.customer in aspa.providers:
        raise IntentRefused(
            words(f"AS{aspa.customer}의 제공자 목록", f"the providers of AS{aspa.customer}"),
            words(
                f"고객 자신과 중복이 없는 정렬된 AS 번호 {MOST_PROVIDERS}개 이하, 또는 0 하나",
                f"1 to {MOST_PROVIDERS} AS numbers in rising order, each once and none the"
                " customer's own, or 0 alone",
            ),
        )
