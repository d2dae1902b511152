"""Every command can be found, explains itself, and stands in the documentation as it is."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from madang import cli
from madang.kernel import systems
from tests.house import ROOT
from tools import reference
from tools.programme import Room, rooms

EVERY = [(context.command_path, command) for context, command in reference.commands()]
TEXT_ALONE = {
    "madang manage": "it passes on what the site's own commands say",
    "madang site": "it serves until it is stopped",
    "madang prognosis serve": "it serves until it is stopped",
    "madang rpki serve": "it serves until it is stopped",
    "madang backup": "what it shows is a file",
    "madang restore": "what it shows is a site",
    "madang sandbox profile": "what it shows is the text of a file, to be put where it is read",
}
each_command = pytest.mark.parametrize(
    ("path", "command"), EVERY, ids=[path.replace(" ", "-") for path, _ in EVERY]
)


@each_command
def test_a_command_and_its_options_have_help(path: str, command: click.Command) -> None:
    assert command.get_short_help_str(), f"{path} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name} has no help"


@each_command
def test_help_is_shown_and_ends_well(path: str, command: click.Command) -> None:
    run = CliRunner().invoke(cli.main, [*path.split()[1:], "--help"])

    assert run.exit_code == 0
    assert run.stdout.startswith("Usage: ")


@each_command
def test_wrong_usage_ends_with_code_2_and_no_traceback(path: str, command: click.Command) -> None:
    run = CliRunner().invoke(cli.main, [*path.split()[1:], "--no-such-option"])

    assert run.exit_code == 2
    assert "Traceback" not in run.output


@each_command
def test_a_command_that_shows_something_shows_it_to_programs_too(
    path: str, command: click.Command
) -> None:
    if isinstance(command, click.Group) or path in TEXT_ALONE:
        return
    options = {name for parameter in command.params for name in parameter.opts}

    assert "--json" in options, f"{path} has no --json"


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    page = (ROOT / reference.COMMANDS_PAGE).read_text(encoding="utf-8")

    assert page == reference.commands_page(), "run: python -m tools.reference"


def test_the_readmes_table_is_what_the_programme_and_the_house_say() -> None:
    page = (ROOT / reference.README).read_text(encoding="utf-8")

    assert page.count(reference.BEGIN) == page.count(reference.END) == 1
    assert page == reference.readme(page), "run: python -m tools.reference"


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_in_the_readme_runs_or_says_that_it_is_not_built(room: Room) -> None:
    page = (ROOT / reference.README).read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if f"| `{room.name}` " in line)
    if room.name not in systems.NAMES:
        assert reference.NOT_BUILT in row
        assert not (ROOT / "src/madang" / room.name).exists()
        return

    assert f"`{room.command}`" in row
    assert (ROOT / room.proof).exists()
    words = shlex.split(room.command)
    assert words[0] == "madang"
    assert CliRunner().invoke(cli.main, [*words[1:], "--help"]).exit_code == 0


def test_a_room_without_commands_is_no_command() -> None:
    silent = [system.name for system in systems.manifests() if not system.commands]
    for name in silent:
        run = CliRunner().invoke(cli.main, [name])

        assert run.exit_code == 2
        assert "No such command" in run.stderr


def test_every_make_target_that_the_readme_names_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {word.split()[1] for word in _made(readme)}

    assert named >= {"run", "test"}
    for target in named:
        assert f"\n{target}:" in makefile, target


def _made(text: str) -> list[str]:
    return re.findall(r"\bmake [a-z-]+", text)
