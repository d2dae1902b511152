"""What can go wrong when a programme's money is booked, and whose matter it is.

InputError
├── FactsError        the appropriation lines carried in do not add up, or cannot be read
├── BookingRefused    an entry may not be booked; the sentence names the row and the limit
│   └── MonthClosed   its month, or the whole year, is closed: book it into the open month
├── ApprovalRefused   the hand that approves is not free to do so
└── PlanRefused       a plan or milestone does not fit its line
"""

from __future__ import annotations

from madang.kernel.errors import InputError


class FactsError(InputError):
    """The facts of the programme do not add up or cannot be read."""


class BookingRefused(InputError):
    """An entry may not be booked; nothing of its batch was."""


class MonthClosed(BookingRefused):
    """The entry's month is closed; a correction goes into the open one."""


class ApprovalRefused(InputError):
    """The hand that approves is the hand that proposed, or is no hand at all."""


class PlanRefused(InputError):
    """A plan or a milestone does not fit the line that it is for."""
