"""Does a list hold this entry, and does a longer list continue a shorter? (RFC 9162, 2.1).

A tree over n leaves is kept as its *complete* nodes only: those whose 2^level leaves all exist.
They never change, so they are stored once, in the order of their completion (`position`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""

Node: TypeAlias = "Callable[[int, int], bytes]"
"""node(level, index) → hash over the leaves [index·2^level, (index+1)·2^level)."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others; by its prefix it can never pass for a leaf's."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def node_count(size: int) -> int:
    """How many complete nodes a tree with `size` leaves has."""
    return 2 * size - size.bit_count()


def position(level: int, index: int) -> int:
    """Where a complete node stands in the order in which nodes become complete."""
    return node_count(((index + 1) << level) - 1) + level


def peaks(size: int) -> list[tuple[int, int]]:
    """(level, index) of the largest complete subtrees that cover the leaves, left to right."""
    found = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def grow(stack: Sequence[bytes], size: int, leaf: bytes) -> tuple[list[bytes], list[bytes]]:
    """Put one leaf on a tree.

    Args:
        stack: Hashes of the peaks of the tree, from left to right.
        size: Its leaves.
        leaf: The new leaf's hash.

    Returns:
        The nodes that became complete (the leaf first), and the stack over size + 1 leaves.
    """
    grown, complete = [*stack], [leaf]
    while size & 1:
        complete.append(node_hash(grown.pop(), complete[-1]))
        size >>= 1
    return complete, [*grown, complete[-1]]


def root_of(stack: Sequence[bytes]) -> bytes:
    """The root of the tree with these peaks."""
    if not stack:
        return EMPTY_ROOT
    *rest, root = stack
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def root(contents: Iterable[bytes]) -> bytes:
    """The root over entries that are at hand."""
    stack: list[bytes] = []
    for size, content in enumerate(contents):
        _, stack = grow(stack, size, leaf_hash(content))
    return root_of(stack)


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """The hashes that lead from leaf `index` to the root of the tree with `size` leaves.

    Raises:
        ValueError: The tree has no such leaf.

    Source: RFC 9162, 2.1.3.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_range_root(middle, stop, node))
            stop = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """The hashes that show the tree of `old` leaves to be the beginning of that of `new` leaves.

    Raises:
        ValueError: Not 0 ≤ old ≤ new.

    Source: RFC 9162, 2.1.4.1.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not continue one of {old}")
    if old in (0, new):
        return ()
    path: list[bytes] = []
    start, stop = 0, new
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_range_root(middle, stop, node))
            stop = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    if start:
        path.append(_range_root(start, stop, node))
    return tuple(reversed(path))


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Does the tree with this root and size hold this leaf hash at this index?

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, computed = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if place & 1 or place == last:
            computed = node_hash(sibling, computed)
            place, last = _climb(place, last)
        else:
            computed = node_hash(computed, sibling)
        place, last = place >> 1, last >> 1
    return not last and computed == root


def verify_consistency(
    *, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Does the tree (new, new_root) begin with exactly the leaves of the tree (old, old_root)?

    Source: RFC 9162, 2.1.4.2.
    """
    if not 0 <= old <= new or (not old and old_root != EMPTY_ROOT):
        return False
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)
    path = [old_root, *proof] if not old & (old - 1) else [*proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            place, last = _climb(place, last)
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return not last and first == old_root and second == new_root


def _climb(place: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the right-most node has no sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(start: int, stop: int, node: Node) -> bytes:
    """The hash over leaves [start, stop), `start` aligned as the RFC's splits leave it."""
    count = stop - start
    if not count & (count - 1):
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_root(start, middle, node), _range_root(middle, stop, node))
