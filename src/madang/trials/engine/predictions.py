"""What does a predictions file say? Answers for cases whose inputs were given out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.store.tables import read_table
from madang.kernel.trial import Column
from madang.kernel.words import words
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.exchange import BadOutput, check_numbers, check_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from madang.kernel.trial import Outputs, Predictions


TEXT_COLUMN = "answer"
"""The column of a predictions file that holds texts, where the task names none."""


def file_columns(outputs: Outputs) -> tuple[str, ...]:
    """The columns of a predictions file beside `case`."""
    return outputs.columns or (TEXT_COLUMN,)


def check_predictions(files: Mapping[str, bytes], outputs: Outputs, cases: Sequence[str]) -> None:
    """Does the file answer for all cases that were given out, and for no other?

    Raises:
        InputError: It does not, or an answer breaks the declared form.
    """
    name = _name(files)
    table = _table(files[name], name, outputs)
    _answers(table, name, outputs, cases)
    unknown = set(table["case"]) - set(cases)
    if unknown:
        raise SubmissionError(
            words(
                f"{name}에 있는 알 수 없는 사례 {len(unknown)}건",
                f"{len(unknown)} unknown cases in {name}",
            ),
            words("공개된 입력의 사례만", "only cases whose inputs were given out"),
        )


def _name(files: Mapping[str, bytes]) -> str:
    return next(name for name in ("predictions.csv", "predictions.parquet") if name in files)


def read_predictions(
    files: Mapping[str, bytes], outputs: Outputs, cases: Sequence[str]
) -> Predictions:
    """The answers for these cases, in their order.

    Args:
        files: The submission's files.
        outputs: The declared form of answers.
        cases: Names of the cases of one part.

    Raises:
        SubmissionError: A case is missing, or an answer breaks the declared form.
        InputError: The file is no table with the declared columns.
    """
    name = _name(files)
    return _answers(_table(files[name], name, outputs), name, outputs, cases)


def _answers(
    table: pl.DataFrame, name: str, outputs: Outputs, cases: Sequence[str]
) -> Predictions:
    found = _in_order(table, cases, name)
    try:
        if outputs.kind == "numbers":
            return check_numbers(found.select(outputs.columns).to_numpy(), outputs)
        return check_texts(found[file_columns(outputs)[0]].to_list(), outputs, len(cases))
    except BadOutput as fault:
        raise _bad(name, fault.detail) from fault


def _table(content: bytes, name: str, outputs: Outputs) -> pl.DataFrame:
    kind = "number" if outputs.kind == "numbers" else "text"
    columns = (Column(name="case", kind="text"),) + tuple(
        Column(name=each, kind=kind)  # type: ignore[arg-type]
        for each in file_columns(outputs)
    )
    return read_table(content, columns=columns, name=name, id_column="case")


def _in_order(table: pl.DataFrame, cases: Sequence[str], name: str) -> pl.DataFrame:
    import polars as pl

    wanted = pl.DataFrame({"case": list(cases)}, schema={"case": pl.String})
    found = wanted.join(table, on="case", how="left", maintain_order="left")
    missing = wanted.join(table, on="case", how="anti")
    if missing.height:
        raise SubmissionError(
            words(
                f"{name}에 빠진 사례 {missing.height}건 (예: {missing['case'][0]})",
                f"{missing.height} cases missing from {name} (such as {missing['case'][0]})",
            ),
            words("봉인 자료의 모든 사례에 대한 답", "an answer for every sealed case"),
        )
    return found


_SENTENCES = {
    "not_finite": words("NaN 또는 무한대", "NaN or infinite values"),
    "out_of_bounds": words("허용 범위를 벗어난 값", "values out of bounds"),
    "nonincreasing": words("행 안에서 커지는 값", "values that increase within a row"),
    "sums_to_one": words("합이 1이 아닌 행", "rows that do not sum to 1"),
    "unknown_level": words("정해지지 않은 답", "answers outside the declared levels"),
    "too_long": words("너무 긴 답", "answers that are too long"),
    "not_text": words("문자열이 아닌 답", "answers that are no text"),
    "shape": words("행이나 열의 수가 다름", "another number of rows or columns"),
}


def _bad(name: str, detail: str) -> SubmissionError:
    said = _SENTENCES[detail]
    return SubmissionError(
        words(f"{name}: {said.ko}", f"{said.en} in {name}"),
        words("수요에 공고된 형식의 답", "answers of the form that the demand declares"),
        words(
            "'madang trials show'로 답의 형식을 확인하십시오.",
            "See the declared form with 'madang trials show'.",
        ),
    )
