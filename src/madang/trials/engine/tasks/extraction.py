"""Which values does a document hold? One or more fields a text, empty where a field is absent.

With one field an answer is its value. With several it is a JSON object of field names and values;
what is no such object counts as wrong in every field.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Metric, Outputs, stratified_parts
from madang.kernel.words import words
from madang.trials.engine.tasks.alike import alike, join
from madang.trials.engine.tasks.answers import as_texts
from madang.trials.engine.tasks.columns import (
    check_apart,
    find_column,
    name_property,
    options_object,
    take,
    texts_of,
)
from madang.trials.engine.tasks.korean import shared_characters, value_form
from madang.trials.engine.tasks.ngrams import nearest
from madang.trials.engine.tasks.table import Measure, Scored, TableTask
from madang.trials.engine.tasks.text_baselines import between, commonest_by_form, surroundings
from madang.trials.engine.tasks.text_leaks import answer_leaks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Column, Floats, Frame, Leak, Options, Part, Predictions

KINDS = ("text", "category", "integer")
LONGEST = 4_000
"""Characters that one answer may have."""


class Extraction(TableTask):
    """Values of named fields out of each text."""

    name = "trials.extraction"
    version = 1
    title_ko = "정보 추출"
    title_en = "Extraction"

    def options_schema(self) -> dict[str, Any]:
        """`text` names an input column, `fields` one outcome column or more."""
        return options_object(
            {
                "text": name_property("글의 열", "column of the texts"),
                "fields": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 50,
                    "uniqueItems": True,
                    "items": {"type": "string", "minLength": 1, "maxLength": 200},
                    "description": "찾아낼 항목의 열 · columns of the fields to be found",
                },
            },
            required=["text", "fields"],
        )

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The text is an input; each field is an outcome that can hold a value.

        Raises:
            InputError: They are not so.
        """
        find_column(inputs, options["text"], ("text",))
        for field in options["fields"]:
            find_column(outcomes, field, KINDS)
        check_apart([*options["fields"], *(column.name for column in inputs)])

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Each field has a value in some cases; in others it may be empty.

        Raises:
            InputError: A field is empty everywhere, or holds fractions.
        """
        for field in options["fields"]:
            if not any(field_values(outcomes, field)):
                raise InputError(
                    words(f"값이 하나도 없는 항목 {field!r}", f"no value at all in {field!r}"),
                    words("한 건 이상의 값", "a value in at least one case"),
                    words("항목을 목록에서 빼십시오.", "Take the field off the list."),
                )

    def split(
        self,
        inputs: pl.DataFrame,
        outcomes: pl.DataFrame,
        *,
        groups: NDArray[Any] | None,
        shares: Mapping[Part, float],
        rng: np.random.Generator,
        options: Options,
    ) -> NDArray[np.int64]:
        """Stratified by which fields are filled; texts that are (nearly) the same stay together.

        Returns:
            (n,) positions in `PARTS`.
        """
        import numpy as np

        columns = [field_values(outcomes, field) for field in options["fields"]]
        filled = np.array([[bool(value) for value in values] for values in columns]).T
        strata = np.unique(filled, axis=0, return_inverse=True)[1].ravel()
        together = join(alike(texts_of(take(inputs, options["text"]))), groups)
        return stratified_parts(strata, groups=together, shares=shares, rng=rng)

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """The fields in their order, and the share of open texts that hold each."""
        shares = {}
        for field in options["fields"]:
            values = field_values(open_outcomes, field)
            shares[field] = sum(map(bool, values)) / len(values)
        return {"fields": list(options["fields"]), "filled": shares}

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """One text a case: the value, or a JSON object of fields and values."""
        return Outputs(kind="texts", longest=LONGEST)

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """Exact match and character F1: over all fields, then field by field."""
        fields = tuple(options["fields"])
        overall = (
            _measure("exact_match", "완전 일치", "Exact match", _over_fields(same, fields)),
            _measure("character_f1", "글자 F1", "Character F1", _over_fields(shared, fields)),
            _measure("all_fields", "모든 항목 일치", "All fields right", _all_right(fields)),
        )
        if len(fields) == 1:
            return overall[:2]
        apart = [
            _measure(
                f"{name}_{field}", f"{ko}: {field}", f"{en}: {field}", _over_fields(f, [field])
            )
            for field in fields
            for name, ko, en, f in (
                ("exact_match", "완전 일치", "Exact match", same),
                ("character_f1", "글자 F1", "Character F1", shared),
            )
        ]
        return (*overall, *apart)

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Field → (n) normal forms of the truth; and of the answers, None where unreadable.

        Raises:
            InputError: Another number of answers, or answers that are no texts.
        """
        fields = options["fields"]
        truth = {field: [value_form(v) for v in field_values(outcomes, field)] for field in fields}
        answers = as_texts(predictions, rows=outcomes.height)
        records = [read_answer(answer, fields) for answer in answers]
        return Scored(truth, {field: [record[field] for record in records] for field in fields})

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """The commonest value, the values of the most similar text, what stands between marks."""
        return BASELINES

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns beside the text that hold or tell a field, each named once."""
        found: dict[str, Leak] = {}
        for field in options["fields"]:
            answers = [(value,) for value in field_values(outcomes, field)]
            for leak in answer_leaks(inputs, answers, skip={options["text"]}):
                found.setdefault(leak.column, leak)
        return tuple(found.values())


def field_values(table: pl.DataFrame, field: str) -> list[str]:
    """(n) values of a field as texts, empty where absent.

    Raises:
        InputError: The column is missing or holds something else than texts and whole numbers.
    """
    import polars as pl

    series = take(table, field)
    return texts_of(series.cast(pl.String) if series.dtype.is_integer() else series)


def read_answer(answer: str, fields: Sequence[str]) -> dict[str, str | None]:
    """Field → normal form of the stated value, empty where not stated, None where unreadable."""
    if len(fields) == 1:
        return {fields[0]: value_form(answer)}
    try:
        stated = json.loads(answer)
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict):
        return dict.fromkeys(fields)
    return {field: _value(stated.get(field)) for field in fields}


def _value(stated: Any) -> str | None:
    if stated is None:
        return ""
    if isinstance(stated, bool) or not isinstance(stated, (str, int, float)):
        return None
    return value_form(str(stated))


def write_answers(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Answers as a solution states them, from field → (n) values."""
    if len(columns) == 1:
        return list(next(iter(columns.values())))
    rows = zip(*columns.values(), strict=True)
    return [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]


def same(truth: str, answer: str | None) -> float:
    """1 where the normal forms are equal, both empty included."""
    return float(truth == answer)


def shared(truth: str, answer: str | None) -> float:
    """Character F1 of the normal forms; 0 for an unreadable answer."""
    return 0.0 if answer is None else shared_characters(answer, truth)


def _over_fields(
    likeness: Callable[[str, str | None], float], fields: Sequence[str]
) -> Callable[[Any, Any], Floats]:
    """(n,) mean likeness over the fields."""

    def each(truth: Any, answers: Any) -> Floats:
        import numpy as np

        columns = [
            [likeness(t, a) for t, a in zip(truth[field], answers[field], strict=True)]
            for field in fields
        ]
        return np.asarray(np.mean(columns, axis=0), dtype=np.float64)

    return each


def _all_right(fields: Sequence[str]) -> Callable[[Any, Any], Floats]:
    of_fields = _over_fields(same, fields)

    def each(truth: Any, answers: Any) -> Floats:
        import numpy as np

        return np.asarray(of_fields(truth, answers) > 1 - 0.5 / len(fields), dtype=np.float64)

    return each


def _measure(name: str, ko: str, en: str, each: Callable[[Any, Any], Floats]) -> Measure:
    metric = Metric(
        name=name, title_ko=ko, title_en=en, direction="higher", lowest=0.0, highest=1.0
    )
    return Measure(metric=metric, each=each)


def _known(open_outcomes: pl.DataFrame, options: Options) -> dict[str, list[str]]:
    return {field: field_values(open_outcomes, field) for field in options["fields"]}


def commonest_values(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """Each field's most frequent value of the open sample, for every text."""
    known = _known(open_outcomes, options)
    return write_answers(
        {field: [commonest_by_form(known[field])] * inputs.height for field in known}
    )


def values_of_nearest(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """The values of the open text that shares most character pairs."""
    known = _known(open_outcomes, options)
    texts, asked = (texts_of(take(each, options["text"])) for each in (open_inputs, inputs))
    places = nearest(texts, asked)
    return write_answers({field: [known[field][at] for at in places] for field in known})


def values_between_marks(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """What stands where the open texts have their values; else the commonest value."""
    known = _known(open_outcomes, options)
    texts, asked = (texts_of(take(each, options["text"])) for each in (open_inputs, inputs))
    columns = {}
    for field, values in known.items():
        marks, usual = surroundings(texts, values), commonest_by_form(values)
        found = [between(text, marks) for text in asked]
        columns[field] = [usual if value is None else value for value in found]
    return write_answers(columns)


BASELINES = (
    Baseline(
        name="commonest_values",
        title_ko="가장 흔한 값",
        title_en="Commonest values",
        predict=commonest_values,
    ),
    Baseline(
        name="nearest_text",
        title_ko="가장 비슷한 글의 값",
        title_en="Values of the nearest text",
        predict=values_of_nearest,
    ),
    Baseline(
        name="between_marks",
        title_ko="앞뒤 글자 사이의 값",
        title_en="Values between their usual surroundings",
        predict=values_between_marks,
    ),
)
