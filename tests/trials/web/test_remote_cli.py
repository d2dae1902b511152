"""A company does everything from its own machine: the commands against a site that is served."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from click.testing import CliRunner
from django.db import connection

from madang import cli
from madang.kernel import sign_in
from madang.portal import tokens
from madang.portal.models import ApiToken
from madang.portal.worker import work
from madang.trials.engine import afar
from madang.trials.web.models import Question, Submission
from madang.trials.web.services import questions
from tests.house import ROOT
from tests.portal.people import home_of, somebody
from tests.trials.web import demands, solved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from pytest_django.live_server_helper import LiveServer

    from madang.portal.models import User
    from madang.trials.web.models import Demand

pytestmark = pytest.mark.django_db(transaction=True)


class Machine:
    """A company's machine: signed in at the site, with a worker at the other end."""

    def __init__(self, site: str, user: User) -> None:
        self.site, self.user = site, user
        made = tokens.mint(home_of(user), name="ci", rights=[], days=30, by=user)
        self.token = made.text

    def run(self, *arguments: str, given: str = "", code: int = 0) -> Result:
        """A command and how it ended."""
        ended = CliRunner().invoke(cli.main, [*arguments], input=given)
        assert ended.exit_code == code, f"{ended.output}\n{ended.exception!r}"
        return ended

    def told(self, *arguments: str, code: int = 0) -> Any:
        """What a command tells a program."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


@pytest.fixture
def machine(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MADANG_LANG", "en")
    monkeypatch.delenv("MADANG_SITE", raising=False)
    monkeypatch.delenv("MADANG_TOKEN", raising=False)
    monkeypatch.setattr(afar, "SHORTEST_PAUSE_S", 0.05)
    return Machine(live_server.url, somebody("company"))


@pytest.fixture
def worker() -> Iterator[None]:
    """Somebody who works on the queue until the test ends."""
    over = threading.Event()

    def serve() -> None:
        while not over.wait(0.05):
            work(until_idle=True, lease_s=30)
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join()


def signed_in(machine: Machine) -> Machine:
    machine.run("login", "--site", machine.site, given=machine.token + "\n")
    return machine


def answers(demand: Demand, folder: Path) -> Path:
    """Answers for the board's and the final cases, by the line."""
    from madang.trials.web.services.house import office

    public = office().workspace.demand_folder(demand.name).public
    parts = [pl.read_parquet(public / f"{part}_inputs.parquet") for part in ("board", "final")]
    found = [each.select("case", prediction=2 * pl.col("x") + 1) for each in parts]
    file = folder / "predictions.csv"
    pl.concat(found).write_csv(file)
    return file


def test_signing_in_keeps_the_token_for_its_owner_alone(machine: Machine) -> None:
    ended = machine.run("login", "--site", machine.site, given=machine.token + "\n")

    assert f"{machine.site}/programs/tokens/new" in ended.stderr
    assert home_of(machine.user).name_en in ended.stdout
    assert machine.token not in ended.output
    assert sign_in.file().stat().st_mode & 0o777 == 0o600
    assert sign_in.remote(machine.site).token == machine.token


def test_a_token_that_is_none_signs_nobody_in(machine: Machine) -> None:
    machine.run("login", "--site", machine.site, given="nonsense\n", code=3)
    other = machine.token[:-1] + ("0" if machine.token[-1] != "0" else "1")
    ended = machine.run("login", "--site", machine.site, given=other + "\n", code=3)

    assert "No valid token" in ended.stderr
    assert not sign_in.file().exists()


def test_signing_out_forgets_and_where_asked_revokes(machine: Machine) -> None:
    signed_in(machine).run("logout")
    assert machine.token not in sign_in.file().read_text()
    assert ApiToken.objects.get().revoked is None

    signed_in(machine).run("logout", "--revoke")
    assert ApiToken.objects.get().revoked
    machine.run("logout", code=3)


def test_without_signing_in_a_command_says_what_to_do(machine: Machine) -> None:
    ended = machine.run("trials", "demands", code=3)

    assert "madang login" in ended.stderr


def test_a_site_that_is_not_there_is_told_of(machine: Machine, monkeypatch) -> None:
    monkeypatch.setenv("MADANG_SITE", "http://127.0.0.1:9")
    monkeypatch.setenv("MADANG_TOKEN", machine.token)
    monkeypatch.setattr("madang.kernel.remote.time.sleep", lambda _: None)

    assert "127.0.0.1:9" in machine.run("trials", "demands", code=4).stderr


def test_demands_are_found_and_shown(machine: Machine) -> None:
    row = demands.row(title_en="Sorting petitions", sought="sorting petitions 민원")
    demands.row(title_en="Another", sought="another")
    signed_in(machine)

    found = machine.told("trials", "demands", "petitions")["demands"]
    assert [each["name"] for each in found] == [row.name]
    assert "Sorting petitions" in machine.run("trials", "demands").stdout
    assert machine.told("trials", "show", row.name, "--remote")["name"] == row.name
    machine.run("trials", "show", "no-such", "--remote", code=3)


def test_questions_are_asked_and_read(machine: Machine) -> None:
    row = demands.row()
    signed_in(machine)
    machine.run("trials", "questions", row.name, "--ask", "What is the unit?")
    questions.answer(Question.objects.get(), by=row.posted_by, text="Metres.")

    told = machine.run("trials", "questions", row.name).stdout
    assert "What is the unit?" in told
    assert "Answer: Metres." in told


def test_a_solution_is_handed_in_scored_and_shown(
    machine: Machine, tmp_path: Path, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand = solved.opened(tiers=["predictions"])
    monkeypatch.setenv("MADANG_SITE", machine.site)
    monkeypatch.setenv("MADANG_TOKEN", machine.token)
    file = answers(demand, tmp_path)
    command = ["trials", "submit", demand.name, str(file), "--name", "line", "--remote"]

    told = machine.told(*command, "--tier", "predictions", "--wait", "--key", "commit-1")
    again = machine.told(*command, "--tier", "predictions", "--wait", "--key", "commit-1")

    assert told["submission"]["state"] == "done"
    assert told["submission"]["release"]["is_improved"]
    assert again["submission"]["id"] == told["submission"]["id"]
    assert Submission.objects.count() == 1, "one commit, one submission"
    identifier = told["submission"]["id"]
    assert "scored" in machine.run("trials", "status", identifier).stdout
    assert identifier in machine.run("trials", "status").stdout
    board = machine.run("trials", "board", demand.name, "--remote").stdout
    assert home_of(machine.user).name_ko in board
    assert "Baseline" in board
    assert not sign_in.file().exists(), "in CI nothing is kept on disk"


def test_what_the_demand_does_not_take_is_refused_before_anything_is_kept(
    machine: Machine, tmp_path: Path
) -> None:
    demand = demands.row(registration={"limits": {"submission_mb": 1}, "tiers": ["onnx"]})
    large = tmp_path / "predictions.csv"
    large.write_bytes(b"0" * (2**20 + 1))
    signed_in(machine)

    machine.run(
        *("trials", "submit", demand.name, str(large), "--name", "line"),
        *("--tier", "predictions", "--remote"),
        code=3,
    )
    assert not Submission.objects.exists()


def test_a_run_can_be_called_off(machine: Machine, tmp_path: Path) -> None:
    demand = solved.opened(tiers=["predictions"])
    signed_in(machine)
    told = machine.told(
        *("trials", "submit", demand.name, str(answers(demand, tmp_path))),
        *("--name", "line", "--tier", "predictions", "--remote"),
    )
    machine.run("trials", "cancel", told["submission"]["id"])
    work(until_idle=True, lease_s=30)

    assert machine.told("trials", "status", told["submission"]["id"])["state"] == "cancelled"


@pytest.mark.bwrap
def test_a_rehearsal_shows_everything_and_a_failed_one_hands_in_nothing(
    machine: Machine, tmp_path: Path, worker: None
) -> None:
    demand = solved.opened()
    signed_in(machine)
    file = tmp_path / "solution.py"
    command = ["trials", "submit", demand.name, str(file), "--name", "line", "--tier", "python"]

    file.write_bytes(solved.CRASHER)
    failed = machine.run(*command, "--remote", code=1)
    assert solved.CANARY in failed.stdout, "on the open sample a firm sees all that it said"
    assert not Submission.objects.exists()

    file.write_bytes(solved.LINE)
    done = machine.told(*command, "--remote", "--wait")
    assert done["rehearsal"]["is_good"]
    assert done["submission"]["state"] == "done"


def test_a_signed_report_is_fetched_and_verified_offline(
    machine: Machine, tmp_path: Path, worker: None
) -> None:
    demand = solved.opened(tiers=["predictions"])
    signed_in(machine)
    machine.run(
        *("trials", "submit", demand.name, str(answers(demand, tmp_path)), "--wait"),
        *("--name", "line", "--tier", "predictions", "--remote"),
    )
    solved.announced(type(demand).objects.get(pk=demand.pk))
    told = machine.told(
        "trials", "report", demand.name, "--remote", "--out", str(tmp_path / "report")
    )

    assert sorted(told["report"]) == ["html", "json", "pdf"]
    from madang.trials.web.services.reports import public_key

    verified = machine.told("evidence", "verify", told["report"]["json"], "--key", public_key())
    assert verified["ok"]


def test_no_django_is_loaded_on_a_companys_machine(machine: Machine) -> None:
    signed_in(machine)
    code = (
        "import sys\nfrom madang.cli import main\n"
        "main(['trials', 'demands'], standalone_mode=False)\n"
        "print([n for n in sys.modules if n.partition('.')[0] in"
        " ('django', 'ninja', 'pydantic', 'polars', 'numpy')], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ended.stderr.splitlines()[-1] == "[]"
