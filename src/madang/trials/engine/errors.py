"""What can go wrong in a trial, and whose matter it is.

    InputError
    ├── DemandError       the demand's text or data cannot be used as they are
    ├── SubmissionError   what a firm handed in is refused; it costs no quota
    ├── QuotaSpent        the firm has used its submissions
    └── SealBroken        a sealed file does not open: wrong key, or altered

How a *run* ends is no error but a fact: see `madang.trials.engine.cause`.
"""

from madang.kernel.errors import InputError


class DemandError(InputError):
    """The demand's text or the agency's table cannot be used as they are."""


class SubmissionError(InputError):
    """What a firm handed in is refused before any run; it costs no quota."""


class QuotaSpent(InputError):
    """The firm has used every submission that the demand allows."""


class SealBroken(InputError):
    """A sealed file does not open: the key is another one, or a byte was altered."""
