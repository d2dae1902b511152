"""How is a published model written down? One YAML text; every fault is one sentence.

Coefficients are log hazard ratios by the name of a term: the column's name for a number,
`name=level` for a category, `name:1`, `name:2` for a number with several terms, and names joined
by `*` for an interaction. The form stands with an example in the room's guide.

Source: Collins et al. (2015), TRIPOD item 15a: what must be published so that others can predict.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from madang.kernel.words import words
from madang.prognosis.engine.outside import plain
from madang.prognosis.engine.outside.columns import Levels, Measure
from madang.prognosis.engine.outside.graph import Graph, graph_of
from madang.prognosis.engine.outside.model import KnownHazard, OutsideModel, WeibullHazard
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration

FORMAT, VERSION = "madang-outside-model", 1

_TOLD = ("name", "outcome", "time_unit", "source", "population")
_ALWAYS = ("format", "version", *_TOLD, "horizon", "columns")
_COX, _GRAPH = ("coefficients", "baseline"), ("graph",)
_OPTIONAL = ("notes", "recalibration")
_RESERVED = "*=:"
_HIGHEST_POWER = 9


def read_plain(content: Any, *, digest: str, folder: Path | None = None) -> OutsideModel:
    """The model out of plain data.

    Args:
        content: As YAML or another reader gave it.
        digest: SHA-256 of the file, for the facts.
        folder: Where the file of a graph lies that the model names.

    Raises:
        InputError: An unknown or missing key, a value that does not fit, a coefficient without its
            term or a term without its coefficient, a baseline that does not fall.
    """
    top = plain.mapping(content, "model")
    form = _GRAPH if "graph" in top else _COX
    plain.keys(top, "model", (*_ALWAYS, *form), _OPTIONAL)
    if (top["format"], top["version"]) != (FORMAT, VERSION):
        shown = f"{top['format']!r:.40} {top['version']!r:.10}"
        expected = f"{FORMAT} {VERSION}"
        raise plain.fault("format", words(shown, shown), words(expected, expected))
    told = {name: plain.text(top[name], name) for name in _TOLD}
    plain.refuse_uncited(told["source"])
    horizon = plain.number(top["horizon"], "horizon", above=0.0)
    columns = _columns(top["columns"])
    coefficients, baseline, centre, graph = _answering(top, columns, horizon, folder)
    recalibration, record = _recalibration(top.get("recalibration"))
    facts = {
        **told,
        "notes": plain.text(top["notes"], "notes") if "notes" in top else "",
        "horizon": horizon,
        "last_time": horizon,
        "units": {each.name: each.unit for each in columns if isinstance(each, Measure)},
        "baseline_times": list(getattr(graph or baseline, "times", ())),
        "digest": digest,
        "site": record,
    }
    return OutsideModel(
        columns=columns,
        coefficients=coefficients,
        baseline=baseline,
        centre=centre,
        horizon=horizon,
        recalibration=recalibration,
        facts=facts,
        written=top,
        graph=graph,
    )


class _Answering(NamedTuple):
    """What a model answers with: coefficients and a baseline, or a graph."""

    coefficients: tuple[tuple[tuple[str, ...], float], ...]
    baseline: KnownHazard | WeibullHazard
    centre: float
    graph: Graph | None


def _answering(
    top: dict[str, Any],
    columns: tuple[Measure | Levels, ...],
    horizon: float,
    folder: Path | None,
) -> _Answering:
    if "graph" not in top:
        baseline, centre = _baseline(top["baseline"], horizon)
        return _Answering(_coefficients(top["coefficients"], columns), baseline, centre, None)
    none = KnownHazard(times=(horizon,), hazard=(0.0,), steps=False)
    return _Answering(
        (), none, 0.0, graph_of(top["graph"], columns, horizon=horizon, folder=folder)
    )


def _columns(value: Any) -> tuple[Measure | Levels, ...]:
    found = []
    for position, each in enumerate(plain.listed(value, "columns")):
        found.append(_column(plain.mapping(each, f"columns[{position}]"), f"columns[{position}]"))
    plain.texts([each.name for each in found], "columns")
    return tuple(found)


def _column(value: dict[str, Any], place: str) -> Measure | Levels:
    kind = value.get("kind")
    if kind not in ("number", "category"):
        shown = f"{kind!r:.40}"
        allowed = words("number 또는 category", "number or category")
        raise plain.fault(f"{place}.kind", words(shown, shown), allowed)
    name = plain.text(value.get("name"), f"{place}.name")
    if any(sign in name for sign in _RESERVED):
        raise plain.fault(
            f"{place}.name",
            words(f"{name!r}", f"{name!r}"),
            words(f"{_RESERVED} 문자가 없는 이름", f"a name without any of {_RESERVED}"),
        )
    if kind == "category":
        return _levels(value, name, place)
    return _measure(value, name, place)


def _levels(value: dict[str, Any], name: str, place: str) -> Levels:
    plain.keys(value, place, ("name", "kind", "levels", "reference"), ("label",))
    levels = plain.texts(value["levels"], f"{place}.levels", least=2)
    (reference,) = plain.texts([value["reference"]], f"{place}.reference")
    if reference not in levels:
        raise plain.fault(
            f"{place}.reference",
            words(f"{reference!r}", f"{reference!r}"),
            words(f"{', '.join(levels)} 가운데 하나", f"one of {', '.join(levels)}"),
        )
    return Levels(name=name, levels=levels, reference=reference)


def _measure(value: dict[str, Any], name: str, place: str) -> Measure:
    optional = ("transform", "divide", "centre", "range", "label")
    plain.keys(value, place, ("name", "kind", "unit"), optional)
    low, high = -plain.LARGEST, plain.LARGEST
    if "range" in value:
        low, high = _pair(value["range"], f"{place}.range")
    powers, knots = _transform(value.get("transform", "none"), f"{place}.transform")
    count = len(knots) - 1 if knots else len(powers)
    centre = value.get("centre", [0.0] * count)
    centres = plain.numbers(centre if isinstance(centre, list) else [centre], f"{place}.centre")
    if len(centres) != count:
        raise plain.fault(
            f"{place}.centre",
            words(f"{len(centres)}개", f"{len(centres)} numbers"),
            words(f"{count}개", f"{count}, one for every term"),
        )
    return Measure(
        name=name,
        unit=plain.text(value["unit"], f"{place}.unit"),
        powers=powers,
        knots=knots,
        divide=plain.number(value.get("divide", 1.0), f"{place}.divide", above=0.0),
        centre=centres,
        low=low,
        high=high,
    )


def _pair(value: Any, place: str) -> tuple[float, float]:
    found = plain.numbers(value, place, least=2)
    if len(found) > 2:
        raise plain.fault(
            place,
            words(f"{len(found)}개", f"{len(found)} numbers"),
            words("최솟값과 최댓값", "the lowest and the highest"),
        )
    plain.rising(found, place)
    return found[0], found[1]


def _transform(value: Any, place: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Powers and knots."""
    if isinstance(value, dict):
        plain.keys(value, place, (), ("powers", "knots"))
        if set(value) == {"powers"}:
            return _powers(value["powers"], f"{place}.powers"), ()
        if set(value) == {"knots"}:
            knots = plain.numbers(value["knots"], f"{place}.knots", least=3)
            plain.rising(knots, f"{place}.knots")
            return (1.0,), knots
    if value in ("none", "log"):
        return ((0.0,) if value == "log" else (1.0,)), ()
    raise plain.fault(
        place,
        words(f"{value!r:.40}", f"{value!r:.40}"),
        words(
            "none, log, {powers: […]}, {knots: […]} 가운데 하나",
            "one of none, log, {powers: […]}, {knots: […]}",
        ),
    )


def _powers(value: Any, place: str) -> tuple[float, ...]:
    powers = plain.numbers(value, place)
    for power in powers:
        if abs(power) > _HIGHEST_POWER:
            raise plain.fault(
                place,
                words(f"{power:g}", f"{power:g}"),
                words(f"±{_HIGHEST_POWER} 안의 지수", f"powers between ±{_HIGHEST_POWER}"),
            )
    return powers


def _coefficients(
    value: Any, columns: tuple[Measure | Levels, ...]
) -> tuple[tuple[tuple[str, ...], float], ...]:
    known = [term for column in columns for term in column.terms]
    found = []
    for key, each in plain.mapping(value, "coefficients").items():
        names = tuple(part.strip() for part in key.split("*"))
        for name in names:
            if name not in known:
                raise plain.fault(
                    "coefficients",
                    words(f"열에 없는 항 {name!r}", f"the term {name!r}, which no column has"),
                    words(f"{', '.join(known)} 가운데 하나", f"one of {', '.join(known)}"),
                )
        found.append((names, plain.number(each, f"coefficients.{key}")))
    used = {name for names, _ in found for name in names}
    for term in known:
        if term not in used:
            raise plain.fault(
                "coefficients",
                words(f"항 {term!r}의 계수 없음", f"no coefficient of the term {term!r}"),
                words("모든 항의 계수", "a coefficient for every term"),
            )
    return tuple(found)


def _baseline(value: Any, horizon: float) -> tuple[KnownHazard | WeibullHazard, float]:
    given = plain.mapping(value, "baseline")
    plain.keys(
        given,
        "baseline",
        ("centre",),
        ("times", "survival", "cumulative_hazard", "between", "weibull"),
    )
    centre = plain.number(given["centre"], "baseline.centre")
    forms = sorted({"survival", "cumulative_hazard", "weibull"} & set(given))
    if len(forms) != 1:
        shown = ", ".join(forms) or "-"
        raise plain.fault(
            "baseline",
            words(f"기저선 형식 {shown}", f"the forms {shown}"),
            words(
                "survival, cumulative_hazard, weibull 가운데 하나만",
                "just one of survival, cumulative_hazard, weibull",
            ),
        )
    if forms == ["weibull"]:
        plain.keys(given, "baseline", ("centre", "weibull"), ())
        return _weibull(given["weibull"]), centre
    known = _known(given, forms[0])
    if known.last_time < horizon:
        raise plain.fault(
            "baseline.times",
            words(f"마지막 시각 {known.last_time:g}", f"the last time {known.last_time:g}"),
            words(f"시점 {horizon:g}까지의 시각", f"times up to the horizon {horizon:g}"),
        )
    return known, centre


def _weibull(value: Any) -> WeibullHazard:
    given = plain.mapping(value, "baseline.weibull")
    plain.keys(given, "baseline.weibull", ("scale", "shape"), ())
    scale, shape = (
        plain.number(given[name], f"baseline.weibull.{name}", above=0.0)
        for name in ("scale", "shape")
    )
    return WeibullHazard(scale=scale, shape=shape)


def _known(given: dict[str, Any], form: str) -> KnownHazard:
    plain.keys(given, "baseline", ("centre", "times", form), ("between",))
    times = plain.numbers(given["times"], "baseline.times")
    plain.number(times[0], "baseline.times[0]", above=0.0)
    plain.rising(times, "baseline.times")
    values = plain.numbers(given[form], f"baseline.{form}")
    if len(values) != len(times):
        raise plain.fault(
            f"baseline.{form}",
            words(f"{len(values)}개", f"{len(values)} numbers"),
            words(f"시각과 같은 {len(times)}개", f"{len(times)}, one for every time"),
        )
    between = given.get("between", "lines")
    if between not in ("lines", "steps"):
        shown = f"{between!r:.40}"
        allowed = words("lines 또는 steps", "lines or steps")
        raise plain.fault("baseline.between", words(shown, shown), allowed)
    hazard = _from_survival(values) if form == "survival" else _from_hazard(values)
    return KnownHazard(times=times, hazard=hazard, steps=between == "steps")


def _from_survival(values: tuple[float, ...]) -> tuple[float, ...]:
    before = 1.0
    for place, value in enumerate(values):
        if not 0 < value <= before or (place and value == before):
            raise plain.fault(
                f"baseline.survival[{place}]",
                words(f"{before:g} 다음에 {value:g}", f"{value:g} after {before:g}"),
                words("0과 1 사이에서 낮아지는 확률", "chances that fall, between 0 and 1"),
            )
        before = value
    return tuple((-np.log(values)).tolist())


def _from_hazard(values: tuple[float, ...]) -> tuple[float, ...]:
    before = 0.0
    for place, value in enumerate(values):
        if value < before:
            raise plain.fault(
                f"baseline.cumulative_hazard[{place}]",
                words(f"{before:g} 다음에 {value:g}", f"{value:g} after {before:g}"),
                words("0에서부터 커지는 값", "hazards that rise from 0"),
            )
        before = value
    return values


def _recalibration(value: Any) -> tuple[Recalibration, dict[str, Any] | None]:
    """What a site learnt, and its record; nothing is an empty recalibration."""
    if value is None:
        return Recalibration(corrections=()), None
    given = plain.mapping(value, "recalibration")
    plain.keys(given, "recalibration", ("corrections", "record"), ())
    found = []
    for position, each in enumerate(
        plain.listed(given["corrections"], "recalibration.corrections")
    ):
        place = f"recalibration.corrections[{position}]"
        found.append(_correction(plain.mapping(each, place), place))
    plain.rising([each.time for each in found], "recalibration.corrections")
    record = plain.mapping(given["record"], "recalibration.record")
    return Recalibration(corrections=tuple(found)), record


def _correction(value: dict[str, Any], place: str) -> Correction:
    plain.keys(value, place, ("time", "knots", "slopes", "share", "constant"), ())
    knots = plain.numbers(value["knots"], f"{place}.knots", least=3)
    slopes = plain.numbers(value["slopes"], f"{place}.slopes", least=0)
    if len(knots) > 3 or len(slopes) > 2:
        raise plain.fault(
            place,
            words(
                f"매듭 {len(knots)}개, 기울기 {len(slopes)}개",
                f"{len(knots)} knots, {len(slopes)} slopes",
            ),
            words("매듭 3개와 기울기 2개 이하", "3 knots and at most 2 slopes"),
        )
    return Correction(
        time=plain.number(value["time"], f"{place}.time", above=0.0),
        knots=np.array(knots),
        slopes=np.array(slopes),
        share=plain.number(value["share"], f"{place}.share"),
        constant=plain.number(value["constant"], f"{place}.constant"),
    )


def with_site(model: OutsideModel, recalibration: Recalibration, record: dict[str, Any]) -> bytes:
    """The YAML text of a model with what a site learnt.

    Args:
        model: As published.
        recalibration: Learnt on the site's patients.
        record: Plain JSON: from which model, on how many, with which figures.
    """
    import yaml

    corrections = [
        {
            "time": each.time,
            "knots": each.knots.tolist(),
            "slopes": each.slopes.tolist(),
            "share": each.share,
            "constant": each.constant,
        }
        for each in recalibration.corrections
    ]
    whole = model.written | {"recalibration": {"corrections": corrections, "record": record}}
    # Through JSON, for values that stand twice would become aliases, which reading refuses.
    plain = json.loads(json.dumps(whole))
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=99)
    return text.encode()
