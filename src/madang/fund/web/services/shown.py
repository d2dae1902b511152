"""How does a page name accounts, partners and companies?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.fund.engine.ledger.accounts import CHART
from madang.fund.engine.ledger.entry import KIND_NAMES
from madang.fund.engine.reports.notices import purpose_name
from madang.fund.web import models
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.accounts import Account
    from madang.fund.engine.ledger.entry import Draft
    from madang.fund.web.models import Fund

TAGS = {
    "public": words("공공", "Public"),
    "private": words("민간", "Private"),
}


class Names:
    """What the partners and companies of a fund are called.

    Args:
        held: Its books.
        fund: Its row, for the companies' names.
        reader: The partner to whom no other partner is named; 0 for who may see all.
    """

    def __init__(self, held: Book, fund: Fund, *, reader: int = 0) -> None:
        self.reader = reader
        agreements = held.agreements
        self.partners: dict[int, Words] = {
            each.number: each.name for terms in agreements for each in terms.partners
        }
        self.companies: dict[str, Words] = {each.code: each.name for each in fund.companies.all()}

    def partner(self, number: int) -> Words:
        """A partner's name; its number where it has none."""
        if self.reader and number != self.reader:
            return words("다른 조합원", "another partner")
        return self.partners.get(number, words(str(number), str(number)))

    def company(self, code: str) -> Words:
        """A company's name, or a sub-fund's; its name in the books where it has no other."""
        if code.startswith("fund:") and code not in self.companies:
            child = models.Fund.objects.filter(pk=code.removeprefix("fund:")).first()
            self.companies[code] = child.title if child else words(code, code)
        return self.companies.get(code, words(code, code))

    def about(self, kind: str, memo: str, facts: Mapping[str, Any]) -> Words:
        """What an entry or an act is about, in words.

        Args:
            kind: Of the entry (`Kind`), or the name of the act.
            memo: What was written with it; for some kinds a name or number of the books.
            facts: What it consists of.
        """
        if isinstance(purposes := facts.get("purposes"), dict):
            told = [(purpose_name(name), won) for name, won in purposes.items()]
            return words(
                ", ".join(f"{name.ko} {won:,d}원" for name, won in told),
                ", ".join(f"{name.en} {won:,d} won" for name, won in told),
            )
        if kind in ("payment", "pay"):
            number = facts.get("call") or memo
            return words(f"{number}차 출자 요청", f"Call {number}")
        if isinstance(company := facts.get("company"), str) and company:
            return self.company(company)
        return words(memo, memo)

    def account(self, account: Account) -> Words:
        """An account's title with whom it is kept for."""
        title = CHART[account.name].title
        if account.partner:
            of = self.partner(account.partner)
        elif account.company:
            of = self.company(account.company)
        else:
            return title
        return words(f"{title.ko} · {of.ko}", f"{title.en} · {of.en}")


def rows_of(drafts: Iterable[Draft], held: Book, fund: Fund) -> list[dict[str, Any]]:
    """The postings of drafts or entries as rows of a table."""
    names = Names(held, fund)
    return [
        {
            "on": draft.on,
            "kind": KIND_NAMES[draft.kind],
            "debit": names.account(posting.debit),
            "credit": names.account(posting.credit),
            "amount": posting.amount_krw,
            "tag": tag(posting.tag, names.companies),
        }
        for draft in drafts
        for posting in draft.postings
    ]


def tag(text: str, companies: Mapping[str, Words]) -> Words:
    """What kind of won a posting moves: whose, or for which deal."""
    return TAGS.get(text) or companies.get(text) or words(text, text)
