"""What does the report of a closed trial say? One page first, then every figure behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report.charts import ForestRow, forest
from madang.kernel.report.document import (
    Callout,
    Document,
    Fact,
    Figure,
    Interval,
    Section,
    Table,
    TableColumn,
)
from madang.kernel.words import words
from madang.trials.engine.appendix import appendix
from madang.trials.engine.decision import sentence
from madang.trials.engine.paper import BASELINE, PART_WORDS, bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.report.document import Cell
    from madang.trials.engine.paper import Paper

_TIERS = {
    "predictions": words("예측 파일", "predictions file"),
    "onnx": words("ONNX 모델", "ONNX model"),
    "python": words("Python 소스", "Python source"),
}


def document(paper: Paper) -> Document:
    """The whole report."""
    demand = paper.folder.demand
    return Document(
        title=words(f"{demand.title.ko}: 봉인 실증 결과", f"{demand.title.en}: sealed trial"),
        subtitle=words(
            f"{demand.ministry.ko} · {paper.closed[:10]} 판정",
            f"{demand.ministry.en} · decided on {paper.closed[:10]}",
        ),
        facts=_first_facts(paper),
        summary=(_verdict(paper), ranking_table(paper), _forest(paper)),
        sections=(*_panel(paper), *appendix(paper)),
        footer=_footer(paper),
    )


def _first_facts(paper: Paper) -> tuple[Fact, ...]:
    demand, sizes = paper.folder.demand, paper.folder.registration["sizes"]
    ko = ", ".join(f"{PART_WORDS[part].ko} {count}건" for part, count in sizes.items())
    en = ", ".join(f"{PART_WORDS[part].en} {count}" for part, count in sizes.items())
    return (
        Fact(label=words("수요", "Demand"), value=demand.problem),
        Fact(label=words("자료", "Data"), value=demand.source),
        Fact(label=words("사례 수", "Cases"), value=words(ko, en)),
    )


def _verdict(paper: Paper) -> Callout:
    rule = paper.folder.demand.decision
    adopted = paper.decision.adopted is not None
    return Callout(
        kind="finding" if adopted else "warning",
        title=words("판정", "Decision"),
        text=sentence(paper.decision, rule, paper.titles),
    )


def ranking_table(paper: Paper) -> Table:
    """Everything compared, best first, with simultaneous intervals."""
    decimals = paper.scale.metrics[paper.metric].decimals
    adopted = {i for i, name in enumerate(paper.ranking) if name == paper.decision.adopted}
    level = round(100 * (1 - paper.folder.demand.decision.alpha))
    return Table(
        caption=words(
            f"최종 비교 순위: 봉인 자료 {paper.comparison['cases']}건",
            f"Ranking of the final comparison on {paper.comparison['cases']} sealed cases",
        ),
        columns=(
            TableColumn(title=words("순위와 해법", "Rank and solution")),
            TableColumn(title=words("기업", "Firm")),
            TableColumn(title=words("제출 단계", "Tier")),
            TableColumn(title=paper.metric_title(paper.metric), kind="number", decimals=decimals),
            TableColumn(
                title=words(f"{level} % 동시 구간", f"{level} % simultaneous interval"),
                kind="interval",
                decimals=decimals,
            ),
        ),
        rows=tuple(_rank(paper, place) for place in range(len(paper.ranking))),
        note=words(
            "동시 구간: 표의 모든 구간이 함께 맞을 확률이 이 수준 이상입니다. "
            "해법 사이의 우열은 아래의 짝지은 차이로 판단합니다.",
            "Simultaneous: all intervals of the table hold together at this level. "
            "Which solution is better is judged by the paired differences below.",
        ),
        highlighted=frozenset(adopted),
    )


def _rank(paper: Paper, place: int) -> tuple[Cell, ...]:
    name = paper.ranking[place]
    score = paper.comparison["primary"]["scores"][name]
    title = paper.titles[name]
    entry = next((each for each in paper.submissions if each.name == name), None)
    return (
        words(f"{place + 1}. {title.ko}", f"{place + 1}. {title.en}"),
        entry.firm if entry else "–",
        _TIERS[entry.tier] if entry else words("기준", "baseline"),
        score["estimate"],
        Interval(score["low"], score["high"]),
    )


def _forest(paper: Paper) -> Figure:
    against = paper.comparison["primary"]["against_baseline"]
    order = sorted(against, key=lambda name: (against[name]["difference"], name))
    better = [name for name in order if against[name]["high"] < 0]
    base = bare(paper.titles[BASELINE + paper.folder.demand.decision.baseline])
    decimals = paper.scale.metrics[paper.metric].decimals
    return Figure(
        title=words(
            f"기준({base.ko})보다 뚜렷이 나은 해법은 {len(better)}개입니다",
            f"{len(better)} solutions are clearly better than the baseline ({base.en})",
        ),
        alt=words(
            "기준과의 차이와 동시 구간. " + _told(paper, order, against, "ko"),
            "Differences from the baseline with simultaneous intervals. "
            + _told(paper, order, against, "en"),
        ),
        drawing=forest(
            _forest_rows(paper, order),
            reference=0.0,
            better="lower",
            decimals=decimals,
            axis_title=words(
                "기준과의 손실 차이",
                "Difference of loss from the baseline",
            ),
        ),
        table=paper.difference_table(
            words("기준과의 차이", "Differences from the baseline"),
            [(paper.titles[name], against[name]) for name in order],
        ),
    )


def _forest_rows(paper: Paper, order: Sequence[str]) -> list[ForestRow]:
    against = paper.comparison["primary"]["against_baseline"]
    rows = [
        ForestRow(
            label=paper.titles[name],
            estimate=against[name]["difference"],
            low=against[name]["low"],
            high=against[name]["high"],
            kind="baseline" if name.startswith(BASELINE) else "solution",
        )
        for name in order
    ]
    return rows + [
        ForestRow(label=each.title, kind="failed", note=cause.words)
        for each, cause in paper.failures()
    ]


def _told(paper: Paper, order: Sequence[str], against: Mapping[str, Any], language: Any) -> str:
    decimals = paper.scale.metrics[paper.metric].decimals
    return "; ".join(
        f"{paper.titles[name].within(language)} {against[name]['difference']:.{decimals}f} "
        f"[{against[name]['low']:.{decimals}f}, {against[name]['high']:.{decimals}f}]"
        for name in order
    )


def _panel(paper: Paper) -> tuple[Section, ...]:
    """What evaluators said by the declared rubric, beside what was measured."""
    if not paper.panel:
        return ()
    agreed = [
        words(
            f"{each['ko']} {'–' if each['alpha'] is None else format(each['alpha'], '.2f')}",
            f"{each['en']} {'–' if each['alpha'] is None else format(each['alpha'], '.2f')}",
        )
        for each in paper.panel["agreement"]
    ]
    table = Table(
        caption=words("평가위원의 평가(100점)", "What the panel said, in points of 100"),
        columns=(
            TableColumn(title=words("해법", "Solution")),
            TableColumn(title=words("팀", "Team")),
            TableColumn(title=words("점수", "Points"), kind="number", decimals=1),
            TableColumn(
                title=words("가장 낮음과 높음", "Lowest and highest"), kind="interval", decimals=1
            ),
            TableColumn(title=words("위원", "Evaluators"), kind="number", decimals=0),
            TableColumn(title=words("이해충돌", "Stood aside"), kind="number", decimals=0),
        ),
        rows=tuple(
            (
                words(each["ko"], each["en"]),
                each["team"],
                each["points"],
                None if each["lowest"] is None else Interval(each["lowest"], each["highest"]),
                float(each["evaluators"]),
                float(each["conflicted"]),
            )
            for each in paper.panel["rows"]
        ),
        note=words(
            "측정과 나란히 보이며, 판정은 측정으로 정합니다. 일치도(크리펜도르프 알파): "
            + ", ".join(each.ko for each in agreed),
            "It stands beside the measurement, from which the decision follows. "
            "Agreement (Krippendorff's alpha): " + ", ".join(each.en for each in agreed),
        ),
    )
    return (Section(title=words("평가위원의 평가", "The panel"), blocks=(table,)),)


def _footer(paper: Paper) -> tuple[Fact, ...]:
    facts = paper.folder.registration
    return (
        Fact(
            label=words("수요의 지문 (SHA-256)", "Digest of the demand (SHA-256)"),
            value=facts["digest"],
            kind="code",
        ),
        *(
            Fact(label=words(f"지문: {name}", f"Digest: {name}"), value=digest, kind="code")
            for name, digest in facts["commitments"].items()
        ),
    )
