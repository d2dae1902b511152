"""Do the rules of a fund agree with one another? What a schema cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.terms.agreement import Agreement, Nature, Pay, Tier
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable


def check(agreement: Agreement) -> None:
    """Refuse an agreement that contradicts itself.

    Raises:
        TermsRefused: With the place, what stands there and what would agree with the rest.
    """
    for rule in _RULES:
        rule(agreement)


def _fault(where: str, ko: str, en: str, expected_ko: str, expected_en: str) -> TermsRefused:
    return TermsRefused(
        words(f"{where}: {ko}", f"{en} at {where}"), words(expected_ko, expected_en)
    )


def _partners(agreement: Agreement) -> None:
    numbers = [each.number for each in agreement.partners]
    if len(set(numbers)) < len(numbers):
        raise _fault(
            "partners", "겹치는 번호", "a number twice", "저마다 다른 번호", "numbers of their own"
        )
    managers = sum(each.nature is Nature.MANAGER for each in agreement.partners)
    if managers != 1:
        raise _fault(
            "partners",
            f"업무집행조합원 {managers}명",
            f"{managers} general partners",
            "한 명",
            "one",
        )
    if not agreement.commitment_krw:
        raise _fault(
            "partners", "약정 합계 0원", "commitments of 0", "0원보다 큰 약정", "more than 0"
        )
    public = sum(
        each.commitment_krw for each in agreement.partners if each.nature is Nature.PUBLIC
    )
    if public > agreement.public_share_most * agreement.commitment_krw:
        most = f"{float(agreement.public_share_most):.1%}"
        raise _fault(
            "matching",
            f"공공 출자 {public:,d}원, 약정의 {public / agreement.commitment_krw:.1%}",
            f"public commitments of {public:,d} won, {public / agreement.commitment_krw:.1%}",
            f"약정 합계의 {most} 이하",
            f"at most {most} of all commitments",
        )


def _life(agreement: Agreement) -> None:
    life = agreement.life
    if life.investment_years > life.years:
        raise _fault(
            "life",
            f"투자 기간 {life.investment_years}년",
            f"{life.investment_years} years of investing",
            f"존속 기간 {life.years}년 이하",
            f"at most the fund's {life.years} years",
        )
    for each in agreement.quotas:
        if each.by_year > life.years:
            raise _fault(
                f"quotas.{each.id}.by_year",
                f"{each.by_year}년 차",
                f"year {each.by_year}",
                f"존속 기간 {life.years}년 이내",
                f"within the fund's {life.years} years",
            )
        if (each.measure == "early-stage") == bool(each.values):
            raise _fault(
                f"quotas.{each.id}.values",
                f"값 {len(each.values)}개",
                f"{len(each.values)} values",
                "초기기업이면 없음, 그 밖에는 하나 이상",
                "none for early-stage, else one or more",
            )


def _fee(agreement: Agreement) -> None:
    years = [each.from_year for each in agreement.fee.phases]
    if years != sorted(set(years)) or years[0] != 1:
        raise _fault(
            "management_fee.phases",
            f"시작 연차 {years}",
            f"years {years}",
            "1년 차부터 늘어나는 연차",
            "growing years that begin with 1",
        )
    for phase in agreement.fee.phases:
        ends = [each.upto_krw for each in phase.brackets]
        bounded = [each for each in ends[:-1] if each is not None]
        rising = bounded == sorted(set(bounded)) and len(bounded) == len(ends) - 1
        if not rising or ends[-1] is not None:
            raise _fault(
                "management_fee.phases.brackets",
                f"구간의 끝 {ends}",
                f"ends {ends}",
                "커지는 금액, 마지막 구간은 끝 없음",
                "growing amounts, the last bracket without an end",
            )


_NEEDS: dict[Pay, tuple[str, ...]] = {
    Pay.CAPITAL: (),
    Pay.FIRST_LOSS: (),
    Pay.PREFERRED: ("hurdle",),
    Pay.CATCH_UP: ("catch_up", "carry"),
    Pay.RESIDUAL: ("carry",),
}
_MAY: dict[Pay, tuple[str, ...]] = {
    Pay.RESIDUAL: ("hurdle", "until", "option"),
}
_FIELDS = ("hurdle", "until", "catch_up", "carry", "option")


def _tiers(agreement: Agreement) -> None:
    tiers = agreement.distribution.tiers
    for place, tier in enumerate(tiers):
        _one_tier(f"distribution.tiers.{place}", tier)
    last = tiers[-1]
    if last.pay is not Pay.RESIDUAL or last.until or set(last.to) != set(Nature):
        raise _fault(
            f"distribution.tiers.{len(tiers) - 1}",
            f"마지막 단계 {last.pay.value}",
            f"the last tier {last.pay.value}",
            "모두에게 끝없이 나누는 residual",
            "a residual for everyone, without an end",
        )
    returned = {nature for tier in tiers if tier.pay is Pay.CAPITAL for nature in tier.to}
    if returned != set(Nature):
        missing = ", ".join(sorted(set(Nature) - returned))
        raise _fault(
            "distribution.tiers",
            f"원금을 돌려받지 못하는 {missing}",
            f"no return of capital for {missing}",
            "모든 조합원의 원금 단계",
            "a capital tier for every partner",
        )


def _one_tier(where: str, tier: Tier) -> None:
    has = {name for name in _FIELDS if getattr(tier, name)}
    # A rate of 0 is a hurdle as well; carry 0 and catch-up 0 are looked at below.
    has |= {name for name in ("hurdle", "catch_up", "carry") if getattr(tier, name) is not None}
    needs = set(_NEEDS[tier.pay])
    if not needs <= has or not has <= needs | set(_MAY.get(tier.pay, ())):
        raise _fault(
            where,
            f"{tier.pay.value} 단계의 항목 {', '.join(sorted(has)) or '없음'}",
            f"{', '.join(sorted(has)) or 'nothing'} in a {tier.pay.value} tier",
            f"{', '.join(_NEEDS[tier.pay]) or '없음'}",
            f"{', '.join(_NEEDS[tier.pay]) or 'nothing more'}",
        )
    if (tier.hurdle is not None) != bool(tier.until) and tier.pay is Pay.RESIDUAL:
        raise _fault(
            where,
            "until과 rate 가운데 하나만 있음",
            "only one of until and rate",
            "둘 다 있거나 둘 다 없음",
            "both or neither",
        )
    if tier.catch_up is not None and tier.carry is not None and tier.catch_up <= tier.carry:
        raise _fault(
            where,
            f"캐치업 {tier.catch_up}, 성과보수율 {tier.carry}",
            f"a catch-up of {tier.catch_up} beside a carry of {tier.carry}",
            "성과보수율보다 큰 캐치업",
            "a catch-up above the carry, or it would never end",
        )
    if tier.carry is not None and tier.carry >= 1:
        raise _fault(where, "성과보수율 100%", "a carry of 100%", "100% 미만", "less than 100%")
    if tier.option and tier.option.giver is tier.option.holder:
        raise _fault(
            where, "같은 쪽의 옵션", "an option of one side", "서로 다른 쪽", "two different sides"
        )


def _first_loss(agreement: Agreement) -> None:
    pays = [tier.pay for tier in agreement.distribution.tiers]
    has = agreement.distribution.first_loss is not None
    if pays.count(Pay.FIRST_LOSS) != int(has):
        raise _fault(
            "distribution.first_loss",
            f"우선손실충당 {'있음' if has else '없음'}, 단계 {pays.count(Pay.FIRST_LOSS)}개",
            f"{'a' if has else 'no'} first loss and {pays.count(Pay.FIRST_LOSS)} tiers for it",
            "둘 다 있거나 둘 다 없음",
            "one tier where there is one, else none",
        )
    if has and pays.index(Pay.FIRST_LOSS) < max(
        place for place, pay in enumerate(pays) if pay is Pay.CAPITAL
    ):
        raise _fault(
            "distribution.tiers",
            "원금 단계보다 앞선 우선손실충당분",
            "first-loss capital before other capital",
            "모든 원금 단계 뒤",
            "a place behind every capital tier",
        )


_RULES: tuple[Callable[[Agreement], None], ...] = (_partners, _life, _fee, _tiers, _first_loss)
