"""A settlement says what the ledger says, to the won, and names papers that do not hold."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.report.html import html
from madang.kernel.store.objects import Objects
from madang.programme.engine import booking
from madang.programme.engine.balances import balances
from madang.programme.engine.errors import BookingRefused
from madang.programme.engine.ledger import Close, Kind, Ledger
from madang.programme.engine.receipts import FileIndex, Receipts
from madang.programme.engine.settlement import Account, Interest, Settlement, settle
from madang.programme.engine.settlement_paper import MOST_VOUCHERS as MOST
from madang.programme.engine.settlement_paper import document
from tests.programme.engine.bookings import LATER, PAPER, empty, entry
from tests.programme.engine.spent_year import ledger

YEAR_END = date(2025, 12, 31)


def rpki(settlement: Settlement) -> dict[str, Account]:
    (line,) = [each for each in settlement.lines if each.line == "rpki"]
    return {each.recipient: each for each in line.recipients}


def test_a_lines_amounts_are_the_ledgers() -> None:
    (line,) = settle(ledger(), on=YEAR_END, line="rpki").lines
    (balance,) = [each for each in balances(ledger()) if each.line == "rpki"]

    assert line.appropriation_krw == balance.appropriation_krw == 2_500_000_000
    assert line.whole.received_krw == balance.granted_krw
    assert line.whole.disbursed_krw == balance.disbursed_krw
    assert line.whole.confirmed_krw == balance.spent_krw
    assert line.unspent_krw == balance.open_krw


def test_what_is_granted_and_not_confirmed_is_returned_with_its_interest() -> None:
    interest = Interest(line="rpki", recipient="", amount_krw=1_234, evidence=PAPER)

    (line,) = settle(ledger(), on=YEAR_END, line="rpki", interest=[interest]).lines

    assert line.whole.interest_krw == 1_234
    assert line.whole.to_return_krw == 2_000_000_000 - 70_000_000 + 1_234


def test_what_was_carried_over_is_not_returned() -> None:
    held = booking.append(ledger(), [entry("c", Kind.CARRY_OVER, 500_000_000, YEAR_END)])

    (line,) = settle(held, on=YEAR_END, line="rpki").lines

    assert line.whole.to_return_krw == 2_000_000_000 - 70_000_000 - 500_000_000


def test_recipients_add_up_to_their_line() -> None:
    settlement = settle(ledger(), on=YEAR_END)

    for line in settlement.lines:
        for name in ("received_krw", "disbursed_krw", "confirmed_krw", "to_return_krw"):
            parts = sum(getattr(each, name) for each in line.recipients)
            assert parts == getattr(line.whole, name), (line.line, name)


def test_money_is_settled_by_who_holds_it() -> None:
    found = rpki(settle(ledger(), on=YEAR_END))

    assert found["가나다"].received_krw == 100_000_000
    assert found["가나다"].to_return_krw == 30_000_000
    # The person is a supplier of the body that was granted the money, and holds none of it.
    assert set(found) == {"", "가나다"}
    assert found[""].disbursed_krw == 30_000_000


def test_the_whole_is_the_sum_of_its_lines_at_any_day() -> None:
    for on in (date(2025, 7, 6), date(2025, 9, 30), YEAR_END):
        settlement = settle(ledger(), on=on)

        assert settlement.appropriation_krw == 179_300_000_000
        assert settlement.whole.to_return_krw == sum(
            each.whole.to_return_krw for each in settlement.lines
        )


def test_every_voucher_stands_with_its_evidence() -> None:
    (line,) = settle(ledger(), on=YEAR_END, line="rpki").lines

    proved = [each for each in line.vouchers if each.papers]
    assert [(each.voucher, each.papers[0].sha256) for each in proved] == [("V-1", PAPER)]
    assert sum(each.amount_krw for each in line.vouchers if each.kind == "spending") == 70_000_000


def test_a_changed_paper_is_named(tmp_path: Path) -> None:
    receipts = Receipts(Objects(tmp_path / "o"), FileIndex(tmp_path / "r.jsonl"))
    receipts.attach(b"paper", name="영수증.pdf", by="maker")
    digest = ids.digest(b"paper")
    held = _spent(digest)
    assert settle(held, on=YEAR_END, receipts=receipts).lines[8].broken == ()
    path = next((tmp_path / "o").rglob(digest))
    path.chmod(0o600)
    path.write_bytes(b"tampered")

    settlement = settle(held, on=YEAR_END, receipts=receipts)

    (paper,) = settlement.lines[8].broken
    assert (paper.name, paper.state) == ("영수증.pdf", "changed")
    assert "영수증.pdf" in html(document(settlement)).decode()


def _spent(digest: str) -> Ledger:
    amounts = [
        entry(
            f"x-{kind}",
            kind,
            10,
            date(2025, 9, 1),
            evidence=(digest,) if kind is Kind.SPENDING else (),
        )
        for kind in (Kind.GRANT, Kind.DISBURSEMENT, Kind.SPENDING)
    ]
    return booking.append(empty(), amounts)


def test_a_settlement_is_final_once_the_year_is_closed() -> None:
    close = Close(month=date(2025, 12, 1), recorded_at=LATER, by="maker", approved_by="checker")
    held = ledger()
    closed = Ledger(programme=held.programme, entries=held.entries, closes=(close,))

    november = dataclasses.replace(close, month=date(2025, 11, 1))
    early = Ledger(programme=held.programme, entries=held.entries, closes=(november,))

    assert not settle(held, on=YEAR_END).is_final
    assert not settle(early, on=YEAR_END).is_final
    assert not settle(closed, on=date(2025, 12, 30)).is_final
    assert settle(closed, on=YEAR_END).is_final


@pytest.mark.parametrize(
    "given",
    [{"line": "rpkl"}, {"amount_krw": -1}, {"evidence": ""}],
)
def test_interest_without_line_amount_or_paper_is_refused(given: dict[str, object]) -> None:
    values = {"line": "rpki", "recipient": "", "amount_krw": 1, "evidence": PAPER, **given}
    with pytest.raises(InputError):
        settle(ledger(), on=YEAR_END, interest=[Interest(**values)])  # type: ignore[arg-type]


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(BookingRefused):
        settle(ledger(), on=YEAR_END, line="rpkl")


def test_paper_has_the_first_vouchers_and_the_data_have_all() -> None:
    grants = [entry(f"g{each}", Kind.GRANT, 1, date(2025, 8, 1)) for each in range(MOST + 5)]

    settlement = settle(booking.append(empty(), grants), on=YEAR_END, line="rpki")

    assert len(settlement.lines[0].vouchers) == MOST + 5
    page = html(document(settlement)).decode()
    assert f"g{MOST - 1}<" in page
    assert f"g{MOST}<" not in page
    assert "5 more are in the data file." in page


def test_a_settlement_is_json_and_a_page_in_both_languages() -> None:
    settlement = settle(ledger(), on=YEAR_END)

    assert json.loads(json.dumps(settlement.plain()))["on"] == "2025-12-31"
    page = html(document(settlement, made_at=datetime(2026, 1, 21, tzinfo=UTC))).decode()
    for said in ("정산 보고서", "Settlement", "2,000,000,000", "V-1", PAPER[:16]):
        assert said in page
