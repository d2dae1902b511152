"""Why may this not be done with the fund?

InputError
└── FundRefused             nothing was posted
    ├── TermsRefused        a term file contradicts itself, or asks for what no fund can do
    ├── AmountRefused       no whole number of won, or a currency without a rate and its source
    ├── PostingRefused      the ledger would not hold
    │   └── PeriodClosed    the day lies in a period that is closed
    ├── FlowRefused         a call, payment or distribution beyond what there is
    ├── PortfolioRefused    an instrument, round or valuation that cannot be
    └── ApprovalRefused     the same person twice, or decided on already

A message says what was found, what was expected and what to do; a row of a file is named.
"""

from __future__ import annotations

from madang.kernel.errors import InputError


class FundRefused(InputError):
    """The fund's books do not take it; they stand as they stood."""


class TermsRefused(FundRefused):
    """The terms of a fund cannot be read, or do not agree with themselves."""


class AmountRefused(FundRefused):
    """An amount is no whole number of won, or its currency has no rate with a source."""


class PostingRefused(FundRefused):
    """The ledger would not hold with this entry."""


class PeriodClosed(PostingRefused):
    """The day lies in a closed period: what was wrong is corrected in an open one."""


class FlowRefused(FundRefused):
    """More is called, paid or distributed than there is."""


class PortfolioRefused(FundRefused):
    """An instrument, a round, a holding or a valuation is unknown or impossible."""


class ApprovalRefused(FundRefused):
    """A second person has to decide, and only once."""
