"""Which invariants hold of the data types of R4? Each takes one value of its type."""

from __future__ import annotations

from typing import Any

from madang.prognosis.engine.fhir.moments import surely_after

UCUM = "http://unitsofmeasure.org"
_MEALS = frozenset({"C", "CM", "CD", "CV"})
_TIMES = frozenset({"s", "min", "h", "d", "wk", "mo", "a", "ms", "us"})


def has(value: dict[str, Any], *names: str) -> bool:
    """Whether any of these elements is there, with a value or only with extensions."""
    return any(name in value or f"_{name}" in value for name in names)


def qty_3(value: dict[str, Any]) -> bool:
    """A code for the unit needs its system."""
    return "system" in value or "code" not in value or "_system" in value


def sqty_1(value: dict[str, Any]) -> bool:
    """A SimpleQuantity has no comparator."""
    return "comparator" not in value


def coded_in_ucum(value: dict[str, Any]) -> bool:
    """A value needs a code; a system must be UCUM."""
    coded = has(value, "code") or not has(value, "value")
    return coded and value.get("system", UCUM) == UCUM


dis_1 = coded_in_ucum


def age_1(value: dict[str, Any]) -> bool:
    """An age is positive, in UCUM."""
    return coded_in_ucum(value) and value.get("value", 1) > 0 and _of_time(value)


def cnt_3(value: dict[str, Any]) -> bool:
    """A count is whole and has the code 1."""
    whole = "." not in str(value.get("value", 0))
    return coded_in_ucum(value) and value.get("code", "1") == "1" and whole


def drt_1(value: dict[str, Any]) -> bool:
    """A duration with a code is in UCUM and has a value."""
    if not has(value, "code"):
        return True
    return value.get("system") == UCUM and has(value, "value") and _of_time(value)


def _of_time(value: dict[str, Any]) -> bool:
    return value.get("code", "a") in _TIMES


def rng_2(value: dict[str, Any]) -> bool:
    """The low end is not above the high one; ends in different units are not compared."""
    low, high = value.get("low"), value.get("high")
    if low is None or high is None or "value" not in low or "value" not in high:
        return True
    same = (low.get("code"), low.get("unit")) == (high.get("code"), high.get("unit"))
    return not same or low["value"] <= high["value"]


def rat_1(value: dict[str, Any]) -> bool:
    """Numerator and denominator both, or neither and an extension."""
    both = ("numerator" in value) == ("denominator" in value)
    return both and ("numerator" in value or "extension" in value)


def per_1(value: dict[str, Any]) -> bool:
    """The start does not lie after the end."""
    start, end = value.get("start"), value.get("end")
    return start is None or end is None or not surely_after(start, end)


def att_1(value: dict[str, Any]) -> bool:
    """Data need a contentType."""
    return not has(value, "data") or has(value, "contentType")


def cpt_2(value: dict[str, Any]) -> bool:
    """A value needs a system."""
    return not has(value, "value") or has(value, "system")


def ext_1(value: dict[str, Any]) -> bool:
    """A value or extensions, one of the two."""
    valued = any(key.lstrip("_").startswith("value") for key in value)
    return valued != ("extension" in value)


def exp_1(value: dict[str, Any]) -> bool:
    """An expression or a reference."""
    return has(value, "expression", "reference")


def one_way(value: dict[str, Any]) -> bool:
    """A path or a searchParam, one of the two."""
    return has(value, "path") != has(value, "searchParam")


drq_1 = drq_2 = one_way


def trd_1(value: dict[str, Any]) -> bool:
    """Data or timing, not both."""
    return not (has(value, "data") and _timed(value))


def trd_2(value: dict[str, Any]) -> bool:
    """A condition needs data."""
    return not has(value, "condition") or has(value, "data")


def trd_3(value: dict[str, Any]) -> bool:
    """What each type of trigger needs."""
    kind = value.get("type", "")
    if kind == "named-event":
        return has(value, "name")
    if kind == "periodic":
        return _timed(value)
    return not kind.startswith("data-") or has(value, "data")


def _timed(value: dict[str, Any]) -> bool:
    return any(key.lstrip("_").startswith("timing") for key in value)


def tim_1(value: dict[str, Any]) -> bool:
    """A duration needs its unit."""
    return not has(value, "duration") or has(value, "durationUnit")


def tim_2(value: dict[str, Any]) -> bool:
    """A period needs its unit."""
    return not has(value, "period") or has(value, "periodUnit")


def tim_4(value: dict[str, Any]) -> bool:
    """No negative duration."""
    return bool(value.get("duration", 0) >= 0)


def tim_5(value: dict[str, Any]) -> bool:
    """No negative period."""
    return bool(value.get("period", 0) >= 0)


def tim_6(value: dict[str, Any]) -> bool:
    """A greatest period needs a period."""
    return not has(value, "periodMax") or has(value, "period")


def tim_7(value: dict[str, Any]) -> bool:
    """A greatest duration needs a duration."""
    return not has(value, "durationMax") or has(value, "duration")


def tim_8(value: dict[str, Any]) -> bool:
    """A greatest count needs a count."""
    return not has(value, "countMax") or has(value, "count")


def tim_9(value: dict[str, Any]) -> bool:
    """An offset needs a moment of the day that is no meal as such."""
    if not has(value, "offset"):
        return True
    return has(value, "when") and _MEALS.isdisjoint(value.get("when", ()))


def tim_10(value: dict[str, Any]) -> bool:
    """A time of day or a moment of the day, not both."""
    return not (has(value, "timeOfDay") and has(value, "when"))
