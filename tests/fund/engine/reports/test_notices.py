"""A notice says what its entry asks or gives, and prints the entry's digest."""

from __future__ import annotations

import pytest

from madang.fund.engine.demo.play import play
from madang.fund.engine.errors import FlowRefused, TermsRefused
from madang.fund.engine.ledger.entry import Entry, Kind
from madang.fund.engine.reports import notices
from madang.kernel.report.document import Document, Table
from madang.kernel.report.html import html
from madang.kernel.report.pdf import pdf

BOOK = play()["ai-fund"].book
TERMS, JOURNAL = BOOK.latest, BOOK.journal


def entries(kind: Kind) -> list[Entry]:
    return [each for each in JOURNAL.entries if each.kind is kind]


def tables(document: Document) -> list[dict[str, int]]:
    return [
        {str(row[0].en): int(row[1]) for row in each.rows}  # type: ignore[union-attr, arg-type]
        for each in document.summary
        if isinstance(each, Table)
    ]


def test_every_partner_is_asked_for_its_part_of_the_call_by_purpose() -> None:
    for entry in entries(Kind.CALL):
        asked = dict.fromkeys(entry.facts["purposes"], 0)
        for key, amount in entry.facts["partners"].items():
            if not amount:
                continue
            parts, _ = tables(notices.call(TERMS, JOURNAL, entry, int(key)))

            assert parts.pop("Total") == amount == sum(parts.values())
            for purpose in asked:
                asked[purpose] += parts.get(notices.purpose_name(purpose).en, 0)
        # Each partner's amount is divided by itself: a won a partner may go to another purpose.
        for purpose, won in entry.facts["purposes"].items():
            assert abs(asked[purpose] - won) <= len(entry.facts["partners"])


def test_every_partner_is_told_its_tiers_of_a_distribution() -> None:
    for entry in (*entries(Kind.DISTRIBUTION), *entries(Kind.IN_KIND)):
        told = 0
        for partner in {each.debit.partner for each in entry.postings} - {0}:
            parts, _ = tables(notices.distribution(TERMS, JOURNAL, entry, partner))
            told += parts.pop("Total")

        assert told == entry.facts["amount"]


def test_what_may_be_called_again_is_said() -> None:
    (entry,) = [each for each in entries(Kind.DISTRIBUTION) if each.facts["recallable"]]
    told = 0
    for partner in BOOK.partners():
        facts = {
            each.label.en: each.value
            for each in notices.distribution(TERMS, JOURNAL, entry, partner).facts
        }
        said = facts["Of which recallable"]
        told += int(str(said.en if not isinstance(said, str) else said)[4:].replace(",", ""))

    assert told == entry.facts["recallable"] > 0


def test_the_commitment_stands_beside_it() -> None:
    entry = entries(Kind.CALL)[2]
    _, standing = tables(notices.call(TERMS, JOURNAL, entry, 2))
    paid, called = standing["Paid in so far"], standing["Called, not yet paid"]

    assert standing["Commitment"] == paid + called + standing["Unfunded after this"]
    assert called == entry.facts["partners"]["2"]


@pytest.mark.parametrize("kind", [Kind.CALL, Kind.DISTRIBUTION])
def test_the_digest_of_the_entry_is_printed(kind: Kind) -> None:
    entry = entries(kind)[-1]
    make = notices.call if kind is Kind.CALL else notices.distribution
    document = make(TERMS, JOURNAL, entry, 1)
    page = html(document).decode()

    assert entry.digest in page
    assert pdf(document).startswith(b"%PDF") and pdf(document) == pdf(document)


def test_a_due_day_and_an_account_are_said() -> None:
    entry = entries(Kind.CALL)[0]
    page = html(notices.call(TERMS, JOURNAL, entry, 1, account="한빛은행 100-200")).decode()

    assert entry.facts["due"] in page and "한빛은행 100-200" in page
    assert "따로 안내한 계좌" in html(notices.call(TERMS, JOURNAL, entry, 1)).decode()


def test_an_entry_of_another_kind_or_partner_gives_no_notice() -> None:
    call, distribution = entries(Kind.CALL)[0], entries(Kind.DISTRIBUTION)[0]

    with pytest.raises(FlowRefused, match="Distribution"):
        notices.call(TERMS, JOURNAL, distribution, 1)
    with pytest.raises(FlowRefused, match="Capital call"):
        notices.distribution(TERMS, JOURNAL, call, 1)
    with pytest.raises(TermsRefused):
        notices.call(TERMS, JOURNAL, call, 99)
