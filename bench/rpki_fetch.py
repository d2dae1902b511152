"""How quick is the store of repositories: a snapshot of 500,000 objects, a delta, 2,000 points?"""

from __future__ import annotations

import base64
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Measurement
from madang.rpki.engine.fetch.rrdp import Reference, delta_reader, snapshot_reader
from madang.rpki.engine.fetch.uri import https_uri
from madang.rpki.engine.store.database import Database
from madang.rpki.engine.store.state import Mark

OBJECTS, OF_A_POINT, POINTS, SEED = 500_000, 28, 2000, 7
SESSION = "9df4b597-af9e-4dca-bdda-719cce2c4e28"
NOTIFY = "https://rrdp.example.net/notification.xml"
LARGEST = 8 << 20
_CHUNK = 1 << 18


def place(number: int) -> tuple[str, str]:
    """Folder and name of an object."""
    point = number // OF_A_POINT
    return f"rsync://rpki.example.net/repo/member{point % 60}/{point}/", f"{number:020x}.roa"


def content(number: int, noise: bytes) -> bytes:
    """Bytes of the usual length, of which no two are equal."""
    return number.to_bytes(8, "big") + noise[: 1400 + number * 7919 % 1000]


def snapshot(file: Path) -> None:
    """Write a snapshot in no order of folders, as publication servers do."""
    noise = random.Random(SEED).randbytes(4000)
    order = list(range(OBJECTS))
    random.Random(SEED).shuffle(order)
    head = f'version="1" session_id="{SESSION}" serial="1" xmlns="http://www.ripe.net/rpki/rrdp"'
    with file.open("wb") as out:
        out.write(f"<snapshot {head}>\n".encode())
        for number in order:
            text = base64.b64encode(content(number, noise)).decode()
            uri = "".join(place(number))
            out.write(f'<publish uri="{uri}">{text}</publish>\n'.encode())
        out.write(b"</snapshot>\n")


def delta(serial: int, numbers: Iterator[int] | range) -> bytes:
    """A delta that replaces some objects of the snapshot."""
    import hashlib

    noise = random.Random(SEED).randbytes(4000)
    head = f'version="1" session_id="{SESSION}" xmlns="http://www.ripe.net/rpki/rrdp"'
    lines = [
        f'<publish uri="{"".join(place(number))}"'
        f' hash="{hashlib.sha256(content(number, noise)).hexdigest()}">'
        f"{base64.b64encode(b'new' + content(number, noise)).decode()}</publish>"
        for number in numbers
    ]
    return f'<delta {head} serial="{serial}">{"".join(lines)}</delta>'.encode()


def load(database: Database, file: Path) -> None:
    """Take a snapshot over, as the fetcher does once its digest is proved."""
    reference = Reference(1, https_uri(NOTIFY), bytes(32))
    with database.update(NOTIFY, whole=True) as update, file.open("rb") as stream:
        reader = snapshot_reader(reference, SESSION, publish=update.put, largest=LARGEST)
        while part := stream.read(_CHUNK):
            reader.feed(part)
        reader.finish()
        update.commit(Mark(session=SESSION, serial=1))


def change(database: Database, serial: int, content_: bytes) -> None:
    """Take a delta over."""
    reference = Reference(serial, https_uri(NOTIFY), bytes(32))
    with database.update(NOTIFY, whole=False) as update:

        def one(uri: str, content: bytes | None, over: bytes | None) -> None:
            assert content is not None
            update.publish(uri, content, over=over)

        reader = delta_reader(reference, SESSION, change=one, largest=LARGEST)
        reader.feed(content_)
        reader.finish()
        update.commit(Mark(session=SESSION, serial=serial))


def read(database: Database, points: range) -> int:
    """Read every object of some points."""
    found = 0
    for point in points:
        first = point * OF_A_POINT
        held = database.point(place(first)[0], NOTIFY)
        assert held is not None
        for number in range(first, first + OF_A_POINT):
            assert held.read(place(number)[1]) is not None
            found += 1
    return found


def keep(database: Database, points: range) -> None:
    """Remember some points as found whole, as validation does."""
    for point in points:
        folder = place(point * OF_A_POINT)[0]
        held = database.point(folder, NOTIFY)
        assert held is not None
        assert database.keep_point(f"{folder}x.mft", held, held.names())


def tokens(database: Database, points: range) -> None:
    """Ask whether some points have changed."""
    for point in points:
        held = database.point(place(point * OF_A_POINT)[0], NOTIFY)
        assert held is not None
        assert held.token


class _Stopwatch:
    def __enter__(self) -> _Stopwatch:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self._wall
        self.cpu_s = time.process_time() - self._cpu


def measure() -> list[Measurement]:
    """The store, on a disk of this machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snapshot(folder / "snapshot.xml")
        database = Database(folder / "store.sqlite")
        rows = _measured(database, folder / "snapshot.xml")
        database.close()
        return rows


def _measured(database: Database, file: Path) -> list[Measurement]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _Stopwatch() as first:
        load(database, file)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with _Stopwatch() as again:
        load(database, file)
    deltas = [delta(serial, _spread(serial)) for serial in range(2, 22)]
    with _Stopwatch() as changed:
        for serial, each in enumerate(deltas, start=2):
            change(database, serial, each)
    read(database, range(POINTS, 2 * POINTS))
    with _Stopwatch() as reading:
        count = read(database, range(POINTS))
    with _Stopwatch() as asking:
        tokens(database, range(POINTS))
    with _Stopwatch() as keeping:
        keep(database, range(POINTS))
    rate, per_object = OBJECTS / first.cpu_s, 1e6 * reading.cpu_s / count
    return [
        Measurement(
            what="A first snapshot into the store",
            figure=f"{rate:,.0f} objects per CPU second ({OBJECTS / first.wall_s:,.0f}/s wall)",
            goal="≥ 30,000/s",
            kept=rate >= 30_000,
            how=f"{OBJECTS:,} objects of 1.4–2.4 kB in no order; memory + {grown:.0f} MiB",
        ),
        Measurement(
            what="The same snapshot again, as a new session brings it",
            figure=f"{OBJECTS / again.cpu_s:,.0f} objects per CPU second",
            how="nothing changes, all is compared",
        ),
        Measurement(
            what="A delta of 10 objects in 10 points",
            figure=f"{1000 * changed.cpu_s / len(deltas):.1f} ms CPU",
            how=f"mean of {len(deltas)}, each one transaction, in the store of {OBJECTS:,}",
        ),
        Measurement(
            what="An object read with its point",
            figure=f"{per_object:.1f} µs",
            goal="≤ 25 µs",
            kept=per_object <= 25,
            how=f"{POINTS:,} points of {OF_A_POINT} objects",
        ),
        Measurement(
            what="Whether a point has changed",
            figure=f"{1e6 * asking.cpu_s / POINTS:.1f} µs",
            how=f"{POINTS:,} points, by their tokens",
        ),
        Measurement(
            what="A point remembered as last good",
            figure=f"{1e6 * keeping.cpu_s / POINTS:.0f} µs",
            how=f"{POINTS:,} points of {OF_A_POINT} objects, none kept before",
        ),
    ]


def _spread(serial: int) -> range:
    begin = serial * 11 * OF_A_POINT
    return range(begin, begin + 10 * OF_A_POINT, OF_A_POINT)
