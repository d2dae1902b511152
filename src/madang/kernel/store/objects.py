"""Where does a file lie for ever? Under the SHA-256 of its content, in a folder or in a bucket.

The name proves the content: what comes out was put in, or an error names the object. Putting the
same content twice keeps one copy, so that any number of writers may race, and one that is killed
leaves nothing but a nameless temporary file.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.kernel.store.folder import Folder
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


class Place(Protocol):
    """Where named contents lie: a folder or a bucket. Names are `ab/<digest>`."""

    def address(self, name: str) -> str:
        """What a person calls the place of this name."""

    def open(self, name: str) -> BinaryIO:
        """The content as a seekable stream.

        Raises:
            FileNotFoundError: Nothing of that name lies here.
        """

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write the whole content or nothing, durable at the end; replaces what was there."""

    def has(self, name: str) -> bool:
        """Whether something of that name lies here."""

    def settle(self, name: str) -> None:
        """Make durable what another writer may just have put under this name."""

    def names(self) -> Iterator[str]:
        """Every name under which something lies here, and whatever else lies beside."""


class Objects:
    """Contents named by their SHA-256.

    Args:
        url_or_path: A folder, `file://…`, or another address that fsspec knows (`memory://…`;
            `s3://bucket/prefix` with the extra `s3`). A folder is made where it does not exist.

    Raises:
        MissingExtra: The address needs a driver that is not installed.
        Unavailable: From every method: the place cannot be reached, read or written.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        self._place = _place(str(url_or_path))

    def put(self, content: bytes) -> str:
        """Keep the content; once this returns, a power cut does not lose it.

        Returns:
            Its digest: 64 hexadecimal digits.
        """
        digest = ids.digest(content)
        if self._is_whole(digest):
            self._place.settle(_name(digest))
        else:
            self._place.write(_name(digest), [content])
        return digest

    def put_file(self, path: str | Path) -> str:
        """Keep the content of a file of any size, read in pieces.

        Returns:
            Its digest.

        Raises:
            OSError: The file cannot be read.
            ObjectCorrupt: The file changed while it was read; what was kept is not used.
        """
        with open(path, "rb") as file:
            digest = _digest(file)
            if self._is_whole(digest):
                self._place.settle(_name(digest))
            else:
                file.seek(0)
                self._place.write(_name(digest), _pieces(file))
                self.open(digest).close()
        return digest

    def get(self, digest: str) -> bytes:
        """The content of this digest, verified.

        Raises:
            InputError: The digest is not one.
            ObjectMissing: No such object was put.
            ObjectCorrupt: What lies there is something else.
        """
        with closing(self._opened(digest)) as file:
            content = file.read()
        if (found := ids.digest(content)) != digest:
            raise ObjectCorrupt(digest, self._place.address(_name(digest)), found=found)
        return content

    def has(self, digest: str) -> bool:
        """Whether an object of this digest lies here; its content is not looked at.

        Raises:
            InputError: The digest is not one.
        """
        return self._place.has(_name(digest))

    def digests(self) -> Iterator[str]:
        """Every object that lies here; one that is put meanwhile may be missing."""
        for name in self._place.names():
            digest = name.rpartition("/")[2]
            if _DIGEST.fullmatch(digest) and name == _name(digest):
                yield digest

    def open(self, digest: str) -> BinaryIO:
        """The content as a stream at its start, verified before the first byte is given out.

        Raises:
            InputError: The digest is not one.
            ObjectMissing: No such object was put.
            ObjectCorrupt: What lies there is something else.
        """
        file = self._opened(digest)
        if (found := _digest(file)) != digest:
            file.close()
            raise ObjectCorrupt(digest, self._place.address(_name(digest)), found=found)
        file.seek(0)
        return file

    def _opened(self, digest: str) -> BinaryIO:
        name = _name(digest)
        try:
            return self._place.open(name)
        except FileNotFoundError as fault:
            raise ObjectMissing(digest, self._place.address("")) from fault

    def _is_whole(self, digest: str) -> bool:
        """Whether it need not be written: a damaged copy is healed by putting it again."""
        try:
            self.open(digest).close()
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True


def _place(address: str) -> Place:
    if address.startswith("file://"):
        return Folder(address.removeprefix("file://"))
    if "://" not in address:
        return Folder(address)
    from madang.kernel.store.bucket import Bucket

    return Bucket(address)


def _name(digest: str) -> str:
    """`ab/abcd…`: 256 folders, so that each stays small.

    Raises:
        InputError: The digest is not one.
    """
    if not _DIGEST.fullmatch(digest):
        raise InputError(
            words("객체 이름이 아닌 값", "a name that no object can have"),
            words("SHA-256 값(소문자 16진수 64자리)", "a SHA-256 of 64 lower-case hex digits"),
        )
    return f"{digest[:2]}/{digest}"


def _digest(file: IO[bytes]) -> str:
    total = hashlib.sha256()
    for piece in _pieces(file):
        total.update(piece)
    return total.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_PIECE), b"")
