"""Foreign XML is read within bounds, and reaches nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import xml

SPACE = "http://example.org/"


def read(text: str) -> xml.Element:
    return xml.read(text.encode(), SPACE, largest=10_000)


def test_what_is_written_is_read_again() -> None:
    root = xml.Element("a", {"x": "<&\"'"}, [xml.Element("b", text="&amp; <"), xml.Element("c")])

    found = xml.read(xml.write(root, SPACE), SPACE, largest=10_000)

    assert found.attributes == {"x": "<&\"'"}
    assert [(each.name, each.text) for each in found.children] == [("b", "&amp; <"), ("c", "")]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a><a xmlns="http://example.org/"/>',
        '<!DOCTYPE a [<!ENTITY e "x">]><a xmlns="http://example.org/">&e;</a>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a xmlns="http://example.org/"/>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>',
        '<a xmlns="http://example.org/">&unknown;</a>',
        '<a xmlns="http://elsewhere.example/"/>',
        "<a/>",
        "",
        "<a",
        '<a xmlns="http://example.org/">' + "<b>" * 10 + "</b>" * 10 + "</a>",
        '<a xmlns="http://example.org/">' + "x" * 10_000 + "</a>",
        '<?xml version="1.0" encoding="no-such-code"?><a xmlns="http://example.org/"/>',
    ],
)
def test_bombs_entities_and_foreign_elements_are_refused(text: str) -> None:
    with pytest.raises(ExchangeRefused):
        read(text)


def test_more_elements_than_any_message_has_are_refused() -> None:
    text = f'<a xmlns="{SPACE}">' + "<b/>" * xml.MOST_ELEMENTS + "</a>"

    with pytest.raises(ExchangeRefused):
        xml.read(text.encode(), SPACE, largest=10_000_000)


def test_base64_may_be_broken_by_any_space_but_not_be_wrong() -> None:
    assert xml.Element("a", text=" YW\n J\u2003j\u200b \t").content() == b"abc"
    for text in ("YW=Jj", "YWJj!", "YWJ", "가"):
        with pytest.raises(ExchangeRefused):
            xml.Element("a", text=text).content()


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(ExchangeRefused):
        xml.read(content, SPACE, largest=10_000)
