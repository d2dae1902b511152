"""What can be wrong with stored objects, apart from a disk that does not answer?

Unavailable             the operator
├── ObjectMissing       no object of that digest lies here
└── ObjectCorrupt       what lies there is not what was put
"""

from __future__ import annotations

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words


class ObjectMissing(Unavailable):
    """No object of this digest lies in the store.

    Args:
        digest: The object's name.
        place: The store.
    """

    def __init__(self, digest: str, place: str) -> None:
        self.digest, self.place = digest, place
        super().__init__(
            words(f"객체 {digest}", f"object {digest}"),
            reason=words(f"{place}에 없음", f"it is not in {place}"),
            remedy=words(
                "백업에서 복원하거나 다시 등록하십시오.",
                "Restore it from a backup or put it again.",
            ),
        )


class ObjectCorrupt(Unavailable):
    """An object's content no longer has the digest that names it.

    Args:
        digest: The object's name.
        place: Its file or address.
        found: The digest that its content has.
    """

    def __init__(self, digest: str, place: str, *, found: str = "") -> None:
        self.digest, self.place, self.found = digest, place, found
        super().__init__(
            words(f"객체 {digest}", f"object {digest}"),
            reason=words(
                f"{place}의 내용이 이름(SHA-256)과 일치하지 않음",
                f"the content of {place} does not match its name (SHA-256)",
            ),
            remedy=words(
                "백업에서 복원하거나 같은 내용을 다시 등록하십시오.",
                "Restore it from a backup or put the same content again.",
            ),
        )


class TableError(InputError):
    """A file is not the table that was declared. Its sentence holds names and counts, no value."""
