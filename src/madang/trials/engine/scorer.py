"""Who opens the outcomes? This process alone.

`python -m madang.trials.engine.scorer WORKSPACE` answers questions on its standard input (frames
of `madang.kernel.process`) and gives back aggregates: scores, intervals, what the Ladder releases.
No answer holds an outcome, a loss of a case, or the text of an error that could hold one.

Registration happens here too, and the look at a draft before it: the agency's table is read, split
and sealed in this process, so that the process that serves firms never holds it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError, MadangError, Unavailable
from madang.kernel.words import Words, words
from madang.trials.engine.registration import Registrar
from madang.trials.engine.sealed import SealedPart
from madang.trials.engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from madang.kernel.trial import Environment


class Scorer:
    """Answers one question after another; holds nothing but the open conversations of replays."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._parts: dict[tuple[str, str], SealedPart] = {}
        self._conversations: dict[str, _Conversation] = {}

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one question: `{"value": …}` or `{"refused": …}`."""
        handlers: dict[str, Callable[..., Any]] = {
            "register": self._register,
            "check": self._check,
            "suggest": self._suggest,
            "baselines": self._baselines,
            "release": self._release,
            "scores": self._scores,
            "compare": self._compare,
            "begin": self._begin,
            "act": self._act,
        }
        arguments = dict(question)
        handler = handlers[arguments.pop("ask")]
        try:
            return {"value": handler(**arguments)}
        except MadangError as problem:
            return {"refused": _packed(problem)}
        except OSError as fault:
            return {"refused": _packed(_no_storage(fault))}

    def _part(self, demand: str, part: str) -> SealedPart:
        key = (demand, part)
        if key not in self._parts:
            self._parts[key] = SealedPart.open(self._workspace, demand, part)
        return self._parts[key]

    def _register(self, **arguments: Any) -> Any:
        return Registrar(self._workspace).register(**arguments)

    def _check(self, **arguments: Any) -> Any:
        from madang.trials.engine.draft import check
        from madang.trials.engine.wheels import Shelf

        return check(**arguments, shelf=Shelf(self._workspace.folder)).plain()

    def _suggest(self, **arguments: Any) -> Any:
        from madang.trials.engine.suggestion import suggest

        return suggest(**arguments).plain()

    def _baselines(self, demand: str, part: str) -> Any:
        return self._part(demand, part).baselines()

    def _release(self, demand: str, part: str, **arguments: Any) -> Any:
        return self._part(demand, part).release(**arguments)

    def _scores(self, demand: str, part: str, answers: str) -> Any:
        return self._part(demand, part).scores(answers)

    def _compare(self, demand: str, part: str, **arguments: Any) -> Any:
        return self._part(demand, part).compare(**arguments)

    def _begin(self, demand: str, part: str, run: str) -> Any:
        self._conversations[run] = _Conversation(self._part(demand, part))
        return self._conversations[run].next()

    def _act(self, run: str, action: Any) -> Any:
        conversation = self._conversations[run]
        message = conversation.act(action)
        if message["observation"] is None:
            del self._conversations[run]
        return message


class _Conversation:
    """All cases of a part, one after another; their records become the answers."""

    def __init__(self, part: SealedPart) -> None:
        self._part = part
        self._row = -1
        self._records: list[Any] = []
        self._environment: Environment | None = None

    def next(self) -> dict[str, Any]:
        """The next observation, `case` with the first of a case; None at the end."""
        case = None
        while True:
            if self._environment is not None:
                observation = self._environment.observation()
                if observation is not None:
                    return {"case": case, "observation": observation}
                self._records.append(self._environment.record())
            self._row += 1
            if self._row >= self._part.rows:
                return {"observation": None, "answers": self._part.keep(self._records)}
            case = self._row
            self._environment = self._part.environment(self._row)

    def act(self, action: Any) -> dict[str, Any]:
        """Take an action; a malformed one is the firm's fault and says only that."""
        assert self._environment is not None
        try:
            self._environment.act(action)
        except InputError:
            return {"observation": None, "malformed": True}
        return self.next()


def _no_storage(fault: OSError) -> Unavailable:
    return Unavailable(
        words("작업 폴더의 파일", "a file of the workspace"),
        reason=os.strerror(fault.errno or 0),  # no path: it may be named after a case
        remedy=words(
            "디스크 여유 공간과 권한을 확인하십시오.",
            "Check the free space and the rights of the folder.",
        ),
    )


def _packed(problem: MadangError) -> dict[str, Any]:
    return {
        "kind": type(problem).__name__,
        "handed_in": isinstance(problem, InputError),
        "ko": problem.sentence("ko"),
        "en": problem.sentence("en"),
    }


def unpacked(refused: Mapping[str, Any]) -> MadangError:
    """The problem as the asking process raises it: the sentence, and whose matter it is."""
    kind = Refused if refused["handed_in"] else Hindered
    return kind(str(refused["kind"]), words(refused["ko"], refused["en"]))


class Refused(InputError):
    """What the scorer refused, in its own sentence."""

    def __init__(self, kind: str, text: Words) -> None:
        self.kind = kind
        self.text = text
        super().__init__(text, "")

    def sentence(self, language: Any) -> str:
        """The scorer's sentence, unchanged."""
        return self.text.within(language)


class Hindered(Unavailable):
    """What kept the scorer from answering though nobody handed in anything wrong."""

    def __init__(self, kind: str, text: Words) -> None:
        self.kind = kind
        self.text = text
        super().__init__(text, reason="")

    def sentence(self, language: Any) -> str:
        """The scorer's sentence, unchanged."""
        return self.text.within(language)


def told_without_values(kind: type[BaseException], fault: BaseException, trace: Any) -> None:
    """Say on the error stream where a defect lies, never its message: it may quote an outcome."""
    import traceback

    for frame in traceback.extract_tb(trace):
        sys.stderr.write(f"{frame.filename}:{frame.lineno} {frame.name}\n")
    sys.stderr.write(f"scorer: {kind.__name__}\n")


def serve(folder: Path, *, objects: str = "") -> None:
    """Answer until the asking process closes the stream."""
    from madang.kernel.process import read_frame, write_frame

    asked, answered = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # A task or library that prints would break the frames: its words go to the error stream.
    os.dup2(2, 1)
    sys.excepthook = told_without_values
    workspace = Workspace(folder, objects=objects)
    workspace.keys.create("outcomes")
    scorer = Scorer(workspace)
    try:
        while (question := read_frame(asked)) is not None:
            write_frame(answered, scorer.answer(question))
    except BrokenPipeError:
        return  # the asking process was killed; its run is begun again by another


if __name__ == "__main__":
    serve(Path(sys.argv[1]), objects=sys.argv[2] if len(sys.argv) > 2 else "")
