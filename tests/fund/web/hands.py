"""A manager with two persons, a partner's bank, and a fund that they run, for tests of pages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from madang.fund.engine import acts as asked_acts
from madang.fund.web.models import Act, Fund
from madang.fund.web.services import acts, book, roster
from tests.fund.terms import plain
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from madang.portal.models import User

FIRST, DUE = date(2025, 1, 2), date(2025, 1, 16)


class House(NamedTuple):
    """Who runs a fund, and who has a share in it."""

    fund: Fund
    maker: User
    checker: User
    partner: User
    """Of the bank behind partner 2."""


def term_file(**changes: Any) -> bytes:
    """The small fund's terms as a file."""
    return yaml.safe_dump(plain(**changes), allow_unicode=True).encode()


def house(name: str = "small", **changes: Any) -> House:
    """A registered fund with its commitments, and the bank's stake in it."""
    maker = somebody("company", organisation("company"))
    manager = maker.memberships.get().organisation
    checker = somebody("company", manager)
    partner = somebody("company", organisation("company"))
    act = acts.put_terms_forward(term_file(id=name, **changes), manager=manager, by=maker)
    fund = acts.approve(act, by=checker).fund
    roster.give_stake(fund, 2, partner.memberships.get().organisation, by=maker)
    found = House(fund, maker, checker, partner)
    done(found, {"act": "commit", "on": "2025-01-01"})
    return found


def asked(found: House, what: dict[str, Any]) -> Act:
    """Put an act forward."""
    drafts = asked_acts.drafts(book.book(found.fund), what)
    return acts.put_forward(
        found.fund, drafts, kind=what["act"], by=found.maker, asked=what, title=drafts[0].memo
    )


def done(found: House, what: dict[str, Any]) -> Act:
    """Put an act forward and approve it."""
    return acts.approve(asked(found, what), by=found.checker)


def funded(found: House, won: int = 50_000_000) -> None:
    """Call capital, and let all partners pay."""
    done(
        found,
        {
            "act": "call",
            "on": FIRST.isoformat(),
            "due": DUE.isoformat(),
            "purposes": {"investment": won},
        },
    )
    (call,) = [each for each in book.book(found.fund).journal.entries if each.kind == "call"]
    paid = {key: value for key, value in call.facts["partners"].items() if value}
    done(found, {"act": "pay", "on": DUE.isoformat(), "call": 1, "amounts": paid})


def company(found: House, code: str = "acme", **facts: Any) -> str:
    """A company in the fund's books."""
    known: dict[str, Any] = {
        "name_ko": "에이크미",
        "name_en": "Acme",
        "founded_on": date(2023, 5, 1),
        "region": "26",
        "field": "ai",
        **facts,
    }
    return roster.add_company(found.fund, by=found.maker, code=code, **known).code
