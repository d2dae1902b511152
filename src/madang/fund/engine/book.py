"""What is there to know of one fund? Its agreement in every version, and its ledger.

Everything that happens to a fund is a function of its book that gives drafts (`engine.flows`);
`Journal.append` posts them once a second person has approved. Nothing else changes a fund.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.fund.engine.errors import FlowRefused, TermsRefused
from madang.fund.engine.ledger.accounts import NAV, Account
from madang.fund.engine.waterfall import history
from madang.fund.engine.waterfall.standing import Standing
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from madang.fund.engine.ledger.entry import Entry
    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement


@dataclass(kw_only=True, eq=False)
class Book:
    """A fund as it stands; two books are one only if they are the same object."""

    agreements: tuple[Agreement, ...]
    """Its versions, the first one first."""
    journal: Journal
    _standing: tuple[int, Standing] | None = field(default=None, repr=False)

    def terms(self, on: date) -> Agreement:
        """The version in force on a day; the first one before any is.

        Raises:
            TermsRefused: The fund has no terms.
        """
        if not self.agreements:
            raise TermsRefused(
                words("규약이 없는 펀드", "a fund without terms"),
                words("하나 이상의 규약", "one version or more"),
            )
        found = self.agreements[0]
        for each in self.agreements[1:]:
            if each.effective_on <= on:
                found = each
        return found

    @property
    def latest(self) -> Agreement:
        """The newest version."""
        return self.agreements[-1]

    def with_terms(self, agreement: Agreement) -> Book:
        """The book with another version of its terms.

        Raises:
            TermsRefused: It is another fund's, no later version, or takes effect in a closed
                period or before the version that it follows.
        """
        before = self.latest
        closed = self.journal.closed_through
        follows = (
            agreement.id == before.id
            and agreement.version == before.version + 1
            and agreement.effective_on >= before.effective_on
            and (closed is None or agreement.effective_on > closed)
        )
        if not follows:
            after = closed or before.effective_on
            raise TermsRefused(
                words(
                    f"{agreement.id} {agreement.version}판, {agreement.effective_on} 시행",
                    f"version {agreement.version} of {agreement.id} from {agreement.effective_on}",
                ),
                words(
                    f"{before.id} {before.version + 1}판, {after} 이후 시행",
                    f"version {before.version + 1} of {before.id}, from {after} on",
                ),
            )
        return Book(agreements=(*self.agreements, agreement), journal=self.journal)

    def followed_by(
        self, entries: Iterable[Entry] = (), *, agreements: tuple[Agreement, ...] | None = None
    ) -> Book:
        """Another book that goes on from this one by itself; this one stays as it is.

        Args:
            entries: Recorded behind those there are.
            agreements: Every version of the terms; None: those of this book.

        Raises:
            PostingRefused: The entries do not continue the chain of this book's journal.
        """
        found = Book(
            agreements=self.agreements if agreements is None else agreements,
            journal=self.journal.followed_by(entries),
        )
        if self._standing is not None:
            told, standing = self._standing
            found._standing = (told, standing.copy())
        return found

    # What it says of a day -------------------------------------------------------------------

    def standing(self, on: date) -> Standing:
        """Where every partner stands at the end of a day, accrued up to it.

        The flows that were told before are remembered: only what came since is told.
        """
        entries = self.journal.entries
        told, standing = self._standing or (0, Standing(self.terms(on)))
        new = entries[told:]
        same = standing.agreement.digest == self.terms(on).digest
        backwards = standing.day is not None and (
            on < standing.day or any(entry.on < standing.day for entry in new)
        )
        if backwards or not same or any(entry.on > on for entry in new):
            standing = Standing(self.terms(on))
            past = [entry for entry in entries if entry.on <= on]
            history.tell(standing, sorted(past, key=lambda entry: (entry.on, entry.number)))
        else:
            history.tell(standing, sorted(new, key=lambda entry: (entry.on, entry.number)))
            self._standing = (len(entries), standing)
        found = standing.copy()
        found.bring_to(on)
        return found

    def cash(self, on: date | None = None) -> int:
        """Cash at the end of a day, in won."""
        return self.journal.balance(Account("cash"), on)

    def nav(self, on: date | None = None) -> int:
        """Net asset value: assets at fair value less liabilities, in won."""
        return sum(
            self.journal.total(name, on)
            for name in ("cash", "receivable", "investments", "unrealised")
        ) + sum(self.journal.total(name, on) for name in ("credit-line", "payable"))

    def fair_value(self, company: str, on: date | None = None) -> int:
        """What is held of a company, at fair value."""
        return sum(
            self.journal.balance(Account(name, company=company), on)
            for name in ("investments", "unrealised")
        )

    def cost(self, company: str, on: date | None = None) -> int:
        """The cost of what is held of a company."""
        return self.journal.balance(Account("investments", company=company), on)

    def held(self, on: date | None = None) -> list[str]:
        """The companies of which something is held, in the order of their names."""
        found = []
        for account in self.journal.accounts("investments"):
            if self.journal.balance(account, on):
                found.append(account.company)
        return found

    def capital_account(self, partner: int, on: date | None = None) -> int:
        """A partner's share of the net asset value, as far as results were allocated."""
        return -sum(self.journal.balance(Account(name, partner), on) for name in NAV)

    def committed(self, partner: int, on: date | None = None) -> int:
        """A partner's commitment, in won."""
        return -self.journal.balance(Account("committed", partner), on)

    def unfunded(self, partner: int, on: date | None = None) -> int:
        """What a partner has promised and was not called, in won."""
        return self.journal.balance(Account("unfunded", partner), on)

    def partners(self, on: date | None = None) -> list[int]:
        """The numbers of those who have, or had, a commitment or capital, in their order."""
        found = {account.partner for account in self.journal.accounts("committed")}
        found |= {account.partner for account in self.journal.accounts("paid-in")}
        if on is None:
            return sorted(found)
        return sorted(
            number
            for number in found
            if self.committed(number, on)
            or self.journal.balance(Account("paid-in", number), on)
            or self.capital_account(number, on)
        )

    def refuse_ended(self) -> None:
        """Refuse to go on with a fund that is liquidated.

        Raises:
            FlowRefused: It is.
        """
        from madang.fund.engine.ledger.entry import Kind

        last = self.journal.entries[-1] if self.journal.entries else None
        if last is not None and last.kind is Kind.LIQUIDATION:
            raise FlowRefused(
                words(
                    f"{last.on}에 청산이 끝난 펀드", f"a fund whose liquidation ended on {last.on}"
                ),
                words("운용 중인 펀드", "a fund that runs"),
            )
