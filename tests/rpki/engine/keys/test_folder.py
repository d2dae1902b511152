"""Keys in files stay shut without their passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.keys.folder import KeyFolder, passphrase

if TYPE_CHECKING:
    from pathlib import Path

SECRET = b"correct horse battery"


def test_a_key_signs_after_the_folder_is_opened_again(tmp_path: Path) -> None:
    handle = KeyFolder(tmp_path / "keys", SECRET).create()

    found = KeyFolder(tmp_path / "keys", SECRET).signer(handle)

    public = load_der_public_key(found.public_key_der())
    assert public.key_size == 2048
    public.verify(found.sign(b"data"), b"data", PKCS1v15(), SHA256())


def test_no_file_holds_a_key_in_the_clear_and_only_its_owner_may_read(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys", SECRET)
    handle = keys.create()

    modulus = keys.signer(handle).public_key_der()[40:60]
    for path in (tmp_path / "keys").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        # A PKCS #8 file holds the modulus too; it must not appear.
        assert modulus not in path.read_bytes()
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    KeyFolder(tmp_path, SECRET)

    with pytest.raises(SettingRefused):
        KeyFolder(tmp_path, SECRET + b"x")
    with pytest.raises(SettingRefused, match="5"):
        KeyFolder(tmp_path / "other", b"short")


def test_a_changed_or_swapped_file_is_refused(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path, SECRET)
    first, second = keys.create(), keys.create()
    content = (tmp_path / f"{first}.key").read_bytes()

    (tmp_path / f"{second}.key").write_bytes(content)
    (tmp_path / f"{first}.key").write_bytes(content[:-1] + bytes((content[-1] ^ 1,)))

    for handle in (first, second):
        with pytest.raises(SettingRefused):
            keys.signer(handle)


def test_a_destroyed_key_is_gone_and_a_foreign_path_is_no_handle(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path, SECRET)
    handle = keys.create()

    keys.destroy(handle)
    keys.destroy(handle)

    for name in (handle, "../store", "a/b"):
        with pytest.raises(SettingRefused):
            keys.signer(name)


def test_the_passphrase_comes_from_the_environment() -> None:
    assert passphrase({"MADANG_RPKI_PASSPHRASE": "abc"}) == b"abc"
    with pytest.raises(SettingRefused, match="MADANG_RPKI_PASSPHRASE"):
        passphrase({})
