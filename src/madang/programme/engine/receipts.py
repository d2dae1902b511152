"""Is this still the paper that was handed in? Evidence files by their digest, checked at each use.

A file is kept under the SHA-256 of its content and known by the name that its owner gave it. What
was changed, or is gone, is named by that name wherever somebody leans on it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from madang.kernel.store.objects import Objects

State: TypeAlias = Literal["whole", "changed", "missing"]
STATES: dict[State, Words] = {
    "whole": words("확인됨", "verified"),
    "changed": words("내용이 바뀜", "content was changed"),
    "missing": words("파일 없음", "file is missing"),
}
MOST_BYTES = 64 << 20


class ReceiptBroken(InputError):
    """A file is not the evidence that it is handed in or kept as."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One evidence file."""

    sha256: str
    name: str
    """What its owner calls it."""
    size_bytes: int
    attached_at: str
    """RFC 3339, in UTC."""
    by: str


class Standing(NamedTuple):
    """How an evidence file stands now."""

    sha256: str
    name: str
    """Empty where nobody ever handed such a file in."""
    state: State


class Index(Protocol):
    """What knows the names of evidence files."""

    def receipts(self) -> Iterable[Receipt]:
        """Every receipt, the earliest first."""

    def add(self, receipt: Receipt) -> None:
        """Remember one more."""


class FileIndex:
    """An index in a file of JSON lines, which is made with the first receipt.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def receipts(self) -> Iterable[Receipt]:
        """Every receipt, the earliest first."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                yield Receipt(**json.loads(line))

    def add(self, receipt: Receipt) -> None:
        """Remember one more."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(receipt), ensure_ascii=False) + "\n")


class Receipts:
    """The evidence files of a programme.

    Args:
        objects: Where contents lie.
        index: What knows their names.
    """

    def __init__(self, objects: Objects, index: Index) -> None:
        self._objects, self._index = objects, index
        self._known: dict[str, Receipt] = {}
        for receipt in index.receipts():
            self._known.setdefault(receipt.sha256, receipt)

    def attach(self, content: bytes, *, name: str, by: str, sha256: str = "") -> Receipt:
        """Keep an evidence file; the same content twice is one receipt.

        Args:
            content: The whole file.
            name: What its owner calls it.
            by: Who hands it in.
            sha256: The digest that it is said to have; empty where nobody says one.

        Raises:
            ReceiptBroken: It has another digest, is empty, or is too large.
        """
        found = ids.digest(content)
        if sha256 and found != sha256.lower():
            raise mismatch(name, found=found, expected=sha256.lower())
        if not 0 < len(content) <= MOST_BYTES:
            raise ReceiptBroken(
                words(
                    f"{name}의 크기 {len(content):,}바이트", f"{len(content):,} bytes in {name}"
                ),
                words(f"1~{MOST_BYTES:,}바이트", f"1 to {MOST_BYTES:,} bytes"),
            )
        known = self._known.get(found)
        self._objects.put(content)
        if known:
            return known
        receipt = Receipt(
            sha256=found, name=name, size_bytes=len(content), attached_at=clock.stamp(), by=by
        )
        self._index.add(receipt)
        self._known[found] = receipt
        return receipt

    def knows(self, sha256: str) -> bool:
        """Whether a file of that digest was ever handed in."""
        return sha256 in self._known

    def read(self, sha256: str) -> bytes:
        """The content of an evidence file, verified.

        Raises:
            ReceiptBroken: It was changed or is gone; the sentence names the file.
        """
        content, state = looked(self._objects, sha256)
        if content is not None:
            return content
        name = self._name(sha256) or sha256
        raise ReceiptBroken(
            words(
                f"증빙 '{name}': {STATES[state].ko}",
                f"the evidence '{name}': {STATES[state].en}",
            ),
            words(f"SHA-256 {sha256}인 파일", f"the file of SHA-256 {sha256}"),
            words("원본 파일을 다시 등록하십시오.", "Hand the original file in again."),
        )

    def standing(self, sha256: str) -> Standing:
        """How the file of a digest stands now; its content is read and compared."""
        return Standing(sha256, self._name(sha256), looked(self._objects, sha256)[1])

    def _name(self, sha256: str) -> str:
        known = self._known.get(sha256)
        return known.name if known else ""

    def standings(self, digests: Iterable[str]) -> dict[str, Standing]:
        """How each file stands now, every content read once."""
        return {each: self.standing(each) for each in dict.fromkeys(digests)}


def looked(objects: Objects, sha256: str) -> tuple[bytes | None, State]:
    """The content of a file, read once, and how it stands; None where it does not hold."""
    try:
        return objects.get(sha256), "whole"
    except ObjectMissing:
        return None, "missing"
    except ObjectCorrupt:
        return None, "changed"


def mismatch(name: str, *, found: str, expected: str) -> ReceiptBroken:
    """The refusal of a file that has another digest than the one it is said to have."""
    return ReceiptBroken(
        words(f"증빙 '{name}'의 SHA-256 {found}", f"SHA-256 {found} of the evidence '{name}'"),
        words(f"SHA-256 {expected}", f"SHA-256 {expected}"),
        words(
            "원본 파일인지, 행에 적은 지문이 맞는지 확인하십시오.",
            "Check that it is the original, and that the row has its digest.",
        ),
    )
