from __future__ import annotations

import pytest

from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.reading import part_of


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("AS5", ("asn", (5, 5))),
        ("AS5-AS7", ("asn", (5, 7))),
        ("AS5-7", ("asn", (5, 7))),
        ("10.0.0.0/30", ("v4", (0x0A000000, 0x0A000003))),
        ("10.0.0.1", ("v4", (0x0A000001, 0x0A000001))),
        ("10.0.0.1 - 10.0.0.4", ("v4", (0x0A000001, 0x0A000004))),
        ("::-::f", ("v6", (0, 15))),
    ],
)
def test_each_way_of_writing_a_part_is_read(text: str, part: object) -> None:
    assert part_of(text) == part


@pytest.mark.parametrize(
    "text",
    [
        "AS7-AS5", "AS5-", "AS-5", "AS5-AS6-AS7", "10.0.0.4-10.0.0.1", "10.0.0.1-", "-10.0.0.1",
        "10.0.0.1-::2", "fe80::1%lo", "10.0.0.0/8-11.0.0.0/8", "64500", "word", "10.0.0.1-2",
    ],
)  # fmt: skip
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ResourcesRefused):
        part_of(text)
