"""May several SLURM files be used together? If none speaks of what another does (RFC 8416, 4.2).

Which of two files is right cannot be known: so neither is used, and both are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.slurm.exceptions import Slurm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from madang.rpki.engine.resources.prefix import Prefix
    from madang.rpki.engine.slurm.exceptions import Place


def merged(files: Sequence[Slurm]) -> Slurm:
    """The exceptions of all files.

    Raises:
        SettingRefused: Two files speak of one address, of one AS's router keys, or of one
            customer's ASPA.
    """
    spans = [span for number, file in enumerate(files) for span in _spans(file, number)]
    _refuse(_overlap(spans))
    for named in (_key_asns, _customers):
        _refuse(_twice(files, named))
    return Slurm(
        prefix_filters=tuple(each for file in files for each in file.prefix_filters),
        key_filters=tuple(each for file in files for each in file.key_filters),
        aspa_filters=tuple(each for file in files for each in file.aspa_filters),
        vrps=tuple(each for file in files for each in file.vrps),
        router_keys=tuple(each for file in files for each in file.router_keys),
        aspas=tuple(each for file in files for each in file.aspas),
    )


_Span = tuple[int, int, int, int, "Place"]
"""Family, first and last address, number of the file, place."""


def _spans(file: Slurm, number: int) -> Iterator[_Span]:
    found: list[tuple[Prefix, Place]] = [(vrp.prefix, place) for vrp, place in file.vrps]
    found += [(each.prefix, each.place) for each in file.prefix_filters if each.prefix]
    for prefix, place in found:
        yield prefix.family, prefix.address, prefix.last, number, place


def _overlap(spans: list[_Span]) -> tuple[Place, Place] | None:
    """Two places of different files that speak of one address.

    Prefixes either nest or are apart: those open at an address stand in one another.
    """
    opened: list[_Span] = []
    for span in sorted(spans, key=lambda each: (each[0], each[1], -each[2])):
        while opened and (opened[-1][0] != span[0] or opened[-1][2] < span[1]):
            opened.pop()
        # All that is open belongs to one file, else it would have been found before.
        if opened and opened[-1][3] != span[3]:
            return opened[-1][4], span[4]
        opened.append(span)
    return None


def _key_asns(file: Slurm) -> Iterator[tuple[int, Place]]:
    for each in file.key_filters:
        if each.asn is not None:
            yield each.asn, each.place
    for key, place in file.router_keys:
        yield key.asn, place


def _customers(file: Slurm) -> Iterator[tuple[int, Place]]:
    for each in file.aspa_filters:
        yield each.customer, each.place
    for aspa, place in file.aspas:
        yield aspa.customer, place


def _twice(
    files: Iterable[Slurm], named: Callable[[Slurm], Iterator[tuple[int, Place]]]
) -> tuple[Place, Place] | None:
    seen: dict[int, tuple[int, Place]] = {}
    for number, file in enumerate(files):
        for asn, place in named(file):
            first = seen.setdefault(asn, (number, place))
            if first[0] != number:
                return first[1], place
    return None


def _refuse(found: tuple[Place, Place] | None) -> None:
    if found:
        one, other = found
        raise SettingRefused(
            words(
                f"SLURM 파일끼리 겹치는 예외: {one}, {other}",
                f"overlapping exceptions in SLURM files: {one} and {other}",
            ),
            words(
                "한 주소나 AS를 한 파일에서만 다룸(RFC 8416 4.2절)",
                "each address and AS in one file only (RFC 8416, section 4.2)",
            ),
        )
