"""How do lines and awards stand as contracting processes? As OCDS 1.1.5 releases and records.

One process a line, with its planning; one process an award, with award, contract and payments.
Each release states all that is known at its moment; the compiled release is therefore the latest.

Source: Open Contracting Data Standard 1.1.5 (https://standard.open-contracting.org/1.1/en/).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from madang.kernel import clock
from madang.programme.engine.balances import balances
from madang.programme.engine.ledger import Kind, last_day
from madang.programme.engine.open_data import publisher as by
from madang.programme.engine.open_data.payments import (
    MINISTRY,
    Payment,
    payments,
    transactions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from madang.programme.engine.awards import Award
    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.lines import Line

_VERSION = "1.1"


def releases(ledger: Ledger, publisher: by.Publisher) -> list[dict[str, Any]]:
    """Every release of every process, those of one process in the order of their dates."""
    paid = payments(ledger)
    made = []
    for line in ledger.programme.lines:
        made += _of_line(ledger, line, publisher)
        for award in ledger.awards:
            if award.line == line.id:
                own = [each for each in paid if each.award == award.id and each.line == line.id]
                made += _of_award(ledger, line, award, own, publisher)
    return made


def release_package(ledger: Ledger, publisher: by.Publisher, *, at: datetime) -> dict[str, Any]:
    """All releases as one package."""
    return {**_head(publisher, "releases.json", at), "releases": releases(ledger, publisher)}


def record_package(ledger: Ledger, publisher: by.Publisher, *, at: datetime) -> dict[str, Any]:
    """All processes as one package: every release of each, and what is known now."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in releases(ledger, publisher):
        found.setdefault(each["ocid"], []).append(each)
    return {
        **_head(publisher, "records.json", at),
        "records": [_record(ocid, each) for ocid, each in found.items()],
    }


def ocid(publisher: by.Publisher, line: str, award: str = "") -> str:
    """The identifier of a line's planning, or of an award's process."""
    parts = [publisher.ocds_prefix, line, *([award] if award else [])]
    return "-".join(re.sub(r"[^A-Za-z0-9.~_-]", "_", each) for each in parts)


def _head(publisher: by.Publisher, name: str, at: datetime) -> dict[str, Any]:
    return {
        "uri": publisher.file(name),
        "version": _VERSION,
        "publishedDate": clock.stamp(at),
        "publisher": {"name": publisher.name.ko, "uri": publisher.address},
        "license": publisher.licence,
    }


def _record(name: str, own: Sequence[dict[str, Any]]) -> dict[str, Any]:
    latest = own[-1]
    compiled = {**latest, "tag": ["compiled"], "id": f"{name}-compiled-{latest['date'][:10]}"}
    return {"ocid": name, "releases": list(own), "compiledRelease": compiled}


def _release(
    name: str, on: str, tags: Sequence[str], ledger: Ledger, parts: dict[str, Any]
) -> dict[str, Any]:
    ministry = ledger.programme.ministry
    parties = [
        {"id": MINISTRY, **by.told("name", ministry), "roles": ["buyer", "funder", "payer"]},
        *parts.pop("parties", ()),
    ]
    return {
        "ocid": name,
        "id": f"{name}-{on[:10].replace('-', '')}-{tags[-1]}",
        "date": on,
        "tag": list(tags),
        "initiationType": "tender",
        "language": "ko",
        "parties": parties,
        "buyer": {"id": MINISTRY, "name": ministry.ko},
        **parts,
    }


def _planning(
    ledger: Ledger, line: Line, amount_krw: int, publisher: by.Publisher
) -> dict[str, Any]:
    programme = ledger.programme
    purpose = [each.sentence for each in line.deliverables]
    found: dict[str, Any] = {
        "budget": {
            "id": line.id,
            "description": f"{programme.title.ko}: {line.title.ko}",
            "amount": by.money(amount_krw),
            "project": line.title.ko,
            "projectID": f"{publisher.oc4ids_prefix}-{line.id}",
            "uri": publisher.line(line.id),
        }
    }
    if purpose:
        found["rationale"] = " ".join(each.ko for each in purpose)
        found["rationale_en"] = " ".join(each.en for each in purpose)
    return found


def _of_line(ledger: Ledger, line: Line, publisher: by.Publisher) -> list[dict[str, Any]]:
    """What was voted, and what transfers made of it."""
    name, programme = ocid(publisher, line.id), ledger.programme
    voted = {"planning": _planning(ledger, line, line.amount_krw, publisher)}
    made = [_release(name, by.moment(programme.approved_on), ["planning"], ledger, voted)]
    moved = sorted(
        {
            entry.booked_on
            for entry in ledger.entries
            if entry.kind is Kind.TRANSFER and line.id in (entry.line, entry.to_line)
        }
    )
    place = programme.lines.index(line)
    for on in moved:
        amount = balances(ledger, on=on)[place].appropriation_krw
        now = {"planning": _planning(ledger, line, amount, publisher)}
        made.append(_release(name, by.moment(on, at_end=True), ["planningUpdate"], ledger, now))
    return made


def _of_award(
    ledger: Ledger, line: Line, award: Award, own: Sequence[Payment], publisher: by.Publisher
) -> list[dict[str, Any]]:
    """Award and contract on the day of signature; then what was paid, month by month."""
    name = ocid(publisher, line.id, award.id)
    signed = _parts(ledger, line, award, (), publisher)
    made = [_release(name, by.moment(award.signed_on), ["award", "contract"], ledger, signed)]
    first = award.signed_on.replace(day=1)
    for month in sorted({max(each.month, first) for each in own}):
        known = [each for each in own if each.month <= month]
        tag = "implementation" if len(made) == 1 else "implementationUpdate"
        parts = _parts(ledger, line, award, known, publisher)
        on = max(last_day(month), award.signed_on)
        made.append(_release(name, by.moment(on, at_end=True), [tag], ledger, parts))
    return made


def _parts(
    ledger: Ledger, line: Line, award: Award, known: Sequence[Payment], publisher: by.Publisher
) -> dict[str, Any]:
    public = by.named(ledger)
    supplier = public.get(award.recipient)
    title = award.title or line.title.ko
    suppliers = [{"id": supplier.id, "name": supplier.name}] if supplier else []
    tender: dict[str, Any] = {"id": f"{award.id}-tender", "title": title, "status": "complete"}
    if award.announced_on:
        tender["datePublished"] = by.moment(award.announced_on)
    paid = {each.recipient for each in known if each.recipient}
    bodies = ({supplier.id: ["supplier", "payee"]} if supplier else {}) | {
        each: ["payee"] for each in sorted(paid) if not supplier or each != supplier.id
    }
    return {
        "parties": [
            {"id": each, "name": public[each].name, "roles": roles}
            for each, roles in bodies.items()
        ],
        "planning": _planning(ledger, line, line.amount_krw, publisher),
        "tender": tender,
        "awards": [
            {
                "id": award.id,
                "title": title,
                "status": "active",
                "date": by.moment(award.signed_on),
                "value": by.money(award.amount_krw),
                **({"suppliers": suppliers} if suppliers else {}),
            }
        ],
        "contracts": [_contract(ledger, award, title, known, publisher)],
    }


def _contract(
    ledger: Ledger, award: Award, title: str, known: Sequence[Payment], publisher: by.Publisher
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"{award.id}-contract",
        "awardID": award.id,
        "title": title,
        "status": "active",
        "value": by.money(award.amount_krw),
        "dateSigned": by.moment(award.signed_on),
        "period": _period(award.signed_on, award.spendable_by),
    }
    if known:
        made["implementation"] = {"transactions": transactions(known, ledger, publisher)}
    return made


def _period(start: date, end: date | None) -> dict[str, str]:
    found = {"startDate": by.moment(start)}
    return found | ({"endDate": by.moment(end, at_end=True)} if end else {})
