"""The whole trial from the command line: text for people, one JSON object for programs."""

from __future__ import annotations

import json
import multiprocessing
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.kernel.errors import Unavailable
from madang.trials.engine.workspace import Workspace
from madang.trials.engine.yaml_text import read_yaml
from tests.house import ROOT
from tests.trials.acts import LINE_DEMAND
from tests.trials.conftest import toys_in_the_house
from tests.trials.toys import LINE_SOLUTIONS, line_data


class Desk:
    """A workspace and the commands given on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        self.said: dict[str, Result] = {}

    def do(self, *arguments: str | Path, language: str = "en", **more: Any) -> Result:
        """One command; `--workspace` is added."""
        command = [str(each) for each in ("trials", *arguments, "--workspace", self.workspace)]
        environment = {"MADANG_LANG": language, **more.get("env", {})}
        return CliRunner().invoke(main, command, env=environment)

    def file(self, name: str, content: str | bytes) -> Path:
        """A file to hand in."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def only_json(result: Result, code: int = 0) -> dict[str, Any]:
    """The one object on the standard output."""
    assert result.exit_code == code, result.output
    (line,) = result.stdout.splitlines()
    value = json.loads(line)
    assert isinstance(value, dict)
    return value


def refused(result: Result, code: int = 3) -> str:
    """The one sentence on the error stream; nothing else was said."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("madang: ")
    return line.removeprefix("madang: ")


def answers(desk: Desk) -> bytes:
    files = only_json(desk.do("show", "line", "--json"))["files"]
    inputs = pl.concat(
        [pl.read_parquet(f) for f in files if f.endswith(("d_inputs.parquet", "l_inputs.parquet"))]
    )
    return inputs.select("case", y=pl.col("x") * 2 + 1).write_csv().encode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk on which a demand was registered."""
    with pytest.MonkeyPatch.context() as patch, toys_in_the_house(patch):
        desk = Desk(tmp_path_factory.mktemp("desk"))
        line_data(200).write_csv(desk.folder / "line.csv")
        demand = desk.file("line.yaml", LINE_DEMAND)
        desk.said["register"] = desk.do(
            "register", demand, "--data", desk.folder / "line.csv", "--json"
        )
        spare = desk.file("spare.yaml", LINE_DEMAND.replace("demand: line", "demand: spare"))
        desk.do("register", spare, "--data", desk.folder / "line.csv")
        yield desk


@pytest.fixture(scope="module")
def story(desk):
    """The desk after a whole trial: a predictions file and one Python source."""
    file = desk.file("predictions.csv", answers(desk))
    submit = ("submit", "line", file, "--tier", "predictions")
    desk.said["submit"] = desk.do(*submit, "--firm", "가나", "--name", "steady", "--json")
    source = desk.file("solution.py", LINE_SOLUTIONS["crasher"])
    desk.said["unrehearsed"] = desk.do(
        "submit", "line", source, "--tier", "python", "--firm", "B", "--name", "crasher",
        "--title-ko", "넘어짐", "--no-rehearse",
    )  # fmt: skip
    desk.said["run"] = desk.do("run", "--json")
    desk.said["idle"] = desk.do("run")
    for language in ("ko", "en"):
        desk.said[f"board {language}"] = desk.do("board", "line", language=language)
    desk.said["board"] = desk.do("board", "line", "--json")
    out = desk.folder / "report"
    desk.said["report"] = desk.do("report", "line", "--out", out, "--json")
    for language in ("ko", "en"):
        desk.said[f"report {language}"] = desk.do(
            "report", "line", "--out", out, language=language
        )
    return desk


def test_a_registration_is_told_as_one_object(desk):
    facts = only_json(desk.said["register"])

    assert facts["demand"] == "line"
    assert facts["leaks"] == []
    assert sum(facts["sizes"].values()) == 200
    assert len(facts["digest"]) == 64
    assert stat.S_IMODE((desk.workspace / "keys" / "outcomes.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ["직선을 찾습니다.", "답의 열: case, y", "판정:"]),
        ("en", ["Find the line.", "Tiers:"]),
    ],
)
def test_a_demand_is_shown_in_the_readers_language(desk, language, words):
    result = desk.do("show", "line", language=language)

    assert result.exit_code == 0
    assert all(word in result.stdout for word in words)


def test_a_demand_is_shown_as_one_object(desk):
    facts = only_json(desk.do("show", "line", "--json"))

    assert facts["outputs"]["columns"] == ["y"]
    assert facts["demand"]["seed"] == 7
    assert all(Path(file).is_file() for file in facts["files"])


@pytest.mark.bwrap
def test_a_trial_is_led_from_the_command_line(story):
    taken = only_json(story.said["submit"])
    assert taken["submission"]["firm"] == "가나"
    assert "rehearsal" not in taken
    assert story.said["unrehearsed"].exit_code == 0
    ended = {each["solution"]: each for each in only_json(story.said["run"])["endings"]}
    assert ended["steady"]["state"] == "scored"
    assert (ended["crasher"]["cause"], ended["crasher"]["firm"]) == ("crash", "B")
    assert ended["crasher"]["telltale"]["line"] == 3
    assert story.said["idle"].stdout == "No run was waiting.\n"


@pytest.mark.bwrap
def test_the_board_is_told_in_both_languages_and_as_one_object(story):
    facts = only_json(story.said["board"])

    assert [row["firm"] for row in facts["rows"]] == ["가나"]
    assert set(facts["baselines"]) == {"median"}
    assert facts["runs"]["failed"] == 1
    assert facts["bits"] > 10
    assert "기준: 중앙값" in story.said["board ko"].stdout
    assert "Baseline: Median for everybody" in story.said["board en"].stdout
    assert story.said["board ko"].exit_code == story.said["board en"].exit_code == 0


@pytest.mark.bwrap
def test_the_report_is_told_in_both_languages_and_as_one_object(story):
    paths = only_json(story.said["report"])["report"]

    assert set(paths) == {"html", "pdf", "json", "key"}
    assert all(Path(path).is_file() for path in paths.values())
    assert "'steady'을(를) 채택합니다." in story.said["report ko"].stdout
    assert "'steady' is adopted." in story.said["report en"].stdout


@pytest.mark.bwrap
def test_a_report_verifies_and_runs_again_to_the_same(story):
    paths = only_json(story.said["report"])["report"]
    command = ("verify", paths["json"], "--key", paths["key"])

    verdict = only_json(story.do(*command, "--rerun", "--json"))
    said = story.do(*command, language="ko")

    assert [check["same"] for check in verdict["rerun"]] == [True]
    assert said.exit_code == 0
    assert "✗" not in said.stdout


@pytest.mark.bwrap
def test_a_report_without_a_key_or_with_one_altered_byte_does_not_verify(story):
    paths = only_json(story.said["report"])["report"]
    content = Path(paths["json"]).read_bytes()
    place = content.index(b'"adopted"') + 12
    altered = story.file("altered.json", content[:place] + b"x" + content[place + 1 :])

    unknown = story.do("verify", paths["json"], "--json")
    result = story.do("verify", altered, "--key", paths["key"])

    assert not only_json(unknown, 1)["evidence"]["ok"]
    assert result.exit_code in (1, 3)


@pytest.mark.bwrap
def test_a_closed_demand_takes_nothing_more(story):
    source = story.file("solution.py", LINE_SOLUTIONS["good"])

    result = story.do("submit", "line", source, "--tier", "python", "--firm", "Z", "--name", "z",
                      "--no-rehearse")  # fmt: skip

    assert "the closed demand line" in refused(result)


@pytest.mark.bwrap
def test_a_rehearsal_that_fails_hands_nothing_in_and_shows_all(desk):
    source = desk.file("solution.py", LINE_SOLUTIONS["crasher"])
    command = ("submit", "spare", source, "--tier", "python", "--firm", "C", "--name", "tried")

    facts = only_json(desk.do(*command, "--json"), 1)
    told = desk.do(*command, language="ko")

    assert facts["rehearsal"]["cause"] == "crash"
    assert "ValueError: row" in facts["rehearsal"]["log"]
    assert told.exit_code == 1
    assert "예행 실행" in told.stdout
    assert "받았습니다" not in told.stdout


@pytest.mark.parametrize("command", [("show",), ("board",), ("report",)])
def test_an_unknown_demand_is_one_sentence_in_the_readers_language(desk, command):
    assert "no registered demand 'nothing'" in refused(desk.do(*command, "nothing", "--json"))
    assert "등록되지 않은 수요 'nothing'" in refused(desk.do(*command, "nothing", language="ko"))
    assert "no registered demand" in refused(desk.do(*command, "../line"))


def test_a_fresh_workspace_knows_no_demand_and_has_no_run(tmp_path):
    fresh = Desk(tmp_path)

    assert only_json(fresh.do("run", "--json")) == {"endings": []}
    assert "one of the registered demands: –" in refused(fresh.do("board", "line"))


def test_a_suggestion_is_yaml_that_the_check_takes(desk):
    import yaml

    table = desk.folder / "line.csv"
    told = {language: desk.do("suggest", table, language=language) for language in ("ko", "en")}
    facts = only_json(desk.do("suggest", table, "--json"))

    for language, said in (("ko", "초안입니다"), ("en", "A draft made from 200 rows")):
        assert told[language].exit_code == 0
        assert said in told[language].stdout
        assert yaml.safe_load(told[language].stdout)["data"] == facts["data"]
    whole = yaml.safe_load(LINE_DEMAND) | {"data": facts["data"]}
    demand = desk.file("drafted.yaml", json.dumps(whole))
    assert only_json(desk.do("check", demand, "--data", table, "--json"))["registrable"]


def test_a_suggestion_quotes_what_yaml_would_read_otherwise(desk):
    import yaml

    names = ["id", "no", "on: off", '"quoted"', "1e5 days", "가 # 나", "y"]
    odd = ("yes", "no", "1e5", "~", "'")
    rows = [[f"k{row}", *[odd[row % 5]] * 5, row] for row in range(60)]
    table = pl.DataFrame(rows, schema=names, orient="row", strict=False)
    table.write_csv(desk.folder / "odd.csv")

    told = desk.do("suggest", desk.folder / "odd.csv")

    data = only_json(desk.do("suggest", desk.folder / "odd.csv", "--json"))["data"]
    assert read_yaml(told.stdout.encode())["data"] == data
    assert yaml.safe_load(told.stdout)["data"] == data
    assert data["inputs"][0]["levels"] == ["'", "1e5", "no", "yes", "~"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ["직선을 찾습니다.", "이대로 등록할 수 있습니다.", "공개 표본", "중앙값", "일치"]),
        ("en", ["Find the line.", "It can be registered as it is.", "Median for everybody"]),
    ],
)
def test_a_check_is_told_in_the_readers_language_and_registers_nothing(desk, language, words):
    demand = desk.file("free.yaml", LINE_DEMAND.replace("demand: line", "demand: free"))

    result = desk.do("check", demand, "--data", desk.folder / "line.csv", language=language)

    assert result.exit_code == 0
    assert all(word in result.stdout for word in words)
    assert "no registered demand 'free'" in refused(desk.do("show", "free"))


def test_a_check_of_the_text_alone_says_what_is_missing(desk):
    demand = desk.file("free.yaml", LINE_DEMAND)

    result = desk.do("check", demand)

    assert result.exit_code == 0
    assert "Check it with its table, too, by --data." in result.stdout
    assert not only_json(desk.do("check", demand, "--json"))["registrable"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text, table: (text.replace("seed: 7", "seed: many"), table), "error    seed: "),
        (lambda text, table: ("demand: [", table), "in line"),
        (lambda text, table: (text, table.drop("x")), "error    data: "),
        (lambda text, table: (text, table.with_columns(x=pl.col("y") * 2)), "leak     x: "),
    ],
)
def test_a_check_that_finds_something_ends_with_code_1(desk, spoil, said):
    text, table = spoil(LINE_DEMAND, line_data(200))
    demand = desk.file("spoilt.yaml", text)
    table.write_csv(desk.folder / "spoilt.csv")
    command = ("check", demand, "--data", desk.folder / "spoilt.csv")

    told = desk.do(*command)

    assert told.exit_code == 1
    assert said in told.stdout
    only_json(desk.do(*command, "--json"), 1)


def test_a_table_that_cannot_be_read_is_a_finding_of_the_check_and_ends_a_suggestion(desk):
    demand = desk.file("free.yaml", LINE_DEMAND)

    assert "nowhere.csv" in desk.do("check", demand, "--data", "nowhere.csv").stdout
    assert "nowhere.csv" in refused(desk.do("suggest", "nowhere.csv"))
    assert desk.do("check", "nowhere.yaml").exit_code == 2
    assert "UTF-8" in refused(desk.do("check", desk.file("odd.yaml", b"\xff\xfe")))


def test_a_demand_that_gives_the_outcome_away_ends_with_code_1(desk, tmp_path):
    line_data(200).with_columns(x=pl.col("y") * 2).write_csv(tmp_path / "leak.csv")
    demand = desk.file("leak.yaml", LINE_DEMAND.replace("demand: line", "demand: leaking"))
    command = ("register", demand, "--data", tmp_path / "leak.csv")

    facts = only_json(desk.do(*command, "--json"), 1)
    told = desk.do(*command, language="ko")

    assert [leak["column"] for leak in facts["leaks"]] == ["x"]
    assert told.exit_code == 1
    assert "등록하지 않았습니다" in told.stdout
    assert "no registered demand 'leaking'" in refused(desk.do("show", "leaking"))
    assert only_json(desk.do(*command, "--accept", "x", "--json"))["leaks"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"demand: [", "in line"),
        (b"demand: \xff\xfe", "UTF-8"),
        (b"", "a mapping"),
        (LINE_DEMAND.replace("seed: 7", "seed: many").encode(), "the value many in seed"),
        (b"x" * (2 << 20), "bytes"),
    ],
)
def test_a_demand_that_cannot_be_used_ends_with_code_3(desk, text, said):
    demand = desk.file("wrong.yaml", text)

    assert said in refused(
        desk.do("register", demand, "--data", desk.folder / "line.csv", "--json")
    )


def test_a_table_that_cannot_be_used_ends_with_code_3(desk):
    demand = desk.file("second.yaml", LINE_DEMAND.replace("demand: line", "demand: second"))
    for content in (b"", b"id,site\n1,2\n", b"PAR1PAR1"):
        table = desk.file("wrong.csv", content)
        assert "wrong.csv" in refused(desk.do("register", demand, "--data", table))
    assert "nowhere.csv" in refused(
        desk.do("register", demand, "--data", desk.folder / "nowhere.csv")
    )
    assert not (desk.workspace / "demands" / "second").exists()


def test_a_demand_is_registered_once(desk):
    demand = desk.file("line.yaml", LINE_DEMAND)

    result = desk.do("register", demand, "--data", desk.folder / "line.csv")

    assert "a registered demand 'line'" in refused(result)


@pytest.mark.parametrize(
    ("name", "content", "more", "said"),
    [
        ("solution.py", b"def predict(:\n", (), "a syntax error in line 1"),
        ("model.pkl", b"", (), "a file solution.py"),
        ("odd name.py", b"", (), "the file name 'odd name.py'"),
        ("code.zip", b"no zip", (), "an unreadable archive code.zip"),
        ("solution.py", b"x = 1\n", ("--name", "a b"), "the solution name 'a b'"),
        ("solution.py", b"x = 1\n", ("--firm", " "), "the firm's name"),
        ("predictions.csv", b"case,y\nx,1\n", ("--tier", "predictions"), "missing"),
    ],
)
def test_what_cannot_be_handed_in_ends_with_code_3_and_costs_nothing(
    desk, name, content, more, said
):
    file = desk.file(name, content)
    before = sorted((desk.workspace / "objects").rglob("*"))
    options = {"--tier": "python", "--firm": "D", "--name": "d"}
    options |= dict(zip(more[::2], more[1::2], strict=True))

    result = desk.do(
        "submit",
        "spare",
        file,
        "--no-rehearse",
        *(word for pair in options.items() for word in pair),
    )

    assert said in refused(result)
    assert sorted((desk.workspace / "objects").rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [("show",), ("submit", "line"), ("board", "line", "--nothing"), ("register", "/none.yaml")],
)
def test_wrong_usage_ends_with_code_2(desk, arguments):
    assert desk.do(*arguments).exit_code == 2


def test_a_file_that_is_no_report_ends_with_code_3(desk):
    file = desk.file("notes.txt", "nothing")

    assert refused(desk.do("verify", file))
    assert refused(desk.do("verify", file, "--key", "no key"))


def test_a_workspace_that_cannot_be_made_ends_with_code_4(tmp_path):
    blocked = Desk(tmp_path)
    blocked.file("workspace", "a file where a folder should be")

    # Click looks first whether it is a folder.
    assert blocked.do("run").exit_code == 2
    blocked.workspace = tmp_path / "workspace" / "below"
    said = refused(blocked.do("run"), 4)
    assert "the workspace" in said
    assert "--workspace" in said


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "madang", "trials", *map(str, arguments)]


def test_exit_codes_are_those_of_the_process(tmp_path):
    environment = {**os.environ, "MADANG_LANG": "ko"}

    ended = subprocess.run(
        command("board", "없음", "--workspace", tmp_path / "w", "--json"),
        capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 3
    assert ended.stdout == ""
    assert "등록되지 않은 수요 '없음'" in ended.stderr


def _as_somebody_else(folder: Path) -> None:
    """In a fork: what an ordinary user meets who names this workspace."""
    user = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    try:
        Workspace(folder).create()
    except Unavailable as refusal:
        os._exit(4 if "Permission denied" in refusal.sentence("en") else 1)
    os._exit(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
def test_an_ordinary_user_has_a_workspace_of_its_own_and_not_roots():
    with tempfile.TemporaryDirectory() as name:
        own, roots = Path(name) / "own", Path(name) / "roots"
        Path(name).chmod(0o755)
        own.mkdir()
        shutil.chown(own, "nobody")
        Workspace(roots).create()

        codes = []
        for folder in (own / "w", roots, roots / "below"):
            somebody = multiprocessing.get_context("fork").Process(
                target=_as_somebody_else, args=(folder,)
            )
            somebody.start()
            somebody.join(30)
            codes.append(somebody.exitcode)

    assert codes == [0, 4, 4]


def test_an_interrupted_run_ends_at_once_and_leaves_the_queue_whole(tmp_path):
    """SIGINT while nothing is under way; runs at hand are finished first (tests of the worker)."""
    held = subprocess.Popen(
        [sys.executable, "-c", _HELD, str(tmp_path / "w")],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert held.stdout is not None
    assert held.stdout.readline() == "waiting\n"
    time.sleep(0.3)

    held.send_signal(signal.SIGINT)

    assert held.wait(30) == 0
    held.stdout.close()


# Another worker holds a run, so that this one waits for it: the moment to interrupt.
_HELD = """
import sys
from pathlib import Path
from madang.trials.engine.office import Office
from madang.trials.engine.workspace import Workspace
with Office(Workspace(Path(sys.argv[1]))) as office:
    office.proceedings.runs.enqueue("r", "trials.run", {"demand": "d", "submission": "s"})
    office.proceedings.runs.claim("another", lease_s=600)
    print("waiting", flush=True)
    assert office.work() == 0
"""
