"""Step 2 of a demand's editor: which columns does the table have, and what is each for?

Many columns are edited a page at a time; what is not on the page stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms

from madang.kernel.words import words
from madang.trials.web.forms.demands import Step, pair_of, put_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.trials.web.models import Demand

A_PAGE = 40
ROLES = {
    "id": words("사례 식별자", "Names the case"),
    "input": words("입력", "Input"),
    "input_group": words("입력이면서 묶음", "Input, and keeps together"),
    "group": words("묶음 (기업에 주지 않음)", "Keeps together (not given out)"),
    "outcome": words("맞힐 결과", "Outcome to be told"),
    "ignored": words("쓰지 않음", "Not used"),
}
KINDS = {
    "number": words("수", "Number"),
    "integer": words("정수", "Whole number"),
    "boolean": words("예/아니요", "Yes or no"),
    "category": words("범주", "Category"),
    "text": words("글", "Text"),
}
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp949": words("CP949 (엑셀 한국어 CSV)", "CP949 (Korean Excel CSV)"),
}


@dataclass(kw_only=True)
class Known:
    """A column of the table, or one that the draft declares."""

    name: str
    role: str = "ignored"
    kind: str = "text"
    levels: list[str] = field(default_factory=list)
    unit: str = ""
    nullable: bool = False
    title: tuple[str, str] = ("", "")

    def take(self, plain: Mapping[str, Any]) -> None:
        """Take over what a declaration says."""
        if plain.get("kind") in KINDS:
            self.kind = str(plain["kind"])
        levels = plain.get("levels", [])
        if isinstance(levels, list) and levels:
            self.levels = [str(each) for each in levels]
        self.unit = str(plain.get("unit", ""))
        self.nullable = plain.get("nullable") is True
        self.title = pair_of(plain, "title")

    def plain(self) -> dict[str, Any]:
        """The declaration."""
        told: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.kind == "category" and self.levels:
            told["levels"] = self.levels
        if self.unit:
            told["unit"] = self.unit
        if self.nullable:
            told["nullable"] = True
        put_pair(told, "title", *self.title)
        return told


def section(plain: Any, name: str) -> dict[str, Any]:
    """A section of the draft; an empty one where it is missing or no mapping."""
    found = plain.get(name) if isinstance(plain, dict) else None
    return found if isinstance(found, dict) else {}


def listed(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Declared columns of a list, those that are no declarations left out."""
    found = data.get(name)
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict) and _is_name(each.get("name"))]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def known_columns(demand: Demand) -> list[Known]:
    """Every column of the table and of the draft: those of the table first, in its order."""
    suggested = section(demand.findings.get("suggestion"), "data")
    found: dict[str, Known] = {}
    if _is_name(suggested.get("id")):
        found[suggested["id"]] = Known(name=suggested["id"])
    for plain in (*listed(suggested, "inputs"), *listed(suggested, "outcomes")):
        known = found.setdefault(plain["name"], Known(name=plain["name"]))
        known.take(plain)
    data = section(demand.plain, "data")
    for list_name, role in (("inputs", "input"), ("outcomes", "outcome")):
        for plain in listed(data, list_name):
            known = found.setdefault(plain["name"], Known(name=plain["name"]))
            known.take(plain)
            known.role = role
    for key in ("id", "group"):
        name = data.get(key)
        if _is_name(name):
            known = found.setdefault(str(name), Known(name=str(name)))
            known.role = "input_group" if (key, known.role) == ("group", "input") else key
    return list(found.values())


def declared(columns: Iterable[Known]) -> dict[str, Any]:
    """The section `data` that these columns make up."""
    columns = list(columns)
    by_role = {role: [each for each in columns if each.role == role] for role in ROLES}
    found: dict[str, Any] = {}
    if by_role["id"]:
        found["id"] = by_role["id"][0].name
    grouping = [*by_role["group"], *by_role["input_group"]]
    if grouping:
        found["group"] = grouping[0].name
    inputs = [each for each in columns if each.role in ("input", "input_group")]
    found["inputs"] = [each.plain() for each in inputs]
    found["outcomes"] = [each.plain() for each in by_role["outcome"]]
    if by_role["ignored"]:
        found["ignored"] = [each.name for each in by_role["ignored"]]
    return found


class ColumnForm(forms.Form):
    """One column."""

    role = forms.ChoiceField(label=words("쓰임", "Use"), choices=list(ROLES.items()))
    kind = forms.ChoiceField(
        label=words("값의 종류", "Kind of value"), choices=list(KINDS.items())
    )
    title_ko = forms.CharField(
        label=words("이름 (한국어)", "Title in Korean"), required=False, max_length=200
    )
    title_en = forms.CharField(
        label=words("이름 (영어)", "Title in English"), required=False, max_length=200
    )
    unit = forms.CharField(label=words("단위", "Unit"), required=False, max_length=40)
    levels = forms.CharField(
        label=words("범주의 값 (한 줄에 하나)", "Levels, one a line"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    nullable = forms.BooleanField(
        label=words("빈 값이 있을 수 있음", "May be empty"), required=False
    )

    def known(self, name: str) -> Known:
        """The column of that name as the form has it."""
        given = self.cleaned_data
        levels = [line.strip("\r") for line in given["levels"].split("\n")]
        return Known(
            name=name,
            role=given["role"],
            kind=given["kind"],
            levels=[each for each in levels if each.strip()],
            unit=given["unit"],
            nullable=given["nullable"],
            title=(given["title_ko"], given["title_en"]),
        )


class DataStep(Step):
    """Where the data come from and what their columns are."""

    source_ko = forms.CharField(
        label=words("자료의 출처 (한국어)", "Source of the data in Korean"),
        help_text=words("어디서 언제 모은 자료인지 적습니다.", "Where and when it was collected."),
        required=False,
        max_length=4000,
    )
    source_en = forms.CharField(
        label=words("자료의 출처 (영어)", "Source of the data in English"),
        required=False,
        max_length=4000,
    )
    encoding = forms.ChoiceField(
        label=words("CSV의 문자 부호", "Encoding of a CSV file"),
        required=False,
        choices=list(ENCODINGS.items()),
    )
    places = {  # noqa: RUF012 - declared as a class variable of Step
        "data.source": "source_ko",
        "data.encoding": "encoding",
    }

    def __init__(self, data: Any = None, *, demand: Demand, page: int = 1, **options: Any) -> None:
        self.columns = known_columns(demand)
        self.pages = max(1, -(-len(self.columns) // A_PAGE))
        self.page = min(max(page, 1), self.pages)
        start = (self.page - 1) * A_PAGE
        self.shown = list(enumerate(self.columns))[start : start + A_PAGE]
        self.rows = [
            ColumnForm(data, prefix=f"c{number}", initial=_initial(known))
            for number, known in self.shown
        ]
        super().__init__(data, demand=demand, **options)

    def stated(self) -> dict[str, Any]:
        """The source, and the columns of this page."""
        data = section(self.demand.plain, "data")
        source = pair_of(data, "source")
        return {
            "source_ko": source[0],
            "source_en": source[1],
            "encoding": data.get("encoding", "utf-8"),
            "columns": [vars(known) for _, known in self.shown],
        }

    @property
    def inner(self) -> list[ColumnForm]:
        """One a column of this page."""
        return self.rows

    @property
    def page_numbers(self) -> range:
        """The pages of columns."""
        return range(1, self.pages + 1)

    @property
    def lines(self) -> list[tuple[Known, ColumnForm]]:
        """Each column of this page with its form."""
        return [(known, row) for row, (_, known) in zip(self.rows, self.shown, strict=True)]

    def is_valid(self) -> bool:
        """Whether every row can be read too; at most one column names the case."""
        rows = [row.is_valid() for row in self.rows]
        if not super().is_valid() or not all(rows):
            return False
        for role, said in (
            ("id", words("사례 식별자는 한 열뿐입니다.", "One column alone names the case.")),
            ("group", words("묶음은 한 열뿐입니다.", "One column alone keeps cases together.")),
        ):
            roles = (role, "input_group") if role == "group" else (role,)
            if sum(each.role in roles for each in self.changed()) > 1:
                self.add_error(None, str(said))
        return not self.errors

    def changed(self) -> list[Known]:
        """Every column, those of this page as the form has them."""
        new = {
            number: row.known(known.name)
            for row, (number, known) in zip(self.rows, self.shown, strict=True)
        }
        return [new.get(number, known) for number, known in enumerate(self.columns)]

    def merged(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """With the new declarations."""
        plain, given = self.plain_copy(), self.cleaned_data
        kept = {
            name: value
            for name, value in section(plain, "data").items()
            if name not in ("id", "group", "inputs", "outcomes", "ignored", "source", "encoding")
        }
        data = {**declared(self.changed()), **kept}
        put_pair(data, "source", given["source_ko"], given["source_en"])
        if given["encoding"] == "cp949":
            data["encoding"] = "cp949"
        plain["data"] = data
        return plain, {}

    def field_at(self, place: str) -> str:
        """The source's fields, or a field of the row that declares the column."""
        steps = place.split(".")
        if steps[0] == "data" and len(steps) > 2 and steps[1] in ("inputs", "outcomes"):
            return self._row_field(steps)
        return super().field_at(place)

    def _row_field(self, steps: list[str]) -> str:
        columns = listed(section(self.demand.plain, "data"), steps[1])
        number = int(steps[2]) if steps[2].isdigit() else -1
        if not 0 <= number < len(columns):
            return ""
        name = columns[number]["name"]
        within = steps[3] if len(steps) > 3 else "role"
        for row, (_, known) in zip(self.rows, self.shown, strict=True):
            if known.name == name:
                asked = {"title": "title_ko", "name": "role"}.get(within, within)
                return f"{row.prefix}-{asked}" if asked in row.fields else f"{row.prefix}-role"
        return ""


def _initial(known: Known) -> dict[str, Any]:
    return {
        "role": known.role,
        "kind": known.kind,
        "levels": "\n".join(known.levels),
        "unit": known.unit,
        "nullable": known.nullable,
        "title_ko": known.title[0],
        "title_en": known.title[1],
    }


class TableForm(forms.Form):
    """The agency's table."""

    table = forms.FileField(
        label=words("표 파일", "Table"),
        help_text=words(
            "첫 줄에 열 이름이 있는 CSV(UTF-8 또는 CP949) 또는 Parquet, 512 MiB 이하. "
            "봉인할 때까지 이 기관만 볼 수 있는 곳에 두고, 봉인한 뒤에는 지웁니다.",
            "CSV with names in its first line, or Parquet, up to 512 MiB. Kept where nobody else "
            "reads it until it is sealed, and erased then.",
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.parquet"}),
    )
