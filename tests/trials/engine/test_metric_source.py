"""A metric is a plain computation; whatever could be more is refused with its line."""

from __future__ import annotations

import pytest

from madang.trials.engine.metric_source import METHODS, MODULES, named_columns, source_faults
from tests.trials.engine.own_metrics import LATE, ROOT

RICH = '''
"""What a careful analyst writes."""
import math

import numpy as np

WEIGHTS = {"a": 1.0, "b": 2.0}
LIMIT: float = 3.5

def weight(level):
    return WEIGHTS.get(level, 1.0)

def metric(outcomes: dict, answers):
    y = outcomes["y"]
    weights = np.array([weight(level) for level in outcomes["colour"]])
    error = np.abs(y - answers[:, 0]).clip(0, LIMIT)
    total = 0.0
    for part in range(3):
        if part % 2 == 0 and not part == 1:
            total += float(math.sqrt(part))
        else:
            continue
    error[error > 3] *= 2
    kinds = {str(k).upper(): i for i, k in enumerate(sorted(set(outcomes["colour"])))}
    return (error * weights + total - total) if len(kinds) > 0 else error
'''


def metric(line: str, *, top: str = "import numpy as np") -> str:
    return f"{top}\ndef metric(outcomes, answers):\n    {line}\n    return answers[:, 0]\n"


def lines(source: str) -> list[int]:
    return [fault.line for fault in source_faults(source)]


@pytest.mark.parametrize("source", [LATE, ROOT, RICH])
def test_a_plain_computation_has_no_fault(source):
    assert source_faults(source) == []


@pytest.mark.parametrize(
    "line",
    [
        "print(answers)",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "__import__('os')",
        "getattr(answers, 'ctypes')",
        "setattr(answers, 'a', 1)",
        "globals()",
        "vars()",
        "type(answers)",
        "input()",
        "breakpoint()",
        "answers.__class__",
        "answers._x",
        "answers.ctypes",
        "answers.tofile('x')",
        "answers.dump('x')",
        "np.load('x')",
        "np.save('x', answers)",
        "np.savetxt('x', answers)",
        "np.fromfile('x')",
        "np.memmap('x')",
        "np.random.rand()",
        "np.linalg.norm(answers)",
        "np.ctypeslib",
        "np.lib",
        "np.core",
        "np.empty(3)",
        "np.frompyfunc(print, 1, 1)",
        "np.__dict__",
        "'{0.__class__}'.format(answers)",
        "f'{answers}'",
        "answers.sort()",
        "outcomes.update({})",
        "_ = 1",
        "x = lambda: 1",
        "import os",
        "from numpy import load",
        "import numpy.random",
        "while True: pass",
        "raise ValueError(answers)",
        "assert answers",
        "del answers",
        "global np",
        "with answers: pass",
        "(x := 1)",
        "yield 1",
        "answers.flags = 1",
        "np.pi = 3",
        "x = b'1'",
        "x = 1j",
        "nothing_known",
        "def inner(): return 1",
        "class A: pass",
        "async def f(): pass",
        "sum(*answers)",
    ],
)
def test_what_is_no_plain_computation_is_refused_in_its_line(line):
    assert 3 in lines(metric(line))


def test_a_way_around_a_try_is_refused():
    assert source_faults(
        "def metric(outcomes, answers):\n    try:\n        return 1\n    except ValueError:\n"
        "        return 2\n"
    )


@pytest.mark.parametrize(
    "top",
    [
        "import os",
        "import numpy as np, sys",
        "from math import sqrt",
        "for x in range(3): pass",
        "open('x')",
        "X = open('x')",
        "@len\ndef helper(a): return a",
        "def helper(a=[]): return a",
        "def helper(*a): return a",
        "def helper(a, *, b): return a",
        "def helper(a, /): return a",
        "def helper(a: open('x')): return a",
        "def helper(a) -> __import__('os'): return a",
        "class A: pass",
    ],
)
def test_what_stands_at_the_top_is_plain_too(top):
    assert source_faults(metric("x = 1", top=f"import numpy as np\n{top}"))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def other(outcomes, answers):\n    return 1\n",
        "def metric(answers, outcomes):\n    return 1\n",
        "def metric(outcomes, answers, more):\n    return 1\n",
        "def metric(outcomes, answers=None):\n    return 1\n",
        "metric = 1\n",
    ],
)
def test_without_the_function_that_is_called_there_is_no_metric(source):
    assert source_faults(source)


@pytest.mark.parametrize(
    "source",
    ["def metric(:\n", "\0", "(" * 5000, "-" * 100_000 + "1", "x = 1\n" * 5000, "\udc80"],
)
def test_what_cannot_be_read_is_refused_and_no_failure(source):
    assert source_faults(source)


def test_a_source_that_nobody_can_read_to_its_end_is_refused():
    long = metric("x = 1" + " + 1" * 1990)
    (fault,) = source_faults(metric("x = 1\n" + "    x = 1\n" * 1500))

    assert fault.found.en == "a source that is too long"
    assert source_faults(long)[0].found.en == "a source that is too long"
    assert source_faults(metric("x = 1\n" + "    x = 1\n" * 500)) == []


def test_every_name_on_the_list_exists_and_none_reaches_a_file():
    import math

    import numpy as np

    assert {name for name in MODULES["numpy"] if not hasattr(np, name)} == set()
    assert {name for name in MODULES["math"] if not hasattr(math, name)} == set()
    forbidden = {"load", "save", "fromfile", "memmap", "random", "lib", "empty", "ctypeslib"}
    assert not MODULES["numpy"] & forbidden
    assert not METHODS & {"tofile", "dump", "dumps", "format", "format_map", "sort", "fill"}


def test_columns_are_known_by_the_texts_in_the_source():
    assert {"y", "colour", "a", "b"} <= named_columns(RICH)
    assert "x" not in named_columns(RICH)
