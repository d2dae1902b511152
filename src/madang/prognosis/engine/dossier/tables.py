"""Which tables and pictures does a dossier need? Calibration, patients, both checklists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.report.document import Figure, Interval, Paragraph, Table, TableColumn
from madang.kernel.report.written import number
from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import answers, judging, probast, tripod
from madang.prognosis.engine.dossier.figures import SCORES, listed, score_of, seen, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.kernel.report.document import Block, Cell
    from madang.prognosis.engine.dossier.answers import Answer
    from madang.prognosis.engine.dossier.judging import Judgement
    from madang.prognosis.engine.dossier.record import Column, Limit, Quality, Record

_NONE = words("평가하지 않았습니다.", "This was not evaluated.")
_COLUMN = words("열", "Column")


def limits(record: Record) -> tuple[Block, ...]:
    """Where the model answers."""
    if not record.limits:
        return ()
    return (
        Table(
            caption=words("답하는 범위", "Where it answers"),
            columns=(
                TableColumn(title=_COLUMN),
                TableColumn(title=words("학습 범위나 수준", "Range or levels in training")),
                TableColumn(title=words("빈칸", "A gap")),
            ),
            rows=tuple(
                (
                    each.column,
                    _range(each),
                    words("답하지 않음", "refused") if each.is_key else words("채움", "filled"),
                )
                for each in record.limits
            ),
        ),
    )


def _range(limit: Limit) -> Words:
    if limit.low is not None and limit.high is not None:
        text = f"{_short(limit.low)}–{_short(limit.high)}"
        return words(text, text)
    return listed(limit.levels, 20)


def _short(value: float) -> str:
    return number(float(f"{value:.4g}"))


def pictures(record: Record) -> tuple[Block, ...]:
    """Observed against predicted risk by tenth; nothing where nobody computed it."""
    found = _qualities(record)
    return (_figure(found),) if any(each.tenths for _, each in found) else ()


def figures(record: Record) -> tuple[Block, ...]:
    """All figures of quality, the tenths behind the picture, and the net benefit."""
    found = _qualities(record)
    names = [name for name in SCORES if any(score_of(quality, name) for _, quality in found)]
    blocks: list[Block] = [
        Table(
            caption=words("성능 수치(95 % 구간)", "Figures of quality (95 % interval)"),
            columns=(
                TableColumn(title=words("지표", "Figure")),
                *(column for title, quality in found for column in _headed(title, quality)),
            ),
            rows=tuple((SCORES[name], *_cells(found, name)) for name in names),
            note=words(
                "폴드 밖 수치는 가중치와 재보정을 정한 바로 그 예측에서 나와 약간 낙관적입니다.",
                "Figures out of fold come from the very predictions by which weights and "
                "recalibration were chosen, and are somewhat optimistic.",
            ),
        )
    ]
    blocks += [_tenths(found)] if any(each.tenths for _, each in found) else []
    return (*blocks, *_benefit(record))


def _qualities(record: Record) -> list[tuple[Words, Quality]]:
    found = []
    if record.evaluation is not None:
        found.append((words("다른 환자", "Other patients"), record.evaluation.quality))
    if record.inside is not None:
        found.append((words("폴드 밖", "Out of fold"), record.inside))
    return found


def _headed(title: Words, quality: Quality) -> list[TableColumn]:
    value = TableColumn(title=title, kind="number", decimals=3)
    ends = TableColumn(title=words("95 % 구간", "95 %"), kind="interval", decimals=3)
    return [value, ends] if _is_sure(quality) else [value]


def _is_sure(quality: Quality) -> bool:
    """Whether any figure has an interval."""
    return any(each.low is not None for each in quality.scores)


def _cells(found: Sequence[tuple[Words, Quality]], name: str) -> list[Cell]:
    cells: list[Cell] = []
    for _, quality in found:
        score = score_of(quality, name)
        cells.append(None if score is None else score.value)
        if _is_sure(quality):
            ends = None
            if score is not None and score.low is not None and score.high is not None:
                ends = Interval(score.low, score.high)
            cells.append(ends)
    return cells


def _figure(found: Sequence[tuple[Words, Quality]]) -> Figure:
    from madang.kernel.report import charts

    curves = [
        charts.CalibrationCurve(
            label=title,
            points=tuple(
                charts.CalibrationPoint(
                    predicted=each.predicted, observed=each.observed, low=each.low, high=each.high
                )
                for each in quality.tenths
            ),
        )
        for title, quality in found
        if quality.tenths
    ]
    title, quality = next(each for each in found if each[1].tenths)
    gap = 100 * max(abs(each.predicted - each.observed) for each in quality.tenths)
    return Figure(
        title=words(
            f"십분위별 관찰 위험: 예측과 최대 {gap:.1f} %p 차이",
            f"Observed risk by tenth: up to {gap:.1f} points from the prediction",
        ),
        alt=words(
            f"{title.ko}에서 예측과 관찰의 차이는 가장 큰 분위에서 {gap:.1f} %p입니다.",
            f"{title.en}: predicted and observed risk differ by up to {gap:.1f} points.",
        ),
        drawing=charts.calibration(curves),
    )


def _tenths(found: Sequence[tuple[Words, Quality]]) -> Table:
    title, quality = next((each for each in found if each[1].tenths), found[0])
    return Table(
        caption=words(f"십분위, {title.ko}", f"Tenths, {title.en.lower()}"),
        columns=(
            TableColumn(title=words("환자", "Patients"), kind="number", decimals=0),
            TableColumn(title=words("예측", "Predicted"), kind="number", decimals=3),
            TableColumn(title=words("관찰", "Observed"), kind="number", decimals=3),
            TableColumn(title=words("95 % 구간", "95 %"), kind="interval", decimals=3),
        ),
        rows=tuple(
            (each.patients, each.predicted, each.observed, Interval(each.low, each.high))
            for each in quality.tenths
        ),
    )


def _benefit(record: Record) -> tuple[Block, ...]:
    quality = None if record.evaluation is None else record.evaluation.quality
    if quality is None or not quality.benefit:
        return ()
    return (
        Table(
            caption=words("환자 한 명당 순이익", "Net benefit per patient"),
            columns=(
                TableColumn(title=words("조치 기준", "Threshold"), kind="number", decimals=1),
                TableColumn(title=words("모형", "Model"), kind="number", decimals=3),
                TableColumn(title=words("모두 조치", "Everybody"), kind="number", decimals=3),
            ),
            rows=tuple((each.threshold, each.model, each.everybody) for each in quality.benefit),
            note=words(
                "아무에게도 조치하지 않으면 0입니다. 기준은 보기일 뿐 권고가 아닙니다.",
                "Acting on nobody has 0. The thresholds are examples, not advice.",
            ),
        ),
    )


def groups(record: Record) -> tuple[Block, ...]:
    """Predicted and observed risk by subgroup."""
    found = () if record.evaluation is None else record.evaluation.quality.groups
    if not found:
        return (Paragraph(words(f"하위집단: {_NONE.ko}", f"Subgroups: {_NONE.en}")),)
    return (
        Table(
            caption=words("하위집단", "Subgroups"),
            columns=(
                TableColumn(title=_COLUMN),
                TableColumn(title=words("값", "Value")),
                TableColumn(title=words("환자", "Patients"), kind="number", decimals=0),
                TableColumn(title=words("예측", "Predicted"), kind="number", decimals=3),
                TableColumn(title=words("관찰", "Observed"), kind="number", decimals=3),
                TableColumn(title=words("ICI", "ICI"), kind="number", decimals=3),
            ),
            rows=tuple(
                (each.column, each.value, each.patients, each.predicted, each.observed, each.ici)
                for each in found
            ),
            note=words(
                "50명, 사건 10건 이상인 집단만, ICI는 200명 이상인 집단만 계산했습니다.",
                "Only groups of 50 patients and 10 events; ICI only from 200 patients on.",
            ),
        ),
    )


def patients(record: Record) -> tuple[Block, ...]:
    """Who the patients were, of the making and of the evaluation beside each other."""
    tried = (
        {}
        if record.evaluation is None
        else {each.name: each for each in record.evaluation.scored.columns}
    )
    columns = [
        TableColumn(title=_COLUMN),
        TableColumn(title=words("개발", "Development")),
        TableColumn(title=words("결측", "Missing"), kind="number"),
    ]
    if tried:
        columns += [
            TableColumn(title=words("평가", "Evaluation")),
            TableColumn(title=words("결측", "Missing"), kind="number"),
        ]
    return (
        Table(
            caption=words("예측 변수의 분포", "Distribution of predictors"),
            columns=tuple(columns),
            rows=tuple(
                (
                    each.name,
                    *_distribution(each),
                    *(_distribution(tried.get(each.name)) if tried else ()),
                )
                for each in record.development.columns
            ),
            note=words(
                "숫자는 중앙값(사분위수), 분류는 환자 수입니다. 10명 미만인 수준은 합쳤습니다.",
                "Numbers: median (quartiles); categories: patients. Levels of fewer than 10 "
                "patients are pooled.",
            ),
        ),
        *_left_out(record),
    )


def _distribution(column: Column | None) -> tuple[Words | None, str | None]:
    if column is None:
        return None, None
    return seen(column), None if column.missing is None else share(column.missing)


def _left_out(record: Record) -> tuple[Block, ...]:
    if not record.not_used:
        return ()
    ko = "; ".join(f"{name}: {why.ko}" for name, why in record.not_used)
    en = "; ".join(f"{name}: {why.en}" for name, why in record.not_used)
    return (Paragraph(words(f"쓰지 않은 열: {ko}.", f"Columns left out: {en}.")),)


def answered(found: Sequence[Answer]) -> Table:
    """All items of TRIPOD+AI, each section under its own line."""
    rows: list[tuple[Cell, ...]] = []
    titles = []
    for section, title in tripod.SECTIONS.items():
        titles.append(len(rows))
        rows.append((title, "", "", ""))
        rows += [
            (
                words(f"{each.number} {each.title.ko}", f"{each.number} {each.title.en}"),
                answers.STATUSES[each.status],
                each.text,
                answers.FROM[each.answered_in],
            )
            for each in found
            if each.section == section
        ]
    return Table(
        caption=words("항목별 답", "Item by item"),
        columns=(
            TableColumn(title=words("항목", "Item")),
            TableColumn(title=words("상태", "Status")),
            TableColumn(title=words("내용", "Answer"), is_wide=True),
            TableColumn(title=words("출처", "From")),
        ),
        rows=tuple(rows),
        highlighted=frozenset(titles),
    )


def signals() -> Paragraph:
    """What the letters mean."""
    ko = ", ".join(f"{signal} {text.ko}" for signal, text in judging.SIGNALS.items())
    en = ", ".join(f"{signal} {text.en}" for signal, text in judging.SIGNALS.items())
    return Paragraph(
        words(
            f"{ko}. 기록에서 정해진 규칙으로 답했고, 규칙이 없으면 NI입니다.",
            f"{en}. Answered from the record by stated rules; where there is none, NI.",
        )
    )


def judged(found: Sequence[Judgement], part: probast.Part) -> Table:
    """The questions of one part of PROBAST+AI."""
    ko = ", ".join(f"{place} {each.ko}" for place, each in enumerate(probast.DOMAINS, start=1))
    en = ", ".join(f"{place} {each.en}" for place, each in enumerate(probast.DOMAINS, start=1))
    return Table(
        caption=probast.PARTS[part],
        columns=(
            TableColumn(title=words("번호", "No.")),
            TableColumn(title=words("질문", "Question"), is_wide=True),
            TableColumn(title=words("답", "Answer")),
            TableColumn(title=words("근거", "Reason"), is_wide=True),
        ),
        rows=tuple(
            (each.number, each.question, each.signal, each.why)
            for each in found
            if each.part == part
        ),
        note=words(f"영역: {ko}.", f"Domains: {en}."),
    )
