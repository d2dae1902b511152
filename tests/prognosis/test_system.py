"""The manifest names what is there."""

from __future__ import annotations

from madang.kernel import systems
from madang.kernel.trial import find_task
from madang.prognosis.system import SYSTEM
from madang.prognosis.tasks import Survival, demonstration
from tests.house import python


def test_the_task_and_the_demonstration_are_found_by_name() -> None:
    assert isinstance(find_task("prognosis.survival"), Survival)
    assert systems.load(SYSTEM.demonstration, extra=SYSTEM.extra) is demonstration


def test_it_answers_a_line_of_the_programme_in_both_languages() -> None:
    assert SYSTEM.lines == ("medical-prognosis",)
    assert SYSTEM.title_ko == "AI 의료 예후관리"
    assert SYSTEM.sentence_ko.endswith(".")
    assert SYSTEM.sentence_en.endswith(".")


def test_naming_the_task_loads_no_heavy_library() -> None:
    heavy = "{'numpy', 'scipy', 'sklearn', 'polars', 'pandas', 'onnx', 'lifelines'}"
    code = "import sys, madang.prognosis.tasks, madang.prognosis.system"

    ended = python(f"{code}; found = {heavy} & set(sys.modules); assert not found, found")

    assert ended.returncode == 0, ended.stderr
