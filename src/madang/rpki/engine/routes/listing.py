"""Which routes does a text list? One a line: `prefix,origin` and maybe the path.

The path stands between spaces, the neighbour first; an AS_SET stands in braces: `64500 {1 2}`.
A first line of headings, empty lines and lines that begin with `#` are passed over.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import ResourcesRefused, RoutesRefused
from madang.rpki.engine.routes.mrt import read_stream
from madang.rpki.engine.routes.mrt_stream import Stream, opened
from madang.rpki.engine.routes.reading import quick_asn, quick_prefix
from madang.rpki.engine.routes.route import NO_ORIGIN, AsPath, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from madang.kernel.words import Words
    from madang.rpki.engine.routes.malformed import Corrupt

MOST_BYTES: Final = 1 << 30
_MOST_LINE: Final = 10_000


def read_routes(path: Path) -> tuple[Table, list[Corrupt]]:
    """The routes of a file, MRT or text, and the records of it that were left out.

    Raises:
        RoutesRefused: It cannot be opened, a line of it is no route, or nothing of it is.
    """
    with opened(path) as source:
        stream = Stream(source, MOST_BYTES)
        start = stream.peek(64)
    if not start:
        raise _refused(path.name, words("빈 파일 또는 깨진 압축", "nothing, or a broken archive"))
    if start.isascii() and b"\0" not in start:
        return _read_text(path), []
    with opened(path) as source:
        found = read_stream(source)
    if not found.records or not (len(found.table) or found.updates or found.other):
        raise _refused(path.name, words("MRT도 글도 아닌 내용", "neither MRT nor text"))
    return found.table, found.corrupt


def _read_text(path: Path) -> Table:
    with opened(path) as source:
        stream = Stream(source, MOST_BYTES)
        content = stream.take(MOST_BYTES)
    if stream.fault or len(content) == MOST_BYTES:
        raise _refused(
            path.name, words("끊긴 압축 또는 1GiB 초과", "a cut archive, or over 1 GiB")
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise _refused(path.name, words("UTF-8이 아닌 글", "text that is not UTF-8")) from fault
    return read_lines(io.StringIO(text), name=path.name)


def read_lines(lines: Iterable[str], *, name: str) -> Table:
    """The routes that lines of text list, as one peer's table.

    Raises:
        RoutesRefused: A line is no route.
    """
    table = Table()
    table.peers.append(name)
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if not bare or bare[0] == "#" or (number == 1 and bare[:6].lower() == "prefix"):
            continue
        place = f"{name}:{number}"
        if len(bare) > _MOST_LINE:
            raise _refused(place, words("너무 긴 줄", "a line that is too long"))
        cells = bare.split(",")
        if len(cells) not in (2, 3):
            raise _refused(place, words(f"칸 {len(cells)}개", f"{len(cells)} columns"))
        try:
            prefix = quick_prefix(cells[0].strip())
            origin = _origin(cells[1].strip())
            path = read_path(cells[2]) if len(cells) == 3 and cells[2].strip() else None
        except ResourcesRefused as fault:
            found = fault.found
            raise _refused(
                place, found if not isinstance(found, str) else words(found, found)
            ) from fault
        if path and path.origin != origin:
            raise _refused(
                place,
                words(
                    f"발원 {origin}과 다른 경로 {path}", f"the path {path} with origin {origin}"
                ),
            )
        table.see(prefix, path or _path_to(origin), peer=0)
    return table


def _path_to(origin: int) -> AsPath:
    """The shortest path from an origin: its route as it left it."""
    return AsPath((), True, True) if origin == NO_ORIGIN else AsPath((origin,))


def _origin(text: str) -> int:
    return NO_ORIGIN if text.upper() == "AS_SET" or text[:1] == "{" else quick_asn(text)


def read_path(text: str) -> AsPath:
    """The path that a text tells, the neighbour first: `64500 64501 {1 2}`.

    Raises:
        ResourcesRefused: A part of it is no AS number.
    """
    hops: list[int] = []
    has_set = ends_in_set = False
    for part, within in _parts(text):
        if within:
            quick_asn(part)
            has_set = ends_in_set = True
        else:
            hops.append(quick_asn(part))
            ends_in_set = False
    return AsPath(tuple(hops), has_set, ends_in_set)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Each AS number, and whether it stands within braces."""
    within = False
    for part in text.replace("{", " { ").replace("}", " } ").replace(";", " ").split():
        if part not in "{}":
            yield part, within
        elif within == (part == "{"):
            raise _unpaired(text)
        else:
            within = part == "{"
    if within:
        raise _unpaired(text)


def _unpaired(text: str) -> ResourcesRefused:
    return ResourcesRefused(
        words(f"짝이 맞지 않는 괄호 {text[:60]!r}", f"unpaired braces {text[:60]!r}"),
        words("64500 {1 2} 꼴", "a path such as 64500 {1 2}"),
    )


def _refused(place: str, found: Words) -> RoutesRefused:
    return RoutesRefused(
        words(f"{place}: {found.ko}", f"{place}: {found.en}"),
        words(
            "한 줄에 prefix,origin[,path] 또는 MRT 덤프",
            "lines of prefix,origin[,path], or an MRT dump",
        ),
    )
