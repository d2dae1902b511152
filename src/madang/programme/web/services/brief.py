"""What does the programme say on one sheet of paper? Answers, every line, and what proves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import Callout, Document, Fact, Figure, Table, TableColumn
from madang.kernel.units import money, percent
from madang.kernel.words import words
from madang.programme.engine.money import EOK_KRW
from madang.programme.web.services.year_chart import year_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from madang.kernel.report.document import Block, Cell
    from madang.programme.engine.balances import Balance
    from madang.programme.engine.forecast.outlook import Outlook
    from madang.programme.web.services.picture import Picture, Row

_NONE = words("–", "–")


def document(
    picture: Picture,
    indicators: Mapping[str, Sequence[Any]],
    *,
    address: str,
    root: str,
    made_at: datetime,
) -> Document:
    """The brief of a day; `kernel.report` writes it as a PDF of one page a language.

    Args:
        picture: The programme on the day.
        indicators: Line → its indicators as they stand (`services.indicators.Shown`).
        address: Where the same can be read and followed to its evidence.
        root: The root of the evidence log, to be compared later.
        made_at: When it is made.
    """
    every = [each for found in indicators.values() for each in found]
    proved = sum(each.state == "proved" for each in every)
    return Document(
        title=words("추경 집행 요약", "The programme in brief"),
        subtitle=words(
            "2025년 제2회 추가경정예산 인공지능 분야",
            "Second supplementary budget 2025, artificial intelligence",
        ),
        facts=(
            Fact(label=words("기준일", "As of"), value=picture.on.isoformat()),
            Fact(label=words("예산", "Voted"), value=money(picture.whole.voted_krw)),
            Fact(label=words("실집행", "Confirmed"), value=_spent(picture)),
            Fact(label=words("연말 전망", "Expected"), value=_expected(picture)),
            Fact(label=words("계획보다 늦음", "Behind plan"), value=_late(picture)),
            Fact(
                label=words("입증된 지표", "Indicators proved"),
                value=words(f"{len(every)}개 가운데 {proved}개", f"{proved} of {len(every)}"),
            ),
        ),
        summary=(*_marks(picture, every), _lines(picture, indicators), _year(picture)),
        footer=(
            Fact(label=words("근거와 원자료", "Evidence and data"), value=address, kind="code"),
            Fact(label=words("증거 로그의 뿌리", "Root of the log"), value=root, kind="code"),
        ),
        made_at=made_at,
        is_sheet=True,
    )


def _spent(picture: Picture) -> Any:
    whole = picture.whole
    amount, share = money(whole.spent_krw), percent(whole.spent_share)
    return words(f"{amount.ko}({share})", f"{amount.en} ({share})")


def _late(picture: Picture) -> Any:
    late = picture.late
    if not late:
        return words("없음", "none")
    first = late[0].line.title
    return words(
        f"{first.ko} 등 {len(late)}개 항목" if len(late) > 1 else first.ko,
        f"{first.en} and {len(late) - 1} more" if len(late) > 1 else first.en,
    )


def _expected(picture: Picture) -> Any:
    if picture.outlook is None:
        return _NONE
    low, middle, high = (
        money(each)
        for each in (
            picture.outlook.low_krw,
            picture.outlook.middle_krw,
            picture.outlook.high_krw,
        )
    )
    return words(
        f"{middle.ko}(80% 구간 {low.ko}~{high.ko})",
        f"{middle.en} (80% interval {low.en} to {high.en})",
    )


def _marks(picture: Picture, every: Sequence[Any]) -> tuple[Block, ...]:
    found: list[Block] = []
    if picture.is_example:
        found.append(
            Callout(
                kind="warning",
                title=words("예시 자료", "Example year"),
                text=words(
                    "집행 금액은 지어낸 것이며 공개 자료에 들어가지 않습니다.",
                    "Amounts of execution are invented and never enter the open data.",
                ),
            )
        )
    broken = [each for each in every if each.state == "broken"]
    if broken:
        names = ", ".join(name for each in broken for name in each.broken)
        found.append(
            Callout(
                kind="unproved",
                title=words("확인되지 않는 증거", "Evidence that does not hold"),
                text=words(names, names),
            )
        )
    return tuple(found)


def _lines(picture: Picture, indicators: Mapping[str, Sequence[Any]]) -> Table:
    return Table(
        caption=words("항목별 집행(억원)과 증거", "Lines (100 million won) and their proof"),
        columns=(
            TableColumn(title=words("항목", "Line")),
            *(
                TableColumn(title=title, kind="number", decimals=1)
                for title in (
                    words("예산", "Voted"),
                    words("교부", "Granted"),
                    words("집행", "Disbursed"),
                    words("실집행", "Confirmed"),
                    words("연말", "Expected"),
                )
            ),
            TableColumn(title=words("지표", "Indicators")),
        ),
        rows=(
            *(_row(row, indicators.get(row.line.id, ())) for row in picture.rows),
            (words("합계", "Sum"), *_amounts(picture.whole, picture.outlook), _NONE),
        ),
        highlighted=frozenset({len(picture.rows)}),
    )


def _row(row: Row, indicators: Sequence[Any]) -> tuple[Cell, ...]:
    proved = sum(each.state == "proved" for each in indicators)
    told: Cell = _NONE
    if row.line.itemised:
        told = words(
            f"{len(indicators)}개 중 {proved}개 입증", f"{proved} of {len(indicators)} proved"
        )
    if row.line.not_built and not proved:
        told = words("시스템 없음", "No system yet")
    return (
        row.line.title,
        *_amounts(row.balance, row.outlook),
        told,
    )


def _amounts(balance: Balance, outlook: Outlook | None) -> tuple[Cell, ...]:
    """In 억원, as running text has them."""
    amounts = (
        balance.appropriation_krw,
        balance.granted_krw,
        balance.disbursed_krw,
        balance.spent_krw,
        None if outlook is None else outlook.middle_krw,
    )
    return tuple(None if each is None else each / EOK_KRW for each in amounts)


def _year(picture: Picture) -> Figure:
    drawn = year_chart(picture)
    return Figure(title=drawn.title, alt=drawn.alt, drawing=drawn.chart)
