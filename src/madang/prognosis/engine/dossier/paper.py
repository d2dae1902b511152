"""How is a dossier read on paper and as a page? The first page tells all that must be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.report.document import Callout, Document, Fact, Facts, Section
from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import answers, judging, probast, tables, tripod

if TYPE_CHECKING:
    from madang.kernel.report.document import Block
    from madang.kernel.words import Language
    from madang.prognosis.engine.dossier.dossier import Dossier


def pdf(dossier: Dossier, language: Language) -> bytes:
    """The dossier as PDF in one language, the same bytes each time.

    Raises:
        Unavailable: The Korean font is not installed.
    """
    from madang.kernel.report.pdf import pdf as printed

    return printed(document(dossier), languages=(language,))


def html(dossier: Dossier) -> bytes:
    """The dossier as one page in both languages.

    Raises:
        Unavailable: The Korean font that charts are measured with is not installed.
    """
    from madang.kernel.report.html import html as page

    return page(document(dossier))


def document(dossier: Dossier) -> Document:
    """The dossier as the kernel's writers take it."""
    return Document(
        title=words("예후 모형 설명서", "Dossier of a prognosis model"),
        subtitle=dossier.title,
        facts=(
            *(Fact(label=label, value=value) for label, value in dossier.key_figures),
            *_counts(dossier),
            Fact(label=words("모형 해시값", "Digest"), value=dossier.record.digest, kind="code"),
        ),
        summary=_summary(dossier),
        sections=(
            Section(title=words("모형 카드", "Model card"), blocks=_card(dossier)),
            Section(title=words("성능", "Quality"), blocks=_quality(dossier)),
            Section(title=words("환자", "Patients"), blocks=tables.patients(dossier.record)),
            Section(
                title=words("TRIPOD+AI 점검표", "TRIPOD+AI checklist"),
                blocks=(tables.answered(dossier.tripod),),
            ),
            Section(
                title=words("PROBAST+AI 신호 질문", "PROBAST+AI signalling questions"),
                blocks=_probast(dossier),
            ),
        ),
        footer=_footer(dossier),
    )


def _counts(dossier: Dossier) -> tuple[Fact, ...]:
    """How much is reported, and what the record could judge."""
    found = answers.counted(dossier.tripod)
    ko = ", ".join(f"{answers.STATUSES[each].ko} {count}" for each, count in found.items())
    en = ", ".join(f"{answers.STATUSES[each].en.lower()} {count}" for each, count in found.items())
    total = len(dossier.tripod)
    facts = [
        Fact(
            label=words("TRIPOD+AI", "TRIPOD+AI"),
            value=words(f"{total}개 항목: {ko}", f"{total} items: {en}"),
        )
    ]
    for part, title in probast.PARTS.items():
        counts = judging.counted(dossier.probast, part)
        shown = ", ".join(f"{signal} {count}" for signal, count in counts.items() if count)
        facts.append(
            Fact(
                label=words(f"PROBAST+AI, {title.ko}", f"PROBAST+AI, {title.en.lower()}"),
                value=shown,
            )
        )
    return tuple(facts)


def _summary(dossier: Dossier) -> tuple[Block, ...]:
    blocks: list[Block] = [
        Callout(
            kind="warning",
            title=dossier.label,
            text=words(
                "모형의 학습 기록에서 자동으로 만든 문서입니다. 기록과 about.yaml에 없는 내용은 "
                "'보고되지 않음'으로 적었습니다. PROBAST+AI의 NI는 사람이 판단할 질문입니다.",
                "Made from the model's own record. What neither the record nor about.yaml tells "
                'is "not reported". Questions of PROBAST+AI with NI are for a person to judge.',
            ),
        )
    ]
    if dossier.record.evaluation is None:
        blocks.append(
            Callout(
                kind="unproved",
                title=words("다른 환자에서 평가하지 않음", "Not evaluated on other patients"),
                text=words(
                    "성능은 학습에 쓴 환자의 폴드 밖 예측에서 나온 값이라 낙관적일 수 있습니다.",
                    "Quality is that of predictions out of fold on the training patients and may "
                    "be too good.",
                ),
            )
        )
    for hint in dossier.record.hints or ():
        blocks.append(
            Callout(
                kind="danger",
                title=words(
                    f"결과를 아는 듯한 열: {hint.column}",
                    f"A column that seems to know the outcome: {hint.column}",
                ),
                text=hint.sentence,
            )
        )
    return (*blocks, *tables.pictures(dossier.record))


def _card(dossier: Dossier) -> tuple[Block, ...]:
    facts = tuple(Fact(label=label, value=value) for label, value in dossier.card)
    return (Facts(facts=facts), *tables.limits(dossier.record))


def _quality(dossier: Dossier) -> tuple[Block, ...]:
    return (*tables.figures(dossier.record), *tables.groups(dossier.record))


def _probast(dossier: Dossier) -> tuple[Block, ...]:
    return (
        tables.signals(),
        *(tables.judged(dossier.probast, part) for part in probast.PARTS),
    )


def _footer(dossier: Dossier) -> tuple[Fact, ...]:
    record = dossier.record
    facts = [
        Fact(label=words("TRIPOD+AI", "TRIPOD+AI"), value=tripod.SOURCE),
        Fact(
            label=words("PROBAST+AI", "PROBAST+AI"),
            value=words(
                f"{probast.SOURCE}. 질문의 글은 저희가 풀어 쓴 것이며 공식 양식이 아닙니다.",
                f"{probast.SOURCE}. The questions are our reading, not the official form.",
            ),
        ),
        _digest(words("모형", "Model"), record.digest),
        _digest(words("개발 자료", "Training data"), record.development.data_sha256),
    ]
    if record.evaluation is not None:
        scored = record.evaluation.scored
        facts.append(_digest(words("평가 자료", "Evaluation data"), scored.data_sha256))
    return tuple(facts)


def _digest(label: Words, digest: str | None) -> Fact:
    if digest is None:
        return Fact(label=label, value=answers.NOT_REPORTED)
    return Fact(label=label, value=digest, kind="code")
