"""Nothing that XML can do beyond flat elements is done, and a parser holds one object at most."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.fetch.elements import Elements
from tests.rpki.engine.fetch.publisher import SESSION, SPACE, document, publish

URI = "rsync://h.net/m/a.cer"
MIB = 1 << 20


def read(content: bytes | Iterable[bytes], *, largest: int = 1000) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    uri = frozenset({"uri"})
    reader = Elements(
        "file",
        "snapshot",
        children={"publish": (uri, uri)},
        begin=lambda _: None,
        element=lambda _, attributes, content: found.append((attributes["uri"], content)),
        largest=largest,
    )
    for part in [content] if isinstance(content, bytes) else content:
        reader.feed(part)
    reader.finish()
    return found


def test_elements_come_with_their_content() -> None:
    inner = publish(URI, b"\0\xff" * 100) + publish("rsync://h.net/m/b", b"")

    assert read(document("snapshot", 1, inner)) == [
        (URI, b"\0\xff" * 100),
        ("rsync://h.net/m/b", b""),
    ]


def test_base64_may_be_broken_into_lines() -> None:
    inner = f'<publish uri="{URI}">\n\t aGVs\r\n bG8= \n</publish>'

    assert read(document("snapshot", 1, inner)) == [(URI, b"hello")]


def test_a_file_means_the_same_however_it_is_cut() -> None:
    content = document("snapshot", 1, publish(URI, bytes(range(256))))

    assert read(bytes([byte]) for byte in content) == read(content)


def test_an_object_has_so_many_bytes_and_not_one_more() -> None:
    assert len(read(document("snapshot", 1, publish(URI, bytes(1000))))[0][1]) == 1000
    with pytest.raises(ExchangeRefused, match=f"more than 1,000 bytes .{URI}."):
        read(document("snapshot", 1, publish(URI, bytes(1001))))


@pytest.mark.parametrize("text", ["aGVsbG8", "aGVsbG8==", "aGVs*G8=", "=aGV", "aGV_", "a=GVs"])
def test_base64_is_read_strictly(text: str) -> None:
    with pytest.raises(ExchangeRefused, match=f"malformed Base64 .{URI}."):
        read(document("snapshot", 1, f'<publish uri="{URI}">{text}</publish>'))


BOMB = "".join(
    f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' if level else '<!ENTITY a0 "aaaaaaaaaa">'
    for level in range(10)
)


@pytest.mark.parametrize(
    "prologue",
    [
        f"<!DOCTYPE snapshot [{BOMB}]>",
        '<!DOCTYPE snapshot [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE snapshot SYSTEM "https://elsewhere.net/x.dtd">',
        '<!DOCTYPE snapshot [<!ENTITY % p SYSTEM "http://elsewhere.net/x"> %p;]>',
        "<!DOCTYPE snapshot>",
        '<?xml-stylesheet href="x"?>',
    ],
)
def test_no_document_type_entity_or_instruction_is_read(prologue: str) -> None:
    content = prologue.encode() + document("snapshot", 1, "<publish>&a9;&x;</publish>")

    with pytest.raises(ExchangeRefused, match="a document type, an entity or an instruction"):
        read(content)


@pytest.mark.parametrize(
    "inner",
    [
        "<unknown/>",
        f'<publish uri="{URI}"><publish uri="{URI}"/></publish>',
        "<publish/>",
        f'<publish uri="{URI}" also="x"/>',
        f'<publish uri="{URI}" uri="{URI}"/>',
        f'<publish xmlns="http://elsewhere.net/" uri="{URI}"/>',
        "some text",
        "&lt;",
        "&undefined;",
        f'<publish uri="{URI}">',
        "\x01",
    ],
)
def test_what_is_not_flat_and_known_is_refused(inner: str) -> None:
    with pytest.raises(ExchangeRefused):
        read(document("snapshot", 1, inner))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\xff\xfe<\0a\0/\0>\0",
        b"<snapshot/>",
        document("delta", 1, ""),
        document("snapshot", 1, "")[:-1],
        document("snapshot", 1, "") * 2,
        b'<?xml version="1.0" encoding="x"?>\xff' + document("snapshot", 1, ""),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(ExchangeRefused, match="in file"):
        read(content)


def pieces(begin: str, endless: bytes, end: str, size: int) -> Iterable[bytes]:
    yield f'<snapshot {SPACE} session_id="{SESSION}" serial="1">{begin}'.encode()
    for _ in range(size // len(endless)):
        yield endless
    yield f"{end}</snapshot>".encode()


ENDLESS = [
    (f'<publish uri="{URI}', b"a" * 65_536, '"/>'),
    ("<publish ", b"".join(b'a%06d="" ' % n for n in range(6000)), "/>"),
    ("<", b"a" * 65_536, "/>"),
    (f'<publish uri="{URI}">', b"A" * 65_536, "</publish>"),
    (f'<publish uri="{URI}">', b"A<!---->" * 8192, "</publish>"),
    (f'<publish uri="{URI}">', b"A " * 32_768, "</publish>"),
    (f'<publish uri="{URI}">', b"&#65;" * 13_000, "</publish>"),
    (f'<publish uri="{URI}"></publish ', b" " * 65_536, ">"),
    ("<!--", b"-a" * 32_768, "-->"),
    (f'<publish uri="{URI}"><![CDATA[', b"AAAA]]><![CDATA[" * 5000, "]]></publish>"),
    ("", b"<a>" * 20_000, ""),
]


@pytest.mark.parametrize(("begin", "endless", "end"), ENDLESS)
def test_an_endless_part_is_never_held(begin: str, endless: bytes, end: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ExchangeRefused):
            read(pieces(begin, endless, end, 64 * MIB), largest=4 * MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 24 * MIB  # of 64 that were sent


def test_blank_space_without_end_costs_no_memory() -> None:
    tracemalloc.start()
    try:
        read(pieces("", b" \n" * 32_768, "", 64 * MIB))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MIB


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60),
    st.integers(0, 300),
    st.integers(0, 60),
)
def test_any_damage_is_refused_or_read(damage: bytes, at: int, gone: int) -> None:
    whole = document("snapshot", 1, publish(URI, b"content") * 2)

    try:
        read(whole[:at] + damage + whole[at + gone :])
    except ExchangeRefused as refusal:
        assert "file" in refusal.sentence("en")
