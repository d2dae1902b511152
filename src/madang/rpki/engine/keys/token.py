"""How are keys kept in hardware? In a token spoken to by PKCS #11, which signs inside itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel import ids
from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import NULL, bit_string, integer, sequence
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.keys.signer import KEY_BITS

if TYPE_CHECKING:
    from types import TracebackType


class TokenKey:
    """A private key inside a token."""

    def __init__(self, private: Any, public: Any) -> None:
        from pkcs11 import Attribute

        self._private = private
        modulus = int.from_bytes(public[Attribute.MODULUS], "big")
        exponent = int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big")
        numbers = sequence(integer(modulus), integer(exponent))
        self._public = sequence(sequence(oids.RSA_ENCRYPTION, NULL), bit_string(numbers))

    def public_key_der(self) -> bytes:
        """Its SubjectPublicKeyInfo in DER."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` (RFC 7935, section 2)."""
        from pkcs11 import Mechanism

        return bytes(self._private.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))


class Token:
    """Keys inside one token; a context manager that holds one session.

    Args:
        library: The path of the token's PKCS #11 library.
        label: The token's label.
        pin: The user's PIN.

    Raises:
        Unavailable: python-pkcs11 or the token's library is absent, or no token answers.
        SettingRefused: The token refuses the PIN.
    """

    def __init__(self, library: str, *, label: str, pin: str) -> None:
        try:
            import pkcs11
            from pkcs11 import exceptions
        except ImportError as fault:
            raise Unavailable(
                "python-pkcs11",
                reason=words("설치되어 있지 않음", "it is not installed"),
                remedy="pip install python-pkcs11",
            ) from fault
        try:
            self._session = (
                pkcs11.lib(library).get_token(token_label=label).open(rw=True, user_pin=pin)
            )
        except exceptions.PinIncorrect as fault:
            raise SettingRefused(
                words("토큰이 거부한 PIN", "a PIN that the token refuses"),
                words(f"토큰 {label!r}의 PIN", f"the PIN of the token {label!r}"),
            ) from fault
        except (exceptions.PKCS11Error, RuntimeError) as fault:
            raise Unavailable(library, reason=str(fault) or type(fault).__name__) from fault

    def create(self) -> str:
        """Make a new key inside the token, never to be extracted; its handle."""
        from pkcs11 import Attribute, KeyType

        handle = ids.new("key")
        self._session.generate_keypair(
            KeyType.RSA,
            KEY_BITS,
            id=handle.encode(),
            label=handle,
            store=True,
            private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
        return handle

    def signer(self, handle: str) -> TokenKey:
        """The key of this handle.

        Raises:
            SettingRefused: The token has no such key.
        """
        from pkcs11 import ObjectClass, exceptions

        try:
            private = self._session.get_key(ObjectClass.PRIVATE_KEY, id=handle.encode())
            public = self._session.get_key(ObjectClass.PUBLIC_KEY, id=handle.encode())
        except exceptions.NoSuchKey as fault:
            raise SettingRefused(
                words(f"개인키 {handle[:60]!r}", f"the private key {handle[:60]!r}"),
                words("토큰에 있는 개인키", "a key that the token holds"),
            ) from fault
        return TokenKey(private, public)

    def destroy(self, handle: str) -> None:
        """Delete the key in the token; nothing happens where there is none."""
        from pkcs11 import Attribute

        for found in self._session.get_objects({Attribute.ID: handle.encode()}):
            found.destroy()

    def __enter__(self) -> Token:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()
