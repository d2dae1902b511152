"""The written pages say what the code says, whatever else stands on the page."""

from __future__ import annotations

import click
import pytest

from madang.kernel import systems
from tools import reference
from tools.programme import rooms


@click.group()
def yard() -> None:
    """A yard."""


@yard.command()
@click.option("--depth", type=int, default=3, show_default=True, help="How deep.")
def dig(depth: int) -> None:
    """Dig a well."""


@yard.command(hidden=True)
def tunnel() -> None:
    """Nobody is told of this one."""


def test_groups_come_before_their_members_and_hidden_commands_not_at_all() -> None:
    found = [context.command_path for context, _ in reference.commands(yard, name="yard")]

    assert found == ["yard", "yard dig"]


def test_a_section_is_the_help_that_the_terminal_shows() -> None:
    context, command = list(reference.commands(yard, name="yard"))[1]
    section = reference._section(context, command)

    assert section.startswith("### `yard dig`\n")
    assert "Usage: yard dig [OPTIONS]" in section
    assert "--depth INTEGER  How deep.  [default: 3]" in section


def test_the_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = reference.commands_page()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("MADANG_LANG", "ko")

    assert reference.commands_page() == wide


def test_the_table_has_a_row_for_every_room_in_order() -> None:
    rows = reference.rooms_table().splitlines()[2:]

    assert [row.split("| `")[1].split("`")[0] for row in rows] == [room.name for room in rooms()]
    for row, room in zip(rows, rooms(), strict=True):
        assert (reference.NOT_BUILT in row) == (room.name not in systems.NAMES)


def test_only_what_stands_between_the_marks_is_renewed() -> None:
    page = f"before\n{reference.BEGIN}\nold\n{reference.END}\nafter\n"

    written = reference.readme(page)

    assert written.startswith(f"before\n{reference.BEGIN}\n| ")
    assert written.endswith(f"|\n{reference.END}\nafter\n")
    assert "old" not in written.splitlines()
    assert reference.readme(written) == written
