"""What does a manager ask for? One form for each act, with the fields that the act takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import lazystr

from madang.fund.engine import acts
from madang.fund.engine.flows import calls
from madang.fund.engine.ledger.accounts import CHART, EXPENSES
from madang.fund.engine.portfolio import valuation
from madang.kernel.words import Words, words
from madang.portal.forms.amount import AmountField
from madang.portal.forms.uploads import UploadsField
from madang.portal.forms.wording import Worded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from madang.fund.engine.book import Book
    from madang.fund.web import models

LARGEST_PAPER, MOST_PAPERS = 20 << 20, 20
PURPOSES: Mapping[str, Words] = {
    "investment": words("투자금", "For investments"),
    "fee": words("관리보수", "For the management fee"),
    "expense": words("비용", "For expenses"),
    "credit-line": words("차입 상환", "To repay the line"),
}
INSTRUMENTS: Mapping[str, Words] = {
    "common": words("보통주", "Common shares"),
    "rcps": words("상환전환우선주(RCPS)", "Redeemable convertible preferred (RCPS)"),
    "cb": words("전환사채(CB)", "Convertible bond (CB)"),
    "safe": words("조건부지분인수계약(SAFE)", "SAFE"),
}
_NAMES: dict[str, Words | tuple[Words, Words]] = {
    "on": words("날짜", "Day"),
    "through": words("마감일", "Last day of the period"),
    "due": words("납입 기한", "To be paid by"),
    "call": words("출자 요청 차수", "Call"),
    "partner": words("조합원", "Partner"),
    "giver": words("양도인", "From"),
    "taker": words("양수인", "To"),
    "share": (words("양도 비율", "Share"), words("예: 1/2, 50%", "Such as 1/2 or 50%")),
    "part": (
        words("매각 비율", "Part sold"),
        words("보유분 전부면 100%", "100% for all that is held"),
    ),
    "account": words("비용 계정", "Expense account"),
    "amount_krw": (words("금액", "Amount"), words("예: 15억, 1,500,000,000", "Such as 15억")),
    "recallable_krw": (
        words("재출자 대상 금액", "Recallable part"),
        words("원금 분배 가운데 다시 요청할 수 있는 금액", "Of the capital returned"),
    ),
    "fair_value_krw": words("공정가치", "Fair value"),
    "proceeds_krw": words("회수 금액", "Proceeds"),
    "memo": words("적요", "Note"),
    "company": words("투자기업", "Company"),
    "evidence": (
        words("증빙 파일", "Evidence"),
        words("계약서, 이체 확인증 등", "Contract, proof of payment"),
    ),
    "instrument": words("투자 방식", "Instrument"),
    "co_invested_krw": (
        words("함께 투자한 다른 투자자의 금액", "Others' money in the same round"),
        words("없으면 비워 둡니다.", "Leave it open where there is none."),
    ),
    "method": words("평가 방법", "Method of valuation"),
    "converted_from": words("전환 전 투자 방식", "From instrument"),
    "converted_to": words("전환 후 투자 방식", "Into instrument"),
    **{f"purpose_{name}": title for name, title in PURPOSES.items()},
    "payers": words("납입한 조합원", "Who paid"),
    "with_interest": (
        words("연체이자", "Late interest"),
        words(
            "기한이 지난 납입에 연체이자를 함께 받습니다.",
            "Take interest on what came after its day.",
        ),
    ),
}


class ActForm(Worded, forms.Form):
    """The facts of one act.

    Args:
        kind: Which act.
        fund: Whose.
        book: Its books, for what may be chosen.
        data: What was sent, and `files`.
    """

    asks: ClassVar[Mapping[str, Words | tuple[Words, Words]]] = _NAMES

    def __init__(
        self, kind: str, *, fund: models.Fund, book: Book, data: Any = None, files: Any = None
    ) -> None:
        super().__init__(data, files)
        self.kind, self.fund, self.book = kind, fund, book
        needs = acts.needs(kind)
        for key, needed in needs.items():
            for name, field in _FIELDS[key](self, needed=needed):
                self.fields[name] = field
        self.reword()

    def asked(self) -> dict[str, Any]:
        """The act in plain data, evidence left out."""
        found: dict[str, Any] = {"act": self.kind}
        for key in acts.needs(self.kind):
            value = _READ[key](self) if key in _READ else self.cleaned_data.get(key)
            if value not in (None, "", {}):
                found[key] = value
        return found


def _day(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    yield (
        key,
        forms.DateField(required=needed, widget=forms.DateInput(attrs={"type": "date"})),
    )


def _money(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    yield key, AmountField(required=needed)


def _text(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    initial = "100%" if key in ("share", "part") else None
    yield key, forms.CharField(required=needed, max_length=200, initial=initial)


def _choice(known: Iterable[tuple[str, Words]], *, needed: bool) -> forms.ChoiceField:
    chosen = [(name, lazystr(title)) for name, title in known]
    return forms.ChoiceField(required=needed, choices=chosen)


def _partner(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    known = [
        (str(each.number), words(f"{each.number} {each.name.ko}", f"{each.number} {each.name.en}"))
        for each in form.book.latest.partners
    ]
    yield key, _choice(known, needed=needed)


def _call(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    known = []
    for number, each in calls.open_calls(form.book).items():
        left = sum(each.unpaid.values())
        known.append(
            (
                str(number),
                words(
                    f"{number}차 (기한 {each.due}, 남은 금액 {left:,d}원)",
                    f"{number} (due {each.due}, {left:,d} won open)",
                ),
            )
        )
    yield key, _choice(known, needed=needed)


def _payers(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    known = [
        (
            str(each.number),
            lazystr(words(f"{each.number} {each.name.ko}", f"{each.number} {each.name.en}")),
        )
        for each in form.book.latest.partners
        if each.commitment_krw
    ]
    field = forms.MultipleChoiceField(
        choices=known,
        widget=forms.CheckboxSelectMultiple,
        initial=[name for name, _ in known],
    )
    yield "payers", field
    yield "with_interest", forms.BooleanField(required=False, initial=True)


def _purposes(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    for name in PURPOSES:
        yield f"purpose_{name}", AmountField(required=False)


def _account(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    known = [(name, CHART[name].title) for name in EXPENSES if name != "management-fee"]
    yield key, _choice(known, needed=needed)


def _company(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    held = set(form.book.held())
    known = [
        (each.code, each.name)
        for each in form.fund.companies.all()
        if form.kind in ("invest", "income") or each.code in held
    ]
    told = {name for name, _ in known}
    if form.kind != "invest":
        known += [(name, words(name, name)) for name in sorted(held - told)]
    if form.kind == "income":
        known.insert(0, ("", words("예금이자(기업 없음)", "Interest on deposits (no company)")))
        needed = False
    yield key, _choice(known, needed=needed)


def _evidence(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    yield key, UploadsField(largest=LARGEST_PAPER, most=MOST_PAPERS, required=False)


def _facts(form: ActForm, *, needed: bool, key: str) -> Iterable[tuple[str, forms.Field]]:
    if form.kind == "invest":
        yield "instrument", _choice(INSTRUMENTS.items(), needed=True)
        yield "co_invested_krw", AmountField(required=False)
    elif form.kind == "convert":
        yield "converted_from", _choice(INSTRUMENTS.items(), needed=True)
        yield "converted_to", _choice(INSTRUMENTS.items(), needed=True)
    elif form.kind == "value":
        known = [(name, each.title) for name, each in valuation.METHODS.items()]
        yield "method", _choice(known, needed=True)


def _field(build: Callable[..., Any], key: str) -> Callable[..., Any]:
    return lambda form, *, needed: build(form, needed=needed, key=key)


_FIELDS: dict[str, Callable[..., Iterable[tuple[str, forms.Field]]]] = {
    **{key: _field(_day, key) for key in ("on", "due", "through")},
    **{
        key: _field(_money, key)
        for key in ("amount_krw", "recallable_krw", "fair_value_krw", "proceeds_krw")
    },
    **{key: _field(_text, key) for key in ("memo", "share", "part")},
    **{key: _field(_partner, key) for key in ("partner", "giver", "taker")},
    "call": _field(_call, "call"),
    "amounts": _field(_payers, "amounts"),
    "late_interest": _field(lambda form, *, needed, key: (), "late_interest"),
    "purposes": _field(_purposes, "purposes"),
    "account": _field(_account, "account"),
    "company": _field(_company, "company"),
    "evidence": _field(_evidence, "evidence"),
    "facts": _field(_facts, "facts"),
}


def _read_day(key: str) -> Callable[[ActForm], str | None]:
    return lambda form: form.cleaned_data[key].isoformat() if form.cleaned_data.get(key) else None


def _read_number(key: str) -> Callable[[ActForm], int | None]:
    return lambda form: int(form.cleaned_data[key]) if form.cleaned_data.get(key) else None


def _read_purposes(form: ActForm) -> dict[str, int]:
    return {
        name: amount for name in PURPOSES if (amount := form.cleaned_data.get(f"purpose_{name}"))
    }


def _read_amounts(form: ActForm) -> dict[str, int]:
    """What each payer has open of the call: a partial payment is imported from the bank."""
    number = int(form.cleaned_data["call"])
    unpaid = calls.open_calls(form.book)[number].unpaid
    chosen = {int(each) for each in form.cleaned_data["payers"]}
    return {str(partner): won for partner, won in sorted(unpaid.items()) if partner in chosen}


def _read_interest(form: ActForm) -> dict[str, int]:
    if not form.cleaned_data.get("with_interest"):
        return {}
    number, on = int(form.cleaned_data["call"]), form.cleaned_data["on"]
    found = {}
    for partner in _read_amounts(form):
        won = calls.late_interest(form.book, on=on, call=number, partner=int(partner))
        if won:
            found[partner] = won
    return found


def _read_facts(form: ActForm) -> dict[str, Any]:
    if form.kind == "value":
        return {"method": form.cleaned_data["method"]}
    if form.kind == "convert":
        return {key: form.cleaned_data[f"converted_{key}"] for key in ("from", "to")}
    if form.kind != "invest":
        return {}
    found: dict[str, Any] = {"instrument": form.cleaned_data["instrument"]}
    if others := form.cleaned_data.get("co_invested_krw"):
        found["co_invested_krw"] = others
    company = form.fund.companies.filter(code=form.cleaned_data["company"]).first()
    if company is not None:
        found["tags"] = tags(form, company)
    return found


def tags(form: ActForm, company: models.Company) -> dict[str, str]:
    """What counts for quotas: field, region, and whether it was early-stage on this day."""
    from madang.fund.engine.purpose import early_stage

    on = form.cleaned_data["on"]
    terms = form.book.terms(on)
    rule = early_stage.EarlyStageRule(
        effective_on=terms.effective_on,
        source=terms.sources["early_stage"],
        most_years=terms.early_stage.most_years,
        most_revenue_krw=terms.early_stage.most_revenue_krw,
        needs="any",
    )
    found = early_stage.verdict(
        (rule,),
        investments_on=(on,),
        founded_on=company.founded_on,
        revenue_krw=company.revenue_krw,
    )
    early = {True: "yes", False: "no", None: "unknown"}[found.is_early]
    return {"field": company.field, "region": company.region, "early-stage": early}


_READ: dict[str, Callable[[ActForm], Any]] = {
    **{key: _read_day(key) for key in ("on", "due", "through")},
    **{key: _read_number(key) for key in ("call", "partner", "giver", "taker")},
    "purposes": _read_purposes,
    "amounts": _read_amounts,
    "late_interest": _read_interest,
    "facts": _read_facts,
    "evidence": lambda form: None,
    "company": lambda form: form.cleaned_data.get("company", ""),
}
