"""The ledger takes what holds, all together or not at all, and remembers it as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from madang.fund.engine.errors import AmountRefused, FlowRefused, PeriodClosed, PostingRefused
from madang.fund.engine.flows import closing
from madang.fund.engine.ledger import lines
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Entry, Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.ledger.query import Query
from tests.fund.books import AT, FIRST, funded, post

DAY = date(2025, 2, 1)
CASH, AUDIT = Account("cash"), Account("audit")


def draft(amount: object = 1_000, **changes: object) -> Draft:
    """An audit bill."""
    found = Draft(
        on=DAY,
        kind=Kind.EXPENSE,
        memo="audit",
        postings=(Posting(AUDIT, CASH, amount),),  # type: ignore[arg-type]
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_posting_moves_the_same_won_from_one_account_to_another() -> None:
    journal = funded().journal
    journal.append([draft(7_000)], by="a", approved_by="b", at=AT + timedelta(hours=1))

    assert journal.balance(AUDIT) == 7_000
    assert journal.balance(CASH) == 50_000_000 - 7_000
    assert journal.balance(CASH, DAY - timedelta(days=1)) == 50_000_000


@pytest.mark.parametrize(
    ("bad", "kind", "said"),
    [
        (draft(0), AmountRefused, "amount 0"),
        (draft(-5), AmountRefused, "amount -5"),
        (draft(10.0), AmountRefused, "amount 10.0"),
        (draft(True), AmountRefused, "amount True"),
        (draft(50_000_001), FlowRefused, "Cash (cash) of -1,001 won on 2025-02-01"),
        (draft(on=date(2025, 1, 14)), FlowRefused, "on 2025-01-14"),
        (draft(postings=()), PostingRefused, "without postings"),
        (draft(postings=(Posting(CASH, CASH, 5),)), PostingRefused, "on both sides"),
        (draft(postings=(Posting(Account("bribes"), CASH, 5),)), PostingRefused, "'bribes'"),
        (draft(postings=(Posting(Account("paid-in"), CASH, 5),)), PostingRefused, "paid-in"),
        (draft(postings=(Posting(Account("audit", 3), CASH, 5),)), PostingRefused, "audit:3"),
        (draft(evidence=("nonsense",)), PostingRefused, "'nonsense'"),
        (draft(corrects=99), PostingRefused, "entry 99"),
        (draft(facts={"rates": [{"rate": 0.5}]}), PostingRefused, "the float 0.5"),
    ],
)
def test_what_cannot_be_posted_is_refused_with_its_row_and_nothing_stays(
    bad: Draft, kind: type[Exception], said: str
) -> None:
    journal = funded().journal
    before = journal.head, journal.balance(CASH), len(journal)

    with pytest.raises(kind) as refused:
        journal.append([draft(), bad], by="a", approved_by="b", at=AT + timedelta(hours=1))

    assert said in refused.value.sentence("en")
    assert "in row 2" in refused.value.sentence("en")
    assert (journal.head, journal.balance(CASH), len(journal)) == before


@pytest.mark.parametrize(("by", "approved_by"), [("a", "a"), ("", "b"), ("a", "")])
def test_two_different_persons_stand_behind_an_entry(by: str, approved_by: str) -> None:
    with pytest.raises(PostingRefused, match="two different persons"):
        funded().journal.append([draft()], by=by, approved_by=approved_by, at=AT)


def test_a_closed_period_takes_nothing_but_a_later_day_does() -> None:
    book = funded()
    post(book, closing.close(book, through=date(2025, 3, 31)))

    with pytest.raises(PeriodClosed, match="closed day 2025-02-01"):
        post(book, [draft()])
    assert post(book, [draft(on=date(2025, 4, 1))])


def test_an_earlier_moment_of_recording_is_refused() -> None:
    journal = funded().journal

    with pytest.raises(PostingRefused, match="or later"):
        journal.append([draft()], by="a", approved_by="b", at=AT - timedelta(days=1))


def test_entries_read_back_are_the_same_and_a_changed_one_is_noticed() -> None:
    journal = funded().journal
    text = lines.encode(journal.entries).decode().splitlines()
    again = Journal([each for each in map(lines.decode, text) if isinstance(each, Entry)])

    assert again.head == journal.head
    for place, _ in enumerate(text):
        broken = list(journal.entries)
        broken[place] = replace(broken[place], memo=broken[place].memo + "!")
        with pytest.raises(PostingRefused, match=f"changed at {place + 1}"):
            Journal(broken)
    with pytest.raises(PostingRefused):
        Journal(journal.entries[1:])


def test_a_line_that_is_no_entry_is_refused_with_its_number() -> None:
    with pytest.raises(PostingRefused, match="line 7"):
        lines.decode('{"on": "2025-01-01"}', number=7)


def test_every_figure_can_be_asked_again_for_its_postings() -> None:
    journal = funded().journal
    asked = Query(names=("paid-in",), partner=2, since=FIRST, until=DAY, sign=-1)

    assert asked.of(journal) == 19_500_000
    assert sum(each.amount_krw for each in asked.postings(journal)) == 19_500_000
    assert Query.read(str(asked)) == asked
    assert asked.within(DAY, None).of(journal) == 0
    assert Query(names=("cash",)).of(journal) == journal.balance(CASH)


@pytest.mark.parametrize("text", ["", "accounts=bribes", "accounts=cash&since=yesterday"])
def test_a_question_to_accounts_or_days_that_are_none_is_refused(text: str) -> None:
    with pytest.raises(PostingRefused):
        Query.read(text)


def test_balances_do_not_depend_on_the_order_of_recording() -> None:
    one, other = funded().journal, funded().journal
    drafts = [draft(amount, on=DAY + timedelta(days=amount)) for amount in (5, 3, 9, 1)]
    at = datetime(2025, 6, 1, tzinfo=UTC)
    for each in drafts:
        one.append([each], by="a", approved_by="b", at=at)
    other.append(drafts[::-1], by="a", approved_by="b", at=at)

    for days in range(12):
        day = DAY + timedelta(days=days)
        assert one.balance(CASH, day) == other.balance(CASH, day)
        assert one.balance(AUDIT, day) == sum(n for n in (5, 3, 9, 1) if n <= days)


def test_a_journal_goes_on_beside_the_one_it_began_from() -> None:
    journal = funded().journal
    before = (len(journal), journal.head, journal.balance(CASH), journal.accounts("audit"))
    after = journal.followed_by()
    (added,) = after.append([draft(7_000)], by="a", approved_by="b", at=AT + timedelta(hours=1))

    assert (len(journal), journal.head, journal.balance(CASH), journal.accounts("audit")) == before
    assert after.balance(CASH) == journal.balance(CASH) - 7_000
    whole = Journal([*journal.entries, added])
    assert journal.followed_by([added]).head == whole.head == after.head
    with pytest.raises(PostingRefused, match=f"changed at {len(journal) + 1}"):
        journal.followed_by([replace(added, memo="another")])
    with pytest.raises(PostingRefused, match=f"changed at {len(journal) + 1}"):
        journal.followed_by([replace(added, number=added.number + 1)])
