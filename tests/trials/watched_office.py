"""Lead a whole trial in this process and print every path that it opened, one a line.

Run as a program: `python -m tests.trials.watched_office FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

opened: list[str] = []


def note(event: str, arguments: tuple[object, ...]) -> None:
    """The interpreter calls this before every `open`, by whatever library of its own."""
    if event == "open" and isinstance(arguments[0], str | bytes):
        name = arguments[0]
        opened.append(name if isinstance(name, str) else name.decode("utf-8", "replace"))


def main(folder: Path) -> None:
    """The whole trial of the line demand."""
    sys.addaudithook(note)
    from madang.kernel import systems
    from madang.trials.engine.office import Office
    from madang.trials.engine.workspace import Workspace
    from tests.trials import acts, toy_house

    systems.manifests = toy_house.manifests
    Workspace.scorer_command = property(
        lambda workspace: [sys.executable, "-m", "tests.trials.toy_house", str(workspace.folder)]
    )
    with Office(Workspace(folder / "workspace")) as office:
        registered = office.register(acts.LINE_DEMAND, table=str(folder / "line.csv"))
        demand = registered.facts["demand"]
        for name in ("good", "crasher"):
            acts.hand_in(office, demand, name)
        office.work()
        office.close(demand)
        office.board(demand)
        office.publish(demand, folder / "report")
    print("\n".join(opened))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
