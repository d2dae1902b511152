"""How does a company take part in a trial from its own machine, at a site that is elsewhere?

The site does what the engine does in a workspace; here its API is asked, in the order of the acts:
read the demand, try the solution on the open sample, hand it in, wait for what comes of it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel import ids
from madang.kernel.remote import API
from madang.trials.engine.submission import check_name, read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from madang.kernel.remote import Remote
    from madang.kernel.words import Words
    from madang.trials.engine.demand import Tier

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 10.0
"""Between two questions whether a run has ended."""
REPORTS = ("html", "pdf", "json")


class Handed(NamedTuple):
    """What became of a solution that was to be handed in: plain JSON as the site told it."""

    rehearsal: Mapping[str, Any] | None
    submission: Mapping[str, Any] | None
    """None where the rehearsal failed."""

    @property
    def is_good(self) -> bool:
        """Whether it was taken in, and did not fail as far as it was waited for."""
        return self.submission is not None and self.submission["state"] != "failed"


def demand(remote: Remote, name: str) -> dict[str, Any]:
    """A demand as the site tells it."""
    found: dict[str, Any] = remote.get(f"/trials/demands/{name}")
    return found


def submit(
    remote: Remote,
    demand_name: str,
    files: list[Path],
    *,
    name: str,
    title: Words,
    tier: Tier,
    rehearse: bool = True,
    wait: bool = False,
    key: str = "",
    told: Callable[[Mapping[str, Any]], None] = lambda run: None,
) -> Handed:
    """Hand in a solution at a site.

    Args:
        remote: The site.
        demand_name: What it answers.
        files: Files, a folder or one zip archive.
        name: The solution's name.
        title: Its title.
        tier: What it is.
        rehearse: First run it on the open sample.
        wait: Wait until it is scored.
        key: The same key with the same files hands in once, however often it is asked for.
        told: Called with a run each time its state changes.

    Raises:
        SubmissionError: Files that the demand does not take.
        Refused: The site said no.
    """
    key = key or ids.new("key")
    wanted = demand(remote, demand_name)
    largest = int(wanted["limits"].get("submission_mb", 64)) * 2**20
    contents = read_files(files, largest_bytes=largest)
    check_name(name)
    path, rehearsal = f"/trials/demands/{demand_name}", None
    if rehearse and tier != "predictions":
        begun = remote.upload(f"{path}/rehearsals", {"tier": tier}, contents, key=f"{key}-try")
        rehearsal = ended(remote, f"/trials/rehearsals/{begun['id']}", told)
        if not rehearsal["is_good"]:
            return Handed(rehearsal, None)
    fields = {"name": name, "tier": tier, "title_ko": title.ko, "title_en": title.en}
    taken = remote.upload(f"{path}/submissions", fields, contents, key=key)
    if wait:
        taken = ended(remote, f"/trials/submissions/{taken['id']}", told)
    return Handed(rehearsal, taken)


def ended(
    remote: Remote, path: str, told: Callable[[Mapping[str, Any]], None] = lambda run: None
) -> dict[str, Any]:
    """What stands at a path once its run is over.

    Args:
        remote: The site.
        path: Of a rehearsal or a submission.
        told: Called with the run each time its state changes.
    """
    pause_s, before = SHORTEST_PAUSE_S, ""
    while True:
        found: dict[str, Any] = remote.get(path)
        if found["run"]["state"] != before:
            before = found["run"]["state"]
            told(found["run"])
        if found["is_over"]:
            return found
        time.sleep(pause_s)
        pause_s = min(LONGEST_PAUSE_S, pause_s * 1.5)


def download_report(remote: Remote, demand_name: str, folder: Path) -> dict[str, str]:
    """Fetch the signed report of an announced decision.

    Returns:
        `html`, `pdf`, `json` → where each lies.
    """
    told = remote.get(f"/trials/demands/{demand_name}/decision")
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for address in told["reports"]:
        kind = str(address).rpartition(".")[2]
        if kind not in REPORTS:
            continue
        file = folder / f"{demand_name}-report.{kind}"
        draft = file.with_name(f".{file.name}.part")
        with draft.open("wb") as opened:
            remote.download(str(address).removeprefix(API), opened)
        draft.replace(file)
        found[kind] = str(file)
    return found
