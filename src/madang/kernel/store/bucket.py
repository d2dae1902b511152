"""How is a content written to an object store (S3 and whatever else fsspec knows)?

Object stores show a content only once it has arrived whole, so one upload of a finished local copy
is enough.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from madang.kernel.errors import MissingExtra, Unavailable
from madang.kernel.systems import load
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_IN_MEMORY = 16 << 20


class Bucket:
    """Contents under an fsspec address.

    Args:
        address: Such as `s3://bucket/prefix` or `memory://name`. Credentials come from the
            environment, as the driver documents them.

    Raises:
        MissingExtra: The driver is not installed.
        Unavailable: fsspec knows no such address.
    """

    def __init__(self, address: str) -> None:
        import fsspec

        self._address = address.rstrip("/")
        try:
            self._system, self._root = fsspec.url_to_fs(self._address)
        except ImportError as fault:
            raise MissingExtra(system="kernel.store", extra="s3") from fault
        except ValueError as fault:
            raise Unavailable(self._address, reason=str(fault)) from fault
        self._refusals: tuple[type[Exception], ...] = (OSError,)
        if self._address.startswith("s3://"):
            # A server that does not answer is no OSError to the driver's own library.
            self._refusals = (OSError, load("botocore.exceptions:BotoCoreError"))

    def address(self, name: str) -> str:
        """The address of this name."""
        return f"{self._address}/{name}".rstrip("/")

    def open(self, name: str) -> BinaryIO:
        """See `objects.Place.open`. Read whole and once: what is verified is given out."""
        reading = self._telling(unless=FileNotFoundError)
        with reading, self._system.open(f"{self._root}/{name}", "rb") as file:
            copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
            try:
                copy.writelines(iter(lambda: file.read(1 << 20), b""))
                copy.seek(0)
            except BaseException:
                copy.close()
                raise
        return cast("BinaryIO", copy)

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """See `objects.Place.write`."""
        with tempfile.NamedTemporaryFile() as whole:
            whole.writelines(pieces)
            whole.flush()
            with self._telling():
                self._system.put_file(whole.name, f"{self._root}/{name}")

    def has(self, name: str) -> bool:
        """See `objects.Place.has`."""
        with self._telling():
            return bool(self._system.exists(f"{self._root}/{name}"))

    def settle(self, name: str) -> None:
        """See `objects.Place.settle`: an object store confirms only what is durable."""

    def names(self) -> Iterator[str]:
        """See `objects.Place.names`."""
        with self._telling():
            found = self._system.find(self._root)
        start = len(self._root.rstrip("/")) + 1
        yield from (path[start:] for path in found)

    @contextmanager
    def _telling(self, *, unless: type[OSError] | tuple[()] = ()) -> Iterator[None]:
        """What the store refused, told to the operator; `unless` passes to who knows better."""
        try:
            yield
        except unless:
            raise
        except self._refusals as fault:
            raise Unavailable(
                self._address,
                reason=str(fault),
                remedy=words(
                    "주소, 인증 정보, 네트워크를 확인하십시오.",
                    "Check the address, the credentials and the network.",
                ),
            ) from fault
