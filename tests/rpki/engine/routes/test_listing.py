from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import RoutesRefused
from madang.rpki.engine.resources.prefix import read_prefix
from madang.rpki.engine.routes.listing import read_lines, read_path, read_routes
from madang.rpki.engine.routes.route import NO_ORIGIN, AsPath, Route
from tests.rpki.engine.routes import dumps

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """prefix,origin,path
# a comment
10.0.0.0/8, AS64500

2001:db8::/32,64501,64499 64501
10.1.0.0/16,AS_SET,64499 {1 2}
"""
ROUTES = [
    Route(read_prefix("10.0.0.0/8"), 64500),
    Route(read_prefix("2001:db8::/32"), 64501),
    Route(read_prefix("10.1.0.0/16"), NO_ORIGIN),
]


def test_reads_lines_of_prefix_origin_and_path() -> None:
    table = read_lines(TEXT.splitlines(), name="r")

    assert list(table.routes()) == ROUTES
    assert AsPath((64499,), has_set=True, ends_in_set=True) in table.paths


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_tells_text_from_a_dump(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    text, dump = tmp_path / "a", tmp_path / "b"
    text.write_bytes(pack(TEXT.encode()))
    content = dumps.peer_index((1, "192.0.2.1"))
    content += dumps.rib(read_prefix("10.0.0.0/8"), (0, dumps.path_attributes([1, 2])))
    dump.write_bytes(pack(content))

    assert list(read_routes(text)[0].routes()) == ROUTES
    assert list(read_routes(dump)[0].routes()) == [Route(read_prefix("10.0.0.0/8"), 2)]


FAULTS = [
    "10.0.0.0/8",
    "10.0.0.0/8,1,1,1",
    "10.0.0.1/8,1",
    "10.0.0.0/8,AS",
    "10.0.0.0/8,1,{1",
    "10.0.0.0/8,1,1}",
    "10.0.0.0/8,1,1 {2}",
    "10.0.0.0/8,AS_SET,1 {2",
    "10.0.0.0/8,2,2 1",
    "10.0.0.0/8," + "1" * 20_000,
]


@pytest.mark.parametrize("line", FAULTS)
def test_names_the_line_that_is_no_route(line: str) -> None:
    with pytest.raises(RoutesRefused) as refused:
        read_lines(["10.0.0.0/8,1", line], name="r")

    assert refused.value.sentence("en").startswith("Found r:2: ")
    assert refused.value.sentence("ko").startswith("확인된 내용: r:2: ")


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bbroken", b"\0\1\2" * 99, "경".encode("cp949")])
def test_a_file_of_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "r"
    file.write_bytes(content)

    with pytest.raises(RoutesRefused):
        read_routes(file)


@given(st.text() | st.text(alphabet="1 {};", max_size=30))
def test_no_path_does_more_than_be_refused(text: str) -> None:
    from madang.rpki.engine.errors import ResourcesRefused

    try:
        path = read_path(text)
    except ResourcesRefused:
        return
    assert path.has_set or not path.ends_in_set
    assert text.count("{") == text.count("}")
