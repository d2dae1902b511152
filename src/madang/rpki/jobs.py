"""What the routing-security system asks a worker to do: read routes. JSON in, JSON out."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.jobs.place import place
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.jobs.job import Progress


def routes(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Read a file of observed routes, MRT or text, into a form that pages load quickly.

    Args:
        parameters: `source` (digest of the file in the object store) and `name` (what it was
            called).
        progress: Told how far it is.

    Returns:
        `content` (digest of the routes that were read), `routes`, `peers` and `left_out` (broken
        records).

    Raises:
        RoutesRefused: It lists no routes.
    """
    from madang.kernel.store.objects import Objects
    from madang.rpki.engine.routes.listing import read_routes

    objects = Objects(place().objects)
    progress(0.1, words("경로를 읽습니다.", "Reading the routes."))
    with tempfile.TemporaryDirectory(prefix="madang-routes-") as folder:
        # The reader tells a packed file by its name's ending, and names the file in its faults.
        path = Path(folder) / (Path(parameters["name"]).name or "routes")
        path.write_bytes(objects.get(parameters["source"]))
        table, corrupt = read_routes(path)
    progress(0.7, words("읽은 경로를 보관합니다.", "Keeping what was read."))
    seen = [(str(each.prefix), each.origin, each.peers) for each in table.routes()]
    told = {
        "routes": seen,
        "paths": [
            (path.hops, path.has_set, path.ends_in_set, count)
            for path, count in table.paths.items()
        ],
    }
    return {
        "content": objects.put(json.dumps(told, separators=(",", ":")).encode()),
        "routes": len(seen),
        "peers": len(table.peers),
        "left_out": len(corrupt),
    }
