"""How quickly are routes judged, dumps read and changes weighed, beside pytricia and mrtparse?

The payloads and the table have the shape of the world's: three quarters IPv4, half of that /24s,
payloads mostly of one length, routes mostly authorised. pytricia (LGPL) and mrtparse judge alone;
where they are not installed, the table says so (pip install --target DIR, PYTHONPATH=DIR).
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import Measurement, median_cpu_s
from madang.rpki.engine.payloads import Change, Payloads, Vrp
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.routes.drill.drill import drill
from madang.rpki.engine.routes.drill.topology import drawn
from madang.rpki.engine.routes.mrt import read_dump
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.route import AsPath, Table
from madang.rpki.engine.routes.whatif import Observed, impact
from tests.rpki.engine.routes import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

VRPS = 500_000
ROUTES = 1_000_000
ENTRIES = 300_000
PEERS = 30
_FOUR = [24] * 55 + [23] * 8 + [22] * 12 + [21] * 5 + [20] * 6 + [19] * 4 + [18, 17] + [16] * 5
_FOUR += [15, 14, 13, 12, 11]
_SIX = [48] * 5 + [44, 40, 36, 32, 32, 29]


def _prefix(chance: random.Random) -> Prefix:
    if chance.random() < 0.75:
        length = chance.choice(_FOUR)
        return Prefix(
            4, chance.randrange(1 << 24, 223 << 24) >> 32 - length << 32 - length, length
        )
    length = chance.choice(_SIX)
    # 40,000 networks hold the addresses that are announced in IPv6.
    whole = (0x2001 << 112) + (chance.randrange(40_000) << 96) + (chance.getrandbits(16) << 80)
    return Prefix(6, whole >> 128 - length << 128 - length, length)


def _vrps(chance: random.Random) -> list[Vrp]:
    found: set[Vrp] = set()
    while len(found) < VRPS:
        prefix = _prefix(chance)
        most = min(prefix.length + chance.choice((0, 0, 0, 0, 2, 8)), 24 if prefix[0] == 4 else 48)
        found.add(Vrp(*prefix, max(most, prefix.length), chance.randrange(1, 80_000)))
    return sorted(found)


def _routes(vrps: list[Vrp], chance: random.Random) -> list[tuple[Prefix, int]]:
    """Two of three below a payload, few of them by another AS; the rest anywhere."""
    found = []
    for _ in range(ROUTES):
        vrp = chance.choice(vrps)
        if chance.random() < 0.66:
            found.append((vrp.prefix, vrp.asn if chance.random() < 0.98 else 1))
        else:
            found.append((_prefix(chance), chance.randrange(1, 80_000)))
    return found


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _pytricia(vrps: list[Vrp], routes: list[tuple[Prefix, int]], index: OriginIndex) -> str:
    """The same states by walking pytricia from the longest match up; IPv4 alone."""
    try:
        import pytricia  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return "pytricia: not installed"
    tree = pytricia.PyTricia(32)
    for vrp in vrps:
        if vrp.family == 4:
            key = (vrp.address.to_bytes(4, "big"), vrp.length)
            if not tree.has_key(key):
                tree.insert(*key, [])
            tree[key].append(vrp)
    four = [route for route in routes if route[0].family == 4]
    asked = [((p.address.to_bytes(4, "big"), p.length), asn) for p, asn in four]

    def state(key: object, length: int, asn: int) -> str:
        there = tree.get_key(key)
        covered = there is not None
        while there is not None:
            for vrp in tree[there]:
                if vrp.asn == asn and length <= vrp.max_length:
                    return "valid"
            there = tree.parent(there)
        return "invalid" if covered else "not-found"

    begin = time.process_time()
    theirs = [state(key, key[1], asn) for key, asn in asked]
    taken = time.process_time() - begin
    apart = sum(one != two for one, two in zip(theirs, index.states(four), strict=True))
    return f"pytricia {len(asked) / taken:,.0f}/s, IPv4 alone; {apart} states differ"


def _lookups() -> list[Measurement]:
    chance = random.Random(7)
    vrps = _vrps(chance)
    routes = _routes(vrps, chance)
    index = OriginIndex()
    build = _seconds(lambda: [index.add(vrp) for vrp in vrps])
    ordered = sorted(routes)
    first = ROUTES / _seconds(lambda: index.states(ordered))
    again = ROUTES / median_cpu_s(lambda: index.states(ordered), times=3)
    mixed = ROUTES / median_cpu_s(lambda: index.states(routes), times=3)
    single = [index.verdict(*route).state for route in ordered[:100_000]]
    agree = single == index.states(ordered[:100_000])
    how = f"{VRPS:,} payloads, {ROUTES:,} routes, one core"
    return [
        Measurement(
            what="States of routes in the order of a table (RFC 6811)",
            figure=f"{again:,.0f}/s; the first time {first:,.0f}/s; index in {build:.2f} s",
            peer=_pytricia(vrps, ordered, index),
            goal="500,000/s",
            kept=again >= 500_000 and agree,
            how=f"{how}; median of 3",
        ),
        Measurement(
            what="The same in random order",
            figure=f"{mixed:,.0f}/s",
            peer=_pytricia(vrps, routes, index),
            how=f"{how}; every route is a miss in the processor's cache",
        ),
        *_whatif(index, ordered, chance),
    ]


def _whatif(
    index: OriginIndex, routes: list[tuple[Prefix, int]], chance: random.Random
) -> list[Measurement]:
    table = Table()
    for prefix, origin in routes:
        table.see(prefix, AsPath((1, origin)), peer=0)
    observed: list[Observed] = []
    build = _seconds(lambda: observed.append(Observed(table)))
    small = Vrp(*chance.choice(routes)[0], 24, 1)
    one = Change(Payloads(frozenset({small._replace(max_length=small.length)})), Payloads())
    wide = Change(Payloads(frozenset({Vrp(4, 64 << 24, 4, 24, 0)})), Payloads())
    under = impact(observed[0], index, wide).judged
    quick = median_cpu_s(lambda: impact(observed[0], index, one), times=5)
    slow = median_cpu_s(lambda: impact(observed[0], index, wide), times=3)
    return [
        Measurement(
            what="What-if of one ROA",
            figure=f"{quick * 1e3:.2f} ms CPU; index of routes in {build:.2f} s",
            goal="well below 0.2 s",
            kept=quick < 0.1,
            how=f"{len(observed[0]):,} routes; median of 5",
        ),
        Measurement(
            what=f"What-if of a ROA above {under:,} routes",
            figure=f"{slow:.2f} s CPU, {under / slow:,.0f} routes/s",
            how="an AS 0 ROA for a /4; median of 3",
        ),
    ]


def _dump(peers: int) -> bytes:
    """A table of so many peers; every path differs."""
    chance = random.Random(peers)
    found = [dumps.peer_index(*((64_500 + n, f"192.0.2.{n + 1}") for n in range(peers)))]
    communities = dumps.attribute(8, bytes(24), 0xC0)
    for place in range(ENTRIES // peers):
        origin = chance.randrange(1, 80_000)
        entries = []
        for peer in range(peers):
            between = [chance.randrange(1, 80_000) for _ in range(chance.randrange(1, 4))]
            path = dumps.path_attributes([64_500 + peer, *between, origin])
            entries.append((peer, path + communities))
        found.append(dumps.rib(Prefix(4, place + 0x10000 << 8, 24), *entries))
    return b"".join(found)


def _mrtparse(file: Path) -> str:
    try:
        import mrtparse  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return "mrtparse: not installed"
    count, begin = 0, time.process_time()
    for record in mrtparse.Reader(str(file)):
        count += len(record.data.get("rib_entries", ()))
        if count > 50_000:
            break
    return f"mrtparse {count / (time.process_time() - begin):,.0f}/s"


def _imports() -> list[Measurement]:
    rows = []
    for peers in (PEERS, 1):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rib"
            file.write_bytes(_dump(peers))
            speed = ENTRIES / median_cpu_s(lambda file=file: read_dump(file), times=3)  # type: ignore[misc]
            whole = len(read_dump(file).table.paths) > ENTRIES * 0.99
            rows.append(
                Measurement(
                    what=f"Routes of an MRT table of {peers} peers",
                    figure=f"{speed:,.0f}/s",
                    peer=_mrtparse(file),
                    goal="100,000/s",
                    kept=speed >= 100_000 and whole,
                    how=f"{ENTRIES:,} entries, every path another, one core; median of 3",
                )
            )
    return rows


def measure() -> list[Measurement]:
    """Lookups, what-if, import, and a drill."""
    topology = drawn(1)
    played = median_cpu_s(lambda: drill(topology, seed=1), times=3)
    return [
        *_lookups(),
        *_imports(),
        Measurement(
            what="Drill of 8 scenes, 5 trials, now and fully validated",
            figure=f"{played:.2f} s CPU",
            goal="seconds",
            kept=played < 5,
            how="1,000 ASes; median of 3",
        ),
    ]
