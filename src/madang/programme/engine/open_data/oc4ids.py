"""How does each line stand as a project? As an OC4IDS 0.9.5 package.

The standard is made for infrastructure; a line of a budget uses its budget, its money and its
contracts, and leaves out what speaks of assets. 교부, 집행 and 실집행 are metrics of the project.

Source: Open Contracting for Infrastructure Data Standards 0.9.5
(https://standard.open-contracting.org/infrastructure/0.9/en/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.kernel.words import words
from madang.programme.engine.balances import balances
from madang.programme.engine.law import year_ends
from madang.programme.engine.open_data import publisher as by
from madang.programme.engine.open_data.ocds import ocid
from madang.programme.engine.open_data.payments import MINISTRY, payments, transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from madang.kernel.words import Words
    from madang.programme.engine.awards import Award
    from madang.programme.engine.balances import Balance
    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.lines import Line
    from madang.programme.engine.open_data.payments import Payment

_UNNAMED = words(
    "전체 의결액에서 사업명이 제시된 금액을 뺀 나머지입니다.",
    "What is left of the total voted after every amount for which a project is named.",
)


def project_package(
    ledger: Ledger, publisher: by.Publisher, *, on: date, at: datetime
) -> dict[str, Any]:
    """Every line as a project.

    Args:
        ledger: What was booked.
        publisher: Who publishes.
        on: The day whose amounts are told.
        at: When it is published.
    """
    known = ledger.as_of(on)
    paid = payments(known)
    return {
        "uri": publisher.file("projects.json"),
        "version": "0.9",
        "publishedDate": clock.stamp(at),
        "publisher": {"name": publisher.name.ko, "uri": publisher.address},
        "license": publisher.licence,
        "projects": [
            _project(known, line, balance, paid, publisher, on=on, at=at)
            for line, balance in zip(known.programme.lines, balances(known), strict=True)
        ],
    }


def _project(
    ledger: Ledger,
    line: Line,
    balance: Balance,
    paid: Sequence[Payment],
    publisher: by.Publisher,
    *,
    on: date,
    at: datetime,
) -> dict[str, Any]:
    programme = ledger.programme
    loose = [each for each in paid if each.line == line.id and not each.award]
    awards = [each for each in ledger.awards if each.line == line.id]
    bodies = [each.recipient for each in awards] + [each.recipient for each in loose]
    found: dict[str, Any] = {
        "id": f"{publisher.oc4ids_prefix}-{line.id}",
        "updated": clock.stamp(at),
        "language": "ko",
        **by.told("title", line.title),
        **by.told("description", _description(line)),
        "status": _status(balance, on, programme.fiscal_year),
        "sector": ["communications"],
        "period": {
            "startDate": by.moment(programme.approved_on),
            "endDate": by.moment(year_ends(programme.fiscal_year), at_end=True),
        },
        "publicAuthority": {"id": MINISTRY, "name": programme.ministry.ko},
        "parties": _parties(ledger, bodies),
        "budget": {
            "description": programme.title.ko,
            "amount": by.money(balance.appropriation_krw),
            "approvalDate": by.moment(programme.approved_on),
        },
        "metrics": _metrics(balance, programme.approved_on, on),
        "documents": [_page(line, publisher)],
    }
    if awards:
        found["contractingProcesses"] = [
            _process(ledger, line, each, paid, publisher) for each in awards
        ]
    if loose:
        found["transactions"] = transactions(loose, ledger, publisher)
    return found


def _parties(ledger: Ledger, bodies: Sequence[str]) -> list[dict[str, Any]]:
    """The ministry, and the bodies that may be named."""
    public = by.named(ledger)
    ministry = {
        "id": MINISTRY,
        **by.told("name", ledger.programme.ministry),
        "roles": ["publicAuthority", "funder", "payer"],
    }
    return [
        ministry,
        *(
            {"id": each, "name": public[each].name, "roles": ["payee"]}
            for each in dict.fromkeys(bodies)
            if each in public
        ),
    ]


def _page(line: Line, publisher: by.Publisher) -> dict[str, Any]:
    return {
        "id": "page",
        "title": line.title.ko,
        "url": publisher.line(line.id),
        "format": "text/html",
        "language": "ko",
    }


def _description(line: Line) -> Words:
    if not line.deliverables:
        return _UNNAMED
    return words(
        " ".join(each.sentence.ko for each in line.deliverables),
        " ".join(each.sentence.en for each in line.deliverables),
    )


def _status(balance: Balance, on: date, year: int) -> str:
    if on > year_ends(year) or balance.open_krw == 0:
        return "completion"
    return "implementation" if balance.granted_krw else "preparation"


def _metrics(balance: Balance, start: date, on: date) -> list[dict[str, Any]]:
    period = {"startDate": by.moment(start), "endDate": by.moment(on, at_end=True)}
    amounts = (
        ("granted", words("교부", "Granted"), balance.granted_krw),
        ("disbursed", words("집행", "Disbursed"), balance.disbursed_krw),
        ("spent", words("실집행(증빙 확인)", "Spent, proved by evidence"), balance.spent_krw),
        ("carried-over", words("이월", "Carried over"), balance.carried_over_krw),
        ("lapsed", words("불용", "Lapsed"), balance.lapsed_krw),
    )
    return [
        {
            "id": name,
            **by.told("title", title),
            "observations": [{"id": f"{name}-{on}", "period": period, "value": by.money(amount)}],
        }
        for name, title, amount in amounts
    ]


def _process(
    ledger: Ledger, line: Line, award: Award, paid: Sequence[Payment], publisher: by.Publisher
) -> dict[str, Any]:
    name = ocid(publisher, line.id, award.id)
    supplier = by.named(ledger).get(award.recipient)
    own = [each for each in paid if each.award == award.id and each.line == line.id]
    summary: dict[str, Any] = {
        "ocid": name,
        "title": award.title or line.title.ko,
        "status": "active",
        "contractValue": by.money(award.amount_krw),
    }
    if supplier:
        summary["suppliers"] = [{"id": supplier.id, "name": supplier.name}]
    if own:
        summary["transactions"] = transactions(own, ledger, publisher)
    return {"id": name, "summary": summary}
