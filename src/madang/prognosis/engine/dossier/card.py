"""What must anybody know who wants to use the model? The model card, and the key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier.figures import (
    SCORES,
    events,
    joined,
    listed,
    score_of,
    share,
    when,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dossier.record import Record

    About = Mapping[str, Words]

    Row = tuple[Words, Words]

_NOT_REPORTED = words("보고되지 않음", "not reported")
_SHOWN = ("uno_c", "auc", "ibs", "brier", "slope", "ici", "in_the_large", "observed_to_expected")
_KEY = (("uno_c", "auc"), ("slope",), ("ici",), ("ibs", "brier"))
"""Figures of the first page: of each pair the one that this kind of model has."""


def key_figures(record: Record, about: About) -> tuple[Row, ...]:
    """What the first page shows."""
    tried = record.evaluation
    quality = record.inside if tried is None else tried.quality
    where = _where(record)
    rows: list[Row] = [
        (words("개발", "Development"), events(record.development)),
        (
            words("다른 환자에서 평가", "Evaluation on others"),
            words("하지 않음", "none")
            if tried is None
            else joined([events(tried.scored), _refused(record)], ", "),
        ),
        (words("평가 시점", "Scored until"), when(_until(record), about)),
    ]
    for names in _KEY:
        name = next((each for each in names if score_of(quality, each)), names[0])
        title = SCORES[name]
        label = words(f"{title.ko}, {where.ko}", f"{title.en}, {where.en}")
        rows.append((label, written(score_of(quality, name))))
    return tuple(rows)


def _until(record: Record) -> float:
    return record.horizon if record.evaluation is None else record.evaluation.quality.horizon


def _where(record: Record) -> Words:
    if record.evaluation is None:
        return words("폴드 밖", "out of fold")
    return words("다른 환자", "other patients")


def _refused(record: Record) -> Words:
    if record.evaluation is None:
        return _NOT_REPORTED
    count = record.evaluation.refused
    of = count + record.evaluation.scored.patients
    rate = share(count / max(of, 1))
    return words(
        f"답하지 않음 {count:,}명({rate})",
        f"{count:,} refused ({rate})",
    )


def card(record: Record, about: About) -> tuple[Row, ...]:
    """Title and text of each line of the card; what nobody told is "not reported"."""
    return (
        (words("예측하는 것", "What it foretells"), _foretells(record, about)),
        (words("대상과 목적", "For whom, and what for"), about.get("purpose", _NOT_REPORTED)),
        (words("쓰지 말아야 할 대상", "Not for"), _not_for(record, about)),
        (words("필요한 값", "What it must know"), _must_know(record)),
        (words("방법", "Method"), _method(record)),
        (words("성능", "Quality"), _quality(record)),
        (words("하위집단", "Subgroups"), _subgroups(record)),
        (words("답하지 않는 경우", "When it refuses"), _refuses(record)),
        (words("한계", "Limits"), _limits(record, about)),
        (words("버전", "Versions"), _versions(record)),
    )


def _foretells(record: Record, about: About) -> Words:
    own = about.get("outcome")
    until, many = when(record.last_time, about), record.causes > 1
    named = [name for _, name in record.outcome[1:2]]
    event = words(f"{named[0]!r}", f"{named[0]!r}") if named else words("사건", "the event")
    said = words(
        f"{event.ko}의 시점별 확률({until.ko}까지{', 원인별로' if many else ''}).",
        f"The probability of {event.en} at each time until {until.en}"
        f"{', by cause' if many else ''}.",
    )
    return said if own is None else joined([own, said])


def _not_for(record: Record, about: About) -> Words:
    seen = words(
        "학습 범위를 벗어난 환자(아래 표).", "Patients outside the training range (table below)."
    )
    own = about.get("not_for")
    if own is None:
        return joined([seen, words("그 밖: 보고되지 않음.", "Others: not reported.")])
    return joined([own, seen])


def _must_know(record: Record) -> Words:
    keys = [limit.column for limit in record.limits if limit.is_key]
    names = [limit.column for limit in record.limits]
    text = listed(names, 30)
    if not keys:
        return text
    must = ", ".join(keys)
    return words(
        f"{text.ko}. 빈칸이면 안 되는 열: {must}.", f"{text.en}. Must have a value: {must}."
    )


def _method(record: Record) -> Words:
    parts = [
        words(f"{name.ko} {weight:.2f}", f"{name.en} {weight:.2f}")
        for name, weight in record.weights
    ]
    if not parts:
        return record.method.kind
    shown = joined(parts, ", ")
    return words(f"{record.method.kind.ko}: {shown.ko}.", f"{record.method.kind.en}: {shown.en}.")


def _quality(record: Record) -> Words:
    quality = record.inside if record.evaluation is None else record.evaluation.quality
    parts = []
    for name in _SHOWN:
        score = score_of(quality, name)
        if score is not None:
            value, title = written(score), SCORES[name]
            parts.append(words(f"{title.ko} {value.ko}", f"{title.en} {value.en}"))
    if not parts:
        return _NOT_REPORTED
    where, shown = _where(record), joined(parts, "; ")
    return words(f"{where.ko}: {shown.ko}.", f"{shown.en} ({where.en}).")


def _subgroups(record: Record) -> Words:
    groups = () if record.evaluation is None else record.evaluation.quality.groups
    if not groups:
        return words("평가하지 않음", "not evaluated")
    worst = max(groups, key=lambda each: abs(each.predicted - each.observed))
    gap = worst.predicted - worst.observed
    sign = f"{100 * gap:+.1f}".replace("-", "\N{MINUS SIGN}")
    return words(
        f"{len(groups)}개. 예측과 관찰의 차이가 가장 큰 집단: {worst.column} {worst.value} "
        f"({sign} %p, {worst.patients:,}명).",
        f"{len(groups)} subgroups. Farthest from what was observed: {worst.column} {worst.value} "
        f"({sign} points, {worst.patients:,} patients).",
    )


def _refuses(record: Record) -> Words:
    parts = [
        words(
            "학습 범위 밖의 숫자, 처음 보는 수준",
            "Numbers outside the training range, levels never seen",
        )
    ]
    if any(limit.is_key for limit in record.limits):
        parts.append(words("꼭 있어야 하는 값의 빈칸", "gaps in columns that must have a value"))
    if record.refuses_strangers:
        parts.append(words("없던 값의 조합", "combinations that nobody had"))
    text = joined(parts, ", ")
    if record.evaluation is None:
        return words(f"{text.ko}.", f"{text.en}.")
    rate = _refused(record)
    return words(f"{text.ko}. 평가에서 {rate.ko}.", f"{text.en}. In the evaluation {rate.en}.")


def _limits(record: Record, about: About) -> Words:
    parts = [about["limitations"]] if "limitations" in about else []
    parts += record.warnings
    for hint in record.hints or ():
        parts.append(
            words(f"{hint.column}: {hint.sentence.ko}", f"{hint.column}: {hint.sentence.en}")
        )
    if record.evaluation is None:
        parts.append(
            words(
                "다른 환자에서 평가하지 않았으므로 수치는 낙관적일 수 있습니다.",
                "Not evaluated on other patients: figures may be too good.",
            )
        )
    return joined(parts) if parts else _NOT_REPORTED


def _versions(record: Record) -> Words:
    text = ", ".join(f"{name} {version}" for name, version in record.versions)
    return words(text, text) if text else _NOT_REPORTED
