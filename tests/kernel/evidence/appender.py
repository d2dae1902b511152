"""Appends to a log from a process of its own, for tests that kill it or run several at once."""

from __future__ import annotations

import sys

from madang.kernel.evidence.keys import SigningKey
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.statement import Statement, predicate_type


def fact(writer: str, number: int) -> Statement:
    """The number-th fact of one writer."""
    return Statement(
        subjects={writer: "0" * 64},
        predicate_type=predicate_type("count"),
        predicate={"number": number},
    )


def append_pairs(folder: str, seed: bytes, writer: str, pairs: int) -> None:
    """Append facts two by two."""
    log = FileLog(folder, SigningKey(name="shared", seed=seed))
    for pair in range(pairs):
        log.append([fact(writer, 2 * pair), fact(writer, 2 * pair + 1)])


def append_until_killed(folder: str, seed: str, writer: str) -> None:
    """Append facts for ever and say after each how far it came."""
    log = FileLog(folder, SigningKey(name="shared", seed=bytes.fromhex(seed)))
    number = 0
    while True:
        log.append([fact(writer, number), fact(writer, number + 1)])
        number += 2
        print(number, flush=True)


if __name__ == "__main__":
    append_until_killed(*sys.argv[1:])
