"""What is wrong with a call, and with which HTTP status is that answered?

InputError
└── HookError       the client: its call cannot be answered; `status` tells how to say so
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.errors import InputError

if TYPE_CHECKING:
    from madang.kernel.words import Words


class HookError(InputError):
    """A call that cannot be answered.

    Args:
        found: What was found.
        expected: What would have been accepted.
        status: 400 where the call is malformed, 404 where there is no such service, 412 where
            what the service must read is missing (CDS Hooks 2.0).
    """

    def __init__(self, found: Words, expected: Words, *, status: int = 400) -> None:
        super().__init__(found, expected)
        self.status = status
