"""Keys in a token sign as keys in files do, and never leave it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.keys.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    if not LIBRARY.exists():
        pytest.skip("SoftHSM is not installed (apt install softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    subprocess.run(
        ("softhsm2-util", "--init-token", "--free", "--label", "madang", "--pin", "1234",
         "--so-pin", "5678"), check=True, capture_output=True,
    )  # fmt: skip
    yield str(LIBRARY)
    os.environ.pop("SOFTHSM2_CONF")
    if before:
        os.environ["SOFTHSM2_CONF"] = before


def test_a_key_in_the_token_signs_and_is_destroyed(library: str) -> None:
    with Token(library, label="madang", pin="1234") as token:
        handle = token.create()
        signer = token.signer(handle)
        public = load_der_public_key(signer.public_key_der())
        public.verify(signer.sign(b"data"), b"data", PKCS1v15(), SHA256())
        assert public.key_size == 2048

        token.destroy(handle)

        with pytest.raises(SettingRefused):
            token.signer(handle)


def test_a_key_is_still_there_in_the_next_session_and_cannot_be_taken_out(library: str) -> None:
    import pkcs11

    with Token(library, label="madang", pin="1234") as token:
        handle = token.create()
        public = token.signer(handle).public_key_der()
    with Token(library, label="madang", pin="1234") as token:
        assert token.signer(handle).public_key_der() == public
        private = token._session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, id=handle.encode())
        with pytest.raises(pkcs11.exceptions.PKCS11Error):
            _ = private[pkcs11.Attribute.PRIVATE_EXPONENT]


def test_a_wrong_pin_is_refused(library: str) -> None:
    with pytest.raises(SettingRefused):
        Token(library, label="madang", pin="0000")
