"""What may a firm learn from a sealed run? A phase, an exception's type, a line: no more.

Messages, type names of its own, file names, output, exit codes, durations and memory peaks can all
carry rows of the sealed data, so none of them leaves. Everything that does leave is from a closed
list, and its bits are counted. From the run on the open sample a firm sees everything.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.trials.engine import harness
from madang.trials.engine.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PHASES = ("start", "import", "fit", "load", "act", "predict", "write", "done")
TOKENS = (
    "shape",
    "not_numbers",
    "unknown_input",
    "input_type",
    "rows_depend_on_each_other",
)


@dataclass(frozen=True, kw_only=True)
class Telltale:
    """What a firm is told of a sealed run that failed."""

    phase: str = ""
    exception: str = ""
    file: str = ""
    line: int = 0
    token: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON, empty facts left out."""
        facts = {
            "phase": self.phase,
            "exception": self.exception,
            "file": self.file,
            "line": self.line,
            "token": self.token,
        }
        return {name: value for name, value in facts.items() if value}


def telltale(facts: Mapping[str, Any], code: Mapping[str, bytes]) -> Telltale:
    """Read the harness's report as if the firm had written it (it can): closed lists, known lines.

    Args:
        facts: The report, empty where there is none.
        code: The firm's files; a file and line are shown only if they exist there.
    """
    phase = facts.get("phase")
    exception = facts.get("exception")
    token = facts.get("disobedient")
    file, line = facts.get("file"), facts.get("line")
    if not (isinstance(file, str) and type(line) is int and _has_line(code, file, line)):
        file, line = "", 0
    return Telltale(
        phase=phase if phase in PHASES else "",
        exception=exception if exception in (*harness.KNOWN, "Exception") else "",
        file=file,
        line=line,
        token=token if token in TOKENS else "",
    )


def _has_line(code: Mapping[str, bytes], file: str, line: int) -> bool:
    return file in code and 1 <= line <= code[file].count(b"\n") + 1


def telltale_bits(code: Mapping[str, bytes]) -> float:
    """How many bits one run that failed can carry out at most: its cause and its telltale.

    A firm that forges the report chooses every fact on its own, and each may be empty.
    """
    causes = sum(cause.is_firms for cause in Cause)
    places = 1 + sum(content.count(b"\n") + 1 for content in code.values())
    exceptions = len(harness.KNOWN) + 2  # "Exception" for all others, and none
    return math.log2(causes * (len(PHASES) + 1) * exceptions * places * (len(TOKENS) + 1))


def scrubbed(text: str, secrets: Collection[str]) -> bool:
    """Is none of these values in the text? For tests and for the operator's own check."""
    return not any(re.search(re.escape(secret), text) for secret in secrets)
