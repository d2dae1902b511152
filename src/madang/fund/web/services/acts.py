"""How does an entry come into a fund's ledger? One person puts it forward, another approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.fund.engine.book import Book
from madang.fund.engine.errors import ApprovalRefused, FundRefused
from madang.fund.engine.ledger import lines
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.terms import reading
from madang.fund.web import models
from madang.fund.web.services import book, statements
from madang.kernel import clock
from madang.kernel.words import words
from madang.portal import objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.fund.engine.ledger.entry import Draft
    from madang.portal.models import Organisation, StoredObject, User


def hand(user: User) -> str:
    """How the ledger names a person; who they are stands in rows that can be erased."""
    return f"user/{user.pk}"


@transaction.atomic
def put_forward(
    fund: models.Fund,
    drafts: Sequence[Draft],
    *,
    kind: str,
    by: User,
    title: str = "",
    asked: Mapping[str, Any] | None = None,
    batch: str = "",
    source: StoredObject | None = None,
    reason: str = "",
) -> models.Act:
    """Put entries forward; they count once another person has approved them.

    Args:
        fund: Whose ledger.
        drafts: The entries.
        kind: One of `models.Act.KINDS`.
        by: Who puts them forward.
        title: What it is about, or the file's name.
        asked: The act in plain data.
        batch: The import that they come from or take back.
        source: The file that was imported.
        reason: What its maker says of it.

    Raises:
        FundRefused: The ledger would not take them as it stands.
    """
    book.book(fund).journal.check(drafts)
    kept = _kept(fund, lines.encode(drafts), "entries.jsonl", by) if drafts else None
    act = models.Act.objects.create(
        fund=fund,
        kind=kind,
        title=title[:200],
        asked=dict(asked or {}),
        batch=batch,
        drafts=kept,
        source=source,
        count=len(drafts),
        amount_krw=_moved(drafts),
        by=by,
        reason=reason,
    )
    facts: dict[str, Any] = {"count": len(drafts)}
    if kept is not None:
        facts["drafts"] = kept.digest
    statements.tell("fund-act-proposed", act, by, **facts)
    return act


def _moved(drafts: Sequence[Draft]) -> int:
    """What the postings move that hold money, in won."""
    from madang.fund.engine.ledger.accounts import MEMO

    money = [
        posting.amount_krw
        for draft in drafts
        for posting in draft.postings
        if posting.debit.name not in MEMO
    ]
    promised = [posting.amount_krw for draft in drafts for posting in draft.postings]
    return sum(money) or sum(promised)


def _kept(fund: models.Fund, content: bytes, name: str, by: User) -> StoredObject:
    return objects.keep(
        content, name=name, media_type="application/x-ndjson", owner=fund.manager, by=by
    )


@transaction.atomic
def put_terms_forward(
    content: bytes, *, manager: Organisation, by: User, is_example: bool = False
) -> models.Act:
    """Ask that a fund be registered, or that its terms be amended, with a term file.

    Raises:
        InputError: The terms cannot be read or contradict themselves.
        TermsRefused: The fund is another organisation's, or this is not its next version.
    """
    agreement = reading.read(content)
    fund, is_new = models.Fund.objects.get_or_create(
        pk=agreement.id,
        defaults={
            "manager": manager,
            "title_ko": agreement.title.ko,
            "title_en": agreement.title.en,
            "is_example": is_example,
        },
    )
    if fund.manager_id != manager.pk:
        raise FundRefused(
            words(f"이미 쓰는 이름 {agreement.id!r}", f"the name {agreement.id!r}, taken"),
            words("다른 펀드가 쓰지 않는 이름", "a name that no other fund has"),
        )
    stands = models.Terms.objects.filter(fund=fund).exists()
    if stands:
        book.book(fund).with_terms(agreement)
    elif not is_new or agreement.version != 1:
        waits = models.Act.objects.filter(fund=fund, kind="open", state="waiting").exists()
        if waits or agreement.version != 1:
            raise ApprovalRefused(
                words(f"{agreement.id} {agreement.version}판", f"version {agreement.version}"),
                words(
                    "승인을 기다리는 등록이 없는 1판", "version 1, with no registration waiting"
                ),
            )
    source = objects.keep(
        content, name="terms.yaml", media_type="application/yaml", owner=manager, by=by
    )
    act = models.Act.objects.create(
        fund=fund,
        kind="terms" if stands else "open",
        title=f"{agreement.title.ko} {agreement.version}",
        source=source,
        by=by,
    )
    statements.tell("fund-terms-proposed", act, by, terms=source.digest, version=agreement.version)
    return act


def approve(act: models.Act, *, by: User) -> models.Act:
    """Post what another person put forward, all of it or nothing.

    Raises:
        ApprovalRefused: It was put forward by the same person, or decided on already.
        FundRefused: The ledger has changed since, and would not hold any more.
    """
    with book.writing(act.fund_id) as fund:
        row = _waiting(act)
        if row.by_id == by.pk:
            raise ApprovalRefused(
                words("본인이 올린 업무", "what you put forward yourself"),
                words("다른 사람의 승인", "the approval of another person"),
            )
        row.state, row.decided_by, row.decided_at = "posted", by, clock.now()
        if row.kind in ("open", "terms"):
            _take_terms(fund, row, by)
        else:
            _post(fund, row, by)
        row.save()
    return row


def _take_terms(fund: models.Fund, row: models.Act, by: User) -> None:
    if row.source is None:
        raise ValueError(f"{row.pk} has no term file")
    agreement = reading.read(objects.objects().get(row.source.digest))
    if models.Terms.objects.filter(fund=fund).exists():
        book.book(fund).with_terms(agreement)
    models.Terms.objects.create(
        fund=fund,
        version=agreement.version,
        effective_on=agreement.effective_on,
        content=row.source,
        act=row,
    )
    fund.title_ko, fund.title_en = agreement.title.ko, agreement.title.en
    fund.save(update_fields=["title_ko", "title_en"])
    row.log_entry = statements.tell(
        "fund-terms", row, by, terms=row.source.digest, version=agreement.version
    )


def _post(fund: models.Fund, row: models.Act, by: User) -> None:
    after = book.book(fund).followed_by()
    added = after.journal.append(
        proposed(row), by=hand(row.by), approved_by=hand(by), at=row.decided_at or clock.now()
    )
    book.insert(row, added)
    row.head = after.journal.head
    row.log_entry = statements.tell(
        "fund-posted",
        row,
        by,
        first=added[0].number,
        last=added[-1].number,
        head=after.journal.head,
    )
    for entry in added:
        if entry.kind is Kind.INVESTMENT:
            statements.investment(row, entry, by=by)
        if entry.kind is Kind.CLOSE:
            statements.beside(row, after, entry, by=by)


def refuse(act: models.Act, *, by: User, reason: str) -> models.Act:
    """Say no to what another person put forward.

    Raises:
        ApprovalRefused: It was put forward by the same person, or decided on already.
    """
    return _put_away(act, "refused", by=by, reason=reason)


def withdraw(act: models.Act, *, by: User, reason: str = "") -> models.Act:
    """Take back what one put forward oneself.

    Raises:
        ApprovalRefused: It is another's, or decided on already.
    """
    return _put_away(act, "withdrawn", by=by, reason=reason)


@transaction.atomic
def _put_away(act: models.Act, state: str, *, by: User, reason: str) -> models.Act:
    row = _waiting(act)
    if (state == "withdrawn") != (row.by_id == by.pk):
        raise ApprovalRefused(
            words("다른 사람이 올린 업무", "what another person put forward")
            if state == "withdrawn"
            else words("본인이 올린 업무", "what you put forward yourself"),
            words("철회는 올린 사람, 반려는 다른 사람", "its maker withdraws, another refuses"),
        )
    row.state, row.decided_by, row.decided_at, row.reason = state, by, clock.now(), reason
    row.save()
    statements.tell(f"fund-act-{state}", row, by, after={"reason": reason})
    return row


def _waiting(act: models.Act) -> models.Act:
    """The act's row for this transaction alone, while nobody has decided on it."""
    row = (
        models.Act.objects.select_for_update(of=("self",))
        .select_related("by", "drafts", "source", "fund")
        .get(pk=act.pk)
    )
    if row.state != "waiting":
        raise ApprovalRefused(
            words(
                f"이미 처리한 업무({row.state_title.ko})",
                f"an act that is {row.state_title.en.lower()}",
            ),
            words("승인을 기다리는 업무", "one that awaits approval"),
        )
    return row


def proposed(act: models.Act) -> list[Draft]:
    """The entries as they were put forward; their file is verified by its digest."""
    if act.drafts is None:
        return []
    text = objects.objects().get(act.drafts.digest).decode()
    return [
        lines.decode(line, number=number) for number, line in enumerate(text.splitlines(), start=1)
    ]


def with_drafts(held: Book, drafts: Sequence[Draft]) -> Book:
    """A book as it would stand with drafts posted; the real one stays as it is."""
    found = held.followed_by()
    found.journal.append(drafts, by="?", approved_by="??", at=clock.now())
    return found
