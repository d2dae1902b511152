"""Which statements stand in the site's log, and which of them prove themselves?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.log import log
from madang.portal.models import LogEntry, LogNode
from madang.programme.engine.counting import Logged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEAR = 2000
"""Entries among which those of a kind are found by their numbers, quicker than by their kind."""
_AT_ONCE = 500
"""Values that one question to the database names."""


class SiteStatements:
    """Statements of the site's log (`engine.counting.Statements`) within a part of it.

    Args:
        start: The first entry that may count.
        stop: The entry after the last.
        most: How many of a noun are given out.
    """

    def __init__(self, start: int = 0, stop: int = 0, *, most: int = 0) -> None:
        self._start, self._stop, self._most = start, stop, most
        self._known: dict[tuple[str, str], list[Logged]] = {}

    def entries_of(self, noun: str) -> list[int]:
        """Places of all of a noun within the part, in order; at most `most`."""
        kind = predicate_type(noun)
        rows = LogEntry.objects.filter(index__gte=self._start, index__lt=self._stop)
        if self._stop - self._start > NEAR:
            rows = rows.filter(predicate_type=kind)
        found = rows.order_by("index").values_list("index", "predicate_type")
        return [index for index, own in found if own == kind][: self._most]

    def of(self, noun: str) -> Iterator[Logged]:
        """Those of a noun within the part that prove themselves, in order."""
        for index, statement in sorted(proving(self.entries_of(noun)).items()):
            yield Logged(index, statement)

    def last(self, noun: str, subject: str, *, before: int) -> Logged | None:
        """The last of that noun about a subject before an entry; None if none can be read."""
        if (noun, subject) not in self._known:
            rows = LogEntry.objects.filter(
                subject=subject[:200], predicate_type=predicate_type(noun)
            )
            found = rows.order_by("index").values_list("index", "content")
            self._known[noun, subject] = [
                Logged(index, statement)
                for index, content in found
                if (statement := _read(content)) and subject in statement.subjects
            ]
        earlier = [each for each in self._known[noun, subject] if each.entry < before]
        return earlier[-1] if earlier else None


def _read(content: bytes | memoryview) -> Statement | None:
    try:
        return Statement.decode(bytes(content))
    except InputError:
        return None


def proving(indices: Iterable[int]) -> dict[int, Statement]:
    """Those entries that prove themselves: their bytes lead to the root of the signed checkpoint.

    Args:
        indices: Places in the log, in any order.

    Returns:
        Place → statement of each that does; the others are missing, changed, or never were.
    """
    wanted = sorted(set(indices))
    if not wanted:
        return {}
    try:
        head = log().head()
    except InputError:
        # The checkpoint itself does not hold: nothing below it is shown by it.
        return {}
    inside = [index for index in wanted if 0 <= index < head.size]
    nodes = _nodes(inside, head.size)

    def node(level: int, index: int) -> bytes:
        return nodes.get(merkle.position(level, index), b"")

    found = {}
    for index, content in _contents(inside):
        statement = _read(content)
        proof = merkle.inclusion_proof(index, head.size, node)
        leaf = merkle.leaf_hash(bytes(content))
        if statement and merkle.verify_inclusion(
            leaf, index=index, size=head.size, proof=proof, root=head.root
        ):
            found[index] = statement
    return found


def _contents(indices: list[int]) -> Iterator[tuple[int, bytes | memoryview]]:
    for start in range(0, len(indices), _AT_ONCE):
        some = indices[start : start + _AT_ONCE]
        yield from LogEntry.objects.filter(index__in=some).values_list("index", "content")


def _nodes(indices: list[int], size: int) -> dict[int, bytes]:
    """Every node that the proofs of these entries need, in few questions."""
    positions: set[int] = set()

    def noted(level: int, index: int) -> bytes:
        positions.add(merkle.position(level, index))
        return b""

    for index in indices:
        merkle.inclusion_proof(index, size, noted)
    wanted = sorted(positions)
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = LogNode.objects.filter(position__in=wanted[start : start + _AT_ONCE])
        found |= {place: bytes(hash_) for place, hash_ in rows.values_list("position", "hash")}
    return found
