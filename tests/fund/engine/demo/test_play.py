"""The invented fund ends with nothing left, and everything agrees to the won."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from madang.fund.engine.demo.play import Played, play
from madang.fund.engine.ledger.entry import Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.reconciling import between, reconcile, replayed


@pytest.fixture(scope="module")
def played() -> dict[str, Played]:
    """Both invented funds."""
    return play()


@pytest.mark.parametrize("seed", [2025, 1, 2, 3])
def test_every_story_ends_reconciled(seed: int) -> None:
    found = play(seed)

    for each in found.values():
        book = each.book
        checks = [*reconcile(book), *replayed(book)]
        assert [check for check in checks if not check.agrees] == []
        assert (book.cash(), book.nav()) == (0, 0)
        assert [book.capital_account(number) for number in book.partners()] == [0] * len(
            book.partners()
        )
    main, child = found["ai-fund"].book, found["ai-fund-regional"].book
    assert all(check.agrees for check in between(main, child, partner=1))


def test_the_same_seed_tells_the_same_story(played: dict[str, Played]) -> None:
    assert play()["ai-fund"].book.journal.head == played["ai-fund"].book.journal.head
    assert play(7)["ai-fund"].book.journal.head != played["ai-fund"].book.journal.head


def test_all_that_a_fund_can_meet_happens(played: dict[str, Played]) -> None:
    met = {entry.kind for each in played.values() for entry in each.book.journal.entries}

    assert set(Kind) - met <= {Kind.OPENING, Kind.CORRECTION, Kind.CONVERSION, Kind.TERMS}


def test_a_story_can_stop_in_the_middle() -> None:
    found = play(until=date(2028, 12, 31))["ai-fund"].book

    assert found.journal.last_day == date(2028, 12, 31)
    assert found.nav() > 0
    total = sum(found.capital_account(number) for number in found.partners())
    assert total == found.nav()


def test_a_won_moved_between_partners_is_noticed(played: dict[str, Played]) -> None:
    """A planted fault, seen: the checks are not blind."""
    book = played["ai-fund"].book
    entry = next(each for each in book.journal.entries if each.kind is Kind.DISTRIBUTION)
    one, other = entry.postings[0], entry.postings[1]
    moved = (
        Posting(one.debit, one.credit, one.amount_krw - 1),
        Posting(other.debit, other.credit, other.amount_krw + 1),
        *entry.postings[2:],
    )
    journal = Journal(book.journal.entries)
    journal.entries[entry.number - 1] = replace(entry, postings=moved)
    planted = replace(book, journal=journal, _standing=None)

    assert not all(check.agrees for check in reconcile(planted))
    assert not all(check.agrees for check in replayed(planted))
