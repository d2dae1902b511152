"""Is a log whole, entry by entry, and who signed it? Read as it stands; nothing is mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle, note, verdict
from madang.kernel.evidence.statement import Statement
from madang.kernel.evidence.store import CHECKPOINT, ENTRIES, TREE, record
from madang.kernel.evidence.verdict import Link, Verdict
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from typing import BinaryIO

    from madang.kernel.evidence.keys import VerifyingKey
    from madang.kernel.evidence.note import Checkpoint


class _Walk(NamedTuple):
    """What came of reading the entries beside the stored nodes."""

    root: bytes
    """The root over the entries as they stand."""
    end: int
    """Where the last of them ends, in bytes."""
    differs: int | None
    """The first entry whose stored nodes are not those of its content."""
    content: bytes
    """That entry's line as it stands."""


def verify_log(folder: Path | str, *, key: VerifyingKey | None) -> Verdict:
    """Check a log's folder: its checkpoint, every entry that it covers, every stored node.

    What stands beyond the checkpoint is no part of the log (a write that lost its power) and is
    not looked at; the next append removes it.

    Args:
        folder: Of a `FileStore`.
        key: The signer's key that the reader holds; without it nothing is verified.

    Raises:
        InputError: The folder holds no log.
    """
    folder = Path(folder)
    content = _checkpoint(folder)
    try:
        signed = note.read(content)
        head = note.Checkpoint.parse(signed.text)
    except InputError as problem:
        return Verdict(kind="log", links=(verdict.refusal("checkpoint", problem),))
    links = [verdict.form("log")]
    found = key if key is not None and signed.signed_by(key) else None
    if key is not None:
        links.append(verdict.checkpoint(head, key, signed=found is not None))
    links += [*_entries(folder, head), verdict.signer(found, key)]
    return Verdict(
        kind="log",
        links=tuple(links),
        signer=found.text if found else "",
        size=head.size,
        root=head.root.hex(),
    )


def _checkpoint(folder: Path) -> bytes:
    try:
        with (folder / CHECKPOINT).open("rb") as file:
            return file.read(note.LARGEST + 1)
    except OSError as fault:
        raise InputError(
            words(f"체크포인트가 없는 폴더 {folder}", f"a folder without a checkpoint: {folder}"),
            words("증거 로그 폴더", "the folder of an evidence log"),
        ) from fault


def _entries(folder: Path, head: Checkpoint) -> tuple[Link, ...]:
    if not head.size:
        return (_whole(head),)
    try:
        with (folder / ENTRIES).open("rb") as entries, (folder / TREE).open("rb") as tree:
            walk = _walk(entries, tree, head.size)
            links = _judged(walk, head)
            return (*links, *_tail(entries, walk.end))
    except FileNotFoundError as fault:
        return (_missing_file(Path(fault.filename).name),)
    except OSError as fault:
        raise InputError(
            words(f"읽을 수 없는 로그 파일 {fault.filename}", f"an unreadable {fault.filename}"),
            words("읽기 권한이 있는 로그 폴더", "a log folder that may be read"),
        ) from fault


def _walk(entries: BinaryIO, tree: BinaryIO, size: int) -> _Walk:
    """Read `size` entries, comparing each with its stored nodes."""
    stack: list[bytes] = []
    end, differs, odd = 0, None, b""
    for place in range(size):
        line = entries.readline()
        end += len(line)
        # A line without its break is no entry, whatever stands in it: let its hash be no entry's.
        content = line[:-1] if line.endswith(b"\n") else line + b"\0"
        nodes, stack = merkle.grow(stack, place, merkle.leaf_hash(content))
        expected = record(nodes, end)
        if tree.read(len(expected)) != expected and differs is None:
            differs, odd = place, line
        if not line:
            break
    return _Walk(merkle.root_of(stack), end, differs, odd)


def _judged(walk: _Walk, head: Checkpoint) -> tuple[Link, ...]:
    """Which is the odd one out: an entry, a stored node or the checkpoint?"""
    if walk.root == head.root:
        return (_whole(head), *(() if walk.differs is None else (_odd_tree(walk.differs),)))
    if walk.differs is None:
        return (_odd_checkpoint(),)
    if not walk.content:
        return (_missing_entry(walk.differs, head),)
    return (_odd_entry(walk.differs, walk.content),)


def _whole(head: Checkpoint) -> Link:
    said = words(
        f"항목: {head.size}개 모두 체크포인트와 같음",
        f"All {head.size} entries are those of the checkpoint.",
    )
    return Link(name="entries", ok=True, sentence=said)


def _odd_entry(place: int, line: bytes) -> Link:
    title = _title(line)
    said = words(
        f"항목 {place}{title.ko}: 기록된 내용과 다릅니다. "
        f"{ENTRIES}의 {place + 1}번째 줄이 변경되었습니다.",
        f"Entry {place}{title.en} is not what was recorded: "
        f"line {place + 1} of {ENTRIES} was altered.",
    )
    return Link(name=f"entry {place}", ok=False, sentence=said)


def _missing_entry(place: int, head: Checkpoint) -> Link:
    said = words(
        f"항목 {place}: 없습니다. 체크포인트에는 항목이 {head.size}개 있습니다.",
        f"Entry {place} is missing; the checkpoint covers {head.size} entries.",
    )
    return Link(name=f"entry {place}", ok=False, sentence=said)


def _missing_file(name: str) -> Link:
    said = words(
        f"파일 {name}: 로그 폴더에 없습니다.", f"The file {name} is missing from the log."
    )
    return Link(name="entries" if name == ENTRIES else "tree", ok=False, sentence=said)


def _odd_tree(place: int) -> Link:
    said = words(
        f"파일 {TREE}: 항목 {place}의 해시가 변경되었습니다. 항목 자체는 온전합니다.",
        f"The hashes of entry {place} in {TREE} were altered; the entries themselves are whole.",
    )
    return Link(name="tree", ok=False, sentence=said)


def _odd_checkpoint() -> Link:
    said = words(
        "체크포인트: 항목과 다른 로그의 것입니다.",
        "The checkpoint is that of another log than these entries.",
    )
    return Link(name="checkpoint", ok=False, sentence=said)


def _tail(entries: BinaryIO, end: int) -> tuple[Link, ...]:
    """Say that a write was cut off, where one was."""
    beyond = entries.seek(0, 2) - end
    if beyond <= 0:
        return ()
    said = words(
        f"체크포인트 뒤의 {beyond}바이트: 완료되지 않은 쓰기로, 로그에 속하지 않습니다.",
        f"{beyond} bytes after the checkpoint are an unfinished write and no part of the log.",
    )
    return (Link(name="tail", ok=True, sentence=said),)


def _title(line: bytes) -> Words:
    """The entry's title in brackets, where it can still be read."""
    try:
        title = Statement.decode(line[:-1]).title()
    except InputError:
        return words("", "")
    return words(f"({title.ko})", f" ({title.en})")
