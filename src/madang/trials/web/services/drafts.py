"""How is a draft written down? As plain data for the forms, and as YAML for whoever prefers it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from madang.kernel import clock, ids
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.trials.engine.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.trials.web.models import Demand

SOUGHT_OF_PROBLEM = 600
"""Characters of each language's problem that the catalogue searches in."""


DATES = {
    "questions_until": "questions_until",
    "opens": "opens",
    "closes": "closes",
    "decide_by": "decision_by",
}
"""Column of the row → name of the date in a text's `phases`."""
BEGUN: Mapping[str, Any] = {
    "parts": {"open": 0.3, "board": 0.3, "final": 0.4},
    "tiers": ["onnx", "python"],
    "quota": {"submissions": 100},
    "minimum_cell": 10,
}
"""What a new draft says until somebody changes it."""


class _Dumper(yaml.SafeDumper):
    """Writes what `read_yaml` reads back as it was: texts that look like numbers are quoted."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
    list("-+.0123456789"),
)


def as_yaml(plain: Mapping[str, Any]) -> str:
    """Plain data as YAML that `read_yaml` reads back unchanged."""
    if not plain:
        return ""
    text: str = yaml.dump(
        dict(plain), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=95
    )
    try:
        if read_yaml(text.encode()) == plain:
            return text
    except InputError:
        pass  # JSON, which is YAML too, says every text
    return json.dumps(plain, ensure_ascii=False, indent=2)


def as_plain(text: str) -> dict[str, Any]:
    """The plain data that a draft's text holds.

    Raises:
        InputError: It is no YAML, no mapping, or holds a text that no database keeps.
    """
    plain = read_yaml(text.encode("utf-8", "surrogatepass"))
    if not isinstance(plain, dict):
        raise InputError(
            words("항목이 없는 문서", "a text without items"),
            words("'demand: 이름'처럼 적은 항목들", "items such as 'demand: name'"),
        )
    if any("\0" in each for each in _texts(plain)):
        raise InputError(
            words("빈 문자(\\0)가 든 값", "a value with the character \\0"),
            words("읽을 수 있는 글자", "readable characters"),
        )
    return plain


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def begun(demand: Demand, plain: Mapping[str, Any]) -> dict[str, Any]:
    """The plain data of a new draft: what is given, and what stands until it is changed."""
    owner = demand.ministry or demand.agency
    fixed = {
        "demand": demand.name,
        "title": plain.get("title", {}),
        "ministry": {"ko": owner.name_ko, "en": owner.name_en},
    }
    seed = {"seed": secrets.randbelow(2**31)}
    given = {name: each for name, each in plain.items() if name not in fixed}
    return {**fixed, **given, **{k: v for k, v in {**BEGUN, **seed}.items() if k not in given}}


def pair(value: Any) -> tuple[str, str]:
    """Korean and English of what should be words in both languages; empty where they are not."""
    if not isinstance(value, dict):
        return "", ""
    ko, en = value.get("ko", ""), value.get("en", "")
    return (ko if isinstance(ko, str) else "", en if isinstance(en, str) else "")


def mirror(demand: Demand) -> None:
    """Take over into the row's own columns what the draft says of title and problem."""
    title_ko, title_en = pair(demand.plain.get("title"))
    problem_ko, problem_en = pair(demand.plain.get("problem"))
    demand.title_ko, demand.title_en = title_ko[:200], title_en[:200]
    demand.problem_ko, demand.problem_en = problem_ko[:4000], problem_en[:4000]
    rubric = demand.plain.get("rubric")
    demand.rubric = rubric if isinstance(rubric, dict) else {}
    demand.sought = sought(demand)


def put_rubric(demand: Demand, rubric: dict[str, Any]) -> None:
    """Declare in the draft by what a panel judges, so that it is registered with the rest."""
    kept = {name: value for name, value in demand.plain.items() if name != "rubric"}
    demand.plain = {**kept, "rubric": rubric} if rubric else kept
    demand.text = as_yaml(demand.plain)


def take_dates(demand: Demand) -> None:
    """Take over into the row the dates that the text declares, as far as they can be read."""
    phases = demand.plain.get("phases")
    if not isinstance(phases, dict):
        return
    for column, name in DATES.items():
        try:
            setattr(demand, column, clock.read_stamp(str(phases[name])))
        except (KeyError, ValueError):
            continue  # the check says what is wrong with it
    if type(phases.get("objection_days")) is int:
        days = {"objection_days": phases["objection_days"]}
        demand.timetable = {**demand.timetable, **days}


def sought(demand: Demand) -> str:
    """What the catalogue searches in, with upper and lower case made one."""
    agency = demand.agency
    told = [
        *(demand.name, demand.title_ko, demand.title_en, agency.name_ko, agency.name_en),
        *(demand.problem_ko[:SOUGHT_OF_PROBLEM], demand.problem_en[:SOUGHT_OF_PROBLEM]),
    ]
    return "\n".join(told).casefold()


def stamp(demand: Demand) -> str:
    """A mark of what a check looked at: the text and the table."""
    return ids.digest(f"{demand.text}\0{demand.table.get('digest', '')}".encode())
