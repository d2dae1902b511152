"""A demand's YAML is read as plain data or refused in one sentence that names the line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.trials.engine.errors import DemandError
from madang.trials.engine.yaml_text import LARGEST_BYTES, read_yaml


def refused(content: bytes | str) -> str:
    with pytest.raises(DemandError) as caught:
        read_yaml(content.encode() if isinstance(content, str) else content)
    sentences = caught.value.sentence("en"), caught.value.sentence("ko")
    assert all(sentence.count("\n") == 0 and len(sentence) < 400 for sentence in sentences)
    assert caught.value.remedy
    return sentences[0]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes", "NO", "y", "n"])
def test_words_that_yaml_1_1_takes_for_booleans_stay_words(word):
    assert read_yaml(f"levels: [{word}]".encode()) == {"levels": [word]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("0.3", 0.3),
        (".5", 0.5),
        ("1e-3", 1e-3),
        ("-2E2", -200.0),
        ("+7", 7),
        ("010", 10),
        ("12:30", "12:30"),
        ("2025-07-04", "2025-07-04"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        (".inf", ".inf"),
        ("=", "="),
        ("'7'", "7"),
        ("가나다", "가나다"),
        ('"\\uAC00"', "가"),
    ],
)
def test_scalars_are_read_as_yaml_1_2_reads_them(text, value):
    found = read_yaml(f"a: {text}".encode())["a"]

    assert found == value
    assert type(found) is type(value)


def test_a_byte_order_mark_and_windows_lines_do_not_matter():
    assert read_yaml("\ufeffa: 1\r\nb: 둘\r\n".encode()) == {"a": 1, "b": "둘"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x [1]\nb: *x\n", "an alias (*) in line 2"),
        ("a: 1\nb: 2\na: 3\n", "the key 'a' twice in line 3"),
        ("a:\n  - b: 1\n    b: 2\n", "the key 'b' twice in line 3"),
        ("a: 1\n1: b\n", "a key that is no text in line 2"),
        ("a: 1\n? [x, y]\n: b\n", "a key that is no text in line 2"),
        ("? {x: y}\n: b\n", "a key that is no text in line 1"),
        ("~: b\n", "a key that is no text in line 1"),
        ("a: 1\nb: !!python/object/apply:os.system [id]\n", "in line 2"),
        ("a: !!python/name:os.system\n", "in line 1"),
        ("a: !!binary aGk=\n", "in line 1"),
        ("a: !!set {b, c}\n", "in line 1"),
        ("a: !!timestamp 2025-07-04\n", "in line 1"),
        ("a: !mine 3\n", "the tag '!mine' in line 1"),
        ("a: 1\nb: 1e999\n", "too large in line 2"),
        ("a: 9007199254740992\n", "too large in line 1"),
        (f"a: {'9' * 5000}\n", "in line 1"),
        ("a: !!int many\n", "no number in line 1"),
        ('a: 1\nb: "\\uD800"\n', "lone surrogate) in line 2"),
        ("a: 1\nb: [1, 2\nc: 3\n", "in line 3"),
        ("a: 1\n\tb: 2\n", "in line 2"),
        ("a: 1\n---\nb: 2\n", "in line 2"),
        ("a: 1\nb: \x00\n", "a control character in line 2"),
        ("@a\n", "in line 1"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text, found):
    assert found in refused(text)


def test_merge_keys_are_ordinary_keys():
    assert read_yaml(b"<<: {a: 1}\nb: 2\n") == {"<<": {"a": 1}, "b": 2}


def test_text_that_is_no_utf_8_is_refused_with_its_line():
    assert "no UTF-8 in line 2" in refused(b"a: 1\nb: \xb0\xa1\n")
    assert "no UTF-8 in line 1" in refused("a: 1\n".encode("utf-16"))


def test_a_text_may_have_one_mebibyte_and_no_more():
    whole = b"a: " + b"x" * (LARGEST_BYTES - 3)

    assert len(read_yaml(whole)["a"]) == LARGEST_BYTES - 3
    assert f"{LARGEST_BYTES + 1} bytes" in refused(whole + b"x")


@pytest.mark.parametrize("text", ["[" * 5000, "a: " + "{b: " * 5000, "- " * 5000])
def test_nesting_without_end_is_refused(text):
    assert "too deep" in refused(text)


def test_aliases_never_multiply():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert "an alias (*) in line 2" in refused(bomb)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Co"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc가나", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_json_is_read_as_it_stands(value):
    # YAML 1.2 holds JSON (its specification, section 1.3); non-printing characters apart.
    text = json.dumps(value)

    assert read_yaml(text.encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_cleanly(content):
    try:
        json.dumps(read_yaml(content), allow_nan=False).encode()
    except InputError as refusal:
        assert refusal.sentence("ko")
        assert refusal.sentence("en")
