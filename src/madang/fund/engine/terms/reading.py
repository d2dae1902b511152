"""What does a term file say? YAML by a published schema, with the source of each rule.

The schema says what a term file may contain (`facts/agreement.schema.json`); whether its rules
agree with one another is looked at in `sense`.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.terms import agreement as terms
from madang.fund.engine.terms import sense
from madang.fund.engine.terms.agreement import Agreement, Nature
from madang.kernel import ids
from madang.kernel.words import Words, words
from madang.kernel.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def schema() -> dict[str, Any]:
    """The published form of a term file (JSON Schema 2020-12)."""
    path = files("madang.fund.engine.terms") / "facts/agreement.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def read(content: bytes) -> Agreement:
    """The agreement that a term file writes.

    Args:
        content: YAML in UTF-8.

    Raises:
        InputError: It is no YAML.
        TermsRefused: Something is missing, unknown, or contradicts the rest; the place is named.
        AmountRefused: A rate is no exact number.
    """
    return from_plain(read_yaml(content), digest=ids.digest(content))


def from_plain(found: Any, *, digest: str = "") -> Agreement:
    """The agreement that plain data says.

    Raises:
        TermsRefused: As `read`.
        AmountRefused: As `read`.
    """
    for fault in sorted(_validator().iter_errors(found), key=lambda each: list(each.path)):
        place = ".".join(str(part) for part in fault.path) or "terms"
        raise TermsRefused(
            words(f"{place}: {_short(fault.instance)}", f"{_short(fault.instance)} at {place}"),
            words(
                f"규약 서식에 맞는 값({fault.validator}: {_short(fault.validator_value)})",
                f"a value after the schema ({fault.validator}: {_short(fault.validator_value)})",
            ),
        )
    agreement = _agreement(found, digest)
    sense.check(agreement)
    return agreement


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _agreement(found: Mapping[str, Any], digest: str) -> Agreement:
    return Agreement(
        id=found["id"],
        title=_words(found["title"]),
        version=found["version"],
        effective_on=_day(found["effective_on"], "effective_on"),
        parent=found.get("parent", ""),
        life=terms.Life(**{**found["life"], "first_close": _first_close(found)}),
        partners=tuple(_partner(each) for each in found["partners"]),
        public_share_most=_share(found["matching"], "public_share_most", "matching"),
        fee=_fee(found["management_fee"]),
        distribution=_distribution(found["distribution"], found["clawback"]),
        late=_late(found["late"]),
        credit=_credit(found["credit_line"]) if "credit_line" in found else None,
        recycling=_recycling(found["recycling"]) if "recycling" in found else None,
        quotas=tuple(_quota(each) for each in found.get("quotas", ())),
        early_stage=terms.EarlyStage(
            most_years=found["early_stage"]["most_years"],
            most_revenue_krw=found["early_stage"].get("most_revenue_krw"),
        ),
        related=tuple(
            terms.RelatedParty(
                name=each["name"],
                business_number=each.get("business_number", ""),
                kind=each["kind"],
                relation=_words(each["relation"]),
            )
            for each in found.get("related_parties", ())
        ),
        diligence_share=_share(found["due_diligence"], "fund_share", "due_diligence"),
        interim_principal=found["interim_principal"],
        day_count=found["day_count"],
        sources=found["sources"],
        text=found,
        digest=digest,
    )


def _words(found: Mapping[str, str]) -> Words:
    return words(found["ko"], found["en"])


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise TermsRefused(
            words(f"{where}: 없는 날 {text!r}", f"the day {text!r} at {where}"),
            words("2025-09-01처럼 적은 날", "a day such as 2025-09-01"),
        ) from fault


def _first_close(found: Mapping[str, Any]) -> date:
    return _day(found["life"]["first_close"], "life.first_close")


def _share(found: Mapping[str, Any], key: str, where: str, most: int = 1) -> Fraction:
    """A rate from 0 to `most`."""
    place = f"{where}.{key}"
    rate = money.ratio(found[key], where=words(place, place))
    if not 0 <= rate <= most:
        raise TermsRefused(
            words(f"{place}: {found[key]!r}", f"{found[key]!r} at {place}"),
            words(f"0%에서 {most * 100}%까지", f"0% to {most * 100}%"),
        )
    return rate


def _partner(found: Mapping[str, Any]) -> terms.Partner:
    return terms.Partner(
        number=found["number"],
        name=_words(found["name"]),
        nature=Nature(found["nature"]),
        commitment_krw=found["commitment_krw"],
    )


def _fee(found: Mapping[str, Any]) -> terms.Fee:
    phases = []
    for each in found["phases"]:
        brackets = tuple(
            terms.Bracket(
                upto_krw=bracket.get("upto_krw"),
                rate=_share(bracket, "rate", "management_fee.phases.brackets"),
            )
            for bracket in each["brackets"]
        )
        phases.append(
            terms.FeePhase(
                from_year=each["from_year"],
                base=terms.Base(each["base"]),
                brackets=brackets,
                whole=each.get("whole", False),
            )
        )
    return terms.Fee(
        every_months=found["every_months"],
        in_advance=found["in_advance"],
        phases=tuple(phases),
    )


def _distribution(found: Mapping[str, Any], clawback: Mapping[str, Any]) -> terms.Distribution:
    first_loss = found.get("first_loss")
    return terms.Distribution(
        by_deal=found["basis"] == "deal-by-deal",
        tiers=tuple(_tier(each, place) for place, each in enumerate(found["tiers"])),
        first_loss=terms.FirstLoss(
            bearer=Nature(first_loss["bearer"]),
            share=_share(first_loss, "share", "distribution.first_loss"),
        )
        if first_loss
        else None,
        tax=_share(clawback, "tax", "clawback"),
    )


def _tier(found: Mapping[str, Any], place: int) -> terms.Tier:
    where = f"distribution.tiers.{place}"
    option = found.get("option")
    return terms.Tier(
        pay=terms.Pay(found["pay"]),
        to=tuple(Nature(each) for each in found["to"]) if "to" in found else tuple(Nature),
        hurdle=terms.Hurdle(
            rate=_share(found, "rate", where), compounded=found.get("compounded", False)
        )
        if "rate" in found
        else None,
        until=tuple(Nature(each) for each in found.get("until", ())),
        catch_up=_share(found, "catch_up", where) if "catch_up" in found else None,
        carry=_share(found, "carry", where) if "carry" in found else None,
        option=terms.CallOption(
            giver=Nature(option["giver"]),
            holder=Nature(option["holder"]),
            share=_share(option, "share", f"{where}.option"),
        )
        if option
        else None,
    )


def _late(found: Mapping[str, Any]) -> terms.Late:
    return terms.Late(
        rate=_share(found, "rate", "late"),
        default_after_days=found["default_after_days"],
        forfeit=_share(found, "forfeit", "late"),
    )


def _credit(found: Mapping[str, Any]) -> terms.CreditLine:
    return terms.CreditLine(
        limit_krw=found["limit_krw"],
        rate=_share(found, "rate", "credit_line"),
        share_of_unfunded=_share(found, "share_of_unfunded", "credit_line"),
        repay_within_days=found["repay_within_days"],
    )


def _recycling(found: Mapping[str, Any]) -> terms.Recycling:
    return terms.Recycling(
        share=_share(found, "share", "recycling", most=2), until_year=found["until_year"]
    )


def _quota(found: Mapping[str, Any]) -> terms.QuotaTerm:
    return terms.QuotaTerm(
        id=found["id"],
        title=_words(found["title"]),
        measure=found["measure"],
        values=tuple(found.get("values", ())),
        least_share=_share(found, "least_share", f"quotas.{found['id']}"),
        base=terms.Base(found["base"]),
        by_year=found["by_year"],
    )
