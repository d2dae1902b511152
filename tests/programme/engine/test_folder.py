"""A ledger in a folder comes back as it was, and each act lands whole."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from madang.kernel.errors import InputError, Unavailable
from madang.programme.engine.audit import audit
from madang.programme.engine.errors import BookingRefused
from madang.programme.engine.folder import Folder
from madang.programme.engine.ledger import Kind
from tests.programme.engine.bookings import PAPER, chain, entry


def test_an_empty_folder_is_the_programme_as_voted(tmp_path: Path) -> None:
    ledger = Folder(tmp_path / "none").ledger()

    assert ledger.programme.total_krw == 179_300_000_000
    assert ledger.entries == ()


def test_what_was_booked_comes_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    entries = chain("rpki", 100, 50, 20, voucher="V", recipient="가나다", note="메모")

    folder.book(entries[:1])
    folder.book(entries[1:])

    assert Folder(tmp_path).ledger().entries == tuple(entries)
    assert [path.name for path in folder.acts()] == ["000001.jsonl", "000002.jsonl"]


def test_what_may_not_be_booked_leaves_no_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    with pytest.raises(BookingRefused):
        folder.book(chain("rpki", 10, 50, 0))

    assert folder.acts() == []


def test_of_two_at_once_the_second_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    link = os.link

    def after_another(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", after_another)
    with pytest.raises(Unavailable):
        folder.book(chain("rpki", 10, 0, 0))

    assert [path.name for path in (tmp_path / "entries").iterdir()] == ["000001.jsonl"]


def test_awards_recipients_and_closes_are_read(tmp_path: Path) -> None:
    recipient = {"id": "r", "name": "가", "nature": "firm", "region": "KR-11"}
    award = {"id": "a", "line": "rpki", "recipient": "r", "amount_krw": 5}
    award |= {"signed_on": "2025-08-01"}
    (tmp_path / "awards.json").write_text(
        json.dumps({"awards": [award], "recipients": [recipient]}), encoding="utf-8"
    )
    close = {"month": "2025-08-01", "recorded_at": "2025-09-05T00:00:00+09:00"}
    close |= {"by": "maker", "approved_by": "checker"}
    (tmp_path / "closes.json").write_text(json.dumps([close]), encoding="utf-8")

    ledger = Folder(tmp_path).ledger()

    assert ledger.awards[0].signed_on == date(2025, 8, 1)
    assert ledger.closed_through == date(2025, 8, 31)


@pytest.mark.parametrize("text", ["{", "{}", '{"kind": "gift"}', "[]"])
def test_a_file_that_was_changed_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    folder = Folder(tmp_path)
    folder.book(chain("rpki", 10, 0, 0))
    folder.acts()[0].write_text(f"{text}\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"000001\.jsonl:1"):
        folder.ledger()


def test_an_audit_finds_a_changed_amount_and_a_missing_paper(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.book(chain("rpki", 100, 50, 20))
    assert [each.en for each in audit(folder.ledger(), folder.receipts()).faults] == [
        f"the evidence '{PAPER}' of voucher rpki-spending: file is missing"
    ]
    act = folder.acts()[0]
    text = act.read_text(encoding="utf-8").replace('"amount_krw": 50', '"amount_krw": 500')
    act.write_text(text, encoding="utf-8")

    found = [each.en for each in audit(folder.ledger(), folder.receipts()).faults]

    assert len(found) == 2
    assert "disbursement of 500 won" in found[0]


def test_an_entry_of_a_month_that_was_closed_later_still_holds(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.book([entry("g", Kind.GRANT, 5, date(2025, 8, 1))])
    close = {"month": "2025-08-01", "recorded_at": "2026-01-21T00:00:00+09:00"}
    close |= {"by": "maker", "approved_by": "checker"}
    (tmp_path / "closes.json").write_text(json.dumps([close]), encoding="utf-8")

    assert audit(folder.ledger(), folder.receipts()).faults == ()
