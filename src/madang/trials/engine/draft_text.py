"""How is a look at a draft told at a terminal, and a suggestion written as YAML?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from madang.kernel.report.document import Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.words import Words, language, words
from madang.trials.engine.telling import WIDTH, lines, sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROLES = {
    "id": words("식별자", "identifier"),
    "group": words("묶음", "group"),
    "input": words("입력", "input"),
    "outcome": words("결과", "outcome"),
    "undeclared": words("선언 없음", "undeclared"),
}


def checked(found: Mapping[str, Any]) -> str:
    """What the scorer's `check` found."""
    said: list[Words | str] = []
    if found["preview"]:
        said += [*(words(each["ko"], each["en"]) for each in found["preview"]), ""]
    if found["columns"]:
        said += [_columns(found), ""]
    said += [_finding(each) for each in found["findings"]]
    if found["left_off"]:
        count = found["left_off"]
        said.append(words(f"그 밖에 {count}건이 더 있습니다.", f"And {count} more."))
    said += [
        words(f"누설  {each['column']}: {each['ko']}", f"leak     {each['column']}: {each['en']}")
        for each in found["leaks"]
    ]
    if found["sizes"]:
        said.append(sizes(found))
    said += _baselines(found)
    return lines(*said, verdict(found))


def stands_in_the_way(found: Mapping[str, Any]) -> bool:
    """Is there a fault, or a leak that nobody has accepted?"""
    errors = [each for each in found["findings"] if each["weight"] == "error"]
    return bool(errors or found["leaks"])


def verdict(found: Mapping[str, Any]) -> Words:
    """May it be registered?"""
    if any(each["weight"] == "error" for each in found["findings"]):
        return words("이대로는 등록할 수 없습니다.", "It cannot be registered as it is.")
    if found["leaks"]:
        return words(
            "열을 빼거나, 확인한 열은 등록할 때 --accept로 받아들이십시오.",
            "Leave the columns out, or accept those you have looked at with --accept.",
        )
    if not found["registrable"]:
        return words(
            "수요 문서에는 고칠 점이 없습니다. --data로 표도 점검하십시오.",
            "The text has no fault. Check it with its table, too, by --data.",
        )
    return words("이대로 등록할 수 있습니다.", "It can be registered as it is.")


def _finding(each: Mapping[str, str]) -> Words:
    where = each["place"] or each["column"]
    shown = f"{where}: " if where else ""
    ko, en = ("오류", "error") if each["weight"] == "error" else ("주의", "warning")
    return words(f"{ko}  {shown}{each['ko']}", f"{en:8} {shown}{each['en']}")


def _columns(found: Mapping[str, Any]) -> str:
    rows = tuple(
        (
            each["name"],
            _ROLES[each["role"]],
            each["declared"] or "–",
            each["kind"] or "–",
            float(each["missing"]) if each["present"] else None,
            float(each["distinct"]) if each["present"] else None,
            words("맞음", "yes") if each["fits"] else words("안 맞음", "no"),
        )
        for each in found["columns"]
    )
    columns = (
        TableColumn(title=words("열", "Column")),
        TableColumn(title=words("역할", "Role")),
        TableColumn(title=words("선언", "Declared")),
        TableColumn(title=words("실제", "Looks like")),
        TableColumn(title=words("빈 값", "Missing"), kind="number", decimals=0),
        TableColumn(title=words("서로 다른 값", "Distinct"), kind="number", decimals=0),
        TableColumn(title=words("일치", "Fits")),
    )
    caption = words(
        f"표의 열: {found['rows']:,}행", f"Columns of the table: {found['rows']:,} rows"
    )
    return table_text(Table(caption=caption, columns=columns, rows=rows), language(), WIDTH)


def _baselines(found: Mapping[str, Any]) -> list[Words]:
    """The trivial answers on the open sample, by the first metric of the task."""
    if not found["baselines"]:
        return []
    metric = found["metrics"][0]
    said = [
        words(
            f"공개 표본에서 기준 해법의 {metric['title_ko']}:",
            f"Trivial answers on the open sample, by {metric['title_en']}:",
        )
    ]
    for each in found["baselines"]:
        value = each["scores"][metric["name"]]
        shown = "–" if value is None else f"{value:.{metric['decimals']}f}"
        said.append(words(f"    {each['ko']} {shown}", f"    {each['en']} {shown}"))
    return said


def suggested(found: Mapping[str, Any]) -> str:
    """The data section as YAML, with its remarks as comments."""
    data = found["data"]
    said: list[Words | str] = [
        words(
            f"# 행 {found['rows']:,}개를 보고 지은 초안입니다. 열마다 확인하십시오.",
            f"# A draft made from {found['rows']:,} rows. Look over every column.",
        )
    ]
    said += [_note(each) for each in found["notes"]]
    said += ["data:", f"  id: {_quoted(data['id'])}"]
    if "encoding" in data:
        said.append(f"  encoding: {data['encoding']}")
    for kind in ("inputs", "outcomes"):
        said += [f"  {kind}:", *(f"    - {_flow(each)}" for each in data[kind])]
    return lines(*said)


def _note(each: Mapping[str, str]) -> Words:
    where = f"{_quoted(each['column'])}: " if each["column"] else ""
    return words(f"# {where}{each['ko']}", f"# {where}{each['en']}")


def _flow(column: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in column.items()) + "}"


def _quoted(value: Any) -> str:
    """JSON, which YAML reads back unchanged whatever the text holds."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
