"""What is a column called on a page, and in which unit does it stand?"""

from __future__ import annotations

from typing import NamedTuple

from madang.kernel.words import Words, words
from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT


class Title(NamedTuple):
    """A column's name, its unit (UCUM, as read), and how many decimals are shown."""

    name: Words
    unit: str = ""
    decimals: int = 1


TITLES: dict[str, Title] = {
    "bilirubin_mg_dl": Title(words("빌리루빈", "Bilirubin"), "mg/dL", 1),
    "cholesterol_mg_dl": Title(words("콜레스테롤", "Cholesterol"), "mg/dL", 0),
    "albumin_g_dl": Title(words("알부민", "Albumin"), "g/dL", 2),
    "creatinine_mg_dl": Title(words("크레아티닌", "Creatinine"), "mg/dL", 2),
    "alp_u_l": Title(words("알칼리인산분해효소(ALP)", "Alkaline phosphatase"), "U/L", 0),
    "ast_u_l": Title(words("AST", "AST"), "U/L", 0),
    "platelets_10_3_ul": Title(words("혈소판", "Platelets"), "10³/µL", 0),
    "prothrombin_s": Title(words("프로트롬빈 시간", "Prothrombin time"), "s", 1),
    "age": Title(words("등록 때 나이", "Age on entry"), "", 0),
    "sex": Title(words("성별", "Sex")),
    AGE: Title(words("마지막 방문에서 지난 날", "Days since the last visit"), "", 0),
    COUNT: Title(words("방문 횟수", "Visits so far"), "", 0),
    AT: Title(words("등록 뒤 지난 날", "Days since entry"), "", 0),
}
"""Column → how it is shown; a column that is not here goes by its own name."""

LEVELS: dict[str, Words] = {
    "female": words("여성", "female"),
    "male": words("남성", "male"),
}
"""Level of a category → how it is shown."""


def title(column: str) -> Title:
    """How a column is shown."""
    return TITLES.get(column, Title(words(column, column)))


def shown(column: str, value: float | str) -> Words:
    """A value with its unit."""
    if isinstance(value, str):
        return LEVELS.get(value, words(value, value))
    known = title(column)
    decimals = known.decimals if column in TITLES else 2
    text = f"{value:,.{decimals}f}" + (f" {known.unit}" if known.unit else "")
    return words(text, text)
