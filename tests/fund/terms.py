"""Terms for tests: a small fund that says everything, changed where a test needs it."""

from __future__ import annotations

import copy
from typing import Any

from madang.fund.engine.terms import reading
from madang.fund.engine.terms.agreement import Agreement

SMALL: dict[str, Any] = {
    "id": "small",
    "title": {"ko": "작은 조합", "en": "Small fund"},
    "version": 1,
    "effective_on": "2025-01-01",
    "currency": "KRW",
    "life": {"first_close": "2025-01-01", "investment_years": 4, "years": 8},
    "partners": [
        {
            "number": 1,
            "name": {"ko": "정부", "en": "State"},
            "nature": "public",
            "commitment_krw": 60_000_000,
        },
        {
            "number": 2,
            "name": {"ko": "가나은행", "en": "Gana Bank"},
            "nature": "private",
            "commitment_krw": 39_000_000,
        },
        {
            "number": 3,
            "name": {"ko": "마당벤처스", "en": "Madang Ventures"},
            "nature": "manager",
            "commitment_krw": 1_000_000,
        },
    ],
    "matching": {"public_share_most": "80%"},
    "management_fee": {
        "every_months": 3,
        "in_advance": False,
        "phases": [{"from_year": 1, "base": "committed", "brackets": [{"rate": "2%"}]}],
    },
    "distribution": {
        "basis": "whole-fund",
        "tiers": [
            {"pay": "capital"},
            {"pay": "preferred", "rate": "8%"},
            {"pay": "catch-up", "catch_up": "100%", "carry": "20%"},
            {"pay": "residual", "carry": "20%"},
        ],
    },
    "clawback": {"tax": "0%"},
    "late": {"rate": "15%", "default_after_days": 30, "forfeit": "50%"},
    "early_stage": {"most_years": 3},
    "due_diligence": {"fund_share": "50%"},
    "interim_principal": True,
    "day_count": "actual/365",
    "rounding": {"rule": "largest-remainder", "ties": "partner-number"},
    "sources": dict.fromkeys(
        (
            "matching",
            "management_fee",
            "distribution",
            "clawback",
            "late",
            "early_stage",
            "due_diligence",
            "interim_principal",
            "day_count",
            "rounding",
        ),
        "invented for tests",
    ),
}


def plain(**changes: Any) -> dict[str, Any]:
    """The small fund's terms as plain data; `a__b` as a key changes `b` within `a`."""
    found = copy.deepcopy(SMALL)
    for path, value in changes.items():
        *outer, last = path.split("__")
        place = found
        for name in outer:
            place = place[name]
        place[last] = value
    return found


def small(**changes: Any) -> Agreement:
    """The small fund's agreement, changed as in `plain`."""
    return reading.from_plain(plain(**changes))
