"""`make new-system NAME=factory`: how does a new room come into the house?

Writes a room of the house's shape with one true engine function, one command, their tests, a page
in both languages and a news fragment, and enters its name where names are listed. Everything is
checked before the first byte is written.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from string import Template

from tools.programme import Room, rooms

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).with_name("room")

FILES = {
    "package.py": "src/madang/{name}/__init__.py",
    "system.py": "src/madang/{name}/system.py",
    "engine.py": "src/madang/{name}/engine/__init__.py",
    "intake.py": "src/madang/{name}/engine/intake.py",
    "cli.py": "src/madang/{name}/cli.py",
    "test_intake.py": "tests/{name}/engine/test_intake.py",
    "test_cli.py": "tests/{name}/test_cli.py",
    "page.ko.md": "docs/ko/rooms/{name}.md",
    "page.en.md": "docs/en/rooms/{name}.md",
    "news.md": "news/{name}.added.md",
}
"""Template → the file that it becomes."""
EXTRA_FILES = {
    "requirements.in": "requirements/{name}.in",
    "requirements.txt": "requirements/{name}.txt",
}

NAMES_FILE = "src/madang/kernel/systems.py"
PROJECT_FILE = "pyproject.toml"
FACTS_FILE = "tools/programme.toml"


class Refused(Exception):
    """The room cannot be added; the message is one sentence that says why."""


def built(root: Path) -> tuple[str, ...]:
    """The names in the tuple of `kernel/systems.py`, read as text: the tree may be another one."""
    text = (root / NAMES_FILE).read_text(encoding="utf-8")
    block = re.search(r"^NAMES: tuple\[str, \.\.\.\] = \((.*?)\)$", text, re.S | re.M)
    if block is None:
        raise Refused(f"{NAMES_FILE} has no tuple NAMES in the form that this tool writes.")
    return tuple(re.findall(r'"([a-z]+)"', block[1]))


def room(root: Path, name: str) -> Room:
    """The facts of the room to be added.

    Raises:
        Refused: The programme has no such room, or the house has it already.
    """
    known = {each.name: each for each in rooms(root / FACTS_FILE)}
    present = built(root)
    if name in present or (name in known and (root / "src/madang" / name).exists()):
        raise Refused(f"The room {name!r} stands already in src/madang.")
    if name not in known:
        free = ", ".join(each for each in known if each not in present)
        raise Refused(f"Found the name {name!r}, expected a room of the programme: {free}.")
    return known[name]


def written(facts: Room, *, extra: bool) -> dict[str, str]:
    """Path from the root → text, for every new file of the room."""
    values = {
        "name": facts.name,
        "title_ko": facts.title_ko,
        "title_en": facts.title_en,
        "sentence_ko": facts.sentence_ko,
        "sentence_en": facts.sentence_en,
        "lines": "(" + "".join(f'"{line}", ' for line in facts.lines).rstrip() + ")",
        "extra": facts.name if extra else "",
    }
    files = FILES | (EXTRA_FILES if extra else {})
    return {
        path.format(name=facts.name): _filled(source, values) for source, path in files.items()
    }


def _filled(source: str, values: dict[str, str]) -> str:
    template = TEMPLATES / f"{source}.tmpl"
    # An empty lock is what `make lock` writes for a list without packages.
    text = template.read_text(encoding="utf-8") if template.exists() else ""
    return Template(text).substitute(values)


def entered(root: Path, facts: Room, *, extra: bool) -> dict[str, str]:
    """Path from the root → new text, for every file that lists the rooms."""
    order = [each.name for each in rooms(root / FACTS_FILE)]
    before = built(root)
    after = tuple(sorted((*before, facts.name), key=order.index))
    project = _replaced(root, PROJECT_FILE, f'"{" | ".join(before)}"', f'"{" | ".join(after)}"')
    project = _swap(project, PROJECT_FILE, _containers(before), _containers(after))
    if extra:
        mark = "[tool.setuptools.dynamic.optional-dependencies]\n"
        line = f'{facts.name} = {{ file = ["requirements/{facts.name}.in"] }}\n'
        project = _swap(project, PROJECT_FILE, mark, mark + line)
    return {
        NAMES_FILE: _replaced(root, NAMES_FILE, _tuple(before), _tuple(after)),
        PROJECT_FILE: project,
        FACTS_FILE: _replaced(root, FACTS_FILE, *_promise(facts)),
    }


def _tuple(names: tuple[str, ...]) -> str:
    return "= (\n" + "".join(f'    "{name}",\n' for name in names) + ")"


def _containers(names: tuple[str, ...]) -> str:
    return "containers = [" + ", ".join(f'"madang.{name}"' for name in names) + "]"


def _promise(facts: Room) -> tuple[str, str]:
    """The room's last line in the facts, and the same with its command and its proof."""
    last = f'sentence_en = "{facts.sentence_en}"\n'
    command = f'command = "madang {facts.name} describe"\n'
    return last, f'{last}{command}proof = "tests/{facts.name}"\n'


def _replaced(root: Path, path: str, old: str, new: str) -> str:
    return _swap((root / path).read_text(encoding="utf-8"), path, old, new)


def _swap(text: str, path: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise Refused(f"{path} should hold {old!r} once and holds it {text.count(old)} times.")
    return text.replace(old, new)


def add(root: Path, name: str, *, extra: bool = False) -> list[str]:
    """Add the room to the house at `root`.

    Args:
        root: The repository.
        name: The room's name in the programme.
        extra: The room will need libraries of its own: also begin `requirements/<name>.in`.

    Returns:
        The paths that were written.

    Raises:
        Refused: It cannot be added; nothing was written.
    """
    facts = room(root, name)
    new = written(facts, extra=extra)
    standing = [path for path in new if (root / path).exists()]
    if standing:
        raise Refused(f"{standing[0]} stands already and would be overwritten.")
    for path, text in (new | entered(root, facts, extra=extra)).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    _sort_imports(root, [path for path in new if path.endswith(".py")])
    _write_reference(root)
    return sorted([*new, NAMES_FILE, PROJECT_FILE, FACTS_FILE, "docs/cli.md", "README.md"])


def _sort_imports(root: Path, paths: list[str]) -> None:
    """Where the room's own imports stand depends on its name."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "check", "-q", "--no-cache", "--select", "I", "--fix", *paths]
    subprocess.run(command, cwd=root, check=True)


def _write_reference(root: Path) -> None:
    """Renew the written pages in a fresh interpreter, which sees the new room."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    subprocess.run(
        [sys.executable, "-m", "tools.reference"], cwd=root, env=environment, check=True
    )


def main() -> None:
    """Add the room that the command line names."""
    parser = argparse.ArgumentParser(prog="make new-system NAME=…", description=__doc__)
    parser.add_argument("name", help="the room's name in the programme, such as fund")
    parser.add_argument("--extra", action="store_true", help="it will need libraries of its own")
    given = parser.parse_args()
    try:
        paths = add(ROOT, given.name, extra=given.extra)
    except Refused as reason:
        sys.exit(f"new-system: {reason}")
    print(*paths, sep="\n")
    print(f"Next: make check test, then write src/madang/{given.name}/engine.")


if __name__ == "__main__":
    main()
