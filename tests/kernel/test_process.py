"""Trusted programs end in time, and a companion that fails costs one answer, never a hang."""

from __future__ import annotations

import io
import os
import resource
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from madang.kernel import process
from madang.kernel.errors import Unavailable
from madang.kernel.process import Companion, beside, read_frame, write_frame

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = sys.executable

ANSWERING = """
import os, sys, time
from madang.kernel.process import read_frame, write_frame
while (question := read_frame(sys.stdin.buffer)) is not None:
    kind = question["kind"]
    if kind == "die":
        os._exit(3)
    if kind == "sleep":
        time.sleep(60)
    if kind == "stall":
        sys.stdout.buffer.write(b"\\x00\\x00\\x00\\x09{")
        sys.stdout.buffer.flush()
        time.sleep(60)
    if kind == "babble":
        sys.stdout.buffer.write(b"\\x00\\x00\\x00\\x03abc")
        sys.stdout.buffer.flush()
        continue
    write_frame(sys.stdout.buffer, {"pid": os.getpid(), "echo": question})
"""


def companion() -> Companion:
    return Companion([PYTHON, "-c", ANSWERING])


def test_a_program_gets_its_input_and_gives_its_output_and_code() -> None:
    source = "import sys; print(sys.stdin.read()[::-1]); print('e', file=sys.stderr); sys.exit(7)"

    ended = process.run([PYTHON, "-c", source], timeout_s=30, stdin=b"abc")

    assert ended == (7, b"cba\n", b"e\n")


def test_a_program_sees_only_the_environment_it_is_given(tmp_path: Path) -> None:
    source = "import os; print(sorted(os.environ), os.getcwd())"

    ended = process.run(
        [PYTHON, "-I", "-c", source], timeout_s=30, environment={"A": "1"}, folder=str(tmp_path)
    )

    assert b"'A'" in ended.stdout
    assert b"PATH" not in ended.stdout
    assert os.fsencode(tmp_path) in ended.stdout


def test_no_shell_reads_the_arguments() -> None:
    source = "import sys; print(sys.argv[1])"

    ended = process.run([PYTHON, "-c", source, "$HOME; `id`"], timeout_s=30)

    assert ended.stdout == b"$HOME; `id`\n"


def test_a_program_killed_by_a_signal_says_which() -> None:
    ended = process.run([PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"], timeout_s=30)

    assert ended.code == -9


def test_a_program_that_does_not_exist_is_named() -> None:
    with pytest.raises(Unavailable, match="no-such-program"):
        process.run(["/no-such-program"], timeout_s=1)


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(Unavailable) as caught:
        process.run([PYTHON, "-c", "import time; time.sleep(60)"], timeout_s=0.2)

    assert "0.2 s" in caught.value.sentence("en")
    assert "0.2초" in caught.value.sentence("ko")


def test_a_companion_answers_many_questions_in_one_process() -> None:
    with companion() as friend:
        answers = [friend.ask({"kind": "echo", "n": n}, timeout_s=30) for n in range(3)]
        pid = friend.pid

    assert [answer["echo"]["n"] for answer in answers] == [0, 1, 2]
    assert {answer["pid"] for answer in answers} == {pid}
    assert friend.pid is None


def test_a_companion_that_died_costs_one_answer() -> None:
    with companion() as friend:
        first = friend.ask({"kind": "echo"}, timeout_s=30)
        with pytest.raises(Unavailable, match="without an answer"):
            friend.ask({"kind": "die"}, timeout_s=30)
        second = friend.ask({"kind": "echo"}, timeout_s=30)

    assert first["pid"] != second["pid"]


@pytest.mark.parametrize("kind", ["sleep", "stall"])
def test_a_companion_that_is_silent_or_stops_within_an_answer_is_ended(kind: str) -> None:
    """A frame that begins and never ends used to hold the asker for ever."""
    with companion() as friend:
        pid = friend.ask({"kind": "echo"}, timeout_s=30)["pid"]
        with pytest.raises(Unavailable, match=r"within 0\.3 s"):
            friend.ask({"kind": kind}, timeout_s=0.3)

        assert friend.pid is None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert friend.ask({"kind": "echo"}, timeout_s=30)["pid"] != pid


def test_a_question_larger_than_a_pipe_does_not_outlast_the_time() -> None:
    with companion() as friend:
        friend.ask({"kind": "echo"}, timeout_s=30)
        write_frame(friend._process.stdin, {"kind": "sleep"})  # type: ignore[union-attr, arg-type]
        with pytest.raises(Unavailable, match=r"within 0\.3 s"):
            friend.ask({"kind": "echo", "text": "x" * (1 << 20)}, timeout_s=0.3)


def test_an_answer_that_is_no_json_ends_the_companion() -> None:
    with companion() as friend:
        with pytest.raises(Unavailable):
            friend.ask({"kind": "babble"}, timeout_s=30)

        assert friend.pid is None


def test_a_companion_that_cannot_start_is_named() -> None:
    with pytest.raises(Unavailable, match="no-such-program"):
        Companion(["/no-such-program"]).ask({}, timeout_s=1)


def test_frames_come_back_in_their_order_until_the_stream_ends() -> None:
    stream = io.BytesIO()
    for value in ({"나이": 3}, [1, None], "x"):
        write_frame(stream, value)
    stream.seek(0)

    assert [read_frame(stream) for _ in range(4)] == [{"나이": 3}, [1, None], "x", None]


@pytest.mark.parametrize(
    "content", [b"\x00", b"\x00\x00\x00\x05{}", b"\xff\xff\xff\xff{}", b"\x00\x00\x00\x02{]"]
)
def test_a_broken_frame_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        read_frame(io.BytesIO(content))


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_program_serves_beside_the_block_and_ends_with_it() -> None:
    port = _port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]

    with beside(command, ready=lambda: _answers(port), timeout_s=30) as pid:
        assert _answers(port)
        os.kill(pid, 0)

    assert not _answers(port)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_program_that_never_serves_is_named() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]

    with (
        pytest.raises(Unavailable, match=r"within 0\.2 s"),
        beside(command, ready=lambda: False, timeout_s=0.2),
    ):
        pass
    with (
        pytest.raises(Unavailable, match="without an answer"),
        beside([sys.executable, "-c", ""], ready=lambda: False, timeout_s=30),
    ):
        pass
    with (
        pytest.raises(Unavailable, match="no-such-program"),
        beside(["/no-such-program"], ready=lambda: True, timeout_s=1),
    ):
        pass


def _steady() -> float:
    return 0.02


def test_a_watched_program_ends_with_its_code_and_the_beginning_of_its_messages() -> None:
    source = "import sys; sys.stderr.write('e' * 100_000); print('dropped'); sys.exit(7)"

    ended = process.run_watched([PYTHON, "-c", source], timeout_s=30, check=_steady)

    assert ended == (7, b"", b"e" * 8192)


def test_a_watched_program_is_killed_with_its_children_when_the_time_is_up() -> None:
    source = "import os, time; os.fork(); time.sleep(60)"
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r"no end within 0\.3 s"):
        process.run_watched([PYTHON, "-c", source], timeout_s=0.3, check=_steady)
    # Its messages end when the last child has; a child that lived would keep them open.
    assert time.monotonic() - began < 30


def test_a_watched_program_is_killed_when_the_watch_objects(tmp_path: Path) -> None:
    place = tmp_path / "grown"
    source = f"import time; open({str(place)!r}, 'w').write('x'); time.sleep(60)"

    def check() -> float:
        if place.exists():
            raise ValueError("enough")
        return 0.01

    began = time.monotonic()
    with pytest.raises(ValueError, match="enough"):
        process.run_watched([PYTHON, "-c", source], timeout_s=50, check=check)
    assert time.monotonic() - began < 30


def test_a_watched_program_is_held_to_its_limits(tmp_path: Path) -> None:
    place = tmp_path / "large"
    source = (
        "import sys, time; time.sleep(0.2)\n"  # until the kernel knows the limit
        f"open({str(place)!r}, 'wb').write(bytes(100_000))"
    )

    ended = process.run_watched(
        [PYTHON, "-c", source],
        timeout_s=30,
        check=_steady,
        limits={resource.RLIMIT_FSIZE: 10_000},
    )

    assert ended.code != 0
    assert place.stat().st_size == 10_000


def test_a_watched_program_that_does_not_exist_is_told() -> None:
    with pytest.raises(Unavailable, match="No such file"):
        process.run_watched(["/nowhere/program"], timeout_s=1, check=_steady)
