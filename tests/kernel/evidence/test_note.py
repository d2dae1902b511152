"""Notes and checkpoints have the form of C2SP, and nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.kernel.evidence import note
from madang.kernel.evidence.keys import SigningKey, VerifyingKey
from madang.kernel.evidence.note import Checkpoint

# The key and the note of the tests of golang.org/x/mod/sumdb/note.
PETER = VerifyingKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}".encode()
# A line of a key that nobody here knows, from the example of C2SP signed-note.
STRANGER = (
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKON"
    "rMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


def test_the_reference_note_is_opened_and_made_byte_for_byte() -> None:
    assert note.open_signed(NOTE, PETER) == TEXT
    assert note.sign(TEXT, SigningKey(name="PeterNeumann", seed=SEED)) == NOTE


def test_a_text_may_hold_empty_lines() -> None:
    key = SigningKey(name="a", seed=SEED)

    assert note.open_signed(note.sign("one\n\n\ntwo\n", key), key.verifier) == "one\n\n\ntwo\n"


def test_lines_of_unknown_keys_are_passed_over() -> None:
    assert note.open_signed(NOTE + STRANGER.encode(), PETER) == TEXT
    assert note.open_signed(f"{TEXT}\n{STRANGER}{SIGNATURE}".encode(), PETER) == TEXT


def test_every_changed_bit_of_a_note_is_noticed() -> None:
    for place in range(len(NOTE)):
        for bit in range(8):
            altered = bytearray(NOTE)
            altered[place] ^= 1 << bit
            with pytest.raises(InputError):
                note.open_signed(bytes(altered), PETER)


def test_a_known_key_that_rejects_one_of_its_lines_rejects_the_note() -> None:
    wrong = SigningKey(name="PeterNeumann", seed=SEED).sign(b"another text")
    line = base64.b64encode(PETER.hint + wrong).decode()

    with pytest.raises(InputError):
        note.open_signed(NOTE + f"— PeterNeumann {line}\n".encode(), PETER)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        TEXT.encode(),
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"more\n",
        NOTE.replace("— ".encode(), b"-- "),
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace(b"your problem,", b"your\tproblem,"),
        NOTE.replace(b"problem", b"\xffroblem"),
        NOTE.replace(b" x08go", b"  x08go"),
        NOTE.replace(b"x08go/", b"x08go_"),
        f"{TEXT}\n— PeterNeumann x08g\n".encode(),
        f"{TEXT}\n— PeterNeumann x08goA==\n".encode(),
        f"{TEXT}\n—  x08goAAA\n".encode(),
        f"{TEXT}\n— Peter+Neumann x08goAAA\n".encode(),
        TEXT.encode() + b"\n" + SIGNATURE.encode() * 10_000,
    ],
    ids=range(17),
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        note.read(content)


@given(st.binary(max_size=300) | st.text().map(str.encode))
def test_no_bytes_make_the_reader_stumble(content: bytes) -> None:
    try:
        note.read(content)
    except InputError:
        pass


@pytest.mark.parametrize("text", ["", "no end", "a\tb\n", "a\x00\n", "a\r\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        note.sign(text, SigningKey(name="a", seed=SEED))


# The example of C2SP tlog-checkpoint.
CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)


def test_the_reference_checkpoint_is_read_and_written() -> None:
    checkpoint = Checkpoint.parse(CHECKPOINT)

    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text() == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        CHECKPOINT[:-1],
        CHECKPOINT + "extension\n",
        CHECKPOINT + "\n",
        CHECKPOINT.replace("20852163", "020852163"),
        CHECKPOINT.replace("20852163", "-1"),
        CHECKPOINT.replace("20852163", "1e3"),
        CHECKPOINT.replace("20852163", "٣"),
        CHECKPOINT.replace("20852163", "9" * 19),
        CHECKPOINT.replace("20852163", "9" * 5000),
        CHECKPOINT.replace("q2I=", "q2J="),
        CHECKPOINT.replace("q2I=", ""),
        CHECKPOINT.replace("example.com/behind-the-sofa", ""),
    ],
    ids=range(14),
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="checkpoint"):
        Checkpoint.parse(text)
