"""Which account, how many won, on which side? One row of another program's books."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine import money
from madang.fund.engine.errors import FundRefused
from madang.fund.engine.intake.columns import Layout
from madang.fund.engine.ledger import accounts
from madang.fund.engine.ledger.accounts import CHART, Account
from madang.kernel.sheets.amounts import amount_krw
from madang.kernel.sheets.days import day
from madang.kernel.sheets.faults import MOST_FAULTS, CellFault, Fault
from madang.kernel.sheets.headings import bare
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from madang.fund.engine.intake.columns import Found
    from madang.fund.engine.intake.mapping import Mapped
    from madang.fund.engine.terms.agreement import Agreement

LAYOUT = Layout(
    title="분개장",
    title_en="a journal of vouchers",
    synonyms={
        "on": ("일자", "전표일자", "회계일자", "거래일자", "날짜", "date"),
        "voucher": ("전표번호", "전표", "번호", "voucher"),
        "account": ("계정과목", "계정과목명", "계정", "과목", "계정명", "account"),
        "debit": ("차변", "차변금액", "차변합계", "debit"),
        "credit": ("대변", "대변금액", "대변합계", "credit"),
        "memo": ("적요", "내용", "memo"),
        "partner": ("조합원", "조합원명", "출자자", "partner"),
        "company": ("투자기업", "투자기업명", "피투자기업", "투자처", "company"),
        "kind": ("구분", "거래구분", "kind"),
        "currency": ("통화", "통화코드", "currency"),
        "rate": ("환율", "적용환율", "rate"),
        "source": ("환율출처", "환율근거", "source"),
    },
    needed=("on", "voucher", "account", "debit", "credit"),
)
USUAL = {
    "보통예금": "cash",
    "현금및현금성자산": "cash",
    "예금": "cash",
    "출자금": "paid-in",
    "조합출자금": "paid-in",
    "투자자산": "investments",
    "투자주식": "investments",
    "미지급비용": "payable",
    "단기차입금": "credit-line",
    "관리보수비용": "management-fee",
    "이자수익": "interest",
    "배당금수익": "dividends",
    "회계감사수수료": "audit",
    "회계감사비": "audit",
    "법률자문수수료": "legal",
    "수탁수수료": "administration",
    "투자자산처분손익": "realised",
    "투자자산평가손익": "unrealised-change",
}
"""What accounting programs usually call an account of the chart."""
_BY_TITLE = {bare(each.title.ko): name for name, each in CHART.items()}
_TOTALS = ("합계", "총계", "소계", "누계", "월계", "계")
_DECIMAL = re.compile(r"-?[\d,]+\.\d*[1-9]\d*")
_NUMBER = re.compile(r"-?\d{1,3}(?:,?\d{3})*(?:\.\d{1,10})?|-?\d+(?:\.\d{1,10})?")


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One row."""

    row: int
    on: date
    voucher: str
    account: Account
    debit_krw: int
    """Below 0 for a credit."""
    memo: str
    kind: str


def legs(found: Found, agreement: Agreement, mapped: Mapped, faults: list[Fault]) -> list[Leg]:
    """The rows of the books; what is wrong with them is added to `faults`."""
    reader = _Reader(found, agreement, mapped)
    rows = found.sheet.rows[found.first :]
    read: list[Leg] = []
    for row, number in zip(rows, found.sheet.numbers[found.first :], strict=True):
        if len(faults) >= MOST_FAULTS:
            break
        if _is_total(found, row):
            continue
        try:
            read.append(reader.leg(row, number))
        except _Misread as fault:
            faults.append(fault.fault)
    return read


def _is_total(found: Found, row: Sequence[str]) -> bool:
    """A row of sums, which names no voucher, and no account either."""
    account = found.text(row, "account")
    return not found.text(row, "voucher") and (not account or bare(account) in _TOTALS)


class _Misread(ValueError):
    def __init__(
        self, row: int, column: str, found: Words | str, expected: Words | str, remedy: Words | str
    ) -> None:
        self.fault = Fault(row=row, column=column, found=found, expected=expected, remedy=remedy)
        super().__init__(self.fault)


class _Reader:
    """Books that are being read; a voucher's day and number may stand in its first row alone."""

    def __init__(self, found: Found, agreement: Agreement, mapped: Mapped) -> None:
        self.found, self.mapped = found, mapped
        self.partners = {bare(each.name.ko): each.number for each in agreement.partners}
        self.partners |= {bare(each.name.en): each.number for each in agreement.partners}
        self.partners |= {str(each.number): each.number for each in agreement.partners}
        self.partners |= {bare(name): number for name, number in mapped.partners.items()}
        self.accounts = {**_BY_TITLE, **USUAL, **{name: name for name in CHART}}
        self.accounts |= {bare(name): account for name, account in mapped.accounts.items()}
        self.companies = {bare(name): each for name, each in mapped.companies.items()}
        self.on: date | None = None
        self.voucher = ""

    def leg(self, row: Sequence[str], number: int) -> Leg:
        text = {role: self.found.text(row, role) for role in LAYOUT.synonyms}
        if text["voucher"] and text["voucher"] != self.voucher:
            self.voucher, self.on = text["voucher"], None
        if text["on"]:
            self.on = self._day(text["on"], number)
        if self.on is None or not self.voucher:
            role = "on" if self.voucher else "voucher"
            raise self._misread(number, role, words("빈 칸", "nothing"), words("값", "a value"))
        return Leg(
            row=number,
            on=self.on,
            voucher=self.voucher,
            account=self._account(text, number),
            debit_krw=self._amount(text, number),
            memo=text["memo"],
            kind=text["kind"],
        )

    def _misread(
        self,
        number: int,
        role: str,
        found: Words | str,
        expected: Words | str,
        remedy: Words | str = "",
    ) -> _Misread:
        return _Misread(number, self.found.headings.get(role, ""), found, expected, remedy)

    def _day(self, text: str, number: int) -> date:
        try:
            return day(text, from_1904=self.found.sheet.from_1904)
        except CellFault as fault:
            raise self._misread(number, "on", fault.found, fault.expected) from fault

    def _account(self, text: Mapping[str, str], number: int) -> Account:
        said = text["account"]
        name = self.accounts.get(said) or self.accounts.get(bare(said))
        if name not in CHART:
            raise self._misread(
                number,
                "account",
                words(f"계정과목 '{said[:40]}'", f"the account '{said[:40]}'"),
                words("계정 과목표의 이름", "a title of the chart of accounts"),
                words("매핑 파일의 accounts에 적으십시오.", "Say what it is in a mapping file."),
            )
        of = CHART[name].of
        partner = self._partner(text["partner"], number) if of == "partner" else 0
        company = text["company"] if of == "company" else ""
        account = Account(name, partner, self.companies.get(bare(company), company))
        try:
            accounts.check(account)
        except FundRefused as fault:
            raise self._misread(number, of, fault.found, fault.expected) from fault
        return account

    def _partner(self, said: str, number: int) -> int:
        found = self.partners.get(bare(said))
        if said and found is None:
            raise self._misread(
                number,
                "partner",
                words(f"조합원 '{said[:40]}'", f"the partner '{said[:40]}'"),
                words("규약에 있는 조합원의 이름이나 번호", "a partner of the agreement"),
                words("매핑 파일의 partners에 적으십시오.", "Say who it is in a mapping file."),
            )
        return found or 0

    def _amount(self, text: Mapping[str, str], number: int) -> int:
        """Won on the debit side, below 0 on the credit side."""
        currency = text["currency"].upper() or "KRW"
        sides = [self._won(text, role, currency, number) for role in ("debit", "credit")]
        if bool(sides[0]) == bool(sides[1]):
            raise self._misread(
                number,
                "debit",
                words(
                    f"차변 {sides[0]:,}원, 대변 {sides[1]:,}원",
                    f"a debit of {sides[0]:,} and a credit of {sides[1]:,} won",
                ),
                words("둘 가운데 한쪽의 금액", "an amount on one of the two sides"),
            )
        return sides[0] - sides[1]

    def _won(self, text: Mapping[str, str], role: str, currency: str, number: int) -> int:
        said = text[role]
        if currency not in ("KRW", "원"):
            return self._foreign(text, said, role, currency, number)
        if _DECIMAL.fullmatch(said):
            raise self._misread(
                number,
                role,
                words(f"소수점이 있는 금액 '{said}'", f"the decimal amount '{said}'"),
                words("원 단위의 정수", "whole won"),
            )
        try:
            return amount_krw(said, unit_krw=self.found.units_krw.get(role, 1)) or 0
        except CellFault as fault:
            raise self._misread(number, role, fault.found, fault.expected, fault.remedy) from fault

    def _foreign(
        self, text: Mapping[str, str], said: str, role: str, currency: str, number: int
    ) -> int:
        if not said or not said.strip("-0.,"):
            return 0
        amount, krw = _exact(said), _exact(text["rate"])
        rate = None
        if krw is not None and self.on:
            rate = money.ExchangeRate(
                currency=currency, krw=krw, on=self.on, source=text["source"]
            )
        try:
            return money.in_won(amount, currency, rate, where=words("전표", "voucher"))
        except FundRefused as fault:
            raise self._misread(
                number, "currency", fault.found, fault.expected, fault.remedy
            ) from fault


def _exact(text: str) -> Fraction | None:
    return Fraction(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
