"""What does the code itself say that a page must repeat? Writes those pages, so that they hold.

`docs/cli.md` holds the help of every command; `docs/api.json` holds the description of the site's
API (OpenAPI); the table in `README.md` holds every room of the programme with its command and its
proof. `python -m tools.reference` writes them; tests compare them with what would be written.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang import cli
from madang.kernel import systems, units, words
from tools.programme import Room, rooms

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
COMMANDS_PAGE = Path("docs/cli.md")
API_PAGE = Path("docs/api.json")
README = Path("README.md")
BEGIN, END = "<!-- rooms: written by tools/reference.py -->", "<!-- end of rooms -->"
NOT_BUILT = "아직 없음 · not built yet"
WIDTH = 96


def commands(
    command: click.Command = cli.main, parent: click.Context | None = None, name: str = "madang"
) -> Iterator[tuple[click.Context, click.Command]]:
    """Every command with the context in which it is called, groups before their members."""
    settings: dict[str, Any] = {**command.context_settings} | {
        "terminal_width": WIDTH,
        "max_content_width": WIDTH,
    }
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context, command
    if isinstance(command, click.Group):
        for member in command.list_commands(context):
            found = command.get_command(context, member)
            if found is not None and not found.hidden:
                yield from commands(found, context, member)


def commands_page() -> str:
    """The text of `docs/cli.md`: one section a command, with its help as the terminal shows it."""
    with words.speaking("en"):
        sections = [_section(context, command) for context, command in commands()]
    introduction = (
        "Written from the commands themselves by `tools/reference.py`. Every command takes "
        "`--help`; `MADANG_LANG=ko` or `en` chooses the language of messages.\n"
    )
    return "\n".join(["# 명령 · Commands", "", introduction, *sections])


def _section(context: click.Context, command: click.Command) -> str:
    """One command: its full name as a heading, its help as a block."""
    path = context.command_path
    level = "#" * min(2 + path.count(" "), 4)
    return f"{level} `{path}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def api_description() -> str:
    """The text of `docs/api.json`."""
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.portal.settings.test")
        django.setup()
    from madang.portal.api.site import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"


def rooms_table() -> str:
    """The table of all rooms for `README.md`, in the order of the programme."""
    head = [
        "| 사업 · The programme's sentence | 방 · Room | 명령 · Command | 증명 · Proof |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(room) for room in rooms())])


def _row(room: Room) -> str:
    """One room; a room that is not in the house says so."""
    promise = f"{room.sentence_ko} ({units.eok(room.amount_krw)})<br>{room.sentence_en}"
    title = f"`{room.name}` {room.title_ko}<br>{room.title_en}"
    if room.name not in systems.NAMES:
        return f"| {promise} | {title} | {NOT_BUILT} | |"
    return f"| {promise} | {title} | `{room.command}` | [{room.proof}]({room.proof}) |"


def readme(text: str) -> str:
    """`text` with the table between its two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rooms_table()}\n{END}{after}"


def main(root: Path = ROOT) -> None:
    """Write them all."""
    (root / COMMANDS_PAGE).write_text(commands_page(), encoding="utf-8")
    (root / API_PAGE).write_text(api_description(), encoding="utf-8")
    page = root / README
    page.write_text(readme(page.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{COMMANDS_PAGE}, {API_PAGE}, {README}", file=sys.stderr)


if __name__ == "__main__":
    main()
