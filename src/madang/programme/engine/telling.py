"""How is an import, a balance or a settlement told at a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.report.document import Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.sheets.amounts import unit_name
from madang.kernel.units import won
from madang.kernel.words import Words, language, words
from madang.programme.engine.balances import total
from madang.programme.engine.intake.roles import TITLES
from madang.programme.engine.law import year_ends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from madang.programme.engine.balances import Balance
    from madang.programme.engine.forecast.outlook import Outlook
    from madang.programme.engine.intake.batch import Preview
    from madang.programme.engine.ledger import Ledger
    from madang.programme.engine.receipts import Standing

_SHOWN = 20
_AMOUNTS = (
    words("예산", "Appropriation"),
    words("교부", "Granted"),
    words("집행", "Disbursed"),
    words("실집행", "Spent"),
    words("남은 예산", "Open"),
)


def imported(preview: Preview) -> str:
    """What a file was read as, and what it changes or what is to be mended."""
    said = [
        str(
            words(
                f"{preview.file} · 시트 '{preview.sheet}' · 행 {preview.rows:,}개, "
                f"기록 {len(preview.entries):,}건, 합계 행 {preview.totals:,}개 대조",
                f"{preview.file} · sheet '{preview.sheet}' · {preview.rows:,} rows, "
                f"{len(preview.entries):,} records, {preview.totals:,} totals compared",
            )
        ),
        *_columns(preview),
    ]
    for fault in preview.faults[:_SHOWN]:
        said.append(fault.sentence(language()))
    left = len(preview.faults) - _SHOWN
    if left > 0:
        said.append(str(words(f"그 밖에 {left:,}건", f"and {left:,} more")))
    if preview.holds:
        said.append(_changes(preview))
    return "\n".join(said)


def _columns(preview: Preview) -> list[str]:
    said = []
    for each in preview.headings.columns:
        taken = str(TITLES[each.role])
        if each in preview.headings.amounts:
            unit = unit_name(each.unit_krw)
            guess = "" if each.unit_said else str(words(" (표시 없음)", " (not said)"))
            taken += f", {unit}{guess}"
        said.append(f"  '{each.heading}' → {taken}")
    if preview.headings.unread:
        listed = ", ".join(f"'{each}'" for each in preview.headings.unread)
        said.append(f"  {words('읽지 않은 열', 'columns not read')}: {listed}")
    return said


def _changes(preview: Preview) -> str:
    rows = []
    for each in preview.changes:
        for name, before, after in (
            (_AMOUNTS[1], each.granted_before_krw, each.granted_after_krw),
            (_AMOUNTS[2], each.disbursed_before_krw, each.disbursed_after_krw),
            (_AMOUNTS[3], each.spent_before_krw, each.spent_after_krw),
        ):
            if before != after:
                rows.append((each.line, name, before, after, after - before))
    return table_text(
        Table(
            caption=words("항목별 변화", "Changes by line"),
            columns=(
                TableColumn(title=words("항목", "Line")),
                TableColumn(title=words("구분", "Amount")),
                _number(words("전(원)", "Before (won)")),
                _number(words("후(원)", "After (won)")),
                TableColumn(
                    title=words("변화(원)", "Change (won)"),
                    kind="number",
                    decimals=0,
                    signed=True,
                ),
            ),
            rows=tuple(rows),
        ),
        language(),
        width=100,
    )


def _number(title: Words) -> TableColumn:
    return TableColumn(title=title, kind="number", decimals=0)


def balances(ledger: Ledger, rows: Sequence[Balance]) -> str:
    """Every line's amounts, and their sum."""
    titles = {line.id: line.title for line in ledger.programme.lines}
    every = [*rows, total(rows)] if len(rows) > 1 else list(rows)
    return table_text(
        Table(
            caption=words("항목별 집행", "Lines"),
            columns=(
                TableColumn(title=words("항목", "Line")),
                *(_number(each) for each in _AMOUNTS),
                TableColumn(title=words("실집행률(%)", "Spent (%)"), kind="number", decimals=1),
            ),
            rows=tuple(
                (
                    titles.get(each.line, words("합계", "Sum")),
                    each.appropriation_krw,
                    each.granted_krw,
                    each.disbursed_krw,
                    each.spent_krw,
                    each.open_krw,
                    100 * each.spent_share,
                )
                for each in every
            ),
        ),
        language(),
        width=120,
    )


def outlooks_of(ledger: Ledger, on: date) -> tuple[Outlook, ...]:
    """The outlook of every line on a day, and of all together at the end.

    Args:
        ledger: What was booked.
        on: The day of the forecast.

    Raises:
        InputError: The day is not within the year: before the vote nothing is known, and a year
            that is over has a settlement.
    """
    import numpy as np

    from madang.programme.engine.forecast.outlook import outlooks as foreseen
    from madang.programme.engine.forecast.seen import of_ledger

    first, last = ledger.programme.approved_on, year_ends(ledger.programme.fiscal_year)
    if not first <= on < last:
        raise InputError(
            words(f"전망할 날 {on}", f"the day {on}"),
            words(f"{first}부터 {last} 전까지의 날", f"a day from {first} to before {last}"),
            words(
                "끝난 해는 정산으로 보십시오. 다른 날은 --on으로 정합니다.",
                "A year that is over has a settlement; --on names another day.",
            ),
        )
    return foreseen(of_ledger(ledger, on), np.random.default_rng(on.toordinal()))


def outlook_facts(each: Outlook) -> dict[str, Any]:
    """An outlook for a program."""
    return {
        "line": each.line,
        "appropriation_krw": each.appropriation_krw,
        "spent_krw": each.spent_krw,
        "low_krw": each.low_krw,
        "middle_krw": each.middle_krw,
        "high_krw": each.high_krw,
        "unspent_chance": each.unspent_chance,
        "reallocate_from": each.reallocate_from.isoformat() if each.reallocate_from else None,
        "reallocate_until": each.reallocate_until.isoformat(),
        "sentence": str(each.sentence),
    }


def outlooks(ledger: Ledger, found: Sequence[Outlook]) -> str:
    """One plain sentence a line, one for all together, and when they do not hold."""
    from madang.programme.engine.forecast.said import NOT_FORESEEN, NOT_FORESEEN_TITLE

    titles = {line.id: line.title for line in ledger.programme.lines}
    whole = words("전체", "All lines")
    said = [f"{titles.get(each.line, whole)}: {each.sentence}" for each in found]
    return "\n".join([*said, f"{NOT_FORESEEN_TITLE}:", *(f"  - {each}" for each in NOT_FORESEEN)])


def checked(ledger: Ledger, standings: Mapping[str, Standing], faults: Sequence[str]) -> str:
    """What was looked at in a ledger, and what does not hold."""
    whole = sum(each.state == "whole" for each in standings.values())
    head = words(
        f"기록 {len(ledger.entries):,}건, 예산 {won(ledger.programme.total_krw)}원, "
        f"증빙 {len(standings):,}건 가운데 {whole:,}건 확인",
        f"{len(ledger.entries):,} bookings, {won(ledger.programme.total_krw)} won, "
        f"{whole:,} of {len(standings):,} papers verified",
    )
    end = [] if faults else [str(words("모두 맞습니다.", "Everything holds."))]
    return "\n".join([str(head), *faults, *end])
