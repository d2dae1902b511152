from __future__ import annotations

import random

from madang.rpki.engine.payloads import Vrp
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.blocks import BLOCK_KEYS, Blocks
from madang.rpki.engine.rtr.records import prefix_keys, prefix_pdus


def _keys(numbers):
    return prefix_keys([Vrp(4, number << 8, 24, 24, 1) for number in numbers])


def test_any_history_of_changes_gives_the_sorted_set():
    chance = random.Random(7)
    held: set[bytes] = set()
    blocks = Blocks(pdu.IPV4_PREFIX)
    for _ in range(60):
        come = set(_keys(chance.sample(range(60_000), chance.choice((0, 1, 5, 2000, 9000)))))
        gone = set(chance.sample(sorted(held), min(len(held), chance.choice((0, 1, 700)))))
        gone -= come
        held = (held - gone) | come
        blocks = blocks.changed(come, gone)

        assert list(blocks) == sorted(held)
        assert len(blocks) == len(held)
        assert all(len(block) <= 2 * BLOCK_KEYS for block in blocks.blocks)


def test_one_change_shares_all_blocks_but_one():
    before = Blocks(pdu.IPV4_PREFIX).changed(_keys(range(40_000)), ())
    after = before.changed(_keys([50_000]), _keys([39_999]))

    assert len(before.blocks) > 5
    assert len(set(before.blocks) - set(after.blocks)) == 1
    assert list(before) == sorted(_keys(range(40_000)))


def test_a_block_is_written_once_for_each_version():
    (block,) = Blocks(pdu.IPV4_PREFIX).changed(_keys(range(10)), ()).blocks

    assert block.pdus(1) is block.pdus(1)
    assert block.pdus(0) == prefix_pdus(4, block.keys, version=0, flags=1)


def test_everything_may_go_and_come_again():
    keys = _keys(range(9000))
    empty = Blocks(pdu.IPV4_PREFIX).changed(keys, ()).changed((), keys)

    assert list(empty) == []
    assert empty.blocks == ()
    assert keys[0] not in empty
    assert keys[0] in empty.changed(keys[:1], ())
