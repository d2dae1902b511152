"""How does an entry come into a fund's ledger? One person puts it forward, another approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.fund.engine.book import Book
from madang.fund.engine.errors import ApprovalRefused, FundRefused
from madang.fund.engine.ledger import lines
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms import reading
from madang.fund.web import models
from madang.fund.web.services import book
from madang.kernel import clock, ids
from madang.kernel.words import words
from madang.portal import objects
from madang.portal.log import remember

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.fund.engine.ledger.entry import Draft, Entry
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
    _tell("fund-act-proposed", act, by, **facts)
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
    _tell("fund-terms-proposed", act, by, terms=source.digest, version=agreement.version)
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
        book.read(fund).with_terms(agreement)
    models.Terms.objects.create(
        fund=fund,
        version=agreement.version,
        effective_on=agreement.effective_on,
        content=row.source,
        act=row,
    )
    fund.title_ko, fund.title_en = agreement.title.ko, agreement.title.en
    fund.save(update_fields=["title_ko", "title_en"])
    row.log_entry = _tell(
        "fund-terms", row, by, terms=row.source.digest, version=agreement.version
    )


def _post(fund: models.Fund, row: models.Act, by: User) -> None:
    held = book.read(fund)
    journal = Journal(held.journal.entries)
    added = journal.append(
        proposed(row), by=hand(row.by), approved_by=hand(by), at=row.decided_at or clock.now()
    )
    book.insert(row, added)
    row.head = journal.head
    row.log_entry = _tell(
        "fund-posted",
        row,
        by,
        first=added[0].number,
        last=added[-1].number,
        head=journal.head,
    )
    after = Book(agreements=held.agreements, journal=journal)
    for entry in added:
        _tell_investment(row, entry, by)
        if entry.kind is Kind.CLOSE:
            _tell_beside(row, after, entry, by)


def _tell_investment(row: models.Act, entry: Entry, by: User) -> None:
    """An investment that was paid and proved: the programme's indicator counts its company."""
    if entry.kind is not Kind.INVESTMENT or not entry.evidence:
        return
    company = str(entry.facts.get("company", ""))
    known = models.Paper.objects.filter(fund=row.fund_id, sha256__in=entry.evidence)
    # A digest whose file the site does not keep proves nothing to anybody.
    if company.startswith("fund:") or known.count() < len(set(entry.evidence)):
        return
    public = sum(each.amount_krw for each in entry.postings if each.tag == "public")
    private = sum(each.amount_krw for each in entry.postings) - public
    _tell(
        "investment-paid",
        row,
        by,
        company=f"{row.fund_id}/{company}",
        evidence=list(entry.evidence),
        public_krw=public,
        private_krw=private,
        head=entry.digest,
    )


def _tell_beside(row: models.Act, held: Book, entry: Entry, by: User) -> None:
    """At a close: how much private money stands beside the public; nothing is said of causes."""
    from madang.fund.engine.purpose import in_book

    found = in_book.drawn(held, entry.on)
    ratio = found.private_per_public
    _tell(
        "private-beside-public",
        row,
        by,
        through=entry.on.isoformat(),
        private_per_public="" if ratio is None else str(ratio),
        krw={tag.replace("-", "_"): won for tag, won in found.by_tag.items()},
        addends=len(found.addends),
        head=entry.digest,
    )


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
    _tell(f"fund-act-{state}", row, by, after={"reason": reason})
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


def _tell(noun: str, act: models.Act, by: User, **facts: Any) -> int:
    """Record an act; its place in the evidence log."""
    return remember(noun, f"fund/{act.fund_id}/{act.pk}", by=by, kind=act.kind, **facts).index


def paper(fund: models.Fund, content: bytes, *, name: str, by: User) -> str:
    """Keep an evidence file; its SHA-256."""
    digest = ids.digest(content)
    if not models.Paper.objects.filter(fund=fund, sha256=digest).exists():
        kept = objects.keep(
            content,
            name=name[:120],
            media_type="application/octet-stream",
            owner=fund.manager,
            by=by,
        )
        models.Paper.objects.get_or_create(
            fund=fund, sha256=digest, defaults={"name": name[:200], "kept": kept, "by": by}
        )
    return digest


def with_drafts(held: Book, drafts: Sequence[Draft]) -> Book:
    """A book as it would stand with drafts posted; the real one stays as it is."""
    journal = Journal(held.journal.entries)
    journal.append(drafts, by="?", approved_by="??", at=clock.now())
    return Book(agreements=held.agreements, journal=journal)


@transaction.atomic
def publish(fund: models.Fund, *, by: User, is_published: bool) -> None:
    """Show a fund to everybody, or no longer."""
    before = fund.is_published
    fund.is_published = is_published
    fund.save(update_fields=["is_published"])
    remember(
        "fund-published",
        f"fund/{fund.pk}",
        by=by,
        before={"is_published": before},
        after={"is_published": is_published},
    )


@transaction.atomic
def add_company(fund: models.Fund, *, by: User, **facts: Any) -> models.Company:
    """Enter a company that the fund looks at.

    Raises:
        FundRefused: The fund has one of this name in its books.
    """
    code = facts["code"]
    if models.Company.objects.filter(fund=fund, code=code).exists():
        raise FundRefused(
            words(f"이미 쓰는 이름 {code!r}", f"the name {code!r}, taken"),
            words("장부에 없는 이름", "a name that the books have not"),
        )
    row = models.Company.objects.create(fund=fund, **facts)
    remember("fund-company", f"fund/{fund.pk}/{code}", by=by, after={"code": code})
    return row


@transaction.atomic
def give_stake(
    fund: models.Fund, partner: int, organisation: Organisation, *, by: User
) -> models.Stake:
    """Let an organisation see the fund as one of its partners."""
    row, _ = models.Stake.objects.update_or_create(
        fund=fund, partner=partner, defaults={"organisation": organisation}
    )
    remember(
        "fund-stake",
        f"fund/{fund.pk}/{partner}",
        by=by,
        after={"organisation": organisation.slug},
    )
    return row
