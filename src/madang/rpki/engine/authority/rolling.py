"""How does an authority change its key? Stage a new one, let it sign, drop the old (RFC 6489)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel import clock, units
from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.settling import withdraw_key
from madang.rpki.engine.errors import RpkiRefused

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.rpki.engine.authority.desk import Desk
    from madang.rpki.engine.authority.entries import KeyEntry


def begin(desk: Desk, handle: str) -> list[KeyEntry]:
    """Make a new key in each class of an authority: it waits for its certificate.

    Raises:
        RpkiRefused: A class is amid a roll, or a key is kept offline.
    """
    found = []
    for class_ in entries.classes(desk.rows, handle):
        keys = entries.keys(desk.rows, class_.id)
        if [key.state for key in keys] != ["current"]:
            raise _refused(
                words("이미 진행 중인 키 교체", "a roll that is under way"),
                words("사용 중인 키 하나", "one current key"),
            )
        if not keys[0].handle:
            raise _refused(
                words("오프라인 신뢰 앵커 키", "the offline key of a trust anchor"),
                words("온라인 키", "a key that is online"),
            )
        made = desk.add_key(class_.id)
        found += [key for key in entries.keys(desk.rows, class_.id) if key.id == made]
    return found


def activate(desk: Desk, handle: str, *, hasten: bool = False) -> None:
    """Let the staged keys sign all that the current ones did.

    Args:
        desk: The open book and the keys.
        handle: Which authority.
        hasten: Do not wait until validators have seen the staged key's certificate.

    Raises:
        RpkiRefused: No key is staged, or not for long enough.
    """
    pairs = []
    for class_ in entries.classes(desk.rows, handle):
        staged = entries.key_in(desk.rows, class_.id, "staged")
        current = entries.key_in(desk.rows, class_.id, "current")
        if staged is None or current is None:
            raise _refused(
                words("인증서를 받은 새 키가 없음", "no new key that is certified"),
                words("대기 중인 키", "a staged key"),
            )
        rest_s = staged.since + desk.timing.staging.total_seconds() - clock.epoch_s()
        if rest_s > 0 and not hasten:
            raise _refused(
                words(f"{units.seconds(rest_s)} 더 기다려야 하는 키",
                      f"a key that must wait {units.seconds(rest_s)} more"),
                words("검증기가 새 인증서를 볼 때까지의 대기",
                      "a wait until validators have seen its certificate"),
            )  # fmt: skip
        pairs.append((current, staged))
    for current, staged in pairs:
        for key, state in ((current, "old"), (staged, "current")):
            desk.rows.execute(
                "update key set state = ?, since = ? where id = ?",
                (state, clock.epoch_s(), key.id),
            )


def finish(desk: Desk, handle: str) -> list[KeyEntry]:
    """Give up the old keys; whoever certified them must revoke them now.

    Raises:
        RpkiRefused: There is no old key.
    """
    found = []
    for class_ in entries.classes(desk.rows, handle):
        old = entries.key_in(desk.rows, class_.id, "old")
        if old:
            withdraw_key(desk, old)
            found.append(old)
    if not found:
        raise _refused(
            words("물러난 키가 없음", "no old key"),
            words("교체가 끝난 뒤의 옛 키", "an old key that another one followed"),
        )
    return found


def _refused(found: Words, expected: Words) -> RpkiRefused:
    return RpkiRefused(found, expected)
