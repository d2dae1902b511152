"""How do lines and bookings stand as tables? CSV, described by a Fiscal Data Package.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it.

Source: Fiscal Data Package 1.0rc1 (https://specs.frictionlessdata.io/fiscal-data-package/) on the
Tabular Data Package; the types of columns are those of its taxonomies of budgets and spending.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from madang.kernel import ids
from madang.programme.engine.balances import balances
from madang.programme.engine.ledger import KIND_NAMES, Kind
from madang.programme.engine.open_data import publisher as by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from madang.programme.engine.ledger import Ledger

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_AMOUNTS = (
    ("voted_krw", "approved"),
    ("appropriation_krw", "adjusted"),
    ("granted_krw", "granted"),
    ("disbursed_krw", "disbursed"),
    ("spent_krw", "executed"),
    ("carried_over_krw", "carried-over"),
    ("lapsed_krw", "lapsed"),
)
"""Columns of money of a line → the phase of the budget that they tell of."""


def lines_csv(ledger: Ledger, publisher: by.Publisher, *, on: date) -> bytes:
    """Every line with its amounts at the end of a day."""
    programme = ledger.programme
    rows = [
        {
            "line": line.id,
            "title_ko": line.title.ko,
            "title_en": line.title.en,
            "pillar": line.pillar,
            "itemised": str(line.itemised).lower(),
            "fiscal_year": programme.fiscal_year,
            "as_of": on.isoformat(),
            **{name: getattr(balance, name) for name, _ in _AMOUNTS},
            "address": publisher.line(line.id),
        }
        for line, balance in zip(programme.lines, balances(ledger, on=on), strict=True)
    ]
    return _csv([each["name"] for each in _line_fields()], rows)


def records_csv(ledger: Ledger, publisher: by.Publisher, *, on: date) -> bytes:
    """Every booking up to a day; persons are not named, vouchers and memos stay inside."""
    public = by.named(ledger)
    rows = []
    for entry in ledger.as_of(on).entries:
        known = public.get(entry.recipient)
        rows.append(
            {
                "entry": entry.id,
                "line": entry.line,
                "to_line": entry.to_line,
                "kind": entry.kind.value,
                "kind_ko": KIND_NAMES[entry.kind].ko,
                "booked_on": entry.booked_on.isoformat(),
                "amount_krw": entry.amount_krw,
                "recipient": known.id if known else "",
                "recipient_name": known.name if known else "",
                "award": entry.award,
                "corrects": entry.corrects,
                "evidence_sha256": " ".join(entry.evidence),
                "address": publisher.entry(entry.id),
            }
        )
    return _csv([each["name"] for each in _record_fields()], rows)


def fiscal_package(
    ledger: Ledger, publisher: by.Publisher, tables: Mapping[str, bytes], *, on: date
) -> dict[str, Any]:
    """The descriptor of the tables.

    Args:
        ledger: What they were written from.
        publisher: Who publishes.
        tables: `lines.csv` and `records.csv` as they are written.
        on: The day whose amounts they tell.
    """
    programme = ledger.programme
    year = {
        "name": "fiscal_year",
        "type": "integer",
        "columnType": "date:fiscal-year",
        "constant": programme.fiscal_year,
    }
    return {
        "profile": "fiscal-data-package",
        "name": programme.id,
        **by.told("title", programme.title),
        "homepage": publisher.address,
        "created": by.moment(on, at_end=True),
        "countryCode": "KR",
        "licenses": [{"path": publisher.licence}],
        "sources": [{"title": programme.source.title}],
        "contributors": [{"title": publisher.name.ko, "role": "publisher"}],
        "resources": [
            _resource(
                "lines",
                tables,
                _line_fields(),
                "line",
                extra=[
                    {"name": "phase", "type": "string", "columnType": "phase:id"},
                    {
                        "name": "value",
                        "type": "integer",
                        "columnType": "value",
                        "normalizationTarget": True,
                    },
                    _currency(),
                ],
            ),
            _resource("records", tables, _record_fields(), "entry", extra=[year, _currency()]),
        ],
    }


def _resource(
    name: str,
    tables: Mapping[str, bytes],
    fields: list[dict[str, Any]],
    key: str,
    *,
    extra: list[dict[str, Any]],
) -> dict[str, Any]:
    content = tables[f"{name}.csv"]
    schema: dict[str, Any] = {"fields": fields, "primaryKey": [key], "extraFields": extra}
    if name == "records":
        schema["foreignKeys"] = [
            {"fields": "line", "reference": {"resource": "lines", "fields": "line"}}
        ]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{ids.digest(content)}",
        "schema": schema,
    }


def _currency() -> dict[str, Any]:
    return {
        "name": "currency",
        "type": "string",
        "columnType": "value-currency:code",
        "constant": "KRW",
    }


def _field(name: str, kind: str = "string", column: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **({"columnType": column} if column else {}), **more}


def _line_fields() -> list[dict[str, Any]]:
    return [
        _field("line", column="budget-line-id"),
        _field("title_ko"),
        _field("title_en"),
        _field("pillar"),
        _field("itemised", "boolean"),
        _field("fiscal_year", "integer", "date:fiscal-year"),
        _field("as_of", "date"),
        *(_field(name, "integer", normalize={"phase": phase}) for name, phase in _AMOUNTS),
        _field("address", format="uri"),
    ]


def _record_fields() -> list[dict[str, Any]]:
    kinds = {"enum": [kind.value for kind in Kind]}
    return [
        _field("entry", column="transaction-id:code"),
        _field("line", column="transaction-id:budget-code"),
        _field("to_line"),
        _field("kind", constraints=kinds),
        _field("kind_ko"),
        _field("booked_on", "date"),
        _field("amount_krw", "integer", "value"),
        _field("recipient", column="recipient:generic:id"),
        _field("recipient_name", column="recipient:generic:name"),
        _field("award", column="transaction-id:contract-id"),
        _field("corrects"),
        _field("evidence_sha256"),
        _field("address", format="uri"),
    ]


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8; no cell of text begins as a formula does."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue().encode()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
