"""Is this Python source that compiles? Asked of a process of its own, with little of everything.

Compiling runs nothing, but a few kilobytes can be made to cost minutes and gigabytes: nested
f-strings, a condition of a million terms. Whoever takes in a submission must not wait for that.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import TYPE_CHECKING

from madang.kernel import process
from madang.kernel.errors import Unavailable
from madang.kernel.units import size
from madang.kernel.words import words
from madang.trials.engine.errors import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BYTES = 2 << 20
"""Of one file: what is larger was not written by hand."""
_TIME_S = 5
_MEMORY_BYTES = 1 << 30

_CHILD = f"""
import base64, json, resource, sys, warnings
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY_BYTES}, {_MEMORY_BYTES}))
resource.setrlimit(resource.RLIMIT_CPU, ({_TIME_S}, {_TIME_S}))
warnings.simplefilter("ignore")
for name, content in json.load(sys.stdin).items():
    content = base64.b64decode(content)
    try:
        compile(content.decode("utf-8-sig"), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        line = getattr(fault, "lineno", None) or 1
        if isinstance(fault, UnicodeDecodeError):
            line = content[: fault.start].count(b"\\n") + 1
        print(json.dumps([name, line]))
        break
"""


def check_source(files: Mapping[str, bytes]) -> None:
    """Does every `.py` file compile?

    Raises:
        SubmissionError: One does not, is too large, or costs too much to read.
    """
    sources = {name: content for name, content in files.items() if name.endswith(".py")}
    for name, content in sources.items():
        if len(content) > LARGEST_BYTES:
            raise SubmissionError(
                words(f"{size(len(content))}인 {name}", f"{size(len(content))} in {name}"),
                words(
                    f"{size(LARGEST_BYTES)} 이하의 Python 소스",
                    f"Python source of at most {size(LARGEST_BYTES)}",
                ),
            )
    told = json.dumps({name: base64.b64encode(each).decode() for name, each in sources.items()})
    try:
        ended = process.run(
            [sys.executable, "-I", "-S", "-c", _CHILD], timeout_s=2 * _TIME_S, stdin=told.encode()
        )
    except Unavailable as fault:
        raise _too_costly() from fault
    if ended.code:
        raise _too_costly()
    if ended.stdout:
        name, line = json.loads(ended.stdout)
        raise SubmissionError(
            words(f"{name} {line}행의 문법 오류", f"a syntax error in line {line} of {name}"),
            words("UTF-8로 저장한 올바른 Python 소스", "valid Python source in UTF-8"),
        )


def _too_costly() -> SubmissionError:
    return SubmissionError(
        words(
            "읽는 데 너무 많은 시간이나 메모리가 드는 소스", "source that costs too much to read"
        ),
        words("사람이 읽을 수 있는 Python 소스", "Python source as people write it"),
    )
