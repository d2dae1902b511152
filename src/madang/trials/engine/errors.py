"""What can go wrong in a trial, and whose matter it is.

    InputError
    ├── DemandError        the demand's text or data cannot be used as they are
    ├── SubmissionError    what a firm handed in is refused; it costs no quota
    ├── QuotaSpent         the firm has used its submissions
    ├── SealBroken         a sealed file does not open: wrong key, or altered
    ├── RecordError        plain data that do not make up a value of a trial
    ├── PhaseClosed        the act belongs to another phase of the demand
    ├── TeamError          companies cannot team up in this way
    ├── RubricError        the rubric cannot be used, or a score does not follow it
    ├── ObjectionError     an objection or its answer comes from the wrong hand, or too late
    ├── ConsultationError  minutes, signatures or conditions that do not fit one another
    ├── MoveRefused        the adoption may not move so from where it stands
    ├── ProtocolDiffers    an agency's result comes from another protocol than the first one's
    └── RegisterError      facts that no OCDS release can state

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


class RecordError(InputError):
    """Plain data, from a row or from outside, do not make up a value of a trial."""


class PhaseClosed(InputError):
    """The act belongs to another phase of the demand than the present one."""


class TeamError(InputError):
    """Companies cannot team up, or change their team, in this way."""


class RubricError(InputError):
    """The rubric cannot be used, or a score does not follow it."""


class ObjectionError(InputError):
    """An objection or its answer comes from the wrong hand, twice, or too late."""


class ConsultationError(InputError):
    """Minutes, signatures or conditions of a consultation do not fit one another."""


class MoveRefused(InputError):
    """The adoption may not move so from where it stands; nothing was changed."""


class ProtocolDiffers(InputError):
    """An agency's result comes from another protocol than the one that is being spread."""


class RegisterError(InputError):
    """The facts cannot be stated as an OCDS release."""
