"""What would a change of intents do? A plan to be seen first, then committed as it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.intents import Changes, Intents, changed, intents, write
from madang.rpki.engine.authority.wanted import aspa_name, roa_name
from madang.rpki.engine.errors import IntentRefused, ResourcesRefused
from madang.rpki.engine.resources.blocks import Resources

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from madang.rpki.engine.payloads import Vrp

    Impact: TypeAlias = Callable[[frozenset[Vrp], frozenset[Vrp]], int]
    """How many routes that are valid or unknown now would turn invalid, by VRPs before, after."""


class Plan(NamedTuple):
    """What a change would do."""

    authority: str
    before: Intents
    after: Intents
    signed: tuple[str, ...]
    """Names of the files that would be signed."""
    withdrawn: tuple[str, ...]
    """Names of the files that would be withdrawn and revoked."""
    turned_invalid: int
    """Observed routes that would turn invalid; 0 where no routes were looked at."""
    moment: int
    """The last line of the authority's history that the plan knows."""

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return self.before == self.after


def held(rows: sqlite3.Connection, authority: str) -> Resources:
    """All that the current certificates of an authority hold."""
    found = Resources()
    for class_ in entries.classes(rows, authority):
        key = entries.key_in(rows, class_.id, "current")
        found = found | key.resources if key else found
    return found


def plan(
    rows: sqlite3.Connection, authority: str, *, changes: Changes, impact: Impact | None = None
) -> Plan:
    """What a change would do, without doing it.

    Args:
        rows: The book.
        authority: Whose intents.
        changes: What shall be different.
        impact: Counts the observed routes that would turn invalid.

    Raises:
        IntentRefused: An intent cannot be, or what shall be removed is not there.
        ResourcesRefused: An intent names numbers that the authority does not hold.
    """
    vrps, aspas = intents(rows, authority)
    before = Intents(frozenset(vrps), frozenset(aspas))
    after = changed(before, changes)
    _check_held(held(rows, authority), changes.add)
    names_before, names_after = _names(before), _names(after)
    signed = {name for name, says in names_after.items() if names_before.get(name) != says}
    return Plan(
        authority,
        before,
        after,
        tuple(sorted(signed)),
        tuple(sorted(names_before.keys() - names_after.keys())),
        impact(before.vrps, after.vrps) if impact else 0,
        last_line(rows, authority),
    )


def check(rows: sqlite3.Connection, seen: Plan, *, confirmed: int) -> None:
    """Raise IntentRefused unless the plan still holds and its harm is confirmed.

    Args:
        rows: The book, amid the act that does what the plan says.
        seen: The plan that somebody looked at.
        confirmed: So many routes may turn invalid: the number that was shown.
    """
    own = int(rows.execute("select max(number) from history").fetchone()[0])
    if last_line(rows, seen.authority, before=own) != seen.moment:
        raise IntentRefused(
            words("계획을 세운 뒤에 바뀐 등록 내용", "registrations that changed after the plan"),
            words("최신 상태에서 세운 계획", "a plan of the present state"),
            words("다시 확인해 주시기 바랍니다.", "Look at the change again."),
        )
    if seen.turned_invalid > confirmed:
        raise IntentRefused(
            words(f"무효가 되는 경로 {seen.turned_invalid}개",
                  f"{seen.turned_invalid} routes that would turn invalid"),
            words("그 수를 확인한 승인", "a confirmation that names this number"),
            words(f"반영하려면 {seen.turned_invalid}개를 승인해야 합니다.",
                  f"Confirm {seen.turned_invalid} to go on."),
        )  # fmt: skip


def commit(rows: sqlite3.Connection, seen: Plan, *, confirmed: int) -> None:
    """Write the plan's intents; the caller settles the authority's classes.

    Raises:
        IntentRefused: The book has changed since, or the harm is not confirmed.
        ResourcesRefused: The authority has lost what an intent names.
    """
    check(rows, seen, confirmed=confirmed)
    added = Intents(seen.after.vrps - seen.before.vrps, seen.after.aspas - seen.before.aspas)
    _check_held(held(rows, seen.authority), added)
    write(rows, seen.authority, wanted=seen.after)


def last_line(rows: sqlite3.Connection, authority: str, *, before: int = 1 << 62) -> int:
    """The number of the newest line of an authority's history; 0 where there is none."""
    row = rows.execute(
        "select max(number) from history where authority = ? and number < ?", (authority, before)
    ).fetchone()
    return int(row[0] or 0)


def _names(wanted: Intents) -> dict[str, str]:
    return {
        **{roa_name(vrp): str(vrp) for vrp in wanted.vrps},
        **{aspa_name(aspa): str(aspa) for aspa in wanted.aspas},
    }


def _check_held(resources: Resources, added: Intents) -> None:
    beyond: Iterable[str] = [
        *(str(each.prefix) for each in sorted(added.vrps)
          if not resources.covers_prefix(each.prefix)),
        *(f"AS{aspa.customer}" for aspa in sorted(added.aspas)
          if not resources.covers(Resources(asn=((aspa.customer, aspa.customer),)))),
    ]  # fmt: skip
    for each in beyond:
        raise ResourcesRefused(
            words(f"보유하지 않은 {each}", f"{each}, which is not held"),
            words("인증서에 있는 자원", "resources of the authority's certificates"),
        )
