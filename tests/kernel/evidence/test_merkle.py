"""Roots and proofs are those of Certificate Transparency."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.evidence import merkle

if TYPE_CHECKING:
    from collections.abc import Sequence

# The reference entries and roots of Certificate Transparency (transparency-dev/merkle, testonly).
ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
] + [bytes(range(0x60, 0x70))]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Proofs over the same entries, from the same reference tests: (index, size) and (old, new).
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def by_definition(contents: Sequence[bytes]) -> bytes:
    """The Merkle tree hash as RFC 9162, 2.1.1 defines it, recursion and all."""
    if not contents:
        return hashlib.sha256().digest()
    if len(contents) == 1:
        return hashlib.sha256(b"\x00" + contents[0]).digest()
    split = 1
    while split * 2 < len(contents):
        split *= 2
    halves = by_definition(contents[:split]) + by_definition(contents[split:])
    return hashlib.sha256(b"\x01" + halves).digest()


def node_of(contents: Sequence[bytes]) -> merkle.Node:
    return lambda level, index: by_definition(contents[index << level : (index + 1) << level])


def contents(size: int) -> list[bytes]:
    return [b"entry %d" % place for place in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert merkle.root(ENTRIES[:size]).hex() == ROOTS[size]
    assert by_definition(ENTRIES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_inclusion_proofs_are_those_of_the_reference(
    place: tuple[int, int], proof: list[str]
) -> None:
    assert [each.hex() for each in merkle.inclusion_proof(*place, node_of(ENTRIES))] == proof


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCY.items())
def test_consistency_proofs_are_those_of_the_reference(
    sizes: tuple[int, int], proof: list[str]
) -> None:
    assert [each.hex() for each in merkle.consistency_proof(*sizes, node_of(ENTRIES))] == proof


@given(st.integers(1, 70).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_a_leaf_is_proven_in_its_place_and_in_no_other(place: tuple[int, int]) -> None:
    index, size = place
    leaves = contents(size)
    root = by_definition(leaves)
    proof = merkle.inclusion_proof(index, size, node_of(leaves))
    leaf = merkle.leaf_hash(leaves[index])

    held = [
        at
        for at in range(-1, size + 2)
        if merkle.verify_inclusion(leaf, index=at, size=size, proof=proof, root=root)
    ]
    assert held == [index]
    other = merkle.leaf_hash(b"forged")
    assert not merkle.verify_inclusion(other, index=index, size=size, proof=proof, root=root)
    for wrong in ([*proof, root], proof[:-1] if proof else [root], proof[1:] if proof else [leaf]):
        assert not merkle.verify_inclusion(leaf, index=index, size=size, proof=wrong, root=root)


def test_every_inclusion_proof_of_every_small_tree_holds() -> None:
    for size in range(1, 34):
        leaves = contents(size)
        node, root = node_of(leaves), by_definition(leaves)
        for index, content in enumerate(leaves):
            proof = merkle.inclusion_proof(index, size, node)
            assert merkle.verify_inclusion(
                merkle.leaf_hash(content), index=index, size=size, proof=proof, root=root
            )


def test_every_longer_tree_is_shown_to_continue_every_shorter() -> None:
    leaves = contents(34)
    roots = [by_definition(leaves[:size]) for size in range(35)]
    node = node_of(leaves)
    for new in range(35):
        for old in range(new + 1):
            proof = merkle.consistency_proof(old, new, node)
            shown = {"old": old, "old_root": roots[old], "new": new, "new_root": roots[new]}
            assert merkle.verify_consistency(**shown, proof=proof)
            wrong = bytes(32)
            assert not merkle.verify_consistency(**{**shown, "old_root": wrong}, proof=proof)
            if old:
                assert not merkle.verify_consistency(**{**shown, "new_root": wrong}, proof=proof)
            assert not merkle.verify_consistency(**shown, proof=[*proof, wrong])
            if proof:
                assert not merkle.verify_consistency(**shown, proof=proof[:-1])
                assert not merkle.verify_consistency(**shown, proof=[wrong, *proof[1:]])


def test_a_shorter_tree_never_continues_a_longer() -> None:
    root = bytes(32)

    assert not merkle.verify_consistency(old=3, old_root=root, new=2, new_root=root, proof=[])
    assert not merkle.verify_consistency(old=-1, old_root=root, new=2, new_root=root, proof=[])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, node_of(contents(3)))


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_proof_is_made_that_a_shorter_tree_continues_a_longer(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not continue"):
        merkle.consistency_proof(old, new, node_of(contents(3)))


def test_nodes_are_complete_in_the_order_of_their_positions() -> None:
    leaves = contents(70)
    stack: list[bytes] = []
    stored: list[bytes] = []
    for size, content in enumerate(leaves):
        complete, stack = merkle.grow(stack, size, merkle.leaf_hash(content))
        stored += complete
        assert merkle.root_of(stack) == by_definition(leaves[: size + 1])
        assert len(stored) == merkle.node_count(size + 1)
    node = node_of(leaves)

    for level in range(7):
        for index in range(70 >> level):
            assert stored[merkle.position(level, index)] == node(level, index)
    assert [node(*peak) for peak in merkle.peaks(70)] == stack
