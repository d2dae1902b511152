"""Keys are named, private ones stay private, and a mangled key is never taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError
from madang.kernel.evidence.keys import SigningKey, VerifyingKey

if TYPE_CHECKING:
    from pathlib import Path

# The key pair of the tests of golang.org/x/mod/sumdb/note.
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

# RFC 8032, section 7.1, test 2: seed, public key, message, signature.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
POINT = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNED = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def _private(path: Path) -> Path:
    path.touch(mode=0o600)
    path.write_text(PRIVATE + "\n")
    return path


def test_a_published_key_is_read_and_written_as_signed_notes_do(tmp_path: Path) -> None:
    key = SigningKey.load(_private(tmp_path / "key"))

    assert key.verifier.text == PUBLIC
    assert VerifyingKey.parse(PUBLIC) == key.verifier


def test_signatures_are_those_of_the_standard() -> None:
    key = SigningKey(name="rfc8032", seed=SEED)

    assert key.verifier.public.hex() == POINT
    assert key.sign(b"\x72").hex() == SIGNED
    assert key.verifier.accepts(bytes.fromhex(SIGNED), b"\x72")
    assert not key.verifier.accepts(bytes.fromhex(SIGNED), b"\x73")


@pytest.mark.parametrize("signature", [b"", b"short", bytes(64), bytes(65)])
def test_no_signature_at_all_is_not_accepted(signature: bytes) -> None:
    assert not VerifyingKey.parse(PUBLIC).accepts(signature, b"")


def test_a_key_that_is_no_point_of_the_curve_accepts_nothing() -> None:
    assert not VerifyingKey(name="x", public=b"\xff" * 32).accepts(bytes(64), b"")


def test_every_part_of_a_public_key_is_refused_as_a_key() -> None:
    for start in range(len(PUBLIC)):
        for stop in range(start + 1, len(PUBLIC) + 1):
            if (start, stop) != (0, len(PUBLIC)):
                with pytest.raises(InputError):
                    VerifyingKey.parse(PUBLIC[start:stop])


def test_a_public_key_with_one_sign_changed_is_refused() -> None:
    for place, sign in enumerate(PUBLIC):
        with pytest.raises(InputError):
            VerifyingKey.parse(PUBLIC[:place] + chr(ord(sign) + 1) + PUBLIC[place + 1 :])


def test_a_key_of_another_kind_is_refused() -> None:
    # From the same tests: one of unknown algorithm, one too long, each with the fitting hash.
    for text in (
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    ):
        with pytest.raises(InputError):
            VerifyingKey.parse(text)


def test_a_new_key_is_saved_for_its_owner_alone_and_loaded_again(tmp_path: Path) -> None:
    key = SigningKey.generate("agency.go.kr/trials")
    key.save(tmp_path / "key")

    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert SigningKey.load(tmp_path / "key") == key
    assert SigningKey.generate("agency.go.kr/trials") != key


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    first = SigningKey.generate("a")
    first.save(tmp_path / "key")

    with pytest.raises(InputError, match="never overwritten"):
        SigningKey.generate("b").save(tmp_path / "key")
    assert SigningKey.load(tmp_path / "key") == first


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    SigningKey.generate("a").save(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)

    with pytest.raises(InputError, match="0600"):
        SigningKey.load(tmp_path / "key")


def test_the_secret_is_not_shown_where_a_key_is_printed() -> None:
    key = SigningKey(name="a", seed=SEED)

    assert SEED.hex() not in repr(key)
    assert repr(SEED)[2:-1] not in repr(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x07"])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        SigningKey.generate(name)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", PUBLIC.encode(), PRIVATE[:-2].encode()])
def test_a_file_that_holds_no_signing_key_is_refused(tmp_path: Path, content: bytes) -> None:
    _private(tmp_path / "key").write_bytes(content)

    with pytest.raises(InputError):
        SigningKey.load(tmp_path / "key")


def test_a_signing_key_under_another_name_is_refused(tmp_path: Path) -> None:
    _private(tmp_path / "key").write_text(PRIVATE.replace("Neumann", "Newmann"))

    with pytest.raises(InputError, match="does not fit its name"):
        SigningKey.load(tmp_path / "key")


def test_a_reader_may_give_a_key_as_text_or_as_a_file(tmp_path: Path) -> None:
    key = VerifyingKey.parse(PUBLIC)
    key.save(tmp_path / "a+b.pub")

    assert VerifyingKey.given(PUBLIC) == key
    assert VerifyingKey.given(str(tmp_path / "a+b.pub")) == key
    with pytest.raises(InputError, match="missing"):
        VerifyingKey.given(str(tmp_path / "missing"))
