"""How does the site's log become a folder that anybody can check, with the very same bytes?

What is written is what stands in the rows, damaged or not: judging it is the business of
`kernel.evidence.logcheck`, which reads the folder as any stranger would.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle
from madang.kernel.evidence.logcheck import verify_log
from madang.kernel.evidence.note import Checkpoint, read
from madang.kernel.evidence.statement import Statement
from madang.kernel.evidence.store import CHECKPOINT, ENTRIES, TREE, record
from madang.kernel.evidence.verdict import Link
from madang.kernel.words import words
from madang.portal.log import found_by, signing_key
from madang.portal.models import LogEntry, LogHead, LogNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from madang.kernel.evidence.verdict import Verdict
    from madang.kernel.jobs.job import Progress

_AT_ONCE = 2000


def export(folder: Path, *, told: Callable[[int], None] | None = None) -> Checkpoint:
    """Write the log into a new folder, whole or not at all.

    Args:
        folder: Where; it must not exist yet, or be empty.
        told: Called now and then with the number of entries written.

    Returns:
        What its checkpoint states.

    Raises:
        InputError: Something lies in the folder already, or nothing was ever recorded.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            words(f"비어 있지 않은 폴더 {folder}", f"{folder}, which is not empty"),
            words("새 폴더나 빈 폴더", "a new or empty folder"),
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        head = dump(unfinished, told=told)
        unfinished.chmod(0o755)
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return head


def dump(folder: Path, *, told: Callable[[int], None] | None = None) -> Checkpoint:
    """Write entries, tree and checkpoint as they stand in the rows, into an existing folder.

    Raises:
        InputError: Nothing was ever recorded, or the checkpoint cannot be read.
    """
    row = LogHead.objects.filter(pk=1).first()
    if row is None or not row.checkpoint:
        raise InputError(
            words("비어 있는 증거 로그", "an empty evidence log"),
            words("한 건 이상 기록된 로그", "a log with at least one entry"),
        )
    content = bytes(row.checkpoint)
    head = Checkpoint.parse(read(content).text)
    nodes = _nodes(merkle.node_count(head.size))
    with (folder / ENTRIES).open("wb") as entries, (folder / TREE).open("wb") as tree:
        end = 0
        for index, leaf in enumerate(_leaves(head.size)):
            end += entries.write(leaf + b"\n")
            here = merkle.node_count(index + 1) - merkle.node_count(index)
            tree.write(record([next(nodes) for _ in range(here)], end))
            if told and index % _AT_ONCE == 0:
                told(index)
    (folder / CHECKPOINT).write_bytes(content)
    return head


def verdict(*, told: Callable[[int], None] | None = None) -> Verdict:
    """Is the site's log whole, entry by entry, under this site's key?

    Raises:
        InputError: Nothing was ever recorded, or the checkpoint cannot be read.
    """
    with _temporary() as folder:
        dump(folder, told=told)
        return verify_log(folder, key=signing_key().verifier)


def check(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """The job that checks the whole log: `Verdict.to_json`, and what the rows say beside it.

    Raises:
        InputError: Nothing was ever recorded.
    """
    size = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 1
    progress(0.0, words("로그를 읽습니다.", "Reading the log."))

    def told(count: int) -> None:
        progress(
            0.8 * count / size,
            words(f"항목 {size:,}개 가운데 {count:,}개", f"{count:,} of {size:,} entries"),
        )

    found = verdict(told=told)
    if found.ok:
        progress(0.9, words("찾아보기를 대조합니다.", "Comparing what entries are found by."))
        found = replace(found, links=(*found.links, _columns()))
    return found.to_json()


def _columns() -> Link:
    """Are entries found by what they say?"""
    rows = LogEntry.objects.order_by("index").values_list(
        "index", "content", "predicate_type", "subject"
    )
    for index, content, kind, subject in rows.iterator(chunk_size=_AT_ONCE):
        if (kind, subject) != found_by(Statement.decode(bytes(content))):
            said = words(
                f"찾아보기: 항목 {index}의 종류나 대상이 기록된 내용과 다릅니다.",
                f"Entry {index} is found by a type or a thing other than it states.",
            )
            return Link(name="columns", ok=False, sentence=said)
    said = words(
        "찾아보기: 모두 기록된 내용과 같음",
        "Every entry is found by the type and thing it states.",
    )
    return Link(name="columns", ok=True, sentence=said)


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="madang-log-") as folder:
        yield Path(folder)


def _leaves(size: int) -> Iterator[bytes]:
    """The entries below `size`; where one is missing, no more."""
    found = LogEntry.objects.filter(index__gte=0, index__lt=size).order_by("index")
    rows = found.values_list("index", "content").iterator(chunk_size=_AT_ONCE)
    for expected, (index, content) in enumerate(rows):
        if index != expected:
            return
        yield bytes(content)


def _nodes(count: int) -> Iterator[bytes]:
    """The nodes in the order of their places; one that is missing is all zeros."""
    found = LogNode.objects.filter(position__gte=0, position__lt=count).order_by("position")
    place = 0
    for position, hash_ in found.values_list().iterator(chunk_size=_AT_ONCE):
        yield from [bytes(merkle.HASH_BYTES)] * (position - place)
        yield bytes(hash_)
        place = position + 1
    yield from [bytes(merkle.HASH_BYTES)] * (count - place)
