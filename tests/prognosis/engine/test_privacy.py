"""A pseudonym tells nothing and finds the patient again; an identity opens for its patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.privacy import VARIABLE, Keys, read_keys

if TYPE_CHECKING:
    from pathlib import Path

KEYS, OTHER = Keys(secret=b"\1" * 32), Keys(secret=b"\2" * 32)


def test_the_same_number_has_the_same_pseudonym_and_any_other_another() -> None:
    found = KEYS.pseudonym("gaon", "mrn", "A-17")
    others = {
        KEYS.pseudonym("nuri", "mrn", "A-17"),
        KEYS.pseudonym("gaon", "id", "A-17"),
        KEYS.pseudonym("gaon", "mrn", "A-18"),
        KEYS.pseudonym("gao", "nmrn", "A-17"),
        OTHER.pseudonym("gaon", "mrn", "A-17"),
    }

    assert KEYS.pseudonym("gaon", "mrn", " a-17 ") == found
    assert len(others) == 5 and found not in others
    assert len(found) == 64 and "17" != found


def test_an_identity_opens_for_its_patient_and_key_alone() -> None:
    sealed = KEYS.seal("patient-1", {"name": "홍길동"})

    assert KEYS.unseal("patient-1", sealed) == {"name": "홍길동"}
    assert "홍길동".encode() not in sealed
    assert KEYS.seal("patient-1", {"name": "홍길동"}) != sealed
    for keys, patient, content in (
        (KEYS, "patient-2", sealed),
        (OTHER, "patient-1", sealed),
        (KEYS, "patient-1", sealed[:-1]),
        (KEYS, "patient-1", b""),
    ):
        with pytest.raises(InputError):
            keys.unseal(patient, content)


@pytest.mark.parametrize("place", [0, 11, 12, 30])
def test_one_altered_byte_is_noticed(place: int) -> None:
    sealed = bytearray(KEYS.seal("p", {"name": "someone"}))
    sealed[place] ^= 1

    with pytest.raises(InputError):
        KEYS.unseal("p", bytes(sealed))


def test_the_key_is_made_once_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    file = tmp_path / "keys" / "prognosis.key"
    first = read_keys(file)

    assert read_keys(file) == first
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in file.parent.iterdir()] == ["prognosis.key"]
    assert "secret" not in repr(first)
    monkeypatch.setenv(VARIABLE, "ab" * 32)
    assert read_keys(file).secret == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 31])
def test_what_is_no_key_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    file = tmp_path / "prognosis.key"
    file.write_text(text)

    with pytest.raises(InputError, match="64"):
        read_keys(file)
